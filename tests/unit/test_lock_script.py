"""The script that holds a lock on a host, run by the shell that there is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.hosts.host import Command, Conversation
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.lock import HOLD, Lock, held_for
from pgrepl_tui.steps.recorded import RecordedHost
from pgrepl_tui.steps.step import StepError
from tests.unit.scripted_host import ScriptedHost
from tests.unit.scripted_pair import two

FOREVER = "600"


async def hold(
    folder: Path, *, patience: int, silence: str = FOREVER, who: str = "first", more: tuple[str, ...] = ()
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", HOLD, "sh", str(folder), str(folder / "lock"), who, str(patience), silence, *more,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def said(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 120)).decode().strip()


async def let_go(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    await asyncio.wait_for(process.communicate(), 120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


async def test_one_holds_it_and_another_is_told_who(folder: Path) -> None:
    first = await hold(folder, patience=0, who="ann@desk since 03:00")
    assert await said(first) == "HELD"
    second = await hold(folder, patience=0, who="bob")
    assert await said(second) == "BUSY ann@desk since 03:00"
    await let_go(second)
    await let_go(first)
    third = await hold(folder, patience=0)
    assert await said(third) == "HELD"
    await let_go(third)


async def test_a_holder_that_is_about_to_end_is_waited_for(folder: Path) -> None:
    first = await hold(folder, patience=0)
    assert await said(first) == "HELD"
    second = await hold(folder, patience=30)
    asked = asyncio.create_task(said(second))
    await let_go(first)
    assert await asked == "HELD"
    await let_go(second)


async def test_beats_keep_it_and_without_them_it_goes(folder: Path) -> None:
    first = await hold(folder, patience=0, silence="10")
    assert await said(first) == "HELD"
    assert first.stdin is not None
    for _ in range(3):
        first.stdin.write(b".")
        await first.stdin.drain()
    second = await hold(folder, patience=60)
    assert await said(second) == "HELD", "the first one's connection is open, and it says nothing more"
    await asyncio.wait_for(first.wait(), 120)
    for process in (first, second):
        await let_go(process)


async def test_the_state_folder_is_only_its_owners(folder: Path) -> None:
    first = await hold(folder, patience=0)
    assert await said(first) == "HELD"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "lock").stat().st_mode & 0o777 == 0o600
    await let_go(first)


async def test_a_lock_that_this_run_took_under_another_name_is_known(folder: Path) -> None:
    """Two names of one host, one data directory: the second lock is busy, and says that it is our own."""
    first = await hold(folder, patience=0, more=("one's nonce", ""))
    assert await said(first) == "HELD"
    second = await hold(folder, patience=0, more=("two's nonce", "one's nonce"))
    assert await said(second) == "SAME"
    third = await hold(folder, patience=0, who="bob", more=("three's nonce", "another nonce"))
    assert await said(third) == "BUSY first"
    for process in (third, second, first):
        await let_go(process)


class Talking(ScriptedHost):
    """A host whose lock is free, or says what it is told to say."""

    def __init__(self, name: str, word: str) -> None:
        super().__init__(name)
        self.word = word

    @asynccontextmanager
    async def _talk(self, command: Command) -> AsyncIterator[Conversation]:
        self.asked.append(command)
        yield self

    def converse(self, command: Command) -> AbstractAsyncContextManager[Conversation]:
        """The lock's command."""
        return self._talk(command)

    async def say(self, data: bytes) -> None:
        """Beats."""

    async def hear(self, until: bytes) -> bytes:
        """How the lock is."""
        del until
        return self.word.encode()


def talking(standby: str) -> tuple[Context, Talking, Talking]:
    """A pair whose data directories have one path, as they have on two Debian hosts."""
    pair = two()
    made = Talking("db1", "HELD"), Talking("db2", standby)
    for role, host in zip(("primary", "standby"), made, strict=True):
        pair.ctx.sides[role].host = RecordedHost(host, pair.ctx)
    for host in made:
        host.on("state of the job", "absent\n")
    return pair.ctx, *made


async def test_both_hosts_are_locked_though_their_paths_are_equal() -> None:
    ctx, one, two_ = talking("HELD")
    async with ctx.held:
        await Lock().run(ctx)
        locks = [host.asked[0].argv for host in (one, two_)]
        assert locks[0][5] == locks[1][5], "one path"
        assert (locks[0][-1], locks[1][-1]) == ("", locks[0][-2]), "the second knows the first one's nonce"
        assert ctx.locks.keys() == {"primary", "standby"}
        assert held_for(ctx) == (locks[1][5], locks[1][6], locks[0][5], locks[0][-2])
        ctx.topology = replace(ctx.topology, same_machine=True)
        assert held_for(ctx)[2:] == ("", ""), "on one machine, on purpose, the primary's lock may be seen"


@pytest.mark.parametrize(
    ("word", "says"),
    [("SAME", "the standby IS the primary"), ("BUSY bob@desk (process 8) since 2026-01-01 03:00:00 UTC", "bob@desk")],
)
async def test_a_lock_that_is_not_free_is_a_refusal_that_says_why(word: str, says: str) -> None:
    ctx, _, _ = talking(word)
    async with ctx.held:
        with pytest.raises(StepError, match=says) as caught:
            await Lock().run(ctx)
    assert caught.value.refused
