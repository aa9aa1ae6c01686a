"""A run of the program on a pretended pair: the real engine, stream and recorder; killed, stopped, or left alone."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

from pgrepl_tui import events as ev
from pgrepl_tui.engine import Engine
from pgrepl_tui.hosts.host import Command, Host, Result
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.hosts.ssh_login import Passwords
from pgrepl_tui.postgres import login
from pgrepl_tui.questions import Answer
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.span import Span
from pgrepl_tui.session.stream import Stream
from pgrepl_tui.topology import Node, as_mapping
from tests.faults.fast.pair import Pair
from tests.faults.fast.wire import Wire
from tests.golden.pretended.world import World
from tests.unit import virtual_time

LONGEST = 4 * 3600.0
"""Virtual seconds after which a run is taken to hang."""
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


class Calendar(datetime):
    """The time of day, which goes with the virtual clock; a fault may let it jump."""

    jumped = 0.0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """Now."""
        at = BEGAN + timedelta(seconds=virtual_time.clock() + cls.jumped)
        return cls.fromtimestamp(at.timestamp(), tz)


class OnDuty:
    """An operator who agrees, tries once more what failed where told so, and then gives up."""

    def __init__(self, retries: int = 0) -> None:
        self._retries = retries

    async def ask(self, asked: ev.Asked) -> Answer:
        """Yes, run; quit in the end."""
        wanted = {"gate": "run", "confirm": "yes", "failure": "quit"}.get(asked.kind, asked.choices[0])
        if asked.kind == "failure" and self._retries:
            self._retries -= 1
            wanted = "retry"
        return Answer(wanted if wanted in asked.choices else asked.choices[0], "script")

    async def secret(self, asked: ev.Asked) -> Secret | None:
        """There is none to give."""
        del asked
        return None


class Calm:
    """Nothing happens on the way."""

    async def before(self, wire: Wire, command: Command) -> Result | None:
        """It runs."""
        del wire, command
        return None

    async def after(self, wire: Wire, command: Command, result: Result) -> Result:
        """Its answer comes back."""
        del wire, command
        return result

    async def left(self, wire: Wire, command: Command) -> None:
        """It ended."""

    async def connecting(self, role: str) -> None:
        """A connection is about to be made."""

    def seen(self, run: "Run") -> None:
        """A run begins."""


@dataclass
class Run:
    """A run and what it left on the operator's side.

    Attributes:
        pair: the machines.
        recording: its file; of a run that was killed, what was in it then.
        told: its events, each with its virtual time.
        ended: how it ended; None for one that was killed.
        raised: what went through all of it; None where nothing did.
        secrets: every text that is to be hidden.
    """

    pair: Pair
    recording: Path
    told: list[tuple[float, ev.Event]] = field(default_factory=list)
    ended: ev.RunEnded | None = None
    raised: BaseException | None = None
    secrets: set[str] = field(default_factory=set)
    wires: list[Wire] = field(default_factory=list)
    task: "asyncio.Task[ev.RunEnded] | None" = None
    _killed: asyncio.Event = field(default_factory=asyncio.Event)
    engine: Engine | None = None

    @property
    def killed(self) -> bool:
        """It was ended by kill -9."""
        return self._killed.is_set()

    @property
    def step(self) -> str:
        """The step that it is at."""
        assert self.engine is not None
        return self.engine._ctx.step

    def kill(self) -> None:
        """kill -9: from now on it does nothing more."""
        self._killed.set()

    def stop(self) -> None:
        """What quit, Ctrl-C and the end of the terminal do."""
        assert self.task is not None
        self.task.cancel()

    @property
    def outcomes(self) -> dict[str, ev.StepEnded]:
        """How each step ended at last."""
        return {event.step: event for _, event in self.told if isinstance(event, ev.StepEnded)}

    async def play(self, weather: Calm, operator: OnDuty) -> Self:
        """Run to the end, whatever that is."""
        recorder = Recorder(self.recording, topology=as_mapping(self.pair.topology), started=Calendar.now(UTC))
        stream = Stream(recorder, virtual_time.clock)
        stream.listen(self._listen)
        hide = stream.add_secret

        def add_secret(value: str) -> None:
            self.secrets.add(value)
            hide(value)

        stream.add_secret = add_secret  # type: ignore[method-assign]

        async def connect(node: Node, role: str, passwords: Passwords) -> Host:
            del node, passwords
            await weather.connecting(role)
            wire = Wire(self.pair.of(role), weather)
            await wire.alive()
            self.wires.append(wire)
            return wire

        self.engine = Engine(self.pair.topology, stream, operator, connect)
        weather.seen(self)
        self.task = asyncio.create_task(self.engine.run())
        dying = asyncio.create_task(self._killed.wait())
        await asyncio.wait({self.task, dying}, timeout=LONGEST, return_when=asyncio.FIRST_COMPLETED)
        if self.killed:
            recorder.flush()  # no: what was not flushed is lost with the program; this only closes the file's buffer
            await self._abandon()
        else:
            assert self.task.done(), "it hangs"
            recorder.sync()
            with contextlib.suppress(asyncio.CancelledError):
                self.raised = self.task.exception()
                self.ended = None if self.raised else self.task.result()
        dying.cancel()
        recorder.close()
        return self

    async def _abandon(self) -> None:
        """The machines see its connections end; what its tasks would still do reaches nobody."""
        assert self.task is not None
        for wire in self.wires:
            wire.die()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    def _listen(self, event: ev.Event, span: Span) -> None:
        del span
        if not self.killed:
            self.told.append((virtual_time.clock(), event))


async def pretended_login(host: Host, door: login.Door, password: Secret, *, timeout: int = 15) -> login.Login:
    """``login.replication_login``, at the door of a pretended primary."""
    del timeout
    async with host.forward_port(door.address, door.port):
        here = next(iter(_worlds(host)))
        primary = here.at(str(door.port))
        why = "could not connect to server: Connection refused"
        if primary is not None:
            _, why = primary.refuses(door.user, password.reveal())
        if primary is None or why:
            return login._refused(f"FATAL:  {why}" if primary else why, door.port)
        return login.Login(ok=True, system_identifier=primary.control()["identifier"])


def _worlds(host: object) -> list[World]:
    while hasattr(host, "_host"):
        host = host._host
    assert isinstance(host, Wire)
    return [host.machine.world]


def monotonic(real: Callable[[], float] = time.monotonic) -> float:
    """``time.monotonic`` in a run: the virtual clock; the machine's where no loop runs."""
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return real()
