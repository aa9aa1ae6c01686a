"""What the program writes and reads, against the programs that it is written for: a real server, libpq, sh."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import psycopg.conninfo
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.lab.client import Lab
from pgrepl_tui.postgres import conf, conninfo, hba, queries
from pgrepl_tui.postgres.passfile import Entry, PassfileError, find
from pgrepl_tui.postgres.passfile import replace as with_entry
from pgrepl_tui.postgres.password_rules import problem
from tests.fuzz.counts import count
from tests.fuzz.leaking import VECTORS
from tests.fuzz.profile import examples
from tests.unit import test_conf, test_hba
from tests.unit.test_passfile import libpq_finds

MARK = "pgrepl-tui fuzz"
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20).filter(
    lambda name: len(name.encode()) <= 63 and not name.startswith("/")
)
TRICKY = st.sampled_from([*"'\"\\:#=%$`!*;|&<>() \t@/?[]{}~,\x01\x1b\x7f\x85\xa0é密🔐", "''", "\\'", "$(id)", "\u202e"])
PASSWORDS = (
    st.sampled_from(sorted(VECTORS.values()))
    | st.lists(TRICKY | st.characters(exclude_characters="\0"), max_size=60).map("".join)
    | st.text(st.characters(exclude_characters="\0"), max_size=300)
    | st.tuples(TRICKY | st.characters(exclude_characters="\0", exclude_categories=["Cs"]), st.integers(1, 1100)).map(
        lambda made: made[0] * made[1]
    )
)  # fmt: skip
"""The measured ones, odd ones, every category of Unicode, and lengths up to 1100 characters."""


class Server:
    """A superuser's connection to a server whose files we write, which reads them anew at each question."""

    def __init__(self, connection: "psycopg.Connection[Any]", data: Path) -> None:
        self._connection, self.data = connection, data
        (data / "conf.d").mkdir(mode=0o755)
        (data / "x.conf").touch(mode=0o644)
        self._texts = {name: (data / name).read_bytes() for name in ("pg_hba.conf", "postgresql.conf")}

    def hba(self, text: str) -> list[tuple[Any, ...]]:
        """What it makes of a pg_hba.conf: line, type, databases, users, address, netmask, method, error."""
        return self._asked("pg_hba.conf", text,
                           "select line_number, type, database, user_name, address, netmask, auth_method, error"
                           " from pg_hba_file_rules order by line_number")  # fmt: skip

    def conf(self, text: str) -> list[tuple[Any, ...]]:
        """What it makes of a postgresql.conf: line, name, value, error; of that file alone."""
        return self._asked("postgresql.conf", text,
                           "select sourceline, name, setting, error from pg_file_settings"
                           " where sourcefile like '%/postgresql.conf' order by seqno")  # fmt: skip

    def named(self, statement: str) -> tuple[str, Any]:
        """The name and the value of a single column."""
        cursor = self._connection.execute(statement.encode())
        row = cursor.fetchone()
        assert row is not None
        assert cursor.description is not None
        return cursor.description[0].name, row[0]

    def _asked(self, name: str, text: str, statement: str) -> list[tuple[Any, ...]]:
        try:
            (self.data / name).write_bytes(text.encode("utf-8", "surrogateescape"))
            return self._connection.execute(statement.encode()).fetchall()
        finally:
            (self.data / name).write_bytes(self._texts[name])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A primary of the lab; its connection is made before any of its files is touched."""
    with asyncio.Runner() as runner:
        lab_context = Lab.start(megabytes=1)
        lab = runner.run(lab_context.__aenter__())
        try:
            runner.run(lab.sql(lab.primary, "create role fuzz superuser login password 'fuzz'"))
            where: dict[str, Any] = {"host": "localhost", "port": lab.primary.pg_port, "dbname": "postgres"}
            info = psycopg.conninfo.make_conninfo("", user="fuzz", password="fuzz", sslmode="require", **where)
            with psycopg.connect(info, autocommit=True) as connection:
                yield Server(connection, lab.primary.data)
        finally:
            runner.run(lab_context.__aexit__(None, None, None))


@examples(150)
@given(
    text=test_hba.files(), user=NAMES | test_hba.USERS, tls=st.booleans(),
    address=st.sampled_from(["10.0.0.5", "fe80::1", "::ffff:10.0.0.9"]),
)  # fmt: skip
def test_the_server_reads_our_rule_as_it_was_meant_in_any_file(
    server: Server, text: str, user: str, tls: bool, address: str
) -> None:
    rule = hba.standby_rule(user, address, tls=tls, method="scram-sha-256")
    before, after = server.hba(text), server.hba(hba.insert(text, rule, mark=MARK))
    added = [row[1:] for row in after]
    for row in before:
        added.remove(row[1:]) if row[7] is None else None
    ours = [row for row in added if row[6] is None]
    assert [row[:3] for row in ours] == [("hostssl" if tls else "host", ["replication"], [user])]
    assert ours[0][5] == "scram-sha-256"
    assert ours[0][3] in {"10.0.0.5", "fe80::1", "10.0.0.9"}
    assert ours[0][4] in {"255.255.255.255", ":".join(["ffff"] * 8)}
    assert hba.without(hba.insert(text, rule, mark=MARK), MARK) == text
    count("pg_hba.conf files, read back by a server")


@examples(150)
@given(text=test_hba.files())
def test_the_rules_that_we_see_are_those_that_the_server_sees(server: Server, text: str) -> None:
    ours = {rule.line: rule for rule in hba.parse(text) if not rule.is_include}
    for line, kind, databases, users, _, _, method, error in server.hba(text):
        if line not in ours or error is not None or kind is None:  # a faulty line; some without a word (clientcert=1)
            continue
        rule = ours[line]
        assert not rule.error
        assert (rule.kind, rule.method) == (kind, method)
        for found, tokens in ((databases, rule.databases), (users, rule.users)):
            if not rule.files:
                assert found == [token.text for token in tokens]
    count("pg_hba.conf files, whose rules are the server's")


@examples(200)
@given(text=test_conf.files(), wanted=test_conf.WANTED)
def test_the_server_reads_our_settings_as_they_were_meant_in_any_file(
    server: Server, text: str, wanted: dict[str, str]
) -> None:
    edited = conf.with_settings(text, wanted, mark=MARK)
    assert conf.with_settings(edited, wanted, mark=MARK) == edited
    assert conf.without_block(edited, MARK) == text
    assert edited.startswith(text)
    rows = server.conf(edited)
    if any(name is None for _, name, *_ in rows):  # pg_file_settings leaves a file at its first syntax error
        count("postgresql.conf files with a syntax error")
        return
    found = {name.lower(): value for _, name, value, _ in rows}
    assert {name: found.get(name) for name in wanted} == wanted
    assert found == conf.settings(edited)
    count("postgresql.conf files, read back by a server")


@examples(200)
@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60), name=NAMES)
def test_the_server_reads_literals_and_names_back(server: Server, text: str, name: str) -> None:
    assert server.named(f"select {queries.literal(text)}::text as {queries.identifier(name)}") == (name, text)
    count("literals and names, read back by a server")


@examples(400)
@given(password=PASSWORDS, user=NAMES, host=st.sampled_from(["db1", "10.0.0.1", "fe80::1%eth0", "-x", "a b"]))
def test_libpq_reads_a_conninfo_back(password: str, user: str, host: str) -> None:
    values = {"host": host, "port": "5432", "user": user, "password": password, "application_name": user}
    if any(character in "\n\r" or 0xD800 <= ord(character) < 0xE000 for character in password):
        assert problem(password)
        with pytest.raises(conninfo.ConninfoError):
            conninfo.build(values)
        return
    assert psycopg.conninfo.conninfo_to_dict(conninfo.build(values)) == values
    assert conninfo.parse(conninfo.build(values)) == values
    count("connection strings, read back by libpq")


@examples(60)
@given(password=PASSWORDS, user=NAMES, port=st.integers(1, 65535))
def test_libpq_finds_the_password_in_the_passfile_or_it_is_refused_before(
    tmp_path_factory: pytest.TempPathFactory, password: str, user: str, port: int
) -> None:
    entry = Entry("10.0.0.1", str(port), "replication", user, password)
    if problem(password):
        count("passwords that are refused, with the reason")
        if "\n" in password or not password:
            with pytest.raises(PassfileError):
                with_entry("", entry)
        return
    text = with_entry("# ours\nother:*:*:x:y\n", entry)
    assert find(text, "10.0.0.1", str(port), "replication", user) == password
    assert with_entry(text, entry) == text
    assert libpq_finds(tmp_path_factory.getbasetemp() / "passfile", text, entry) == password
    count("passwords, read from a passfile by libpq")
