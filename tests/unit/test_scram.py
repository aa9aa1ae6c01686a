import hashlib
import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui.postgres.scram import matches, strong_password, verifier

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "password-vectors.json").read_text())
# Mapped, prohibited, unassigned, right-to-left, composed: every way through SASLprep.
TRICKY = "aé\u00a0\u00ad\u200b\u200d\ufeff\u2000\u3000ﬁ①\u0301Å\u05d0\u0627\u06601🔐\x07\u0340\ue000\u0221\ud7a3"

passwords = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=30)
tricky = st.text(st.sampled_from(TRICKY), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(passwords | tricky, st.booleans())
def test_a_verifier_of_libpq_matches_its_password(password: str, scram: bool) -> None:
    assert matches(verifier("repl", password, scram=scram), "repl", password)


@settings(max_examples=30, deadline=None)
@given(passwords, st.booleans())
def test_a_verifier_does_not_match_a_longer_password(password: str, scram: bool) -> None:
    assert not matches(verifier("repl", password, scram=scram), "repl", password + "x")


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["password"]], ids=lambda vector: vector["name"])
@pytest.mark.parametrize("scram", [True, False])
def test_the_measured_passwords_match_their_verifiers_and_no_other(vector: dict[str, str], scram: bool) -> None:
    stored = verifier("nasty", vector["password"], scram=scram)
    alike = {"space", "nbsp"} if scram else set()  # SASLprep makes a no-break space a space
    expected = alike if vector["name"] in alike else {vector["name"]}
    assert {other["name"] for other in VECTORS if matches(stored, "nasty", other["password"])} == expected


def test_the_verifier_of_rfc_7677_matches() -> None:
    stored = (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
        ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )
    assert matches(stored, "user", "pencil")
    assert not matches(stored, "user", "Pencil")


@pytest.mark.parametrize(
    ("one", "other"),
    [("I\u00adX", "IX"), ("\u00aa1", "a1"), ("a\u00a0b\u00e9", "a b\u00e9"), ("e\u0301", "\u00e9"), ("\u2168", "IX")],
)
def test_passwords_that_saslprep_holds_equal_match_each_other(one: str, other: str) -> None:
    assert matches(verifier("repl", other, scram=True), "repl", one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("🔐\ufb01", "🔐fi"),  # unassigned in Unicode 3.2: taken as it is
        ("\u0627a\ufb01", "\u0627afi"),  # directions mixed: taken as it is
        ("\x07\ufb01", "\x07fi"),  # a control character: taken as it is
        ("a\u0340", "a\u0300"),  # prohibited before normalisation
    ],
)
def test_a_password_that_saslprep_forbids_is_taken_byte_for_byte(one: str, other: str) -> None:
    stored = verifier("repl", one, scram=True)
    assert matches(stored, "repl", one)
    assert not matches(stored, "repl", other)


def test_md5_is_salted_with_the_user() -> None:
    stored = verifier("repl", "pw", scram=False)
    assert stored == "md5" + hashlib.md5(b"pwrepl").hexdigest()  # noqa: S324 - the format of old servers
    assert not matches(stored, "other", "pw")


def test_two_scram_verifiers_of_one_password_have_two_salts() -> None:
    assert verifier("repl", "pw", scram=True) != verifier("repl", "pw", scram=True)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "pw",
        "md5",
        "md5" + "g" * 32,
        "SCRAM-SHA-256$",
        "SCRAM-SHA-256$4096:AAAA$AAAA:AAAA",
        "SCRAM-SHA-256$0:AAAA$AAAA:AAAA",
        "SCRAM-SHA-256$4096:A$AAAA:AAAA",
        "SCRAM-SHA-512$4096:AAAA$AAAA:AAAA",
    ],
)
def test_what_is_no_verifier_matches_nothing(stored: str) -> None:
    assert not matches(stored, "repl", "pw")
    assert not matches(stored, "repl", stored)


@pytest.mark.parametrize("stored", ["pw", "md5", "düster"])
def test_below_10_a_password_may_be_kept_as_it_is(stored: str) -> None:
    assert matches(stored, "repl", stored, plain=True)
    assert not matches(stored, "repl", stored + "x", plain=True)
    assert not matches("", "repl", "", plain=True)


def test_a_verifier_that_is_kept_is_not_a_password_that_is_kept() -> None:
    stored = verifier("repl", "pw", scram=False)
    assert matches(stored, "repl", "pw", plain=True)
    assert not matches(stored, "repl", stored, plain=True)


@pytest.mark.parametrize(("user", "password"), [("repl", ""), ("repl", "a\0b"), ("re\0pl", "pw")])
def test_what_libpq_would_cut_short_gets_no_verifier(user: str, password: str) -> None:
    with pytest.raises(ValueError, match="no verifier"):
        verifier(user, password, scram=True)


def test_a_made_password_is_strong_plain_and_new_each_time() -> None:
    made = {strong_password() for _ in range(50)}
    assert len(made) == 50
    assert all(password.isascii() and password.isalnum() for password in made)
    assert all(len(password) * math.log2(62) >= 128 for password in made)
