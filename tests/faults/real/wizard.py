"""The program as a process of its own, and what it tells, with the time at which it was heard.

Never in this process: the hosts' SSH servers are here, which are another user for moments, with all of its threads.
"""

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab.running import start

LIMIT = 900.0
"""Seconds after which a run that hangs is a failure, however slow the machine is."""
Event = dict[str, Any]


@dataclass(eq=False)
class Run:
    """What a run tells.

    Attributes:
        recording: its recording.
        events: what it told, each with its time on our clock.
        delays: of a process, by event: seconds for which it had waited for a CPU when it was heard.
        printed: all that it printed.
        code: its exit code, negative where a signal ended it; None while it runs.
    """

    recording: Path
    events: list[tuple[float, Event]] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    printed: bytearray = field(default_factory=bytearray)
    code: int | None = None

    def hear(self, line: bytes) -> None:
        """Take an event."""
        self.events.append((time.monotonic(), json.loads(line)))

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


@contextlib.contextmanager
def heard_signals() -> Iterator[None]:
    """What is started in here ignores no signal, though this process may: one in the background has no Ctrl-C."""
    quits = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
    ignored = [number for number in quits if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


class Wizard(Run):
    """A run that is a process of its own."""

    process: asyncio.subprocess.Process
    _reading: asyncio.Task[None]
    _queued: float = 0.0

    @classmethod
    async def start(cls, topology: Path, folder: Path, name: str) -> "Wizard":
        """Start it."""
        wizard = cls(folder / f"{name}.jsonl")
        words = ("run", str(topology), "--yes", "--json", "--recording", str(wizard.recording))
        with heard_signals():
            wizard.process = await start(folder, *words)
        wizard._reading = asyncio.create_task(wizard._read())
        return wizard

    def hear(self, line: bytes) -> None:
        """Take an event, and what the program had waited for a CPU until then."""
        super().hear(line)
        self.delays.append(self.queued())

    def queued(self) -> float:
        """Seconds for which its main thread has waited for a CPU, as far as this kernel tells."""
        with contextlib.suppress(OSError):
            self._queued = int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e9
        return self._queued

    def told_at(self, index: int) -> float:
        """When it told an event, by its own clock on ours: how soon this process read it does not matter."""
        began = min(at - float(event["t"]) for at, event in self.events)
        return began + float(self.events[index][1]["t"])

    async def _read(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        errors = asyncio.create_task(self.process.stderr.read())
        rest = b""
        while piece := await self.process.stdout.read(1 << 20):
            self.printed += piece
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                self.hear(line)
        self.printed += await errors

    async def ended(self) -> int:
        """Its exit code, negative where a signal ended it; one that hangs is killed."""
        try:
            async with asyncio.timeout(LIMIT):
                await self._reading
                self.code = await self.process.wait()
        except TimeoutError:
            raise AssertionError(f"it did not end within {LIMIT:.0f} s; its last words: {self.last}") from None
        finally:
            await self.kill()
        return self.code

    async def kill(self) -> None:
        """End it at once, if it still runs."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


async def whole_run(topology: Path, folder: Path, name: str) -> Run:
    """A run from its start to its end, every question agreed to."""
    wizard = await Wizard.start(topology, folder, name)
    await wizard.ended()
    return wizard
