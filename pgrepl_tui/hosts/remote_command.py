"""One command over SSH: feed it, take what it writes, and know how it ended."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from pgrepl_tui.hosts import asyncssh_lazily
from pgrepl_tui.hosts.host import Command, ConnectionLostError, HostError, Result, Sink

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from asyncssh import SSHClientProcess, SSHReader

WINDOW = 2 * 1024 * 1024
"""Bytes under way on a channel, and the size of each read: below half a window asyncssh would buffer without end."""
MOST_OUTPUT = 64 * 1024 * 1024
"""Bytes of output that one command may leave in memory."""
GIVEN_UP = 3.0
"""Seconds that a command takes at most to be given up; on a host that hangs it may go on."""
_FEED = 256 * 1024


class RemoteCommand:
    """A command that was started on a host.

    Args:
        name: the host, for messages.
        process: the command.
        command: what it is.
        sink: gets each piece of output.
        end: ends all of its processes on the host, and tells whether that worked.
    """

    def __init__(
        self,
        name: str,
        process: "SSHClientProcess[bytes]",
        command: Command,
        sink: Sink | None,
        end: "Callable[[], Awaitable[bool]]",
    ) -> None:
        self._name = name
        self._end = end
        self._process = process
        self._command = command
        self._sink = sink
        self._taken: dict[str, bytearray] = {"out": bytearray(), "err": bytearray()}

    async def result(self) -> Result:
        """Wait for its end.

        Raises:
            ConnectionLostError: the connection went away, or it was silent for too long and was stopped.
            HostError: it wrote more than fits in memory, and was stopped.
        """
        quiet_for = self._command.quiet_for
        try:
            async with asyncio.timeout(quiet_for) as clock:
                await self._talk(_Alive(clock, quiet_for))
        except TimeoutError as error:
            raise ConnectionLostError(
                f"{self._name}: the command was silent for {quiet_for:g} s {await self._stop()}",
                "Look on the host for what it waits for, then run again.",
            ) from error
        except _TooMuchError as error:
            raise HostError(
                f"{self._name}: the command wrote more than {MOST_OUTPUT // 1024**2} MiB {await self._stop()}",
                "Look on the host at what it writes.",
            ) from error
        except ConnectionLostError:
            raise
        except BaseException:  # cancelled, or the sink failed: nobody waits for it any more
            await self._give_up()
            raise
        return self._ended()

    async def _give_up(self) -> None:
        """End it, and wait for that only as long as the operator who stopped the run would."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GIVEN_UP):
                await self._end()

    async def _talk(self, alive: "_Alive") -> None:
        process = self._process
        feeding = asyncio.create_task(self._feed(alive))
        readers = [
            asyncio.create_task(self._read("out", process.stdout, alive)),
            asyncio.create_task(self._read("err", process.stderr, alive)),
        ]
        try:
            await asyncio.gather(*readers)
            await process.wait_closed()
        finally:
            for task in (feeding, *readers):
                task.cancel()

    async def _feed(self, alive: "_Alive") -> None:
        data, stdin = self._command.stdin, self._process.stdin
        try:
            for start in range(0, len(data), _FEED):
                stdin.write(data[start : start + _FEED])
                await stdin.drain()
                alive()
            stdin.write_eof()
        except (OSError, asyncssh_lazily.load().Error):
            return  # it ended without reading all of its input: how it ended says more than this does

    async def _read(self, stream: str, reader: "SSHReader[bytes]", alive: "_Alive") -> None:
        try:
            while piece := await reader.read(WINDOW):
                alive()
                self._take(stream, piece)
        except (OSError, asyncssh_lazily.load().Error) as error:
            raise self._lost() from error

    def _take(self, stream: str, piece: bytes) -> None:
        if self._sink is not None:
            self._sink(stream, piece)
        self._taken[stream] += piece
        if sum(map(len, self._taken.values())) > MOST_OUTPUT:
            raise _TooMuchError

    def _ended(self) -> Result:
        status = self._process.returncode
        if status is None:
            raise self._lost()
        return Result(status, bytes(self._taken["out"]), bytes(self._taken["err"]))

    def _lost(self) -> ConnectionLostError:
        return ConnectionLostError(
            f"{self._name}: the connection was lost before the command's exit status came; it may have finished or not",
            "Connect to the host again: what was done there is looked at anew before anything is changed.",
        )

    async def _stop(self) -> str:
        return "and was stopped" if await self._end() else "and may still run on the host"


class _TooMuchError(Exception):
    """The command wrote more than may be kept."""


class _Alive:
    """Moves the deadline of a silent command when it is heard of."""

    def __init__(self, clock: asyncio.Timeout, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds

    def __call__(self) -> None:
        if not self._clock.expired():
            self._clock.reschedule(asyncio.get_running_loop().time() + self._seconds)
