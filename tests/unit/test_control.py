from pathlib import Path

import pytest

from pgrepl_tui.postgres.control import ControlError, parse_control
from pgrepl_tui.postgres.lsn import Lsn

SAMPLES = Path(__file__).parents[1] / "data" / "controldata"
LATEST = (SAMPLES / "17-shut-down.txt").read_text()

# The labels of 9.1's pg_controldata.c, which knows no checksums, no worker processes and no wal_log_hints.
OLDEST = """\
pg_control version number:            903
Catalog version number:               201105231
Database system identifier:           5712345678901234567
Database cluster state:               in production
pg_control last modified:             Tue Mar 13 10:12:13 2012
Latest checkpoint location:           2/5000020
Prior checkpoint location:            2/4000020
Latest checkpoint's REDO location:    2/5000020
Latest checkpoint's TimeLineID:       3
Latest checkpoint's NextXID:          0/1043
Latest checkpoint's NextOID:          24576
Time of latest checkpoint:            Tue Mar 13 10:12:01 2012
Minimum recovery ending location:     0/0
Backup start location:                0/0
Current wal_level setting:            hot_standby
Current max_connections setting:      100
Current max_prepared_xacts setting:   5
Current max_locks_per_xact setting:   64
Maximum data alignment:               8
Database block size:                  8192
Blocks per segment of large relation: 131072
WAL block size:                       8192
Bytes per WAL segment:                16777216
Maximum length of identifiers:        64
Date/time type storage:               64-bit integers
"""


@pytest.mark.parametrize(
    ("name", "state", "roles"),
    [
        ("17-shut-down", "shut down", (False, True, False)),
        ("17-in-production", "in production", (True, False, False)),
        ("17-in-archive-recovery", "in archive recovery", (False, False, True)),
        ("17-shut-down-in-recovery", "shut down in recovery", (False, False, True)),
    ],
)
def test_the_role_is_read_from_a_real_sample(name: str, state: str, roles: tuple[bool, bool, bool]) -> None:
    control = parse_control((SAMPLES / f"{name}.txt").read_text())
    assert control.state == state
    assert (control.in_production, control.shut_down_as_primary, control.in_recovery) == roles


def test_a_primary_and_its_standby_share_the_identifier_and_only_the_standby_has_a_minimum() -> None:
    primary = parse_control((SAMPLES / "17-in-production.txt").read_text())
    standby = parse_control((SAMPLES / "17-in-archive-recovery.txt").read_text())
    assert primary.system_identifier == standby.system_identifier == "7711237731073935610"
    assert primary.minimum_recovery is None
    assert standby.minimum_recovery is not None
    assert standby.redo is not None
    assert standby.checkpoint is not None
    assert standby.redo < standby.checkpoint


def test_every_value_of_a_real_sample_is_read() -> None:
    control = parse_control(LATEST)
    assert control.timeline == 1
    assert control.checkpoint == Lsn.parse("0/147A8F0")
    assert (control.block_size, control.wal_block_size, control.wal_segment_size) == (8192, 8192, 16777216)
    assert (control.checksums, control.control_version) == (0, 1700)
    assert control.settings == {
        "wal_level": "replica",
        "wal_log_hints": "off",
        "max_connections": "100",
        "max_worker_processes": "8",
        "max_wal_senders": "10",
        "max_prepared_transactions": "0",
        "max_locks_per_transaction": "64",
        "track_commit_timestamp": "off",
    }


def test_the_labels_of_9_1_are_read() -> None:
    control = parse_control(OLDEST)
    assert control.system_identifier == "5712345678901234567"
    assert control.timeline == 3
    assert control.checkpoint == Lsn.parse("2/5000020")
    assert control.in_production
    assert control.checksums == 0
    assert control.settings == {
        "wal_level": "hot_standby",
        "max_connections": "100",
        "max_prepared_transactions": "5",
        "max_locks_per_transaction": "64",
    }


def test_a_server_with_checksums_says_their_version() -> None:
    text = LATEST.replace("Data page checksum version:           0", "Data page checksum version:           1")
    assert parse_control(text).checksums == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pg_controldata: error: could not open file",
        "bash: pg_controldata: command not found",
        LATEST.replace("Database cluster state", "Datenbank-Cluster-Status"),
        LATEST[: LATEST.index("Bytes per WAL")],
    ],
)
def test_what_is_not_whole_is_refused_with_the_missing_line_and_a_remedy(text: str) -> None:
    with pytest.raises(ControlError, match=r'not the output of pg_controldata: the line ".*LC_ALL=C'):
        parse_control(text)


def test_results_that_pg_controldata_does_not_trust_are_refused() -> None:
    warning = "pg_controldata: detail: Either the control file is corrupt … The results below are untrustworthy.\n"
    with pytest.raises(ControlError, match=r"untrustworthy.*the server's own version"):
        parse_control(warning + LATEST)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("8192", "eight"),
        ("0/147A8F0", "nowhere"),
        ("7711237731073935610", "-5"),
        ("TimeLineID:       1", "TimeLineID:"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_line(old: str, new: str) -> None:
    with pytest.raises(ControlError, match=r'pg_controldata: ".+"'):
        parse_control(LATEST.replace(old, new))
