"""A command that is spoken to: a line goes in, an answer comes out."""

import asyncio
from typing import TYPE_CHECKING

from pgrepl_tui.hosts import asyncssh_lazily
from pgrepl_tui.hosts.host import ConnectionLostError

if TYPE_CHECKING:
    from asyncssh import SSHClientProcess

_PIECE = 2 * 1024 * 1024
_MOST = 16 * 1024 * 1024
_SAID = 500
_LEAVE_SECONDS = 2.0
_LAST_WORDS_SECONDS = 1.0
ANSWER_SECONDS = 15.0
"""Seconds for an answer, all of it, or for input to be taken: with those for the end of a command that says no more it
is on the screen within 20."""


class Talk:
    """A running command; see ``hosts.host.Conversation``.

    Args:
        name: the host, for messages.
        process: the command, with bytes on its streams.
    """

    def __init__(self, name: str, process: "SSHClientProcess[bytes]") -> None:
        self._name = name
        self._process = process
        self._heard = b""
        self._given_up = False

    async def say(self, data: bytes) -> None:
        """Write to its standard input.

        Raises:
            ConnectionLostError: it ended, or took nothing for 15 s.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                self._process.stdin.write(data)
                await self._process.stdin.drain()
        except TimeoutError as error:
            self._given_up = True
            raise self._gone(f"it took no input for {ANSWER_SECONDS:.0f} s") from error
        except (OSError, asyncssh_lazily.load().Error) as error:
            raise self._gone(str(error)) from error

    async def hear(self, until: bytes) -> bytes:
        """Read its standard output up to and without ``until``.

        Raises:
            ConnectionLostError: it ended, said too much, or did not come to ``until`` in 15 s.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while until not in self._heard:
                    await self._hear_more()
        except TimeoutError as error:
            self._given_up = True
            raise self._gone(f"no answer for {ANSWER_SECONDS:.0f} s") from error
        answer, _, self._heard = self._heard.partition(until)
        return answer

    async def leave(self) -> bool:
        """End its standard input, and tell whether it ended of that within 2 s; what gave no answer does not."""
        if self._given_up:
            return False
        try:
            async with asyncio.timeout(_LEAVE_SECONDS):
                self._process.stdin.write_eof()
                while await self._process.stdout.read(_PIECE):
                    pass
                await self._process.wait_closed()
        except (OSError, asyncssh_lazily.load().Error):
            return self._process.returncode is not None
        return True

    async def _hear_more(self) -> None:
        try:
            piece = await self._process.stdout.read(_PIECE)
        except (OSError, asyncssh_lazily.load().Error) as error:
            raise self._gone(str(error)) from error
        if not piece:
            raise self._gone(await self._last_words())
        self._heard += piece
        if len(self._heard) > _MOST:
            raise self._gone("its answer does not end")

    async def _last_words(self) -> str:
        """What it wrote to its standard error before it ended."""
        try:
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                said = await self._process.stderr.read(_SAID)
        except (TimeoutError, OSError, asyncssh_lazily.load().Error):
            said = b""
        return said.decode("utf-8", "backslashreplace").strip() or "it ended"

    def _gone(self, why: str) -> ConnectionLostError:
        return ConnectionLostError(f"{self._name}: a command that should stay is gone: {why}", "Run again.")
