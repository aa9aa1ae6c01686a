import csv
import io
import itertools
import json
from pathlib import Path

import pytest

from pgrepl_tui.postgres.logs import MILESTONES, explain, milestone, refused_address, severity
from pgrepl_tui.postgres.version import MAJORS, Major

LOGS = Path(__file__).parents[1] / "data" / "logs"
MEASURED = [Major(first) for first in range(10, 19)]

# The scenarios of the measured standby logs. From 12 on there is one more, recovery.conf, so that numbers move on.
FAILURES = {3: "slot_active", 4: "slot_missing", 5: "wrong_password", 6: "no_password", 7: "no_hba_entry",
            8: "not_replication_role", 9: "refused", 10: "lower_setting"}  # fmt: skip
OLD = {**FAILURES, 11: "data_directory_mode", 12: "starting_up", 14: "wal_removed"}
NEW = {**FAILURES, 11: "recovery_conf", 12: "data_directory_mode", 13: "starting_up", 15: "wal_removed"}


def scenarios(major: Major) -> dict[str, str]:
    """The log files of a version that show a failure, and the cause that each shows."""
    named = {f"s{number}.log": cause for number, cause in (OLD if major < Major(12) else NEW).items()}
    if major >= Major(14):
        named["s13.log"] = "hot_standby_off"
    promoted = "s13.log2" if major < Major(12) else "s14.log2"
    return {**named, "o2.log": "system_id", "p2.log": "own_wal_level", promoted: "timeline_behind"}


def read(major: Major, name: str) -> list[str]:
    return (LOGS / str(major) / name).read_text(encoding="utf-8").splitlines()


def milestones(lines: list[str], major: Major) -> tuple[str, ...]:
    return tuple(name for line in lines if (name := milestone(line, major)))


CASES = [(major, name, cause) for major in MEASURED for name, cause in scenarios(major).items()]


@pytest.mark.parametrize("major", MEASURED, ids=str)
@pytest.mark.parametrize("name", ["s1.log", "s2.log"])
def test_a_good_start_passes_every_milestone_in_order_and_names_no_cause(major: Major, name: str) -> None:
    lines = read(major, name)
    assert milestones(lines, major) == MILESTONES
    assert [line for line in lines if explain(line)] == []


@pytest.mark.parametrize(("major", "name", "cause"), CASES)
def test_a_failed_start_is_explained_by_its_cause_and_no_other(major: Major, name: str, cause: str) -> None:
    names = {found.name for line in read(major, name) if (found := explain(line))}
    assert names - {"insufficient_settings"} == {cause}
    assert ("insufficient_settings" in names) is (cause == "lower_setting" and major >= Major(14))


@pytest.mark.parametrize("major", MEASURED, ids=str)
def test_every_measured_failure_is_in_a_test(major: Major) -> None:
    good = {"s1.log", "s2.log", "s13.log" if major < Major(12) else "s14.log"}
    assert {path.name for path in (LOGS / str(major)).iterdir()} == scenarios(major).keys() | good


@pytest.mark.parametrize("major", MEASURED, ids=str)
def test_a_start_that_fails_early_stops_at_its_milestone(major: Major) -> None:
    assert milestones(read(major, "s10.log"), major) == ("starting", "standby mode")
    assert milestones(read(major, "s7.log"), major) == MILESTONES[:5]
    assert milestones(read(major, "p2.log"), major) == ()


@pytest.mark.parametrize("major", MEASURED, ids=str)
def test_a_clean_restart_has_no_redo(major: Major) -> None:
    assert milestones(read(major, "o2.log"), major) == ("starting", "standby mode", "consistent", "ready")


def test_the_texts_of_9_1_and_9_2_differ() -> None:
    old = "LOG:  streaming replication successfully connected to primary"
    new = "LOG:  started streaming WAL from primary at 0/3000000 on timeline 1"
    assert [milestone(old, major) for major in MAJORS[:3]] == ["streaming", "streaming", None]
    assert [milestone(new, major) for major in MAJORS[:3]] == [None, None, "streaming"]


@pytest.mark.parametrize("major", MEASURED, ids=str)
def test_a_text_of_another_version_is_no_milestone(major: Major) -> None:
    ready = [f"LOG:  database system is ready to accept {word} connections" for word in ("read only", "read-only")]
    starting = ["LOG:  database system was shut down in recovery at x", "LOG:  starting PostgreSQL 18.4 on x"]
    assert [milestone(line, major) for line in ready] == (["ready", None] if major < Major(14) else [None, "ready"])
    assert [milestone(line, major) for line in starting] == (
        ["starting", None] if major < Major(12) else [None, "starting"]
    )


PREFIXES = ["", "2026-11-23 03:02:46.016 UTC [26716] ", "< 2026-11-23 03:02:46 UTC > ", "db=,user=,app=,client= ",
            "Nov 23 03:02:46 db2 postgres[26716]: [3-1] 2026-11-23 UTC [1] ", "00000: ", "[26716]:"]  # fmt: skip


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("major", MEASURED, ids=str)
def test_any_log_line_prefix_will_do(prefix: str, major: Major) -> None:
    lines = [prefix + line.split("] ", 1)[1] for line in read(major, "s1.log")]
    assert milestones(lines, major) == MILESTONES
    refused = [prefix + line.split("] ", 1)[1] for line in read(major, "s7.log")]
    assert {found.name for line in refused if (found := explain(line))} == {"no_hba_entry"}


