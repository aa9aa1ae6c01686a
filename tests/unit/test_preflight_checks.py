"""Rows of the preflight table on surveys that are given, and the scripts behind them run by a real shell."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Verdict
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres.cluster import Control, PgCtl, SystemdUnit
from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.context import HeldLock
from pgrepl_tui.steps.preflight import clusters, hosts, own_data, servers
from pgrepl_tui.steps.preflight.survey import LOOK, Linked, Survey
from pgrepl_tui.steps.preflight.verdicts import Pair
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import CONTROL, Two, pair_in, two

SANE = {
    "machine": "x86_64", "machine_id": "aaaa", "boot_id": "b1", "libc": "glibc 2.36", "clock": "1000",
    "memory_kb": "8192", "parent": "/srv/pg", "parent_writable": "yes", "free_kb": "9000000",
    "basebackup": "yes", "identity": "1:2",
    "owner": "postgres", "pg_version": "15", "pg_control": "yes", "filled": "yes", "size_kb": "1000000",
}  # fmt: skip


def surveyed(pair: Two, **standby: str) -> Pair:
    """Two sane hosts, the standby with these differences."""
    other = SANE | {"machine_id": "bbbb", "boot_id": "b2", "identity": "3:4"} | standby
    pair.standby.on("stat ", err="No such file or directory", status=1)
    return Pair(pair.ctx, Survey(pair.ctx.primary, SANE), Survey(pair.ctx.standby, other))


@pytest.mark.parametrize(
    ("standby", "words"),
    [
        ({}, None),
        ({"filled": "", "pg_version": "", "pg_control": "", "owner": "", "identity": ""}, None),
        ({"pg_control": ""}, "not a data directory"),
        ({"pg_version": ""}, "not a data directory"),
        ({"owner": "root"}, "belongs to root"),
        ({"mount": "yes"}, "mount point"),
        ({"inner_mount": "/srv/pg/data/pg_wal"}, "mounted inside it, on /srv/pg/data/pg_wal"),
        ({"parent_writable": ""}, "may not write into /srv/pg"),
        ({"wal_link": "/fast/wal"}, None),
    ],
    ids=str,
)
async def test_a_data_directory_that_can_be_set_aside(standby: dict[str, str], words: str | None) -> None:
    judged = await clusters.data_directory(surveyed(two(), **standby))
    assert judged.verdict is (Verdict.STOP if words else Verdict.PASS)
    assert (words or "") in judged.why
    assert bool(judged.remedy) is bool(words)


@pytest.mark.parametrize(
    ("filled", "control", "config", "words"),
    [
        ("yes", PgCtl(), "/srv/pg/data", "move all of it into /srv/pg/data/main (mode 0700), start the server with -D"),
        (
            "yes",
            SystemdUnit("postgresql-15"),
            "/srv/pg/data",
            "set PGDATA=/srv/pg/data/main for the unit postgresql-15",
        ),
        ("", PgCtl(), "/etc/pg", "make a folder inside it, /srv/pg/data/main: set data_directory = "),
    ],
)
async def test_how_to_leave_a_mount_points_root(filled: str, control: Control, config: str, words: str) -> None:
    pair = two()
    side = pair.ctx.standby
    side.cluster = replace(side.cluster, control=control, config=config)
    pair.standby.on("cat /etc/pg/postgresql.conf")
    judged = await clusters.data_directory(surveyed(pair, mount="yes", filled=filled))
    assert words in judged.remedy
    assert "run again" in judged.remedy


async def test_there_has_to_be_a_configuration() -> None:
    pair = two()
    side, primary = pair.ctx.standby, pair.ctx.primary
    side.cluster = replace(side.cluster, config="/etc/pg")
    pair.standby.on("cat /etc/pg/postgresql.conf", err="No such file or directory", status=1)
    judged = await clusters.data_directory(surveyed(pair))
    assert (judged.verdict, judged.why) == (Verdict.STOP, "there is no /etc/pg/postgresql.conf")
    side.cluster, side.control = replace(side.cluster, config=side.cluster.data), None
    assert (await clusters.data_directory(surveyed(pair))).verdict is Verdict.PASS
    primary.cluster = replace(primary.cluster, config="/etc/postgresql/15/main")
    judged = await clusters.data_directory(surveyed(pair))
    assert "the primary's configuration is in /etc/postgresql/15/main, so the copy has none" in judged.why
    assert "make an empty cluster in /srv/pg/data" in judged.remedy


async def test_the_standby_must_not_be_the_primary() -> None:
    same = surveyed(two(), identity="1:2", boot_id="b1")
    assert (await clusters.identity(same)).verdict is Verdict.STOP
    other_machine = surveyed(two(), identity="1:2")
    assert (await clusters.identity(other_machine)).verdict is Verdict.PASS
    nothing_yet = surveyed(two(), identity="", boot_id="b1")
    assert (await clusters.identity(nothing_yet)).verdict is Verdict.PASS


async def test_one_machine_has_to_be_on_purpose() -> None:
    pair = two()
    same = surveyed(pair, machine_id="aaaa", boot_id="b1")
    assert (await hosts.machines(same)).verdict is Verdict.STOP
    pair.ctx.topology = replace(pair.ctx.topology, same_machine=True)
    assert (await hosts.machines(same)).verdict is Verdict.PASS
    assert (await hosts.machines(surveyed(two()))).verdict is Verdict.PASS


async def test_versions_have_to_be_equal() -> None:
    pair = two()
    assert (await clusters.versions(surveyed(pair))).verdict is Verdict.PASS
    side = pair.ctx.standby
    side.cluster = replace(side.cluster, major=Major(16))
    judged = await clusters.versions(surveyed(pair))
    assert judged.verdict is Verdict.STOP
    assert "install PostgreSQL 15 on db2" in judged.remedy


SUM = "a" * 64


def wal_of(pair: Two, *, primary: str = SUM, standby: str = SUM) -> None:
    """What both hosts say of their WAL up to the old cluster's last checkpoint."""
    for host, digest in ((pair.primary, primary), (pair.standby, standby)):
        host.on("compare the WAL in", f"sum 0000000000000005 104 00000001 {digest}\n" if digest else "")
    pair.primary.rows("pg_current_wal_lsn", ("0/6000000",))


