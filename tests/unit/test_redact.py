"""No secret gets through, in any form, at any place, however the text is cut."""

import base64
import json
import shlex
import subprocess
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pgrepl_tui.session.redact import MASK, RedactingStream, Redactor
from pgrepl_tui.session.sanitise import Decoder, harmless

PASSWORDS = [
    *[
        "abcDEF123",
        "O'Brien",
        "a''bc",
        "a\\bcd",
        "abc\\",
        "a\\'bc",
        'a"bcd',
        "a b c",
        " abc ",
        "a=bc",
        "a%b%%c%20",
        "a:b:c",
    ],
    *["#abc", "a # b", "$(id)`id`${HOME}", "a;b|c&d>e", "p@ss/w?x#y", "!*?[a]{b}~", "a\tbc", "pässwörd✓密", "ab\xa0cd"],
    *["🔐key1", "a\x01\x1b[31mb", "x" * 99, "z" * 1000, "x' host=evil.example user='root", "-rfx", "md5" + "a" * 32],
    *["SCRAM-SHA-256$4096:AAAA$AAAA:AAAA", "a\\nb\\101", "[red]x[/red]{{y}}", "ноль", "ab\u200bcd", "a\nb\rc"],
]


def _conninfo(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _guc(text: str) -> str:
    return "'password=" + _conninfo(text).replace("\\", "\\\\").replace("'", "''").replace("\t", "\\t") + "'"


ENCODINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "sql": lambda text: text.replace("'", "''"),
    "backslashes": lambda text: text.replace("\\", "\\\\"),
    "conninfo": _conninfo,
    "primary_conninfo": _guc,
    "passfile": lambda text: text.replace("\\", "\\\\").replace(":", "\\:"),
    "percent": lambda text: quote(text, safe=""),
    "every byte in percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "json": json.dumps,
    "json with its own letters": lambda text: json.dumps(text, ensure_ascii=False),
    "json of a setting": lambda text: json.dumps(_conninfo(text)),
    "shell": shlex.quote,
    "python": repr,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
}


def _core(text: str) -> str:
    """A form without the quotes and what else stands around the secret itself."""
    for around in ("'password=", "''", '"', "'", "="):
        text = text.removeprefix(around).removesuffix(around)
    return harmless(text)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_form_of_every_password_is_hidden(encoding: str) -> None:
    for password in PASSWORDS:
        form = harmless(ENCODINGS[encoding](password))
        clean = Redactor([password]).clean(f"<<{form}>>")
        assert MASK in clean, password
        assert _core(ENCODINGS[encoding](password)) not in clean, password
        assert len(clean) <= len("<<''password=''''>>==") + len(MASK), (password, clean)


def test_what_bash_quotes_is_hidden() -> None:
    for password in (text for text in PASSWORDS if text.isascii() and text.isprintable()):
        asked = ["bash", "-c", 'printf %q "$1"', "-", password]
        form = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        assert Redactor([password]).clean(f"<{form}>") == f"<{MASK}>", form


def test_base64_of_a_longer_text_hides_it() -> None:
    for user in ("a", "ab", "abc"):
        text = base64.b64encode(f"{user}:correct horse battery".encode()).decode()
        clean = Redactor(["correct horse battery"]).clean(text)
        assert MASK in clean
        assert len(clean) < len(MASK) + 14


def test_a_secret_in_an_old_encoding_is_hidden() -> None:
    assert Redactor(["pässwörd"]).clean(Decoder().decode("<pässwörd>".encode("latin-1"))) == f"<{MASK}>"


def test_overlapping_and_touching_secrets_are_one_mask() -> None:
    redactor = Redactor(["abcdef", "defghi"])
    assert redactor.clean("1abcdefghi2") == f"1{MASK}2"
    assert redactor.clean("1abcdefabcdef2") == f"1{MASK}2"
    assert Redactor(["aaaa"]).clean("baaaaaaab") == f"b{MASK}b"


@pytest.mark.parametrize("secret", ["a", "ab", "1", "a'b"])
def test_a_short_secret_is_hidden_where_it_is_a_password_and_nowhere_else(secret: str) -> None:
    redactor = Redactor([secret])
    quoted = "'" + secret.replace("'", "''") + "'"
    for text in (quoted, f"password={secret} ", f"postgres://me:{quote(secret, safe='')}@db"):
        assert MASK in redactor.clean(text)
    text = f"table {secret}nother 1 of 11"
    assert redactor.clean(text) == text


def test_nothing_to_hide_changes_nothing() -> None:
    assert Redactor().clean("password=x") == "password=x"
    assert Redactor([""]).clean("password=x") == "password=x"
    stream = RedactingStream(Redactor())
    assert stream.feed("abc") == "abc"
    assert stream.flush() == ""


def test_only_a_possible_beginning_is_held_back() -> None:
    stream = RedactingStream(Redactor(["hunter2"]))
    assert stream.feed("see the hunt") == "see the "
    assert stream.feed("ing party\nhunter") == "hunting party\n"
    assert stream.feed("2!") == f"{MASK}!"
    assert stream.feed("hunter") == ""
    assert stream.flush() == "hunter"


def test_a_secret_that_is_added_later_is_hidden_from_then_on() -> None:
    redactor = Redactor()
    stream = RedactingStream(redactor)
    assert stream.feed("hunter2 ") == "hunter2 "
    redactor.add("hunter2")
    assert stream.feed("hunter2 ") == f"{MASK} "


def _streamed(redactor: Redactor, text: str, cuts: list[int]) -> str:
    stream = RedactingStream(redactor)
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    pieces = [stream.feed(text[a:b]) for a, b in pairwise(edges)]
    return "".join([*pieces, stream.flush()])


@pytest.mark.parametrize("password", PASSWORDS, ids=range(len(PASSWORDS)))
def test_every_cut_through_every_form_is_caught(password: str) -> None:
    redactor = Redactor([password])
    for encode in ENCODINGS.values():
        text = harmless(f"is {encode(password)}, {encode(password)[:-1]}")
        whole = redactor.clean(text)
        step = max(1, len(text) // 40)
        for cut in range(0, len(text), step):
            assert _streamed(redactor, text, [cut]) == whole


SECRETS = st.lists(st.text("ab'\\", min_size=4, max_size=7), min_size=1, max_size=3)


@settings(max_examples=300)
@given(SECRETS, st.text("ab'\\ ", max_size=40), st.lists(st.integers(0, 1000), max_size=8))
@example(["aaaa"], "aaaaaaaaaaa", [1, 2, 3, 4, 5, 6, 7, 8])
@example(["abab"], "ababababb", [3, 5, 7])
@example(["aabb", "bbaa"], "aabbaabbbaa", [2, 4, 6])
def test_a_stream_is_the_whole_however_it_is_cut(secrets: list[str], text: str, cuts: list[int]) -> None:
    redactor = Redactor(secrets)
    whole = redactor.clean(text)
    assert _streamed(redactor, text, cuts) == whole
    assert all(secret not in whole for secret in secrets)


@settings(max_examples=200)
@given(
    st.text(min_size=4, max_size=12),
    st.text(max_size=12),
    st.text(max_size=12),
    st.lists(st.integers(0, 99), max_size=4),
)
def test_a_secret_is_hidden_at_any_place(secret: str, before: str, after: str, cuts: list[int]) -> None:
    text = harmless(before + secret + after)
    redactor = Redactor([secret])
    shown = _streamed(redactor, text, cuts)
    assert shown == redactor.clean(text)
    assert MASK in shown
    assert harmless(secret) not in shown.replace(MASK, "\0")
