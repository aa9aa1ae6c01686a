"""A host that is this machine: commands run here, as whoever runs the tests, with a home of their own."""

import asyncio
import contextlib
import getpass
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from pgrepl_tui.hosts.host import Command, ConnectionLostError, Conversation, Forward, HostError, Result, Sink
from pgrepl_tui.hosts.shell import line


class LocalHost:
    """Stands for a host; see ``hosts.host.Host``. The users of commands are all one here."""

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.login = getpass.getuser()
        self._home = home
        self.asked: list[Command] = []

    @property
    def changes(self) -> list[str]:
        """The commands that may change something, in order, as they are shown."""
        return [command.shown or line(command.argv) for command in self.asked if command.changes]

    def _env(self, command: Command) -> dict[str, str]:
        path = f"{self._home.parent}/system:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        return {"PATH": path, "LC_ALL": "C", "LANGUAGE": "", "HOME": str(self._home), **command.env}

    async def _start(self, command: Command) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *command.argv, stdin=pipe, stdout=pipe, stderr=pipe, env=self._env(command), cwd="/"
        )

    async def run(self, command: Command, sink: Sink | None = None) -> Result:
        """Run it to its end."""
        self.asked.append(command)
        process = await self._start(command)
        out, err = await process.communicate(command.stdin)
        for stream, data in (("out", out), ("err", err)):
            if sink is not None and data:
                sink(stream, data)
        return Result(process.returncode or 0, out, err)

    async def follow(self, path: str, *, offset: int, user: str | None) -> AsyncIterator[bytes]:
        """The bytes of a growing file."""
        del user
        while True:
            data = Path(path).read_bytes()[offset:] if Path(path).exists() else b""
            offset += len(data)
            if data:
                yield data
            await asyncio.sleep(0.02)

    @asynccontextmanager
    async def _talk(self, command: Command) -> AsyncIterator[Conversation]:
        self.asked.append(command)
        process = await self._start(command)
        try:
            yield Talk(self.name, process)
        finally:
            with contextlib.suppress(OSError):
                process.stdin.close()  # type: ignore[union-attr]
            await process.communicate()  # what nobody reads keeps its pipe open behind the end

    def converse(self, command: Command) -> AbstractAsyncContextManager[Conversation]:
        """Speak to a command."""
        return self._talk(command)

    @asynccontextmanager
    async def _forward(self, port: int) -> AsyncIterator[Forward]:
        yield Forward(port=port)

    def forward_port(self, address: str, port: int) -> AbstractAsyncContextManager[Forward]:
        """Both are this machine: the port itself."""
        assert address == "127.0.0.1"
        return self._forward(port)

    def forward_socket(self, path: str) -> AbstractAsyncContextManager[Forward]:
        """There is no socket: psql has to do."""
        raise HostError(f"{path} is not there", "")

    async def close(self) -> None:
        """There is no connection."""


class Talk:
    """A running command; see ``hosts.host.Conversation``."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self._name = name
        self._process = process
        self._heard = b""

    async def say(self, data: bytes) -> None:
        """Write to its standard input."""
        self._process.stdin.write(data)  # type: ignore[union-attr]
        await self._process.stdin.drain()  # type: ignore[union-attr]

    async def hear(self, until: bytes) -> bytes:
        """Read its standard output up to and without ``until``."""
        while until not in self._heard:
            piece = await self._process.stdout.read(65536)  # type: ignore[union-attr]
            if not piece:
                said = (await self._process.stderr.read()).decode()  # type: ignore[union-attr]
                raise ConnectionLostError(f"{self._name}: it ended: {said}", "")
            self._heard += piece
        answer, _, self._heard = self._heard.partition(until)
        return answer
