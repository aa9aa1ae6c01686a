"""A file of the primary gets the very bytes back that it had before this run; and what an ended run leaves is named."""

from dataclasses import replace
from pathlib import Path

from pgrepl_tui.postgres.conf import with_settings
from pgrepl_tui.steps.edit import Edit, read
from pgrepl_tui.steps.entries import FileChanged
from pgrepl_tui.steps.primary.give_back import give_back
from pgrepl_tui.steps.primary.slot import Slot, left_behind
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import Two, two

ODD = b"port = 5432\r\n# no end of a line, a block of an earlier run, and a byte that is no text: \xff"


def pair_on(root: Path) -> Two:
    """A pair whose hosts' folders are real."""
    pair = two(data=str(root / "data"))
    for name, host, side in (("p", pair.primary, pair.ctx.primary), ("s", pair.standby, pair.ctx.standby)):
        (root / name).mkdir()
        host.by("", really)
        side.home = str(root / name)
    side = pair.ctx.primary
    (root / "data").mkdir()
    side.cluster = replace(side.cluster, config=str(root / "data"))
    return pair


async def edited(pair: Two, conf: Path, value: str) -> None:
    """Write a value as the Settings step does."""
    text = await read(pair.ctx.primary, str(conf))
    await Edit(pair.ctx.primary, str(conf), text, with_settings(text or "", {"x": value}, mark="m")).write(pair.ctx)


async def test_the_first_bytes_come_back_however_often_it_was_written(tmp_path: Path) -> None:
    pair, conf = pair_on(tmp_path), tmp_path / "data/postgresql.conf"
    conf.write_bytes(ODD)
    conf.chmod(0o640)
    assert not await give_back(pair.ctx, pair.ctx.primary, str(conf)), "this run wrote nothing"
    for value in ("1", "2"):
        await edited(pair, conf, value)
    assert conf.read_bytes() != ODD
    assert await give_back(pair.ctx, pair.ctx.primary, str(conf))
    assert conf.read_bytes() == ODD
    assert conf.stat().st_mode & 0o777 == 0o640
    changes = [entry for entry in pair.noted("primary") if isinstance(entry, FileChanged)]
    assert changes[-1].new == changes[0].old, "undo is told of it"


async def test_without_the_old_bytes_it_does_nothing(tmp_path: Path) -> None:
    pair, conf = pair_on(tmp_path), tmp_path / "data/postgresql.conf"
    conf.write_bytes(ODD)
    await edited(pair, conf, "1")
    for kept in (tmp_path / "p/.pgrepl-tui").glob("backup-*/*"):
        kept.write_bytes(b"somebody wrote here")
    before = conf.read_bytes()
    assert not await give_back(pair.ctx, pair.ctx.primary, str(conf))
    assert conf.read_bytes() == before


async def test_a_slot_that_keeps_wal_is_named_with_the_way_to_drop_it() -> None:
    pair = two()
    assert left_behind(pair.ctx) == ""
    pair.primary.on("pg_create_physical_replication_slot", "(pgrepl_db2,)\n")
    await Slot().run(pair.ctx)
    assert "select pg_drop_replication_slot('pgrepl_db2')" in left_behind(pair.ctx)
    pair.ctx.slot_there = ""
    pair.primary.rows("from pg_replication_slots where slot_name", ("physical", "f", "0/1000000"))
    await Slot().inspect(pair.ctx)
    assert "the slot pgrepl_db2 stays on db1" in left_behind(pair.ctx)
