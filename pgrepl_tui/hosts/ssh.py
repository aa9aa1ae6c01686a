"""A host reached over SSH."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pgrepl_tui.hosts import asyncssh_lazily, destination, follow, forward, remote_end, ssh_attempt, ssh_errors
from pgrepl_tui.hosts.become import AskPassword, Becoming
from pgrepl_tui.hosts.host import Command, ConnectionLostError, Conversation, Forward, HostError, Result, Sink
from pgrepl_tui.hosts.remote_command import WINDOW, RemoteCommand
from pgrepl_tui.hosts.sessions import Sessions
from pgrepl_tui.hosts.talk import Talk

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection, SSHClientProcess

_CLOSE_SECONDS = 5.0
_OPEN_SECONDS = 30.0
_MOST_JUMPS = 8
_SHOWN = 80


async def connect(
    destination_text: str,
    *,
    ssh_config: Path | None,
    name: str | None = None,
    timeout: float = 15.0,
) -> "SshHost":
    """Connect to a host and log in with a key; its host key has to be known.

    Args:
        destination_text: ``[user@]host[:port]``; the SSH configuration says the rest.
        ssh_config: the configuration file to go by; None is ``~/.ssh/config``, where there is one.
        name: how the host is called on screen; None is the destination.
        timeout: how long the connection and its login may take, in seconds.

    Raises:
        DestinationError: the text is no destination.
        HostKeyError: the host's key is not known, or has changed.
        HostError: the host cannot be reached, or lets nobody in, or its login shell is in the way.
    """
    where = destination.parse(destination_text)
    chain: list[SSHClientConnection] = []
    try:
        await _connect(where, ssh_config, timeout, chain)
    except BaseException:
        await _close(chain)
        raise
    host = SshHost(name or destination_text, chain)
    try:
        await host.greet(timeout)
    except BaseException:
        await host.close()
        raise
    return host


async def _connect(
    where: destination.Destination,
    config: Path | None,
    seconds: float,
    chain: "list[SSHClientConnection]",
    via: tuple[str, ...] = (),
) -> None:
    """Add the connections to a host's jump hosts, each of which is checked in the same way, and its own.

    As with OpenSSH only the first hop's own ProxyJump counts, and one that is its own jump host is reached directly.
    """
    try:
        attempt = await asyncio.to_thread(ssh_attempt.prepare, where, config, seconds)
    except (ValueError, OSError) as error:
        raise ssh_errors.of_configuration(error, config) from error
    jumps = [] if chain or len(via) >= _MOST_JUMPS else attempt.jumps
    for jump in jumps:
        if jump in via:
            break
        await _connect(destination.parse(jump), config, seconds, chain, (*via, *jumps))
    chain.append(await _log_in(attempt, chain))


async def _log_in(attempt: ssh_attempt.Attempt, chain: "Sequence[SSHClientConnection]") -> "SSHClientConnection":
    options = ssh_attempt.options(attempt, chain[-1] if chain else None)
    try:
        async with asyncio.timeout(attempt.timeout):
            connection: SSHClientConnection = await asyncssh_lazily.load().connect(**options)
    except (OSError, ValueError, asyncssh_lazily.load().Error) as error:
        raise await asyncio.to_thread(ssh_errors.of_connecting, error, attempt) from error
    return connection


async def _close(chain: "Sequence[SSHClientConnection]") -> None:
    for connection in reversed(chain):
        connection.close()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await connection.wait_closed()
        except TimeoutError:
            connection.abort()


class SshHost:
    """A host reached over SSH. Made by `connect`; safe to use from many tasks of one event loop.

    Args:
        name: how it is called on screen.
        chain: the connections to its jump hosts, in order, and its own.
    """

    def __init__(self, name: str, chain: "Sequence[SSHClientConnection]") -> None:
        self._name = name
        self._chain = chain
        self._connection = chain[-1]
        self._login = ""
        self._sessions = Sessions(name)
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
        process = await self._start(follow.command(path, offset, user))
        pieces = follow.pieces(self._name, path, process)
        try:
            async for piece in pieces:
                yield piece
        finally:
            await pieces.aclose()
            await self._sessions.done()

    @asynccontextmanager
    async def converse(self, command: Command) -> AsyncIterator[Conversation]:
        """Start a command and speak to it; its standard input is closed and it is ended at the end.

        Raises:
            ConnectionLostError: the connection went away.
            HostError: the user may not be changed to.
        """
        await self._becoming.become(self._login, command.user)
        mark = secrets.token_hex(8)
        process = await self._start(command, {remote_end.MARK: mark})
        talk = Talk(self._name, process)
        try:
            yield talk
        finally:
            if not await talk.leave():
                await self._end(mark, command.user)
            process.close()
            await self._sessions.done()

    def forward_port(self, address: str, port: int) -> AbstractAsyncContextManager[Forward]:
        """A local TCP port whose connections the host opens to ``address:port``."""
        return forward.port(self._name, self._connection, address, port)

    def forward_socket(self, path: str) -> AbstractAsyncContextManager[Forward]:
        """A local Unix socket, of the same name, whose connections the host opens to its own socket ``path``."""
        return forward.socket(self._name, self._connection, path)

    async def close(self) -> None:
        """End the connection, and those to its jump hosts."""
        await _close(self._chain)

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
        process = await self._start(command, env)
        try:
            return await RemoteCommand(self._name, process, command, sink, end).result()
        finally:
            process.close()
            await self._sessions.done()

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

    async def _start(self, command: Command, env: Mapping[str, str] | None = None) -> "SSHClientProcess[bytes]":
        line, first = self._becoming.prepared(command, self._login, env)

        async def session() -> "SSHClientProcess[bytes]":
            async with asyncio.timeout(_OPEN_SECONDS):
                return await self._connection.create_process(line, encoding=None, window=WINDOW)

        try:
            process = await self._sessions.open(session)
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