def shut(pair: Two, state: str = "shut down") -> None:
    """The standby's old cluster has the primary's system identifier, and was shut down."""
    pair.ctx.standby.control = replace(CONTROL, state=state, checkpoint=Lsn.parse("0/5000028"))


@pytest.mark.parametrize("state", ["shut down", "shut down in recovery"])
async def test_a_true_copy_of_the_primary_has_no_data_of_its_own(state: str) -> None:
    pair = two()
    assert (await own_data.unique_data(surveyed(pair))).standby == "a cluster of its own"
    shut(pair, state)
    wal_of(pair)
    judged = await own_data.unique_data(surveyed(pair))
    assert (judged.verdict, "no data of its own" in judged.why) == (Verdict.PASS, True)


@pytest.mark.parametrize(
    ("primary", "standby", "words"),
    [
        (SUM, "b" * 64, "has unique data: the record at 0/5000028 is another one than on db1"),
        ("", SUM, "counts as having unique data: db1 has not the WAL"),
        (SUM, "", "counts as having unique data: its own WAL"),
    ],
)
async def test_a_copy_with_writes_of_its_own_is_named_and_wants_a_typed_name(
    primary: str, standby: str, words: str
) -> None:
    pair = two()
    shut(pair)
    wal_of(pair, primary=primary, standby=standby)
    judged = await own_data.unique_data(surveyed(pair))
    assert judged.verdict is Verdict.WARN
    assert words in judged.why
    pair.ctx.nobody_to_ask = True
    judged = await own_data.unique_data(surveyed(pair))
    assert judged.verdict is Verdict.STOP
    assert "--set-aside-unique db2" in judged.remedy


