"""A host reached over SSH."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pgrepl_tui.hosts import asyncssh_lazily, destination, follow, forward, relay, remote_end, ssh_chain
from pgrepl_tui.hosts.become import AskPassword, Becoming
from pgrepl_tui.hosts.host import Command, ConnectionLostError, Conversation, Forward, HostError, Result, Sink
from pgrepl_tui.hosts.remote_command import WINDOW, RemoteCommand
from pgrepl_tui.hosts.sessions import Sessions
from pgrepl_tui.hosts.ssh_login import Passwords
from pgrepl_tui.hosts.talk import Talk

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection, SSHClientProcess, SSHReader, SSHWriter

_OPEN_SECONDS = 30.0
_SHOWN = 80


async def connect(
    destination_text: str,
    *,
    ssh_config: Path | None,
    name: str | None = None,
    timeout: float = 15.0,
    passwords: Passwords | None = None,
) -> "SshHost":
    """Connect to a host and log in with a key, or else a password; its host key has to be known.

    Args:
        destination_text: ``[user@]host[:port]``; the SSH configuration says the rest.
        ssh_config: the configuration file to go by; None is ``~/.ssh/config``, where there is one.
        name: how the host is called on screen; None is the destination.
        timeout: how long the connection and its login may take, in seconds.
        passwords: those of the run, and who is asked for them; None where there are none.

    Raises:
        DestinationError: the text is no destination.
        HostKeyError: the host's key is not known, or has changed.
        HostError: the host cannot be reached, or lets nobody in, or its login shell is in the way.
    """
    where = destination.parse(destination_text)
    way = ssh_chain.Way(ssh_config, timeout, passwords or Passwords())
    chain = await ssh_chain.connect(where, way)

    async def more() -> "SSHClientConnection":
        return await ssh_chain.last(where, way, chain[:-1])

    host = SshHost(name or destination_text, chain, more)
    try:
        await host.greet(timeout)
    except BaseException:
        await host.close()
        raise
    return host


class SshHost:
    """A host reached over SSH. Made by `connect`; safe to use from many tasks of one event loop.

    Args:
        name: how it is called on screen.
        chain: the connections to its jump hosts, in order, and its own.
        more: makes another connection of its own; None where that is not wanted.
    """

    def __init__(
        self,
        name: str,
        chain: "Sequence[SSHClientConnection]",
        more: "Callable[[], Awaitable[SSHClientConnection]] | None" = None,
    ) -> None:
        self._name = name
        self._chain = chain
        self._connection = chain[-1]
        self._login = ""
        self._sessions = Sessions(name, chain[-1], more)
        self._becoming = Becoming(name, self._run_unchecked)

    @property
    def name(self) -> str:
        """How the host is called on screen."""
        return self._name

    @property
    def login(self) -> str:
        """The user that logged in, as the host calls it."""
        return self._login

    @property
    def software(self) -> str:
        """What its SSH server calls itself, such as OpenSSH_9.2p1."""
        said = str(self._connection.get_extra_info("server_version", ""))
        return said.split("-", 2)[-1]

    @property
    def ask_password(self) -> AskPassword | None:
        """Who is asked where sudo wants a password; None is nobody."""
        return self._becoming.ask

    @ask_password.setter
    def ask_password(self, ask: AskPassword | None) -> None:
        """Who is asked from now on."""
        self._becoming.ask = ask

    async def greet(self, seconds: float) -> None:
        """Ask who logged in, and whether the login shell adds text of its own to the output.

        Raises:
            HostError: it does, or it runs no commands.
        """
        mark = secrets.token_hex(8)
        script = f"echo {mark}; id -un; echo {mark}"
        result = await self._run(Command(("/bin/sh", "-c", script), quiet_for=seconds), None)
        before, *rest = result.out.split(f"{mark}\n".encode())
        if len(rest) != 2 or result.status != 0:
            raise HostError(
                f"{self._name}: the login shell does not run commands: {_shown(result.out + result.err)}",
                "The login needs a shell such as /bin/bash on the host, and no forced command.",
            )
        if before or rest[1]:
            raise HostError(
                f"{self._name}: the login shell writes text of its own: {_shown(before or rest[1])}",
                "Let its start-up files (.bashrc, .profile, .cshrc, config.fish) write only in interactive shells.",
            )
        self._login = rest[0].decode("utf-8", "replace").strip()

    async def run(self, command: Command, sink: Sink | None = None) -> Result:
        """Run a command to its end, whatever its status; one ended by signal N has the status -N.

        Raises:
            ConnectionLostError: the connection went away, or the command was silent for too long.
            HostError: the user may not be changed to, or the command wrote more than 64 MiB.
        """
        await self._becoming.become(self._login, command.user)
        return await self._run(command, sink)

    async def follow(self, path: str, *, offset: int, user: str | None) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of a growing file from ``offset`` (in bytes) on, for ever; nothing stays on the host.

        A file that is replaced is followed from its new start. Close the generator (``aclose``) to end it.

        Raises:
            ConnectionLostError: the connection went away.
            HostError: the file may not be read.
        """
        await self._becoming.become(self._login, user)
        async with AsyncExitStack() as stack:
            process = await self._start(follow.command(path, offset, user), stack)
            pieces = follow.pieces(self._name, path, process)
            try:
                async for piece in pieces:
                    yield piece
            finally:
                await pieces.aclose()

    @asynccontextmanager
    async def converse(self, command: Command) -> AsyncIterator[Conversation]:
        """Start a command and speak to it; its standard input is closed and it is ended at the end.

        Raises:
            ConnectionLostError: the connection went away.
            HostError: the user may not be changed to.
        """
        await self._becoming.become(self._login, command.user)
        mark = secrets.token_hex(8)
        async with AsyncExitStack() as stack:
            process = await self._start(command, stack, {remote_end.MARK: mark})
            talk = Talk(self._name, process)
            try:
                yield talk
            finally:
                if not await talk.leave():
                    await self._end(mark, command.user)
                process.close()

    def forward_port(self, address: str, port: int) -> AbstractAsyncContextManager[Forward]:
        """A local TCP port whose connections the host opens to ``address:port``."""
        return forward.port(self._name, self._connection, address, port, self._relayed)

    def forward_socket(self, path: str) -> AbstractAsyncContextManager[Forward]:
        """A local Unix socket, of the same name, whose connections the host opens to its own socket ``path``."""
        return forward.socket(self._name, self._connection, path)

    async def close(self) -> None:
        """End its connections, and those to its jump hosts."""
        self._sessions.close()
        await ssh_chain.close([*self._chain, *self._sessions.connections[1:]])

    def abandon(self) -> None:
        """Cut its connections at once: all that waits for the host fails as lost, and a lock there goes."""
        for connection in [*self._sessions.connections[1:], *reversed(self._chain)]:
            connection.abort()

    @asynccontextmanager
    async def _relayed(self, address: str, port: int) -> "AsyncIterator[tuple[SSHReader[bytes], SSHWriter[bytes]]]":
        """A connection from the host to ``address:port``, by a command."""
        async with AsyncExitStack() as stack:
            process = await self._start(relay.command(address, port), stack)
            stack.callback(process.close)
            if await process.stdout.read(len(relay.UP)) != relay.UP:
                said = _shown(await process.stderr.read(_SHOWN))
                raise HostError(f"{self._name}: no connection to {address}:{port}: {said}", "Look at the network.")
            yield process.stdout, process.stdin

    async def _run_unchecked(self, command: Command) -> Result:
        return await self._run(command, None)

    async def _run(self, command: Command, sink: Sink | None) -> Result:
        mark = secrets.token_hex(8)

        async def end() -> bool:
            return await self._end(mark, command.user)

        return await self._run_marked(command, sink, {remote_end.MARK: mark}, end)

    async def _run_marked(
        self, command: Command, sink: Sink | None, env: Mapping[str, str], end: Callable[[], Awaitable[bool]]
    ) -> Result:
        async with AsyncExitStack() as stack:
            process = await self._start(command, stack, env)
            try:
                return await RemoteCommand(self._name, process, command, sink, end).result()
            finally:
                process.close()

    async def _end(self, mark: str, user: str | None) -> bool:
        """End the command with this mark, and tell whether it has ended."""

        async def nothing_more() -> bool:
            return False

        try:
            async with asyncio.timeout(remote_end.SECONDS):
                result = await self._run_marked(remote_end.command(mark, user), None, {}, nothing_more)
        except (HostError, TimeoutError):
            return False
        return result.status == 0

    async def _start(
        self, command: Command, stack: AsyncExitStack, env: Mapping[str, str] | None = None
    ) -> "SSHClientProcess[bytes]":
        line, first = self._becoming.prepared(command, self._login, env)

        async def session(connection: "SSHClientConnection") -> "SSHClientProcess[bytes]":
            async with asyncio.timeout(_OPEN_SECONDS):
                return await connection.create_process(line, encoding=None, window=WINDOW)

        try:
            process = await self._sessions.open(session, stack)
            if first:
                process.stdin.write(first)
        except (OSError, asyncssh_lazily.load().Error) as error:
            raise ConnectionLostError(
                f"{self._name}: the connection was lost: {error or 'no answer'}", "Connect to the host again."
            ) from error
        return process


def _shown(output: bytes) -> str:
    """The start of what a host said, harmless on a terminal."""
    text = output.decode("utf-8", "backslashreplace").strip()
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
