"""How many commands run on a host at a time.

OpenSSH takes 10 sessions a connection (MaxSessions) where nothing else is configured; hardened hosts take 2, or 1. On
these more connections are made, so that what stays open (locks, readers) leaves room for what comes and goes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Generic, TypeVar

from pgrepl_tui.hosts import asyncssh_lazily
from pgrepl_tui.hosts.host import ConnectionLostError, HostError

_Connection = TypeVar("_Connection")
_Session = TypeVar("_Session")

MOST = 8
"""Sessions on a host, over all of its connections."""


class _Line(Generic[_Connection]):
    """A connection, how many sessions it has, and how many it takes as far as is known."""

    def __init__(self, connection: _Connection) -> None:
        self.connection = connection
        self.limit = MOST
        self.used = 0


class Sessions(Generic[_Connection]):
    """Finds room for a session: on a connection that has some, on one more, or once another session has ended.

    Args:
        name: the host, for messages.
        connection: the first connection.
        more: makes another one; None where that is not wanted.
        patience: how long a new session waits for its turn, in seconds.
    """

    def __init__(
        self,
        name: str,
        connection: _Connection,
        more: Callable[[], Awaitable[_Connection]] | None = None,
        patience: float = 120.0,
    ) -> None:
        self._name = name
        self._lines = [_Line(connection)]
        self._more = more
        self._patience = patience
        self._ended = asyncio.Condition()
        self._growing = asyncio.Lock()

    def close(self) -> None:
        """Make no further connection: those that there are are being ended."""
        self._more = None

    @property
    def connections(self) -> list[_Connection]:
        """All connections, the first one first."""
        return [line.connection for line in self._lines]

    async def open(self, start: Callable[[_Connection], Awaitable[_Session]], stack: AsyncExitStack) -> _Session:
        """Start a session where there is room for it; it is counted until the stack is left.

        Raises:
            HostError: the host takes no session, or too few of them.
            ConnectionLostError: the connection is closed.
        """
        try:
            async with asyncio.timeout(self._patience) as clock:
                line, session = await self._find(start)
        except TimeoutError as error:
            if not clock.expired():
                raise
            used = sum(line.used for line in self._lines)
            raise HostError(
                f"{self._name}: no session became free in {self._patience:.0f} s, {used} are in use",
                "Raise MaxSessions in the sshd_config of the host to 10, its default.",
            ) from error
        stack.push_async_callback(self._done, line)
        return session

    async def _find(self, start: Callable[[_Connection], Awaitable[_Session]]) -> tuple[_Line[_Connection], _Session]:
        while True:
            for line in [*self._lines]:
                session = await self._try(line, start)
                if session is not None:
                    return line, session
            if not await self._grow():
                async with self._ended:
                    await self._ended.wait_for(self._has_room)

    async def _try(
        self, line: _Line[_Connection], start: Callable[[_Connection], Awaitable[_Session]]
    ) -> _Session | None:
        """Start a session on this connection; None where it takes no more.

        A refusal counts at the second time: sshd still counts a session whose end came in one packet with the request.
        """
        for last in (False, True):
            if line.used >= line.limit:
                return None
            line.used += 1
            try:
                return await start(line.connection)
            except asyncssh_lazily.load().ChannelOpenError as error:
                await self._done(line)
                self._learn(line, error, last=last)
            except BaseException:
                await self._done(line)
                raise
        return None

    def _learn(self, line: _Line[_Connection], error: Exception, *, last: bool) -> None:
        """A refused session: as many as there are now are all that the connection takes."""
        if "SSH connection closed" in str(error):
            raise ConnectionLostError(f"{self._name}: the connection was lost", "Connect to the host again.") from error
        if not last:
            return
        if line.used == 0:
            raise HostError(
                f"{self._name}: the host lets the login run no command: {error}",
                "Look for MaxSessions, ForceCommand or a restricted key on the host.",
            ) from error
        line.limit = line.used

    async def _grow(self) -> bool:
        """Make one more connection where that gives more room; True where there is room now."""
        async with self._growing:
            if self._has_room():
                return True
            if self._more is None or sum(line.limit for line in self._lines) >= MOST:
                return False
            try:
                self._lines.append(_Line(await self._more()))
            except HostError:
                self._more = None  # the host takes no further connection: what there is has to do
                return False
            return True

    def _has_room(self) -> bool:
        return any(line.used < line.limit for line in self._lines)

    async def _done(self, line: _Line[_Connection]) -> None:
        async with self._ended:
            line.used -= 1
            self._ended.notify_all()
