"""A run of the program whose events are read while it goes on."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.hosts.pair import LIMIT, DebianPair

Event = dict[str, Any]


class WatchedRun:
    """A run, and its events as far as they have come.

    Args:
        process: the program, which prints an event a line.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.events: list[Event] = []
        self.times: list[float] = []

    async def until(self, wanted: Callable[[Event], bool], limit: float = LIMIT) -> Event:
        """Read on to an event; it has to come within ``limit`` seconds."""
        assert self._process.stdout is not None
        async with asyncio.timeout(limit):
            while line := await self._process.stdout.readline():
                event: Event = json.loads(line)
                self.events.append(event)
                self.times.append(time.monotonic())
                if wanted(event):
                    return event
        raise AssertionError(f"the run ended before that: {self.events[-5:]}")

    async def ended(self) -> tuple[int, str]:
        """Read on to the end; the exit code, and the message of the last event."""
        last = await self.until(lambda event: event["e"] == "run_ended")
        async with asyncio.timeout(LIMIT):
            await self._process.communicate()
        return self._process.returncode or 0, last["message"]


@asynccontextmanager
async def watched(pair: DebianPair, topology: Path, *more: str) -> AsyncIterator[WatchedRun]:
    """Start a run; it is ended at the end, if it has not ended by itself."""
    process = await pair.start("run", str(topology), "--yes", "--json", *more)
    try:
        yield WatchedRun(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def copying(event: Event) -> bool:
    """The base backup is under way: some of it is there, and most of it is not."""
    if (event["e"], event.get("phase")) != ("progress", "copying"):
        return False
    return 0 < int(event["done"]) < int(event["total"]) / 2
