"""A server spoken to by psql: what is sent, rows, and errors in any language."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.postgres.queries import REFUSED_WRITE
from pgrepl_tui.postgres.server import (
    FIELD,
    NULL,
    RECORD,
    Server,
    SqlError,
    SqlRow,
    parse_rows,
    psql_arguments,
    shell_psql,
)
from pgrepl_tui.postgres.version import Major
from tests.unit.scripted_host import ScriptedHost, printed
from tests.unit.scripted_pair import cluster

CLUSTER = cluster(Major(15), port=5433)

cells = st.none() | st.text().filter(lambda text: not set(text) & {FIELD, RECORD, NULL, "\0"})


@st.composite
def tables(draw: st.DrawFn) -> list[SqlRow]:
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.tuples(*[cells] * width), max_size=4))


@given(tables())
def test_what_psql_prints_comes_back(rows: list[SqlRow]) -> None:
    assert parse_rows(printed(*rows)) == rows


# The left sides were measured with psql 17 and the options of psql_arguments.
@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ("", []),
        ("\n", [("",)]),
        (f"{NULL}\n", [(None,)]),
        (f"a{FIELD}{NULL}\n", [("a", None)]),
        ("a\n\n", [("a\n",)]),
        ("two\nlines\n", [("two\nlines",)]),
        (f"a{RECORD}\n", [("a",), ("",)]),
        (f"{RECORD}b\n", [("",), ("b",)]),
        (f"1{FIELD}2{RECORD}3{FIELD}4\n", [("1", "2"), ("3", "4")]),
    ],
)
def test_rows(said: str, rows: list[SqlRow]) -> None:
    assert parse_rows(said) == rows


async def test_each_statement_is_a_message_of_its_own_on_standard_input() -> None:
    host = ScriptedHost().rows("select 1", ("1",))
    assert await Server(host, CLUSTER).query("set a.b = 1", "select 1") == [("1",)]
    (command,) = host.asked
    assert command.stdin == b"\\set VERBOSITY verbose\nset a.b = 1;\nselect 1;\n"
    assert command.argv == psql_arguments(CLUSTER, "postgres")
    assert command.user == "postgres"
    assert not command.changes


@pytest.mark.parametrize(
    ("major", "words"),
    [(Major(9, 5), "-c 'select 1; select 2'"), (Major(9, 6), "-c 'select 1' -c 'select 2'")],
)
def test_what_is_pasted_runs_every_statement(major: Major, words: str) -> None:
    """Before 9.6 only the last -c counts."""
    pasted = shell_psql(cluster(major), "postgres", ["select 1", "select\n2"])
    assert pasted.endswith(f"-d postgres {words}")


async def test_the_operator_sees_no_statement_that_only_sets_up_the_session() -> None:
    host = ScriptedHost().on("create role")
    await Server(host, CLUSTER).change("set log_statement = 'none'", "create role\n  x")
    assert host.asked[0].shown == "psql -p 5433 -c 'create role x'"
    assert host.asked[0].changes


async def test_a_probe_that_is_rolled_back_shows_what_it_tries() -> None:
    host = ScriptedHost().on("create table")
    await Server(host, CLUSTER).query(*REFUSED_WRITE)
    words = shlex.split(host.asked[0].shown)
    assert words == ["psql", "-p", "5433", "-c", "begin", "-c", "create table pgrepl_tui_probe ()", "-c", "rollback"]


def test_psql_reads_no_start_up_file_asks_for_no_password_and_stops_at_an_error() -> None:
    argv = psql_arguments(CLUSTER, "app")
    assert argv[0] == "/opt/pg/bin/psql"
    assert {"-X", "-w", "ON_ERROR_STOP=1"} <= set(argv)
    assert argv[argv.index("-h") + 1] == "/tmp"  # noqa: S108 - the socket folder of the cluster
    assert argv[argv.index("-p") + 1] == "5433"
    assert argv[argv.index("-d") + 1] == "app"


@pytest.mark.parametrize(
    ("said", "value"), [(printed(("t",)), "t"), (printed((None,)), ""), (printed(), ""), (printed(("",)), "")]
)
async def test_a_single_value(said: str, value: str) -> None:
    assert await Server(ScriptedHost().on("select", said), CLUSTER).value("select x") == value


# The first, and those that cannot connect, were measured with psql 17; the words are in the server's language.
@pytest.mark.parametrize(
    ("said", "sqlstate", "message"),
    [
        ("ERROR:  22012: division by zero\nLOCATION:  int4div, int.c:870", "22012", "division by zero"),
        ('FEHLER:  42P01: Relation »x« existiert nicht\nZEILE 1: select', "42P01", "Relation »x« existiert nicht"),
        ("ERREUR:  25006: ne peut pas exécuter CREATE TABLE", "25006", "ne peut pas exécuter CREATE TABLE"),
        ("ОШИБКА:  25006: в транзакции нельзя", "25006", "в транзакции нельзя"),
        ("错误:  25006: 不能", "25006", "不能"),
        ("ERROR:  P0001: two\nlines\nCONTEXT:  PL/pgSQL", "P0001", "two"),
        ("psql:<stdin>:2: ERROR:  42601: syntax error", "42601", "syntax error"),
        ("WARNING:  01000: odd\nNOTICE:  00000: so\nERROR:  42501: no", "42501", "no"),
        ("FATAL:  57P01: terminating connection due to administrator command", "57P01",
         "terminating connection due to administrator command"),
    ],
)  # fmt: skip
async def test_a_refused_statement(said: str, sqlstate: str, message: str) -> None:
    with pytest.raises(SqlError) as caught:
        await Server(ScriptedHost().refuses("select", said), CLUSTER).query("select 1")
    assert caught.value.sqlstate == sqlstate
    assert caught.value.message == message
    assert str(caught.value) == f"{sqlstate}: {message}"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            'psql: error: connection to server on socket "/tmp/.s.PGSQL.5433" failed: FATAL:  role "x" does not exist',
            'role "x" does not exist',
        ),
        (
            'psql: error: connection to server on socket "/tmp/.s.PGSQL.5433" failed: No such file or directory\n\tIs?',
            'connection to server on socket "/tmp/.s.PGSQL.5433" failed: No such file or directory',
        ),
        ("psql: FATAL:  the database system is starting up", "the database system is starting up"),
        ("psql: could not connect to server: Connection refused", "could not connect to server: Connection refused"),
        ("/bin/sh: 1: exec: /opt/pg/bin/psql: not found", "/bin/sh: 1: exec: /opt/pg/bin/psql: not found"),
        ("", "psql ended without a word"),
    ],
)
async def test_a_server_that_cannot_be_reached_has_no_sqlstate(said: str, message: str) -> None:
    with pytest.raises(SqlError) as caught:
        await Server(ScriptedHost().refuses("select", said), CLUSTER).query("select 1")
    assert caught.value.sqlstate == ""
    assert caught.value.message == message
    assert str(caught.value) == message


@pytest.mark.parametrize("said", ["\x1b[2Jgarbage\r\n", f"a{FIELD}b\n", f"a{FIELD}b{FIELD}c{RECORD}d\n"])
async def test_an_answer_with_other_columns_than_were_asked_for_is_none(said: str) -> None:
    host = ScriptedHost().on("select a", said)
    with pytest.raises(SqlError, match="no answer of psql with 3 columns"):
        await Server(host, CLUSTER).query("select a, b, c from t")
