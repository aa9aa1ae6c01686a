"""What goes wrong in the base backup is told, the old cluster stays, and the next run comes to the end."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.hosts.debian import DebianHost
from tests.hosts.pair import DebianPair
from tests.hosts.rootfs import Release
from tests.hosts.test_ways_in import follows
from tests.hosts.watched_run import Event, copying, watched
from tests.lab.running import Ran

MEGABYTES = 60
RATE = "24mbit"
TOLD_WITHIN = 20.0
"""Seconds from a fault to its being on the screen."""
NOISE = """
create extension pgcrypto;
create table noise as select gen_random_bytes(1024) as bytes from generate_series(1, 1024 * {}) as n;
checkpoint
"""


@asynccontextmanager
async def slow_pair(release: Release, folder: Path) -> AsyncIterator[DebianPair]:
    """A pair whose copy takes its time: more data than a slow link carries in a moment, and it cannot be compressed."""
    async with DebianPair.up(release, folder) as pair:
        await pair.db1.run('exec psql -X -q -d app -v ON_ERROR_STOP=1', user="postgres",
                           stdin=NOISE.format(MEGABYTES).encode())  # fmt: skip
        await pair.db2.slow_link(RATE)
        yield pair


def failed(event: Event) -> bool:
    return (event["e"], event.get("outcome")) == ("step_ended", "failed")


async def old_cluster_is_up(pair: DebianPair) -> None:
    assert await pair.value(pair.db2, "select count(*) from pg_database where datname = 'legacy'") == "1"
    assert await pair.value(pair.db2, "select pg_is_in_recovery()") == "f"


async def comes_to_the_end(pair: DebianPair, topology: Path) -> Ran:
    """The next run works, and nothing of the one before is left."""
    ran = await pair.set_up(topology)
    assert "WAL positions: match" in ran.out
    await follows(pair)
    assert await pair.value(pair.db1, "select count(*) from noise", database="app") == str(MEGABYTES * 1024)
    await nothing_runs(pair.db2, "pg_basebackup")
    slots = "select string_agg(slot_name || ' ' || active, ',') from pg_replication_slots"
    assert await pair.value(pair.db1, slots) == "pgrepl_db2 true"
    senders = "select string_agg(application_name, ',') from pg_stat_replication"
    assert await pair.value(pair.db1, senders) in {"pgrepl_db2", f"{release_of(pair)}/main"}
    again = await pair.wizard("run", str(topology))
    assert (again.code, again.changed()) == (0, []), again.out
    return ran


def release_of(pair: DebianPair) -> int:
    return pair.db1.release.postgres


async def nothing_runs(host: DebianHost, program: str) -> None:
    await host.run('! pgrep -x "$1"', program)


async def test_a_slow_link_shows_its_progress_and_a_cut_one_is_told_at_once(release: Release, tmp_path: Path) -> None:
    async with slow_pair(release, tmp_path) as pair:
        topology = pair.topology("root")
        async with watched(pair, topology) as run:
            seen: list[int] = []

            def moved(event: Event) -> bool:
                if copying(event) and event["done"] not in seen:
                    seen.append(event["done"])
                return len(seen) > 3

            await run.until(moved)
            assert seen == sorted(seen)
            copy = await pair.db2.run("pgrep -x pg_basebackup")
            await pair.db2.cut_link()
            cut = time.monotonic()
            event = await run.until(failed)
            assert time.monotonic() - cut < TOLD_WITHIN
            assert event["step"] == "basebackup"
            assert "db2: the connection was lost" in event["message"]
            code, message = await run.ended()
        assert code == 1
        assert "db2" in message
        await old_cluster_is_up(pair)
        assert await pair.db2.run("pgrep -x pg_basebackup") == copy
        await pair.db2.mend_link()
        taken_up = await comes_to_the_end(pair, topology)
        assert f"rm -rf /var/lib/postgresql/{release.postgres}/main.pgrepl-new" not in taken_up.recording.read_text()


async def test_the_primarys_power_is_cut_in_the_copy(release: Release, tmp_path: Path) -> None:
    async with slow_pair(release, tmp_path) as pair:
        topology = pair.topology("root")
        async with watched(pair, topology) as run:
            await run.until(copying)
            await pair.db1.power_cut()
            cut = time.monotonic()
            event = await run.until(failed)
            assert time.monotonic() - cut < TOLD_WITHIN
            assert "db1" in event["message"]
            assert (await run.ended())[0] == 1
        await old_cluster_is_up(pair)
        await pair.db1.start()
        await comes_to_the_end(pair, topology)


async def test_the_standbys_power_is_cut_in_the_copy(release: Release, tmp_path: Path) -> None:
    async with slow_pair(release, tmp_path) as pair:
        topology = pair.topology("root")
        async with watched(pair, topology) as run:
            await run.until(copying)
            await pair.db2.power_cut()
            cut = time.monotonic()
            event = await run.until(failed)
            assert time.monotonic() - cut < TOLD_WITHIN
            assert "db2" in event["message"]
            assert (await run.ended())[0] == 1
        await pair.db2.start()
        await old_cluster_is_up(pair)
        await comes_to_the_end(pair, topology)


async def test_the_standbys_disk_is_full_in_the_copy(release: Release, tmp_path: Path) -> None:
    async with slow_pair(release, tmp_path) as pair:
        topology = pair.topology("root")
        async with watched(pair, topology) as run:
            await run.until(copying)
            await pair.db2.fill()
            event = await run.until(failed)
            assert event["step"] == "basebackup"
            assert "No space left on device" in event["message"], event
            assert (await run.ended())[0] == 1
        await old_cluster_is_up(pair)
        await pair.db2.make_room()
        await comes_to_the_end(pair, topology)
