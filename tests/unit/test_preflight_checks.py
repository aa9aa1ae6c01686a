"""Rows of the preflight table on surveys that are given, and the scripts behind them run by a real shell."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Verdict
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.preflight import clusters, hosts, servers
from pgrepl_tui.steps.preflight.survey import LOOK, Survey
from pgrepl_tui.steps.preflight.verdicts import Pair
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import CONTROL, Two, two

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
        ({"parent_writable": ""}, "may not write into /srv/pg"),
        ({"wal_link": "yes"}, "WAL directory is a link"),
    ],
    ids=str,
)
async def test_a_data_directory_that_can_be_set_aside(standby: dict[str, str], words: str | None) -> None:
    judged = await clusters.data_directory(surveyed(two(), **standby))
    assert judged.verdict is (Verdict.STOP if words else Verdict.PASS)
    assert (words or "") in judged.why
    assert bool(judged.remedy) is bool(words)


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


async def test_a_copy_that_took_writes_of_its_own_is_warned_about() -> None:
    pair = two()
    assert (await clusters.system_identifiers(surveyed(pair))).verdict is Verdict.PASS
    pair.ctx.standby.control = CONTROL
    judged = await clusters.system_identifiers(surveyed(pair))
    assert judged.verdict is Verdict.WARN
    assert "set aside, not deleted" in judged.remedy


@pytest.mark.parametrize(
    ("free_kb", "verdict"),
    [(1_100_000 + 262_144, Verdict.PASS), (1_100_000 + 262_143, Verdict.STOP), (0, Verdict.STOP)],
)
async def test_the_copy_needs_room_beside_the_old_cluster(free_kb: int, verdict: Verdict) -> None:
    assert (await servers.room(surveyed(two(), free_kb=str(free_kb)))).verdict is verdict


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
    assert said["tablespaces"].strip() == ""
    assert not {"mount", "wal_link", "basebackup"} & set(said)
    (data / "pg_tblspc/16384").symlink_to(tmp_path)
    (data / "pg_wal").symlink_to(tmp_path)
    said = look(data, tmp_path)
    assert (said["tablespaces"].strip(), said["wal_link"]) == ("16384", "yes")


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
