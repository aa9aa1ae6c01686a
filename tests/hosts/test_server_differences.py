"""Servers that are not alike, or not as the manual has them: WAL segments, checksums, slots, where they log."""

import asyncio
import re
from pathlib import Path

from tests.hosts.pair import DebianPair
from tests.hosts.redhat import LAYOUTS, lay_out
from tests.hosts.rootfs import Release
from tests.hosts.test_ways_in import follows

MAKE = (
    'pg_createcluster --locale C.UTF-8 "$1" main -- --wal-segsize="$2" $3 >/dev/null && pg_ctlcluster "$1" main start'
)
SLOTS = "select string_agg(slot_name || ' ' || active, ', ' order by slot_name) from pg_replication_slots"
OTHER = """
cd / && exec >/dev/null 2>&1 </dev/null
setsid /usr/lib/postgresql/"$1"/bin/pg_receivewal -D /tmp/archive -S archive --synchronous -d 'dbname=postgres' &
"""
"""Somebody's archive, which takes the WAL through a slot of its own."""


async def test_other_wal_segments_checksums_and_a_slot_that_somebody_uses(release: Release, tmp_path: Path) -> None:
    major = str(release.postgres)
    async with DebianPair.up(release, tmp_path, clusters=False) as pair:
        await pair.db1.run(MAKE, major, "64", "--data-checksums")
        await pair.db2.run(MAKE, major, "1", "--no-data-checksums" if release.postgres >= 18 else "")
        await pair.create_databases()
        for setting in ("max_replication_slots = 1", "max_wal_senders = 2"):
            await pair.value(pair.db1, f"alter system set {setting}")
        await pair.db1.run('pg_ctlcluster "$1" main restart', major)
        await pair.value(pair.db1, "select pg_create_physical_replication_slot('archive', true)")
        await pair.db1.run("mkdir -m 700 /tmp/archive", user="postgres")
        await pair.db1.run(OTHER, major, user="postgres")
        await becomes(pair, "archive true")

        ran = await pair.set_up(pair.topology("root"))
        assert "8 kB blocks, 64 MB segments, with data checksums" in ran.out
        assert "8 kB blocks, 1 MB segments, without data checksums" in ran.out
        assert "the copy has the primary's" in ran.out
        await follows(pair)
        for name, value in (("wal_segment_size", "64MB"), ("data_checksums", "on")):
            assert await pair.value(pair.db2, f"show {name}") == value
        await becomes(pair, "archive true, pgrepl_db2 true")
        assert int(await pair.value(pair.db1, "show max_replication_slots")) >= 2
        again = await pair.wizard("run", str(pair.topology("root")))
        assert (again.code, again.changed()) == (0, []), again.out


async def becomes(pair: DebianPair, slots: str) -> None:
    """Wait for the primary's slots to be as said; pg_receivewal comes back five seconds after a restart."""
    async with asyncio.timeout(60):
        while await pair.value(pair.db1, SLOTS) != slots:
            await asyncio.sleep(0.2)


async def test_a_standby_that_logs_to_the_journal_is_followed_there(release: Release, tmp_path: Path) -> None:
    layout = LAYOUTS[0].of(release.postgres)
    async with DebianPair.up(release, tmp_path, init="systemd", clusters=False) as pair:
        for host in (pair.db1, pair.db2):
            await lay_out(host, layout)
            await host.run('echo "logging_collector = off" >>"$1/postgresql.conf"', layout.data)
            await host.run('systemctl restart "$1"', layout.unit)
        await pair.create_databases()
        ran = await pair.set_up(pair.topology("root", cluster=None))
        assert re.search(rf"journalctl [^\n]*-u {layout.unit}\b", ran.recording.read_text())
        told = [line for line in ran.out.splitlines() if "log: " in line]
        for words in ("entering standby mode", "started streaming WAL from primary at "):
            assert sum(words in line for line in told) == 1, told
        assert await pair.value(pair.db2, "select status from pg_stat_wal_receiver") == "streaming"