async def test_a_second_server_of_the_same_origin_that_takes_writes_is_not_touched() -> None:
    """Which of the two is the primary is for the operator to say, by stopping the other."""
    pair = two()
    shut(pair, "in production")
    wal_of(pair)
    side = pair.ctx.standby
    side.cluster = replace(side.cluster, running=7)
    judged = await own_data.unique_data(surveyed(pair))
    assert judged.verdict is Verdict.STOP
    assert "it runs and takes writes" in judged.why
    assert "stop its server yourself" in judged.remedy


async def test_a_standby_that_follows_and_is_no_true_copy_is_a_stop() -> None:
    pair = two()
    shut(pair, "shut down in recovery")
    there = surveyed(pair)
    pair.standby.on("standby.signal", b"81a4 postgres postgres 0 1 2 1 1 1 0\0/srv/pg/data/standby.signal\0")
    wal_of(pair)
    assert (await own_data.unique_data(there)).verdict is Verdict.PASS
    wal_of(pair, primary="")
    assert (await own_data.unique_data(there)).verdict is Verdict.WARN
    wal_of(pair, primary="b" * 64)
    judged = await own_data.unique_data(there)
    assert judged.verdict is Verdict.STOP
    assert "set up as a standby, but has unique data" in judged.why


async def test_a_server_that_takes_writes_and_has_clients_is_not_replaced() -> None:
    pair = two()
    side = pair.ctx.standby
    assert (await own_data.in_use(surveyed(pair))).verdict is Verdict.PASS
    side.cluster = replace(side.cluster, running=7)
    pair.standby.rows("from pg_stat_activity", ("3", "1"))
    judged = await own_data.in_use(surveyed(pair))
    assert judged.verdict is Verdict.STOP
    assert "3 client sessions use it" in judged.why
    assert "swapped in the topology" in judged.remedy
    side.in_recovery = True
    assert (await own_data.in_use(surveyed(pair))).verdict is Verdict.PASS
    side.in_recovery = False
    pair.standby.rows("from pg_stat_activity", ("0", "0"))
    assert (await own_data.in_use(surveyed(pair))).verdict is Verdict.PASS
    pair.standby.refuses("from pg_stat_activity", "FATAL: no")
    judged = await own_data.in_use(surveyed(pair))
    assert (judged.verdict, "cannot be asked who uses it" in judged.why) == (Verdict.STOP, True)


@pytest.mark.parametrize(("seen", "verdict"), [("n" * 32, Verdict.STOP), ("other", Verdict.PASS), ("", Verdict.PASS)])
async def test_what_was_written_on_one_host_must_not_be_seen_on_the_other(seen: str, verdict: Verdict) -> None:
    pair = two()
    pair.ctx.locks = {"primary": HeldLock("/home/lock", "ann", "n" * 32), "standby": HeldLock("/home/l2", "ann", "m")}
    pair.standby.on("see that the lock of db1 is not here", f"{seen}\n")
    judged = await hosts.machines(surveyed(pair))
    assert judged.verdict is verdict
    pair.ctx.topology = replace(pair.ctx.topology, same_machine=True)
    assert (await hosts.machines(surveyed(pair))).verdict is Verdict.PASS


@pytest.mark.parametrize("data", ["/", "/etc", "/etc/postgresql", "/var/lib", "/home", "/srv"])
async def test_a_folder_of_the_systems_is_never_a_data_directory(data: str) -> None:
    pair = two()
    pair.ctx.standby.cluster = replace(pair.ctx.standby.cluster, data=data, config=data)
    judged = await clusters.data_directory(surveyed(pair))
    assert "folder of the system's" in judged.why
    assert "somebody's home" in (await clusters.data_directory(surveyed(two(), home="yes"))).why


