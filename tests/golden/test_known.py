"""Nothing is sent to a 9.x server, written into its files or given to its programs that it does not know."""

import pytest

from tests.golden import grammar
from tests.golden.checker import unknown_in_command, unknown_in_statement
from tests.golden.golden_file import VERSIONS, content, texts
from tests.golden.known import ROWS, ever_known, known


@pytest.mark.parametrize("version", VERSIONS)
def test_every_statement_is_made_of_what_the_version_knows(version: str) -> None:
    bad = {text: unknown_in_statement(text, version) for text in texts(version, "statements.sql")}
    # A role of 10, named in a branch that a superuser of 9.x does not reach.
    assert {text: names for text, names in bad.items() if names} == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_option_and_variable_is_one_of_the_version(version: str) -> None:
    bad = [word for text in texts(version, "commands.sh") for word in unknown_in_command(text, version)]
    assert bad == (["postgres -C"] if version == "9.1" else []), "9.1 refuses -C, and its conf is read instead"


@pytest.mark.parametrize("version", VERSIONS)
def test_every_setting_in_the_files_is_one_of_the_version(version: str) -> None:
    for name in ("primary-postgresql.conf", "standby-postgresql.conf"):
        assert set(grammar.conf(content(version, name).encode())) <= known("setting", version)
    recovery = grammar.conf(content(version, "recovery.conf").encode())
    assert set(recovery) <= known("recovery", version)
    assert set(grammar.conninfo(recovery["primary_conninfo"])) <= known("conninfo", version)


def test_every_row_of_the_table_has_a_range_and_a_source() -> None:
    for kind, name, span, source in ROWS:
        first, last = span.split("-")
        assert first in VERSIONS, (kind, name)
        assert last in VERSIONS, (kind, name)
        assert first <= last, (kind, name)
        assert source.endswith("library") or ".html" in source or ".sql" in source, (kind, name)
    assert len({(kind, name) for kind, name, *_ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    ("statement", "version", "bad"),
    [
        ("select pg_current_wal_lsn()", "9.6", ["pg_current_wal_lsn"]),
        ("select procpid from pg_stat_activity", "9.1", []),
        ("select procpid from pg_stat_activity", "9.2", ["procpid"]),
        ("select pid from pg_stat_activity", "9.1", ["pid"]),
        ("select sent_lsn from pg_stat_replication", "9.6", ["sent_lsn"]),
        ("select pid from pg_stat_wal_receiver", "9.5", ["relation pg_stat_wal_receiver", "pid"]),
        ("select slot_name from pg_replication_slots", "9.3", ["relation pg_replication_slots", "slot_name"]),
        ("select pg_create_physical_replication_slot('a', true)", "9.5", ["pg_create_physical_replication_slot"]),
        ("select pg_create_physical_replication_slot('a', true)", "9.6", []),
        ("alter system set wal_keep_segments = '1'", "9.3", ["system"]),
        ("alter system set wal_keep_size = '1'", "9.6", ["setting wal_keep_size"]),
        ("set idle_session_timeout = 0", "9.6", ["setting idle_session_timeout"]),
        ("select count(*) filter (where active) from pg_replication_slots", "9.4", ["filter"]),
        ("select name from pg_settings, lateral (select 1) a", "9.2", ["lateral", "a"]),
        ("create table if not exists pgrepl_tui_probe ()", "9.1", ["exists", "pgrepl_tui_probe"]),
        ("select setting::json from pg_settings", "9.1", ["json"]),
        ("select pg_size_bytes(setting) from pg_settings", "9.5", ["pg_size_bytes"]),
        ("select current_setting('wal_keep_size')", "9.6", ["setting wal_keep_size"]),
        ("select current_setting('wal_level', true)", "9.5", ["current_setting"]),
        ("select current_setting('wal_level', true)", "9.6", []),
    ],
)
def test_the_checker_finds_what_a_version_does_not_know(statement: str, version: str, bad: list[str]) -> None:
    assert unknown_in_statement(statement, version) == bad


@pytest.mark.parametrize(
    ("line", "version", "bad"),
    [
        ("/b/pg_basebackup -D /d -X stream", "9.1", ["pg_basebackup -X"]),
        ("/b/pg_basebackup -D /d -d x", "9.2", ["pg_basebackup -d"]),
        ("/b/pg_basebackup -D /d -T /a=/b", "9.3", ["pg_basebackup -T"]),
        ("/b/pg_basebackup -D /d -S s", "9.5", ["pg_basebackup -S"]),
        ("/b/pg_basebackup -D /d --waldir /w", "9.6", ["pg_basebackup --waldir"]),
        ("/b/psql -X -0 -d postgres", "9.1", ["psql -0"]),
        ("PGGSSENCMODE=disable /b/psql -X -d \"host='h' passfile='/p'\"", "9.6", ["PGGSSENCMODE", "conninfo passfile"]),
        ("/b/pg_ctl -D /d promote-it", "9.6", ["pg_ctl promote-it"]),
    ],
)
def test_the_checker_finds_options_that_are_not_there(line: str, version: str, bad: list[str]) -> None:
    assert unknown_in_command(line, version) == bad


def test_the_table_holds_nothing_that_is_never_used() -> None:
    """A row that no golden line needs would allow what nobody looked at."""
    used = " ".join(text for version in VERSIONS for name in ("statements.sql", "commands.sh", "recovery.conf",
                    "primary-postgresql.conf", "standby-postgresql.conf") for text in texts(version, name))  # fmt: skip
    refused = {"pg_xlog_location_diff", "-s", "-R", "-r", "-z", "-0", "-o", "port",
               "logging_collector", "log_directory", "pg_create_physical_replication_slot/2",
               "current_setting/2",
               "identify_system"}  # fmt: skip
    names = {name.rsplit(".", 1)[-1] if kind == "column" else name for kind, name, *_ in ROWS}
    assert {name for name in names - refused if name not in used and name not in ever_known("type")} == set()
