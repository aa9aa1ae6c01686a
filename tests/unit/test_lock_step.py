"""The lock on both hosts, as a step: taken, refused, lost, and let go at the end of a run."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from pgrepl_tui import events as ev
from pgrepl_tui.engine import Engine
from pgrepl_tui.hosts.host import Command, ConnectionLostError, Conversation
from pgrepl_tui.steps import lock
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.lock import Lock
from pgrepl_tui.steps.lock_holder import has_ended, told
from pgrepl_tui.steps.plan import Plan
from pgrepl_tui.steps.recorded import RecordedHost
from pgrepl_tui.steps.step import StepError
from tests.unit.scripted_host import ScriptedHost
from tests.unit.scripted_pair import KeepingReporter, Two, no_connection, two
from tests.unit.scripted_run import ScriptedOperator, reading


class Talk:
    """A lock's script: what it says first (time after time, the last for good), and whether its connection is there."""

    def __init__(self, *says: bytes) -> None:
        self._says = list(says)
        self.lost = self.left = False
        self.beats = 0

    async def say(self, data: bytes) -> None:
        """A beat."""
        del data
        self.beats += 1
        if self.lost:
            raise ConnectionLostError("db1: the connection was lost")

    async def hear(self, until: bytes) -> bytes:
        """The first line."""
        del until
        return self._says.pop(0) if len(self._says) > 1 else self._says[0]


class LockingHost(ScriptedHost):
    """A host whose lock answers so."""

    def __init__(self, name: str, says: bytes = b"HELD") -> None:
        super().__init__(name)
        self.talk = Talk(says)

    def converse(self, command: Command) -> AbstractAsyncContextManager[Conversation]:
        """Take the lock."""
        self.asked.append(command)
        return self._talk()

    @asynccontextmanager
    async def _talk(self) -> AsyncIterator[Conversation]:
        yield self.talk
        self.talk.left = True


def locking(primary: bytes = b"HELD", standby: bytes = b"HELD") -> tuple[Two, LockingHost, LockingHost]:
    pair, hosts = two(), (LockingHost("db1", primary), LockingHost("db2", standby))
    for host in hosts:
        host.on("state of the job", "absent\n")
    for side, host in zip((pair.ctx.primary, pair.ctx.standby), hosts, strict=True):
        side.host = pair.ctx.hosts[side.role] = RecordedHost(host, pair.ctx)
    return pair, *hosts


async def test_both_hosts_are_locked_and_let_go_together() -> None:
    pair, one, other = locking()
    assert "db1 and db2" in await Lock().run(pair.ctx)
    assert [host.asked[0].shown.split("/lock-")[0] for host in (one, other)] == [
        "flock -n /var/lib/postgresql/.pgrepl-tui"
    ] * 2
    await pair.ctx.held.aclose()
    assert (one.talk.left, other.talk.left) == (True, True)


@pytest.mark.parametrize("busy", ["primary", "standby"])
async def test_who_holds_one_of_them_is_named_and_the_run_refused(busy: str) -> None:
    pair, _, _ = locking(**{busy: b"BUSY ann@desk (process 7) since 03:00"})
    with pytest.raises(StepError, match="another run works on .* ann@desk") as caught:
        await Lock().run(pair.ctx)
    assert caught.value.refused
    await pair.ctx.held.aclose()


def ended_process() -> int:
    """The number of a process that is no more."""
    with subprocess.Popen(["true"]) as process:
        return process.pid


def left_by(process: int) -> bytes:
    """What a lock's script says of the lock that this process of ours holds."""
    return f"BUSY {told().replace(f'process {os.getpid()}', f'process {process}')}".encode()


