"""What undo moves on the standby's host is guarded as the swap is: the lock, the host, the directory's device."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.steps.context import HeldLock
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.undo import put_back, stop
from pgrepl_tui.steps.undo.find import FindJournals
from pgrepl_tui.steps.undo.put_back import PutBack
from pgrepl_tui.steps.undo.stop import StopCopy
from pgrepl_tui.steps.undo.work import Work
from tests.unit.held_lock import LockOfARun
from tests.unit.test_standby_scripts import contents
from tests.unit.test_undo_scripts import Place
from tests.unit.undo_hosts import Hosts, find

pytestmark = pytest.mark.skipif(shutil.which("flock") is None, reason="there is no flock on this machine")


class Guarded(Place):
    """All is well, with a lock that is held and a primary that is elsewhere."""

    def __post_init__(self) -> None:
        super().__post_init__()
        facts = self.data.stat()
        self.inode, self.lock = f"{facts.st_dev}:{facts.st_ino}", LockOfARun(self.root)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    made = Guarded(tmp_path.resolve())
    made.lock.hold()
    yield made
    made.lock.let_go()


def _another_device(place: Guarded) -> None:
    """The same inode, and the same PG_VERSION in it: another file system was mounted there."""
    place.inode = f"0:{place.inode.partition(':')[2]}"


SPOILT: dict[str, tuple[Callable[[Guarded], object], str]] = {
    "the lock is gone": (lambda p: p.lock.let_go(), "the lock of this run is gone"),
    "another run has it": (lambda p: p.lock.taken_by_another(), "another run has taken the lock"),
    "the lock file is gone": (lambda p: p.lock.file.unlink(), "another run has taken the lock"),
    "the primary's host": (lambda p: p.lock.found_on_the_primarys_host(), "this is the primary's host"),
    "another device": (_another_device, "is not the directory that was looked at"),
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_guard_refuses_and_nothing_is_moved(guarded: Guarded, spoil: str) -> None:
    change, words = SPOILT[spoil]
    change(guarded)
    before = contents(guarded.root)
    ended = guarded.put_back(guarded.inode, *guarded.lock.arguments)
    assert (ended.returncode, words in ended.stderr) == (97, True), ended.stderr
    assert contents(guarded.root).keys() | {"lock"} == before.keys() | {"lock"}
    assert guarded.aside.exists()


def test_with_all_as_it_was_it_goes_through(guarded: Guarded) -> None:
    old = contents(guarded.aside)
    ended = guarded.put_back(guarded.inode, *guarded.lock.arguments)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert contents(guarded.data) == old


def locked(hosts: Hosts) -> tuple[str, str, str, str]:
    """This run holds both locks; what the guards are given of them."""
    ctx = hosts.pair.ctx
    ctx.locks = {"primary": HeldLock("/p/lock", "me", "12ab"), "standby": HeldLock("/s/lock", "me", "34cd")}
    return "/s/lock", "me", "/p/lock", "12ab"


async def found(hosts: Hosts) -> Work:
    hosts.both("a", standby=(await hosts.swapped(),))
    work = Work()
    await FindJournals(work).run(hosts.pair.ctx)
    return work


async def test_the_script_is_given_what_undo_saw_first_and_the_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = Hosts(tmp_path)
    find(monkeypatch, hosts.pair, put_back)
    work, locks = await found(hosts), locked(hosts)
    there = hosts.data.stat()
    hosts.data.rename(tmp_path / "away")
    shutil.copytree(tmp_path / "away", hosts.data)
    hosts.pair.standby.on("mv -T")
    await PutBack(work).run(hosts.pair.ctx)
    (moved,) = [command for command in hosts.pair.standby.asked if command.shown.startswith("mv -T")]
    assert moved.argv[-5:] == (f"{there.st_dev}:{there.st_ino}", *locks)


async def test_no_standby_is_stopped_without_a_second_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = Hosts(tmp_path)
    find(monkeypatch, hosts.pair, stop, running=7)
    work, locks = await found(hosts), locked(hosts)
    ctx, host = hosts.pair.ctx, hosts.pair.standby
    ctx.standby.cluster = replace(ctx.standby.cluster, running=7)
    host.rows("pg_is_in_recovery", ("t",)).rows("from pg_stat_replication").on("pg_ctl")
    host.on("look once more at", err="this is the primary's host; nothing was touched", status=97)
    with pytest.raises(StepError, match="not stopped: this is the primary's host") as caught:
        await StopCopy(work).run(ctx)
    assert caught.value.refused
    assert not [command for command in host.asked if "pg_ctl" in command.argv[0]]
    (looked,) = [command for command in host.asked if "look once more" in command.shown]
    assert looked.argv[-4:] == locks
    host.on("look once more at")
    assert "is stopped" in await StopCopy(work).run(ctx)