def as_csv(line: str) -> str:
    word, _, message = line.split("] ", 1)[1].partition(":  ")
    out = io.StringIO()
    csv.writer(out).writerow(
        ["t", "u", "d", "1", "h:1", "s", "1", "c", "t", "v", "0", word, "00000", message, *[""] * 9]
    )
    return out.getvalue()


def as_json(line: str) -> str:
    word, _, message = line.split("] ", 1)[1].partition(":  ")
    return json.dumps({"timestamp": "t", "pid": 1, "error_severity": word, "message": message})


@pytest.mark.parametrize("as_format", [as_csv, as_json])
def test_csvlog_and_jsonlog_are_read(as_format: type[str]) -> None:
    lines = [as_format(line) for line in read(Major(18), "s1.log")]
    assert milestones(lines, Major(18)) == MILESTONES
    assert {severity(line) for line in lines} == {"LOG", "FATAL"}
    failed = [as_format(line) for line in read(Major(18), "s7.log") if not line.startswith("\t")]
    assert {found.name for line in failed if (found := explain(line))} == {"no_hba_entry"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-11-23 [1] LOG:  redo starts at 0/2000028", "LOG"),
        (
            'FATAL:  could not connect to the primary server: FATAL:  password authentication failed for user "r"',
            "FATAL",
        ),
        ("\tDETAIL:  Only roles with the REPLICATION attribute may start a WAL sender process.", "DETAIL"),
        ("DEBUG2:  x", "DEBUG2"),
        ("pg_basebackup: error: could not write", "ERROR"),
        ("/usr/lib/postgresql/15/bin/pg_basebackup: warning: x", "WARNING"),
        ("psql: FATAL:  role does not exist", "FATAL"),
        ("pg_ctl: could not start server", ""),
        ('{"error_severity":"PANIC","message":"x"}', "PANIC"),
        ('{"error_severity":"PANIC","mess', ""),
        ("[1, 2]", ""),
        ('{"a":' * 100_000, ""),
        ("CATALOG:  x", ""),
        ("", ""),
    ],
)
def test_the_severity_of_a_line(line: str, expected: str) -> None:
    assert severity(line) == expected


def test_sql_that_a_client_sent_is_no_milestone_and_no_cause() -> None:
    lines = [
        "LOG:  statement: select 'LOG:  entering standby mode'",
        "STATEMENT:  select 'No space left on device'",
        "LOG:  execute <unnamed>: select 'Connection refused'",
        "LOG:  duration: 5.1 ms  statement: select 'Permission denied'",
        "ERROR:  started streaming WAL from primary at 0/0",
    ]
    assert [milestone(line, Major(17)) for line in lines] == [None] * 5
    assert [explain(line) for line in lines] == [None] * 5


@pytest.mark.parametrize("length", range(0, 120, 7))
def test_a_torn_line_is_no_accident(length: int) -> None:
    for line in (as_csv(read(Major(18), "s1.log")[3]), as_json(read(Major(18), "s1.log")[3])):
        assert milestone(line[:length], Major(18)) is None
        assert explain(line[:length]) is None


SERVER_PART = ['no pg_hba.conf entry for replication connection from host "10.0.0.7", user "x", no encryption',
               'pg_hba.conf rejects replication connection for host "10.0.0.7", user "x", SSL off',
               'no pg_hba.conf entry for host "10.0.0.7", user "x", database "d", SSL encryption']  # fmt: skip
CLIENT_PART = ["", "2026 [1] ", 'pg_basebackup: error: connection to server at "192.168.1.1", port 5432 failed: ',
               'FATAL:  could not connect to the primary server: server at "::9", port 1 failed: ']  # fmt: skip


@pytest.mark.parametrize(("before", "message"), itertools.product(CLIENT_PART, SERVER_PART))
def test_the_refused_address_is_the_clients_never_the_servers(before: str, message: str) -> None:
    assert refused_address(f"{before}FATAL:  {message}") == "10.0.0.7"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("FATAL:  kein pg_hba.conf-Eintrag für Host »10.0.0.7«, Benutzer »x«, Datenbank »d«, SSL aus", "10.0.0.7"),
        ("Verbindung zum Server auf »192.168.1.1« fehlgeschlagen: kein pg_hba.conf-Eintrag, »10.0.0.7«", "10.0.0.7"),
        ("FATAL:  aucune entrée dans pg_hba.conf pour l'hôte « 10.0.0.7 », utilisateur « x »", "10.0.0.7"),
        ("sur « 192.168.1.1 » : aucune entrée dans pg_hba.conf pour «\u00a02001:db8::7\u00a0»", "2001:db8::7"),
        ("FATAL:  no hay una línea en pg_hba.conf para «10.0.0.7», usuario «x»", "10.0.0.7"),
        ('"192.168.1.1"に失敗: ホスト"10.0.0.7"、ユーザー"x"用のエントリがpg_hba.confにありません', "10.0.0.7"),
        ('no pg_hba.conf entry for replication connection from host "fe80::1%eth0", user "x", SSL off', "fe80::1"),
        ('no pg_hba.conf entry for replication connection from host "[local]", user "10", SSL off', None),
        ("could not load pg_hba.conf", None),
        ('server at "10.0.0.7", port 1 failed: FATAL:  password authentication failed for user "x"', None),
        ("", None),
    ],
)  # fmt: skip
def test_the_refused_address_is_found_in_any_language(text: str, address: str | None) -> None:
    assert refused_address(text) == address
    assert refused_address(f"one\n{text}\nthree") == address
