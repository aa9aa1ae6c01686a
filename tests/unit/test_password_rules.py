import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.postgres import passfile, scram
from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.password_rules import problem
from pgrepl_tui.postgres.version import MAJORS, Major

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "password-vectors.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_measured_password_is_fine_where_a_passfile_login_worked(vector: dict[str, str | dict[str, str]]) -> None:
    password, verified = vector["password"], vector["verified"]
    assert isinstance(password, str)
    assert isinstance(verified, dict)
    works = verified["pgpass"] == "ok" and "\r" not in password  # a carriage return works unless it is the last
    assert (problem(password, Major(15)) == "") == works


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "empty"),
        ("a\nb", "newline"),
        ("a\rb", "carriage return"),
        ("a\0b", "NUL"),
        ("a\ud800", "not valid Unicode"),
    ],
)
def test_each_refusal_says_why(password: str, reason: str) -> None:
    assert reason in problem(password)


@pytest.mark.parametrize(("major", "limit"), [(Major(13), 199), (Major(14), 1000)])
def test_the_length_is_what_a_passfile_of_the_version_holds(major: Major, limit: int) -> None:
    assert problem("x" * limit, major) == ""
    assert f"{limit + 1} bytes" in problem("x" * (limit + 1), major)
    assert "too long" in problem("é" * (limit // 2 + 1), major)
    assert "too long" in problem(":" * (limit // 2 + 1), major), "each needs an escape"


@pytest.mark.parametrize("password", ["a:b", "a\\b"])
def test_only_9_1_cannot_read_colons_and_backslashes(password: str) -> None:
    assert "9.1" in problem(password, Major(9, 1))
    assert problem(password, Major(9, 2)) == ""


@given(st.text(max_size=60))
def test_a_password_without_a_problem_can_be_written_and_never_stands_in_a_message(password: str) -> None:
    reason = problem(password)
    if reason:
        assert len(password) < 4 or password not in reason
        return
    entry = passfile.Entry("h", "5432", "replication", "u", password)
    assert passfile.parse(passfile.render(entry)) == [entry]


@pytest.mark.parametrize("major", MAJORS, ids=str)
def test_a_made_password_has_no_problem_anywhere(major: Major) -> None:
    assert problem(scram.strong_password(), major) == ""


def test_the_longest_password_leaves_room_for_the_other_fields_of_an_old_line() -> None:
    others = len(f"{'h' * 40}:65535:replication:{'u' * 57}:")
    assert facts(Major(9, 1)).password_bytes + others < 320
