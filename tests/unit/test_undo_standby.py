"""Undo on the standby's host: the old data directory, its files, its server, and what an unfinished copy left."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Danger, Finding
from pgrepl_tui.steps.entries import (
    Began,
    Copied,
    FileChanged,
    Stopped,
    Swapped,
    digest,
)
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.undo import put_back, start
from pgrepl_tui.steps.undo.copy import SetCopyAside
from pgrepl_tui.steps.undo.files import PassfileBack, StandbyFiles
from pgrepl_tui.steps.undo.put_back import PutBack
from pgrepl_tui.steps.undo.standing import standing
from pgrepl_tui.steps.undo.start import StartOld
from pgrepl_tui.steps.undo.stop import StopCopy
from pgrepl_tui.steps.undo.work import Journal, Work
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import IDENTIFIER, marked
from tests.unit.undo_hosts import Hosts, find, work_of


@pytest.fixture
def hosts(tmp_path: Path) -> Hosts:
    return Hosts(tmp_path)


async def test_where_the_old_directory_is_wherever_later_runs_left_it(hosts: Hosts) -> None:
    first = await hosts.swapped()
    later = hosts.root / "data.pgrepl-old-b"
    hosts.both("a", standby=(first,))
    hosts.both("b", standby=(Swapped(aside=str(later), identity="9:9:9", identifier=IDENTIFIER),))
    work = await work_of(hosts)
    for place in (hosts.aside, later):
        if place is later:
            hosts.aside.rename(later)
        now = await standing(hosts.pair.ctx, work)
        assert (now.aside, now.needed, now.copy, now.lost) == (str(place), True, True, False)
        assert now.where(f"{hosts.data}/postgresql.conf") == f"{place}/postgresql.conf"
        assert now.where("/etc/x") == "/etc/x"


async def test_once_it_is_back_nothing_is_to_be_put_back(hosts: Hosts) -> None:
    hosts.both("a", standby=(await hosts.swapped(),))
    work = await work_of(hosts)
    assert (await PutBack(work).inspect(hosts.pair.ctx)).finding is Finding.NEEDED
    hosts.data.rename(hosts.root / "copy")
    now = await standing(hosts.pair.ctx, work)
    assert (now.needed, now.copy) == (True, False), "cut off between the two renames"
    hosts.aside.rename(hosts.data)
    for step in (PutBack(work), StopCopy(work)):
        assert (await step.inspect(hosts.pair.ctx)).finding is Finding.DONE


async def test_where_nothing_was_before_the_copy_goes_and_an_empty_folder_comes_back(hosts: Hosts) -> None:
    hosts.both("a", standby=(Swapped(aside=str(hosts.aside), identity="", identifier="", mode=0o750),))
    work, ctx = await work_of(hosts), hosts.pair.ctx
    assert (await PutBack(work).inspect(ctx)).finding is Finding.NEEDED
    assert [one.line for one in (await PutBack(work).preview(ctx)).commands] == [f"mkdir -m 750 {hosts.data}"]
    hosts.data.mkdir()
    assert (await PutBack(work).inspect(ctx)).finding is Finding.DONE
    (hosts.data / "PG_VERSION").touch()
    preview = await PutBack(work).preview(ctx)
    assert preview.commands[0].line == f"mv -T {hosts.data} {hosts.data}.pgrepl-undone-a"
    assert preview.danger is Danger.REPLACES
    assert "nothing is deleted" in preview.question


@pytest.mark.parametrize(("status", "refused", "words"), [(97, True, "not moved"), (98, False, "not all was moved")])
async def test_a_rename_that_did_not_happen_says_why(hosts: Hosts, status: int, words: str, *, refused: bool) -> None:
    hosts.both("a", standby=(await hosts.swapped(),))
    hosts.pair.standby.on("mv -T", err="because", status=status)
    with pytest.raises(StepError, match=f"{words}: because") as caught:
        await PutBack(await work_of(hosts)).run(hosts.pair.ctx)
    assert caught.value.refused is refused


async def test_a_directory_that_is_lost_meanwhile_is_not_replaced_by_nothing(hosts: Hosts) -> None:
    hosts.both("a", standby=(await hosts.swapped(),))
    work = await work_of(hosts)
    hosts.aside.rename(hosts.root / "elsewhere")
    assert (await PutBack(work).inspect(hosts.pair.ctx)).finding is Finding.BLOCKED
    with pytest.raises(StepError):
        await PutBack(work).run(hosts.pair.ctx)
    assert (hosts.data / "PG_VERSION").exists()


async def test_the_standbys_own_files_are_put_back_where_they_lie_now_and_those_of_the_copy_are_not(
    hosts: Hosts,
) -> None:
    gone = await hosts.swapped()
    kept, conf = hosts.root / "kept", hosts.aside / "postgresql.conf"
    kept.write_text("old")
    for folder in (hosts.data, hosts.aside):
        (folder / "postgresql.conf").write_text("ours")
    path = str(hosts.data / "postgresql.conf")
    change = FileChanged(path=path, old=digest(b"old"), new=digest(b"ours"), backup=str(kept), mode=0o600)
    hosts.both("a", standby=(change, gone, replace(change, old=digest(b"copy's"), new=digest(b"copy's too"))))
    step = StandbyFiles(await work_of(hosts))
    assert str(conf) in (await step.inspect(hosts.pair.ctx)).reason
    await step.run(hosts.pair.ctx)
    assert conf.read_text() == "old"
    assert (hosts.data / "postgresql.conf").read_text() == "ours"
    assert (await step.confirm(hosts.pair.ctx)).finding is Finding.DONE


async def test_the_passfile_is_put_back_unseen(hosts: Hosts) -> None:
    path, kept = hosts.root / "passfile", hosts.root / "kept"
    path.write_text("h:1:replication:r:secret\n")
    kept.write_text("others\n")
    old, new = digest(b"others\n"), digest(path.read_bytes())
    change = FileChanged(path=str(path), old=old, new=new, backup=str(kept), mode=0o640, new_mode=0o600, secret=True)
    hosts.both("a", standby=(change,))
    step = PassfileBack(await work_of(hosts))
    preview = await step.preview(hosts.pair.ctx)
    assert preview.diffs == ()
    await step.run(hosts.pair.ctx)
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("others\n", 0o640)
    assert (await step.inspect(hosts.pair.ctx)).finding is Finding.DONE
    assert not any(b"secret" in output or b"others" in output for output in hosts.pair.told.outputs)


async def test_the_old_cluster_is_started_only_where_a_run_stopped_it(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(monkeypatch, hosts.pair, start)
    gone = await hosts.swapped()
    hosts.both("a", standby=(gone, Stopped(log="/the/copys")))
    assert (await StartOld(await work_of(hosts)).inspect(hosts.pair.ctx)).finding is Finding.DONE
    hosts.both("a", standby=(Stopped(log="/old/log"), gone))
    step = StartOld(await work_of(hosts))
    assert (await step.inspect(hosts.pair.ctx)).finding is Finding.NEEDED
    (shown,) = (await step.preview(hosts.pair.ctx)).commands
    assert "-l /old/log" in shown.line


async def test_an_unfinished_base_backup_is_ended_and_set_aside_where_a_run_made_it(hosts: Hosts) -> None:
    place = hosts.root / "data.pgrepl-new"
    place.mkdir()
    (place / "file").touch()
    hosts.both("a", standby=(Copied(folder=str(place), job="/j"),))
    hosts.pair.standby.on("state of the job", "absent\n").on("stop the job", "absent\n").on("forget the job")
    hosts.pair.standby.by("whose is ", really)
    step = SetCopyAside(await work_of(hosts))
    look = await step.inspect(hosts.pair.ctx)
    assert (look.finding, str(place) in look.reason) == (Finding.BLOCKED, True)
    with pytest.raises(StepError, match="nothing says that a run of ours made it"):
        await step.run(hosts.pair.ctx)
    assert (place / "file").exists()
    marked(Path(hosts.pair.ctx.standby.state_dir), place)
    assert (await step.inspect(hosts.pair.ctx)).finding is Finding.NEEDED
    await step.run(hosts.pair.ctx)
    assert not place.exists()
    assert (hosts.root / "data.pgrepl-undone-a-copy/file").exists()
    assert (await step.inspect(hosts.pair.ctx)).finding is Finding.DONE


def test_a_copy_is_called_after_the_run_that_made_it() -> None:
    began = Began(
        run="r1", role="standby", by="", identifier="", primary="", primary_data="", standby="", standby_data=""
    )
    work = Work("", {"standby": (Journal("/j", began, ()), Journal("/k", replace(began, run="r2"), ()))})
    assert work.undone == "pgrepl-undone-r2"
    assert put_back.PutBack(work).info.id == "undo-set-aside"
