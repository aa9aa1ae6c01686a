"""A primary is not restarted while a backup runs, or while a prepared transaction is open."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from pgrepl_tui.lab.client import Lab
from tests.lab.running import LIMIT, Ran, run, set_up
from tests.lab.test_odd_places import STARTED, pg_ctl

MEGABYTES = 8
ENOUGH = "wal_level = logical\nmax_wal_senders = 4\nmax_prepared_transactions = 5\nmax_replication_slots = 1\n"
"""So that a base backup can run, and a restart is needed for the slots and senders that we want."""
HBA = "local replication all peer\n"
BACKUP = "select application_name from pg_stat_replication where state = 'backup'"


async def refused(lab: Lab, state: Path, *words: str) -> Ran:
    """A run that is refused in preflight with these words, the primary as it was."""
    before = await lab.sql(lab.primary, STARTED), (lab.primary.data / "postgresql.conf").read_bytes()
    ran = await run(state, "run", str(lab.topology), "--yes")
    assert ran.code == 3, ran.out
    for word in ("a restart is needed", *words):
        assert word in ran.out, ran.out
    assert (await lab.sql(lab.primary, STARTED), (lab.primary.data / "postgresql.conf").read_bytes()) == before
    return ran


@contextlib.asynccontextmanager
async def slow_backup(lab: Lab, folder: Path) -> AsyncIterator[None]:
    """A base backup that lasts, and that somebody else makes."""
    host, become = lab.primary, {"user": lab.user, "extra_groups": []} if os.geteuid() == 0 else {}
    words = (
        "-D",
        folder,
        "-h",
        host.socket_dir,
        "-p",
        str(host.pg_port),
        "-X",
        "none",
        "--max-rate=100k",
        "-c",
        "fast",
    )
    process = await asyncio.create_subprocess_exec(
        host.bin / "pg_basebackup",
        *words,
        cwd="/",
        env={**os.environ, "PGAPPNAME": "nightly"},
        **become,  # type: ignore[arg-type]
    )
    try:
        async with asyncio.timeout(LIMIT):
            while await lab.sql(host, BACKUP) != "nightly":
                await asyncio.sleep(0.1)
        yield
    finally:
        process.terminate()
        await process.wait()
        async with asyncio.timeout(LIMIT):
            while await lab.sql(host, BACKUP):  # its walsender goes a moment later
                await asyncio.sleep(0.1)


async def test_no_restart_while_a_backup_or_a_prepared_transaction_is_open(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        with (lab.primary.data / "postgresql.conf").open("a") as conf:
            conf.write(ENOUGH)
        hba = lab.primary.data / "pg_hba.conf"
        hba.write_text(HBA + hba.read_text())
        pg_ctl(lab, lab.primary, "restart")
        await lab.sql(lab.primary, "select pg_create_physical_replication_slot('somebodys')")

        await lab.sql(lab.primary, "begin; create table in_doubt (); prepare transaction 'in doubt'")
        await refused(lab, tmp_path, "1 prepared transaction is open: in doubt of")
        await lab.sql(lab.primary, "rollback prepared 'in doubt'")

        async with slow_backup(lab, lab.primary.folder / "backup"):
            await refused(lab, tmp_path, "a base backup runs (nightly from its own machine)")

        ran = await set_up(lab, tmp_path)
        assert "restart the primary" in ran.changed()

        # Nothing waits for a restart any more: nothing is refused.
        await lab.sql(lab.primary, "begin; create table in_doubt (); prepare transaction 'in doubt'")
        again = await run(tmp_path, "run", str(lab.topology))
        assert (again.code, again.changed()) == (0, []), again.out
