"""A standby that was writable for a while is known, and named before it is touched; a clean one is not."""

import json
from pathlib import Path

from pgrepl_tui.lab.client import Lab
from tests.lab.running import Ran, run, set_up, swap_servers
from tests.lab.test_odd_places import STARTED, pg_ctl

MEGABYTES = 8


def verdict(ran: Ran, check: str = "unique-data") -> tuple[str, str, str]:
    """A row of the preflight table: its verdict, why, and the remedy."""
    rows = [json.loads(line) for line in ran.recording.read_text().splitlines()]
    row = next(row for row in rows if row.get("e") == "check_done" and row["id"] == check)
    return row["verdict"], row.get("why", ""), row.get("remedy", "")


def signal_of(lab: Lab) -> Path:
    return lab.standby.data / "standby.signal"


async def in_place(lab: Lab) -> tuple[int, str]:
    """What must not change: which directory stands there, and since when the primary runs."""
    return lab.standby.data.stat().st_ino, await lab.sql(lab.primary, STARTED)


async def write_alone(lab: Lab, *, table: str) -> None:
    """The standby starts without standby.signal, takes a write of its own, and is shut down."""
    pg_ctl(lab, lab.standby, "stop")
    signal_of(lab).unlink()
    pg_ctl(lab, lab.standby, "start")
    await lab.sql(lab.standby, f"create table {table} as select 1 as one")
    pg_ctl(lab, lab.standby, "stop")


async def ahead(lab: Lab) -> None:
    """The primary writes more than the fork did: its position is the higher one, as everybody expects."""
    await lab.sql(lab.primary, "create table more as select generate_series(1, 50000)")
    await lab.sql(lab.primary, "drop table more")


async def test_a_standby_with_data_of_its_own_is_named_and_wants_its_hosts_name(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        await set_up(lab, tmp_path)
        await a_clean_one_is_replaced(lab, tmp_path)
        await a_fork_wants_the_name(lab, tmp_path)
        await a_promoted_one_that_runs_is_left_alone(lab, tmp_path)


async def a_clean_one_is_replaced(lab: Lab, state: Path) -> None:
    """Stopped, and no standby any more: it is replaced without any word."""
    pg_ctl(lab, lab.standby, "stop")
    signal_of(lab).unlink()
    await ahead(lab)
    ran = await set_up(lab, state)
    assert verdict(ran)[0] == "pass"
    assert "it has no data of its own" in verdict(ran)[1]


async def a_fork_wants_the_name(lab: Lab, state: Path) -> None:
    """The same system identifier, the same timeline, a lower position, and a table that nobody else has."""
    await write_alone(lab, table="only_here")
    await ahead(lab)
    before = await in_place(lab)
    for options in (("--yes",), ("--yes", "--set-aside-unique", "db1")):
        ran = await run(state, "run", str(lab.topology), *options)
        assert ran.code == 3, ran.out
        seen, why, remedy = verdict(ran)
        assert (seen, why.split(":")[0]) == ("stop", "has unique data")
        assert "is another one than on db1" in why
        assert "--set-aside-unique db2" in remedy
        assert await in_place(lab) == before
    ran = await run(state, "run", str(lab.topology), "--yes", "--set-aside-unique", "db2")
    assert ran.code == 0, ran.out
    assert verdict(ran)[0] == "warn"
    assert "has unique data: the record at" in ran.out
    (kept,) = [path for path in lab.standby.folder.glob("data.pgrepl-old-*") if path.stat().st_ino == before[0]]
    assert (kept / "PG_VERSION").exists()


async def a_promoted_one_that_runs_is_left_alone(lab: Lab, state: Path) -> None:
    """Two servers of one origin take writes: which is the primary is for the operator to say, by stopping the other."""
    pg_ctl(lab, lab.standby, "promote")
    await lab.sql(lab.standby, "create table promoted as select 1 as one")
    await lab.sql(lab.standby, "checkpoint")
    before = await in_place(lab)
    ran = await run(state, "run", str(lab.topology), "--yes", "--set-aside-unique", "db2")
    assert ran.code == 3, ran.out
    seen, why, remedy = verdict(ran)
    assert seen == "stop"
    for words in ("it runs and takes writes", "in production", "timeline 2 is not in the history of db1"):
        assert words in why
    assert "stop its server yourself" in remedy
    assert await in_place(lab) == before


async def test_a_primary_in_use_is_not_replaced_where_the_two_were_swapped(tmp_path: Path) -> None:
    """Nothing was set up yet: two clusters that know nothing of each other, and the shop writes to the real primary."""
    async with Lab.start(megabytes=MEGABYTES) as lab:
        swap_servers(lab)
        before = lab.primary.data.stat().st_ino, await lab.sql(lab.primary, STARTED)
        ran = await run(tmp_path, "run", str(lab.topology), "--yes", "--set-aside-unique", "db1")
        assert ran.code == 3, ran.out
        seen, why, remedy = verdict(ran, "in-use")
        assert (seen, " client session" in why, "swapped" in remedy) == ("stop", True, True)
        assert (lab.primary.data.stat().st_ino, await lab.sql(lab.primary, STARTED)) == before
