"""How many commands run over one connection at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pgrepl_tui.hosts import asyncssh_lazily
from pgrepl_tui.hosts.host import ConnectionLostError, HostError

_Session = TypeVar("_Session")

MOST = 8
"""OpenSSH takes 10 sessions a connection (MaxSessions) where nothing else is configured."""


class Sessions:
    """Counts the sessions of a connection, and lets a new one wait where the host takes no more.

    Args:
        name: the host, for messages.
        patience: how long a new session waits for its turn, in seconds.
    """

    def __init__(self, name: str, patience: float = 120.0) -> None:
        self._name = name
        self._patience = patience
        self._limit = MOST
        self._used = 0
        self._ended = asyncio.Condition()

    async def open(self, start: Callable[[], Awaitable[_Session]]) -> _Session:
        """Start a session when there is room for it; `done` has to follow once it ended.

        Raises:
            HostError: the host takes no session, or too few of them.
            ConnectionLostError: the connection is closed.
        """
        try:
            async with asyncio.timeout(self._patience):
                return await self._open(start)
        except TimeoutError as error:
            raise HostError(
                f"{self._name}: no session became free in {self._patience:.0f} s, {self._used} are in use",
                "Raise MaxSessions in the sshd_config of the host to 10, its default.",
            ) from error

    async def done(self) -> None:
        """A session ended."""
        async with self._ended:
            self._used -= 1
            self._ended.notify_all()

    async def _open(self, start: Callable[[], Awaitable[_Session]]) -> _Session:
        library = asyncssh_lazily.load()
        while True:
            async with self._ended:
                await self._ended.wait_for(lambda: self._used < self._limit)
                self._used += 1
            try:
                return await start()
            except library.ChannelOpenError as error:
                await self.done()
                self._learn(error)
            except BaseException:
                await self.done()
                raise

    def _learn(self, error: Exception) -> None:
        """A refused session: as many as there are now are all that the host takes."""
        if "SSH connection closed" in str(error):
            raise ConnectionLostError(
                f"{self._name}: the connection was closed", "Connect to the host again."
            ) from error
        if self._used == 0:
            raise HostError(
                f"{self._name}: the host lets the login run no command: {error}",
                "Look for MaxSessions, ForceCommand or a restricted key on the host.",
            ) from error
        self._limit = self._used
