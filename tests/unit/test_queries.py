"""The SQL that is sent: quoting, and the names of each version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.version import MAJORS, Major

BEFORE_9_4 = tuple(major for major in MAJORS if major < Major(9, 4))
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from("'\"\\\n;-$"))


def decoded(token: str) -> str:
    """What a server reads from one literal: the rules of its lexer (SQL syntax, String Constants), done by hand."""
    token = token.strip()
    escapes = token.startswith("E")
    body = token.removeprefix("E")
    assert body[0] == body[-1] == "'"
    assert len(body) >= 2
    out, at, inner = [], 0, body[1:-1]
    while at < len(inner):
        step = 1
        if inner[at] == "'":
            assert inner[at : at + 2] == "''", "the literal would end here"
            step = 2
        elif inner[at] == "\\":
            assert escapes, "read as one or two characters, as standard_conforming_strings says"
            assert inner[at + 1] == "\\", "an escape that is not a backslash"
            step = 2
        out.append(inner[at])
        at += step
    return "".join(out)


@given(texts)
def test_a_literal_is_read_as_what_was_meant(value: str) -> None:
    assert decoded(queries.literal(value)) == value


@given(texts)
def test_a_word_before_a_literal_does_not_run_into_its_prefix(value: str) -> None:
    text = f"name={queries.literal(value)}"
    assert "=E'" not in text


@given(texts.filter(bool))
def test_an_identifier_is_read_as_what_was_meant(name: str) -> None:
    quoted = queries.identifier(name)
    assert quoted[0] == quoted[-1] == '"'
    inner = quoted[1:-1]
    assert inner.replace('""', "").count('"') == 0
    assert inner.replace('""', '"') == name


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a name cannot be empty or hold a NUL"):
        queries.identifier(name)


def test_a_literal_with_a_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        queries.literal("a\0b")


@pytest.mark.parametrize("hostile", ["o'brien", "x'; drop table t; --", "\\'; drop table t; --", 'a"b', "$$", "ü\n"])
def test_hostile_names_stay_inside_their_quotes(hostile: str) -> None:
    quoted, name = queries.literal(hostile), queries.identifier(hostile)
    assert queries.role(hostile).endswith(f"rolname = {quoted}")
    assert queries.create_role(hostile, hostile) == f"create role {name} with login replication password {quoted}"
    assert queries.allow_replication(hostile) == f"alter role {name} with login replication"
    assert queries.slot(hostile).endswith(f"slot_name = {quoted}")
    assert quoted in queries.settings(["port", hostile])
    assert f"application_name = {quoted} " in queries.sender(hostile, facts(Major(15)))


@pytest.mark.parametrize("major", MAJORS, ids=str)
def test_every_query_is_built_for_every_version_with_the_names_of_its_time(major: Major) -> None:
    known = facts(major)
    built = [
        queries.settings(["port"]), queries.role("r"), queries.create_role("r", "v"), queries.allow_replication("r"),
        queries.current_position(known), queries.standby_positions(known), queries.in_recovery(),
        queries.sender("a", known), queries.mark("t", known), queries.free_senders(known), queries.sessions(known),
        queries.extensions(), queries.tablespaces(known), queries.size(), queries.sync_names(), *queries.REFUSED_WRITE,
        *queries.QUIET_SESSION,
    ]  # fmt: skip
    if known.has_slots:
        built += [queries.slot("s"), queries.create_slot("s", known), queries.idle_slots()]
    if known.has_wal_receiver_view:
        built.append(queries.receiver(known))
    text = " ".join(built).lower()
    assert "  " not in text
    assert ";" not in text
    assert ("xlog" in text) == (major < Major(10))
    assert ("wal_lsn" in text) == (major >= Major(10))
    assert ("procpid" in text) == (major < Major(9, 2))
    assert ("pg_stat_wal_receiver" in text) == (major >= Major(9, 6))
    assert ("backend_type" in text) == (major >= Major(10))
    assert ("spclocation" in text) == (major < Major(9, 2))
    assert ("pg_create_restore_point" in text) == (major < Major(9, 6))
    assert ("pg_logical_emit_message" in text) == (major >= Major(9, 6))


@pytest.mark.parametrize(
    ("major", "function"),
    [
        (Major(9, 1), "pg_current_xlog_location"),
        (Major(9, 6), "pg_current_xlog_location"),
        (Major(10), "pg_current_wal_lsn"),
        (Major(18), "pg_current_wal_lsn"),
    ],
)
def test_xlog_became_wal_in_10(major: Major, function: str) -> None:
    assert queries.current_position(facts(major)) == f"select {function}()"


@pytest.mark.parametrize(
    ("major", "functions"),
    [
        (
            Major(9, 6),
            ("pg_last_xlog_receive_location", "pg_last_xlog_replay_location", "pg_is_xlog_replay_paused"),
        ),
        (Major(10), ("pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn", "pg_is_wal_replay_paused")),
    ],
)
def test_the_positions_of_a_standby(major: Major, functions: tuple[str, str, str]) -> None:
    received, replayed, paused = functions
    # A server that is not in recovery refuses to say whether replay is paused.
    expected = f"select {received}(), {replayed}(), pg_is_in_recovery() and {paused}()"
    assert queries.standby_positions(facts(major)) == expected


@pytest.mark.parametrize(
    ("major", "columns"),
    [
        (Major(9, 1), "procpid, usename, client_addr, state, sent_location, write_location, flush_location, replay_"),
        (Major(9, 2), "pid, usename, client_addr, state, sent_location, write_location, flush_location, replay_loc"),
        (Major(9, 6), "pid, usename, client_addr, state, sent_location, write_location, flush_location, replay_loc"),
        (Major(10), "pid, usename, client_addr, state, sent_lsn, write_lsn, flush_lsn, replay_lsn, sync_state from"),
    ],
)
def test_the_columns_of_the_sender(major: Major, columns: str) -> None:
    assert queries.sender("a", facts(major)).startswith(f"select {columns}")


@pytest.mark.parametrize(("major", "column"), [(Major(9, 6), "received_lsn"), (Major(12), "received_lsn"),
                                               (Major(13), "flushed_lsn"), (Major(18), "flushed_lsn")])  # fmt: skip
def test_the_columns_of_the_receiver(major: Major, column: str) -> None:
    assert f" {column}," in queries.receiver(facts(major))


def test_as_many_names_as_columns() -> None:
    for major in MAJORS:
        known = facts(major)
        assert _columns(queries.sender("a", known)) == len(queries.SENDER_COLUMNS)
        if known.has_wal_receiver_view:
            assert _columns(queries.receiver(known)) == len(queries.RECEIVER_COLUMNS)


def _columns(statement: str) -> int:
    return statement.partition(" from ")[0].count(",") + 1


FOR_NOBODY = "from set_config('synchronous_commit', 'local', true)"
"""The commit waits for no synchronous standby."""
MESSAGE = f"select pg_logical_emit_message(true, 'pgrepl_tui', 'abc') {FOR_NOBODY}"
RESTORE_POINT = f"select pg_create_restore_point('pgrepl_tui abc') {FOR_NOBODY}"


@pytest.mark.parametrize(
    ("major", "statement"),
    [
        (Major(9, 1), RESTORE_POINT),
        (Major(9, 5), RESTORE_POINT),
        (Major(9, 6), MESSAGE),
        (Major(18), MESSAGE),
    ],
)
def test_the_marked_record(major: Major, statement: str) -> None:
    assert queries.mark("abc", facts(major)) == statement


@pytest.mark.parametrize(
    ("major", "statement"),
    [
        (Major(9, 4), "select pg_create_physical_replication_slot('s')"),
        (Major(9, 5), "select pg_create_physical_replication_slot('s')"),
        (Major(9, 6), "select pg_create_physical_replication_slot('s', true)"),
    ],
)
def test_a_slot_keeps_wal_at_once_where_it_can(major: Major, statement: str) -> None:
    assert queries.create_slot("s", facts(major)) == statement


def test_statement_logging_is_off_before_a_verifier_is_sent() -> None:
    assert {statement.split()[1] for statement in queries.QUIET_SESSION} == {
        "log_statement", "log_min_duration_statement", "log_min_error_statement",
    }  # fmt: skip


def test_the_write_that_a_standby_refuses_leaves_nothing_on_a_primary() -> None:
    assert queries.REFUSED_WRITE[0] == "begin"
    assert queries.REFUSED_WRITE[-1] == "rollback"
