"""The slot that is there already: ours or another standby's, alive or given up by the server."""

from pathlib import Path

from pgrepl_tui.events import Finding
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.primary.slot import Slot
from pgrepl_tui.steps.standby.copy import BaseBackup
from pgrepl_tui.steps.step import Look
from pgrepl_tui.topology import Replication
from tests.unit.scripted_pair import Two, copy_in, pair_in, two


async def looked(pair: Two, *row: str | None) -> Look:
    pair.primary.rows("from pg_replication_slots", *([row] if row else []))
    return await Slot().inspect(pair.ctx)


async def test_a_slot_that_keeps_wal_is_good() -> None:
    assert (await looked(two(), "physical", "f", "0/3000000")).finding is Finding.DONE


async def test_a_slot_that_the_server_gave_up_has_to_be_dropped_first() -> None:
    look = await looked(two(), "physical", "f", None)
    assert look.finding is Finding.BLOCKED
    assert "pg_drop_replication_slot('pgrepl_db2')" in look.remedy


async def test_before_96_a_new_slot_keeps_nothing_yet() -> None:
    assert (await looked(two(Major(9, 4)), "physical", "f", None)).finding is Finding.DONE


async def test_a_slot_in_use_by_another_standby_is_not_shared() -> None:
    pair = two()
    pair.standby.on("state of the job", "absent\n")
    pair.standby.on("stat ", err="stat: cannot statx: No such file or directory", status=1)
    look = await looked(pair, "physical", "t", "0/3000000")
    assert look.finding is Finding.BLOCKED
    assert "two standbys cannot share a slot" in look.reason


async def test_a_copy_that_somebody_started_is_named_and_nothing_goes_on(tmp_path: Path) -> None:
    pair, copy = pair_in(tmp_path), copy_in(tmp_path)
    pair.primary.rows("from pg_replication_slots", ("physical", "t", "0/1000000"))
    pair.standby.on("state of the job", "ended 0 0\n")
    (copy / "postmaster.pid").write_text("1\n")
    for look in (await Slot().inspect(pair.ctx), await BaseBackup().inspect(pair.ctx)):
        assert look.finding is Finding.BLOCKED
        assert str(copy) in look.reason
        assert f"pg_ctl -D {copy} stop" in look.remedy


async def test_a_slot_in_use_by_our_own_base_backup_is_good() -> None:
    pair = two()
    pair.standby.on("state of the job", "running\n")
    assert (await looked(pair, "physical", "t", "0/3000000")).finding is Finding.DONE


async def test_a_slot_of_an_earlier_run_is_not_forgotten() -> None:
    pair = two(replication=Replication(sslmode="prefer", slot=False))
    look = await looked(pair, "physical", "f", "0/3000000")
    assert look.finding is Finding.DONE
    assert "pgrepl_db2 of an earlier run still keeps WAL" in look.reason