@pytest.mark.parametrize("process", [ended_process, os.getpid], ids=["ended", "this one"])
async def test_a_lock_that_an_ended_run_left_is_waited_for_and_said(process: Callable[[], int]) -> None:
    """Its network was cut, or its power: the host still holds the lock for somebody who is gone."""
    pair, _, other = locking()
    other.talk = Talk(left_by(process()), left_by(process()), b"HELD")
    assert "db1 and db2" in await Lock().run(pair.ctx)
    waits = [event.phase for event in pair.told.events if isinstance(event, ev.Progress)]
    assert [("db2 has not heard yet" in text, "within 60 s" in text) for text in waits] == [(True, True)]
    await pair.ctx.held.aclose()


async def test_a_left_lock_that_does_not_go_is_refused_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "SILENCE", 0)
    monkeypatch.setattr(lock, "BEAT", 0.0)
    pair, _, _ = locking(standby=left_by(ended_process()))
    with pytest.raises(StepError, match="another run works on") as caught:
        await Lock().run(pair.ctx)
    assert caught.value.refused
    await pair.ctx.held.aclose()


@pytest.mark.parametrize(
    ("holder", "ended"),
    [
        (told(), True),
        (told().replace("@", "@another-", 1), False),
        (f"x{told()}", False),
        (told().replace(f"process {os.getpid()}", f"process {os.getppid()}"), False),
        (told().replace(f"process {os.getpid()}", "process 1"), False),
        (told().replace(f"process {os.getpid()}", "process 9999999999"), True),
        ("", False),
        ("ann@desk", False),
    ],
    ids=["itself", "other machine", "other user", "alive", "alive, another user's", "no such number", "empty", "odd"],
)
def test_only_a_run_of_this_machine_can_be_known_to_have_ended(holder: str, ended: bool) -> None:
    assert has_ended(holder) is ended


async def test_one_directory_under_two_names_is_the_primarys() -> None:
    pair, one, other = locking(standby=b"SAME")
    with pytest.raises(StepError, match="the standby IS the primary") as caught:
        await Lock().run(pair.ctx)
    assert caught.value.refused
    assert other.asked[0].argv[-1] == one.asked[0].argv[-2], "the nonce of the first lock is looked for in the second"
    await pair.ctx.held.aclose()


async def test_a_second_try_takes_no_lock_twice() -> None:
    pair, one, other = locking()
    await Lock().run(pair.ctx)
    await Lock().run(pair.ctx)
    assert [sum(text.startswith("flock") for text in host.texts) for host in (one, other)] == [1, 1]
    await pair.ctx.held.aclose()


async def test_a_host_without_flock_is_said_and_not_taken_for_locked() -> None:
    pair, _, _ = locking(standby=b"MISSING")
    assert "no lock on db2" in await Lock().run(pair.ctx)
    await pair.ctx.held.aclose()


async def test_a_lock_that_went_away_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "BEAT", 0.0)
    pair, one, _ = locking()
    await Lock().run(pair.ctx)
    assert pair.ctx.lock_lost == ""
    one.talk.lost = True
    seen = one.talk.beats
    while one.talk.beats == seen:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert pair.ctx.lock_lost == "the lock on db1 is gone: db1: the connection was lost"
    await pair.ctx.held.aclose()


@pytest.mark.parametrize("fails", [False, True])
async def test_the_locks_are_let_go_at_every_end_of_a_run_and_before_it_is_told(*, fails: bool) -> None:
    pair, one, other = locking()
    told, looking = KeepingReporter(), reading("lock", ev.Stage.PREFLIGHT)

    async def take(ctx: Context) -> None:
        ctx.sides.update(pair.ctx.sides)
        await Lock().run(ctx)
        if fails:
            raise StepError("something else is wrong")

    looking.work = take
    operator = ScriptedOperator({"failure": ["quit"]})
    engine = Engine(pair.ctx.topology, told, operator, no_connection, plan=Plan("run", (looking,), "done"))
    ended = await engine.run()
    assert ended.outcome is (ev.RunOutcome.FAILED if fails else ev.RunOutcome.DONE)
    assert [host.talk.left for host in (one, other)] == [True, True]
