import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import pq

from pgrepl_tui.postgres import conninfo, passfile
from pgrepl_tui.postgres.passfile import Entry, PassfileError

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "password-vectors.json").read_text())
ENTRY = Entry("db1", "5432", "replication", "repl", "s3cret")

texts = st.text(st.characters(exclude_characters="\n\r\0", codec="utf-8"), min_size=1, max_size=12)
nasty = st.text(st.sampled_from("ab:\\*# "), min_size=1, max_size=8)
values = texts | nasty
ports = st.sampled_from(["5432", "5433"])
names = st.sampled_from(["db1", "db2", "re pl", "a:b", "c\\d", "#x"])
entries = st.builds(Entry, names, ports, names, names, values)
lines = st.sampled_from(
    ["# a comment", "", "broken", "a:b:c", "*:*:*:*:wide", "db1:*:*:*:half", "db1:5432:db1:db1:", "a:b:c:d:e:f", "\\"]
)
files = st.lists(lines | st.builds(passfile.render, entries), max_size=6).flatmap(
    lambda chosen: st.sampled_from(["\n".join(chosen), "".join(line + "\n" for line in chosen), "\r\n".join(chosen)])
)


@given(st.builds(Entry, values, values, values, values, values))
def test_a_rendered_entry_is_parsed_back(entry: Entry) -> None:
    assert passfile.parse(passfile.render(entry) + "\n") == [entry]


@given(files, entries)
def test_after_replace_the_password_is_the_one_found(text: str, entry: Entry) -> None:
    assert passfile.find(passfile.replace(text, entry), *entry.key) == entry.password


@given(files, entries)
def test_replacing_twice_changes_nothing_more(text: str, entry: Entry) -> None:
    once = passfile.replace(text, entry)
    assert passfile.replace(once, entry) == once


@given(files, entries)
def test_replace_keeps_every_other_line(text: str, entry: Entry) -> None:
    old, new = text.split("\n"), passfile.replace(text, entry).split("\n")
    line = passfile.render(entry)
    at = next(number for number, content in enumerate(new) if content.rstrip("\r") == line)
    rest = new[:at] + new[at + 1 :]
    if rest and rest[-1] == "" and old[-1] != "":
        rest.pop()  # the newline that the last line lacked
    assert rest in (old, old[:at] + old[at + 1 :])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files, entries)
def test_libpq_finds_the_same_password(tmp_path: Path, text: str, entry: Entry) -> None:
    # libpq says the same, an empty text, of no password and of an empty one.
    assert libpq_finds(tmp_path / "passfile", text, entry) == (passfile.find(text, *entry.key) or "")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_measured_passwords_are_written_as_measured(tmp_path: Path, vector: dict[str, str]) -> None:
    entry = Entry("db1", "5432", "replication", "repl", vector["password"])
    if not entry.password or "\n" in entry.password or "\r" in entry.password:
        with pytest.raises(PassfileError):
            passfile.render(entry)
        return
    line = passfile.render(entry)
    assert line == f"db1:5432:replication:repl:{vector['pgpass_field']}"
    assert libpq_finds(tmp_path / "passfile", line + "\n", entry) == entry.password


def test_an_entry_is_replaced_in_its_place_with_its_line_ending() -> None:
    text = "# keep\r\ndb1:5432:replication:repl:old\r\nother:*:*:*:x"
    assert passfile.replace(text, ENTRY) == "# keep\r\ndb1:5432:replication:repl:s3cret\r\nother:*:*:*:x"


def test_a_new_entry_goes_to_the_end_of_a_file_without_a_last_newline() -> None:
    assert passfile.replace("other:*:*:*:x", ENTRY) == "other:*:*:*:x\ndb1:5432:replication:repl:s3cret\n"


def test_a_new_entry_goes_above_a_wider_one_that_would_win() -> None:
    text = "# all\n*:*:*:*:x\n"
    assert passfile.replace(text, ENTRY) == "# all\ndb1:5432:replication:repl:s3cret\n*:*:*:*:x\n"


def test_an_empty_file_gets_one_line() -> None:
    assert passfile.replace("", ENTRY) == "db1:5432:replication:repl:s3cret\n"


@pytest.mark.parametrize(
    ("line", "password"),
    [
        ("*:*:*:*:any", "any"),
        ("db1:5432:*:repl:rest:ignored", "rest"),
        ("db1:5432:replication:repl:a\\:b\\\\c", "a:b\\c"),
        ("db1:5432:replication:repl:end\\", "end\\"),
        ("\\db1:5432:replication:repl:escaped", "escaped"),
        ("\\*:5432:replication:repl:a host called star", None),
        ("db2:5432:replication:repl:x", None),
        ("db1:5433:replication:repl:x", None),
        ("db1:5432:postgres:repl:x", None),
        ("db1:5432:replication:other:x", None),
        ("db1:5432:replication:repl", None),
        ("#db1:5432:replication:repl:x", None),
    ],
)
def test_a_line_matches_by_the_rules_of_libpq(tmp_path: Path, line: str, password: str | None) -> None:
    assert passfile.find(line + "\n", *ENTRY.key) == password
    assert libpq_finds(tmp_path / "passfile", line + "\n", ENTRY) == (password or "")


@pytest.mark.parametrize("character", ["\n", "\r", "\0"])
@pytest.mark.parametrize("name", ["host", "port", "database", "user", "password"])
def test_a_field_that_cannot_be_written_is_refused_by_name(name: str, character: str) -> None:
    fields = dict(zip(("host", "port", "database", "user", "password"), (*ENTRY.key, "secret"), strict=True))
    with pytest.raises(PassfileError, match=f"the {name} holds") as caught:
        passfile.render(Entry(**{**fields, name: f"secret{character}"}))
    assert "secret" not in str(caught.value)


def test_an_empty_password_is_refused() -> None:
    with pytest.raises(PassfileError, match="the password is empty"):
        passfile.render(Entry("h", "1", "d", "u", ""))


def test_an_entry_does_not_show_its_password() -> None:
    assert "s3cret" not in repr(ENTRY)


def libpq_finds(path: Path, text: str, entry: Entry) -> str:
    """What the real libpq takes from the file for this connection; nothing is connected to."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
        file.write(text.encode())
    where = {"host": entry.host, "hostaddr": "127.0.0.1", "port": entry.port, "dbname": entry.database}
    text = conninfo.build({**where, "user": entry.user, "passfile": str(path)})
    connection = pq.PGconn.connect_start(text.encode())
    try:
        return connection.password.decode()
    finally:
        connection.finish()