@pytest.mark.parametrize(
    ("major", "built", "old", "verdict", "words"),
    [
        (Major(15), "8192", {}, Verdict.PASS, ""),
        (Major(15), "16384", {}, Verdict.STOP, "is built for blocks of 16 kB"),
        (Major(15), "8192", {"wal_segment_size": 64 << 20}, Verdict.PASS, "the copy has the primary's"),
        (Major(15), "8192", {"checksums": 1}, Verdict.PASS, "the copy has the primary's"),
        (Major(9, 1), "", {"block_size": 16384}, Verdict.STOP, "its program cannot read a copy"),
        (Major(10), "8192", {"wal_segment_size": 64 << 20}, Verdict.STOP, "WAL segments of another size"),
    ],
)
async def test_block_and_segment_sizes(
    major: Major, built: str, old: dict[str, int], verdict: Verdict, words: str
) -> None:
    pair = two(major)
    pair.standby.on("-C block_size", f"{built}\n")
    pair.ctx.standby.control = replace(CONTROL, system_identifier="42", state="shut down", **old)  # type: ignore[arg-type]
    judged = await servers.blocks(surveyed(pair))
    assert judged.verdict is verdict
    assert words in judged.why
    pair.ctx.standby.control = None
    judged = await servers.blocks(surveyed(pair))
    assert judged.verdict is (Verdict.STOP if built == "16384" else Verdict.PASS)


@pytest.mark.parametrize(("clock", "verdict"), [("1005", Verdict.PASS), ("1006", Verdict.WARN), ("990", Verdict.WARN)])
async def test_clocks_that_differ(clock: str, verdict: Verdict) -> None:
    assert (await hosts.clocks(surveyed(two(), clock=clock))).verdict is verdict


def look(data: Path, programs: Path) -> dict[str, str]:
    """What the survey says of real folders."""
    result = really(Command(("/bin/sh", "-c", LOOK, "sh", str(data), str(programs))))
    assert result.status == 0
    return dict(row.split("=", 1) for row in result.text.splitlines())


def test_a_survey_of_a_data_directory(tmp_path: Path) -> None:
    data = tmp_path / "data dir"
    (data / "global").mkdir(parents=True)
    (data / "pg_tblspc").mkdir()
    (data / "PG_VERSION").write_text("15\n")
    (data / "global/pg_control").touch()
    (data / "standby.signal").touch()
    data.chmod(0o700)
    said = look(data, tmp_path)
    facts = data.stat()
    assert said["identity"] == f"{facts.st_dev}:{facts.st_ino}"
    assert (said["pg_version"], said["pg_control"], said["filled"], said["mode"]) == ("15", "yes", "yes", "700")
    assert said["parent"] == str(tmp_path)
    assert int(said["free_kb"]) > 0
    assert int(said["memory_kb"]) > 0
    assert int(said["device"]) == tmp_path.stat().st_dev
    assert not {"mount", "inner_mount", "wal_link", "basebackup"} & set(said)
    assert Survey(two().ctx.primary, said).tablespaces == {}
    space = tmp_path / "a space"
    for version in ("15", "14"):
        (space / f"PG_{version}_1").mkdir(parents=True)
    (space / "PG_15_1/1").write_bytes(b"x" * 200_000)
    (data / "pg_tblspc/16384").symlink_to(space)
    (data / "pg_tblspc/16385").symlink_to(tmp_path / "gone")
    (data / "pg_wal").symlink_to(tmp_path)
    said = look(data, tmp_path)
    facts, gone = space.stat(), Linked(0, "-", str(tmp_path / "gone"))
    linked = Survey(two().ctx.primary, said).tablespaces
    assert said["wal_link"] == str(tmp_path)
    assert linked["16384"].identity == f"{facts.st_dev}:{facts.st_ino}"
    assert 195 <= linked["16384"].size_kb < 300, "without what another version has there"
    assert linked["16385"] == gone


def test_a_survey_of_a_place_that_is_not_there_yet(tmp_path: Path) -> None:
    said = look(tmp_path / "a/b/data", tmp_path)
    assert said["parent"] == str(tmp_path)
    assert not {"identity", "filled", "owner"} & set(said)


