"""A connection to a pretended machine: a host as the program sees it, where faults strike."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from pgrepl_tui.hosts.host import Command, ConnectionLostError, Conversation, Forward, HostError, Result, Sink
from pgrepl_tui.hosts.ssh_attempt import KEEPALIVE_COUNT, KEEPALIVE_SECONDS
from pgrepl_tui.steps.lock import PATIENCE, SILENCE
from tests.faults.fast.answers import ME
from tests.faults.fast.machine import Machine

TAKES = 0.02
"""Virtual seconds of a command."""
NOTICED = float(KEEPALIVE_SECONDS * (KEEPALIVE_COUNT + 1))
"""Seconds until keepalives without an answer end a connection."""


class Weather(Protocol):
    """What may happen to a command on its way."""

    async def before(self, wire: "Wire", command: Command) -> Result | None:
        """Before it runs; an answer here stands for its own, and it does not run."""

    async def after(self, wire: "Wire", command: Command, result: Result) -> Result:
        """It has run; the answer that comes back."""

    async def left(self, wire: "Wire", command: Command) -> None:
        """A conversation was left, and its command is at its end."""


class Wire:
    """Stands for a host; see ``hosts.host.Host``."""

    def __init__(self, machine: Machine, weather: Weather) -> None:
        self.machine = machine
        self.name = machine.name
        self.login = ME
        self._weather = weather
        self._dead = asyncio.Event()
        self.talks: list[Talk] = []
        machine.wires.append(self)

    @property
    def dead(self) -> bool:
        """It is gone."""
        return self._dead.is_set()

    def die(self) -> None:
        """It is gone; a machine that hears nothing does not know, and keeps what was held over it."""
        self._dead.set()
        if self in self.machine.wires:
            self.machine.wires.remove(self)
        for talk in [*self.talks]:
            if self.machine.hole:
                talk.over = True
            else:
                talk.drop()

    async def alive(self) -> None:
        """Go on over a connection that stands; raises ConnectionLostError."""
        if self.machine.hole and not self.dead:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._dead.wait(), NOTICED)
            if self.machine.hole:
                self.die()
        if self.dead:
            raise ConnectionLostError(f"{self.name}: the connection was lost", "Connect to the host again.")

    def _allowed(self) -> None:
        if self.machine.no_rights:
            raise HostError(f"{self.name}: {ME} may not run commands as postgres: sudo: a password is required",
                            "Log in as postgres instead, or give sudo without a password")  # fmt: skip

    async def run(self, command: Command, sink: Sink | None = None) -> Result:
        """Run it to its end."""
        await self.alive()
        await asyncio.sleep(TAKES * self.machine.slow)
        await self.alive()
        result = await self._weather.before(self, command)
        await self.alive()
        self._allowed()
        if result is None:
            result = self.machine.execute(command)
            result = await self._weather.after(self, command, result)
            await self.alive()
        for stream, data in (("out", result.out), ("err", result.err)):
            if sink is not None and data:
                sink(stream, data)
        return result

    async def follow(self, path: str, *, offset: int, user: str | None) -> AsyncIterator[bytes]:
        """The bytes of a growing file."""
        del user
        while True:
            await self.alive()
            self._allowed()
            data = Path(path).read_bytes()[offset:] if Path(path).exists() else b""
            offset += len(data)
            if data:
                yield data
            await asyncio.sleep(0.2)

    @asynccontextmanager
    async def _talk(self, command: Command) -> AsyncIterator[Conversation]:
        await self.alive()
        self._allowed()
        answer = await self._weather.before(self, command)
        await self.alive()
        talk = Psql(self, command) if "psql" in Path(command.argv[0]).name else Lock(self, command)
        self.talks.append(talk)
        try:
            if answer is None:
                await talk.begin()
                answer = await self._weather.after(self, command, Result(0, talk.heard, b""))
            talk.heard = answer.out
            yield talk
        finally:
            if not self.machine.hole:
                talk.drop()
            await self._weather.left(self, command)

    def converse(self, command: Command) -> AbstractAsyncContextManager[Conversation]:
        """Speak to a command."""
        return self._talk(command)

    @asynccontextmanager
    async def _forward(self, port: int) -> AsyncIterator[Forward]:
        await self.alive()
        yield Forward(port=port)

    def forward_port(self, address: str, port: int) -> AbstractAsyncContextManager[Forward]:
        """Both are this machine: the port itself."""
        del address
        return self._forward(port)

    def forward_socket(self, path: str) -> AbstractAsyncContextManager[Forward]:
        """There is no socket: psql has to do."""
        raise HostError(f"{path} is not there", "")

    async def close(self) -> None:
        """End it."""
        self.die()


class Talk:
    """A command that is spoken to; see ``hosts.host.Conversation``."""

    def __init__(self, wire: Wire, command: Command) -> None:
        self.wire = wire
        self.command = command
        self.heard = b""
        self.over = False

    async def begin(self) -> None:
        """Its first words."""

    async def say(self, data: bytes) -> None:
        """Write to its standard input."""
        await self._stands()
        await self.take(data)

    async def take(self, data: bytes) -> None:
        """What it does with its input."""

    async def hear(self, until: bytes) -> bytes:
        """Read up to and without ``until``."""
        await asyncio.sleep(TAKES * self.wire.machine.slow)
        await self._stands()
        if until not in self.heard:
            raise ConnectionLostError(f"{self.wire.name}: a command that should stay is gone: it ended", "Run again.")
        answer, _, self.heard = self.heard.partition(until)
        return answer

    async def _stands(self) -> None:
        await self.wire.alive()
        if self.over:
            raise ConnectionLostError(f"{self.wire.name}: a command that should stay is gone: it ended", "Run again.")

    def drop(self) -> None:
        """It ends."""
        self.over = True
        if self in self.wire.talks:
            self.wire.talks.remove(self)


class Psql(Talk):
    """A psql that stays."""

    async def take(self, data: bytes) -> None:
        """Answer it."""
        self.wire.machine.settle()
        status, out, _ = self.wire.machine.psql(list(self.command.argv[1:]), data)
        self.heard += out
        self.over = status != 0


class Lock(Talk):
    """``lock.HOLD``: it holds the lock for as long as it hears a beat, and its connection stands."""

    async def begin(self) -> None:
        """HELD, or BUSY and who holds it."""
        folder, self.file, who = self.command.argv[4:7]
        locks = self.wire.machine.locks
        Path(folder).mkdir(mode=0o700, exist_ok=True)
        for _ in range(PATIENCE):
            self._expire()
            if self.file not in locks:
                break
            await asyncio.sleep(1.0)
        if self.file in locks:
            self.heard = f"BUSY {Path(self.file).read_text()}".encode()
            return
        if not self.wire.machine.full:
            Path(self.file).write_text(f"{who}\n{self.command.argv[9]}\n")
        self.beat = self.wire.machine.now
        locks[self.file] = self
        self.heard = b"HELD\n"

    def _expire(self) -> None:
        holder = self.wire.machine.locks.get(self.file)
        if isinstance(holder, Lock) and self.wire.machine.now - holder.beat > SILENCE:
            holder.drop()

    async def take(self, data: bytes) -> None:
        """A beat; too late for a lock that is gone already."""
        del data
        if self.wire.machine.now - self.beat > SILENCE or self.wire.machine.locks.get(self.file) is not self:
            self.drop()
            await self._stands()
        self.beat = self.wire.machine.now

    def drop(self) -> None:
        """Let go."""
        super().drop()
        if self.wire.machine.locks.get(getattr(self, "file", "")) is self:
            del self.wire.machine.locks[self.file]
