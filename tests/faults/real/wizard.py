"""The program as a process of its own, and what it tells, with the time at which it was read."""

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab.running import start

LIMIT = 150.0
"""Seconds after which a run that hangs is a failure."""
Event = dict[str, Any]


@dataclass(eq=False)
class Wizard:
    """A run.

    Attributes:
        process: it.
        recording: its recording.
        events: what it told, each with its time on our clock.
        printed: all that it printed.
    """

    process: asyncio.subprocess.Process
    recording: Path
    events: list[tuple[float, Event]] = field(default_factory=list)
    printed: bytearray = field(default_factory=bytearray)
    _reading: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, topology: Path, folder: Path, name: str) -> "Wizard":
        """Start it."""
        recording = folder / f"{name}.jsonl"
        words = ("run", str(topology), "--yes", "--json", "--recording", str(recording))
        wizard = cls(await start(folder, *words), recording)
        wizard._reading = asyncio.create_task(wizard._read())
        return wizard

    async def _read(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        errors = asyncio.create_task(self.process.stderr.read())
        rest = b""
        while piece := await self.process.stdout.read(1 << 20):
            self.printed += piece
            *lines, rest = (rest + piece).split(b"\n")
            self.events += [(time.monotonic(), json.loads(line)) for line in lines]
        self.printed += await errors

    async def ended(self) -> int:
        """Its exit code, negative where a signal ended it; one that hangs is killed."""
        assert self._reading is not None
        try:
            async with asyncio.timeout(LIMIT):
                await self._reading
                return await self.process.wait()
        except TimeoutError:
            raise AssertionError(f"it did not end within {LIMIT:.0f} s; its last words: {self.last}") from None
        finally:
            await self.kill()

    async def kill(self) -> None:
        """End it at once, if it still runs."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

    @property
    def last(self) -> list[Event]:
        """The last few events."""
        return [event for _, event in self.events[-4:]]

    def told(self, kind: str, **fields: str) -> list[tuple[float, Event]]:
        """The events of a kind with these fields."""
        return [
            (at, event)
            for at, event in self.events
            if event["e"] == kind and all(event.get(name) == value for name, value in fields.items())
        ]

    @property
    def end(self) -> Event:
        """How it said that it ended; empty where it did not get that far."""
        ends = self.told("run_ended")
        return ends[-1][1] if ends else {}

    @property
    def changed(self) -> list[str]:
        """The steps that it says it has done."""
        return [event["step"] for _, event in self.told("step_ended", outcome="changed")]

    def troubles(self) -> list[tuple[float, Event]]:
        """What it told of trouble: a step that failed or was refused or stopped, an end that is not good."""
        steps = [each for each in self.told("step_ended") if each[1]["outcome"] in {"failed", "refused", "interrupted"}]
        return steps + [each for each in self.told("run_ended") if each[1]["outcome"] != "done"]