def test_libraries_that_are_missing_are_named(tmp_path: Path) -> None:
    (tmp_path / "pg_config").write_text(f"#!/bin/sh\necho '{tmp_path}/lib'\n")
    (tmp_path / "pg_config").chmod(0o755)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/there.so").touch()
    names = ("there", "$libdir/there", "missing", "a b")
    result = really(Command(("/bin/sh", "-c", servers.LIBRARIES, "sh", str(tmp_path), *names)))
    assert result.text.splitlines() == ["missing", "a b"]


async def test_a_cluster_that_others_stream_from_is_not_replaced() -> None:
    pair = two()
    side = pair.ctx.standby
    side.cluster = replace(side.cluster, running=7)
    pair.standby.rows("pg_stat_replication")
    assert (await clusters.feeds_others(surveyed(pair))).verdict is Verdict.PASS
    pair.standby.rows("pg_stat_replication", ("db3", "192.0.2.3"))
    judged = await clusters.feeds_others(surveyed(pair))
    assert (judged.verdict, judged.standby) == (Verdict.STOP, "db3 (192.0.2.3)")
    pair.standby.refuses("pg_stat_replication", "psql: error: FATAL:  sorry, too many clients already")
    assert (await clusters.feeds_others(surveyed(pair))).verdict is Verdict.WARN


@pytest.mark.parametrize(
    ("state", "pid_file", "verdict"),
    [
        ("shut down", "", Verdict.PASS),
        ("shut down in recovery", "", Verdict.PASS),
        ("in production", "", Verdict.STOP),
        ("in archive recovery", "", Verdict.STOP),
        ("shut down", "yes", Verdict.STOP),
    ],
)
async def test_a_cluster_that_was_not_shut_down_in_order_is_a_stop(state: str, pid_file: str, verdict: Verdict) -> None:
    """A server that is not seen from here may still work there."""
    pair = two()
    pair.ctx.standby.control = replace(CONTROL, state=state, system_identifier="42")
    judged = await clusters.data_directory(surveyed(pair, pid_file=pid_file))
    assert judged.verdict is verdict
    assert ("was not shut down in order" in judged.why) is (verdict is Verdict.STOP)


async def test_a_recovery_target_that_was_left_behind_is_a_stop(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    pair.primary.rows("pg_file_settings")
    assert (await clusters.recovery_targets(surveyed(pair))).verdict is Verdict.PASS
    (tmp_path / "data/postgresql.auto.conf").write_text("recovery_target_time = '2026-01-01'\n")
    pair.standby.by("grep ", really)
    judged = await clusters.recovery_targets(surveyed(pair))
    assert judged.verdict is Verdict.STOP
    assert judged.standby.endswith("postgresql.auto.conf:1:recovery_target_time = '2026-01-01'")


async def test_a_recovery_target_in_the_primarys_files_is_a_stop_before_they_are_copied(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    pair.primary.rows("pg_file_settings", ("recovery_target", "immediate", "/etc/pg.conf", "7"))
    judged = await clusters.recovery_targets(surveyed(pair))
    assert (judged.verdict, judged.primary) == (Verdict.STOP, "/etc/pg.conf:7: recovery_target = 'immediate'")
    assert "alter system reset recovery_target" in judged.remedy
    pair.ctx.standby.control = replace(CONTROL, state="in archive recovery")
    (tmp_path / "data/standby.signal").touch()
    known = surveyed(pair)
    pair.standby.by(f"stat {tmp_path}", really)
    assert (await clusters.recovery_targets(known)).verdict is Verdict.PASS, "nothing is copied any more"
    (tmp_path / "older").mkdir()
    older = pair_in(tmp_path / "older", Major(11))
    assert (await clusters.recovery_targets(surveyed(older))).verdict is Verdict.PASS, "no settings there"


def test_a_survey_sees_mount_points(tmp_path: Path) -> None:
    """Two that every Linux has: itself one, and a folder in which others are."""
    assert look(Path("/proc"), tmp_path)["mount"] == "yes"
    assert "mount" not in look(tmp_path, tmp_path)
