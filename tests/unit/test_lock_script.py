"""The script that holds a lock on a host, run by the shell that there is."""

import asyncio
from pathlib import Path

import pytest

from pgrepl_tui.steps.lock import HOLD

FOREVER = "600"


async def hold(
    folder: Path, *, patience: int, silence: str = FOREVER, who: str = "first"
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", HOLD, "sh", str(folder), str(folder / "lock"), who, str(patience), silence,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def said(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()


async def let_go(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    await asyncio.wait_for(process.wait(), 30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


async def test_one_holds_it_and_another_is_told_who(folder: Path) -> None:
    first = await hold(folder, patience=0, who="ann@desk since 03:00")
    assert await said(first) == "HELD"
    second = await hold(folder, patience=0, who="bob")
    assert await said(second) == "BUSY ann@desk since 03:00"
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
    first = await hold(folder, patience=0, silence="2")
    assert await said(first) == "HELD"
    assert first.stdin is not None
    for _ in range(3):
        first.stdin.write(b".")
        await first.stdin.drain()
    second = await hold(folder, patience=60)
    assert await said(second) == "HELD", "the first one's connection is open, and it says nothing more"
    await asyncio.wait_for(first.wait(), 30)
    await let_go(second)


async def test_the_state_folder_is_only_its_owners(folder: Path) -> None:
    first = await hold(folder, patience=0)
    assert await said(first) == "HELD"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "lock").stat().st_mode & 0o777 == 0o600
    await let_go(first)
