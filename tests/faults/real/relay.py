"""The network before a host: it passes bytes on, slowly or not at all, or resets what is connected."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

PIECE = 256 * 1024
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on, 0 seconds: closing sends RST, and what is under way is thrown away (socket(7))."""


class Relay:
    """One listening port, whose connections lead to an SSH server.

    Attributes:
        delay: seconds that each piece waits, in each direction.
        holes: how many pieces were swallowed by the black hole.
        resets: how many connections were reset.
        refuses: a new connection is reset at once: nobody is at home.
        accepting: is awaited before a connection is passed on.
    """

    def __init__(self, accepting: Callable[[], Awaitable[None]]) -> None:
        self.delay = 0.0
        self.holes = 0
        self.resets = 0
        self.refuses = False
        self.accepting = accepting
        self._open = asyncio.Event()
        self._open.set()
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter | None]] = set()
        self._to = ("", 0)
        self._server: asyncio.Server | None = None

    async def listen(self, address: str) -> int:
        """Listen on a free port of an address; the port."""
        self._server = await asyncio.start_server(self._connected, address, 0)
        return int(self._server.sockets[0].getsockname()[1])

    def lead_to(self, address: str, port: int) -> None:
        """Where the SSH server listens."""
        self._to = (address, port)

    def swallow(self) -> None:
        """From now on nothing goes through, and nobody is told."""
        self._open.clear()

    def heal(self) -> None:
        """Everything goes through again, at its usual pace; what went into the hole is lost with its connections."""
        self.delay, self.refuses, self.holes, self.resets = 0.0, False, 0, 0
        if not self._open.is_set():
            self.reset()
            self._open.set()

    def reset(self) -> int:
        """Reset all connections, on both of their sides; how many there were."""
        pairs, self._pairs = self._pairs, set()
        for client, server in pairs:
            for writer in (client, server):
                if writer is not None:
                    _reset(writer)
        self.resets += len(pairs)
        return len(pairs)

    async def close(self) -> None:
        """Listen no more."""
        self.reset()
        if self._server is not None:
            self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter | None] = (writer, None)
        self._pairs.add(pair)
        await self.accepting()
        if pair not in self._pairs:
            return
        self._pairs.discard(pair)
        if self.refuses:
            self.resets += 1
            _reset(writer)
            return
        back, forth = await asyncio.open_connection(*self._to)
        pair = (writer, forth)
        self._pairs.add(pair)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._pass(reader, forth))
            both.create_task(self._pass(back, writer))
        self._pairs.discard(pair)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if not self._open.is_set():
                    self.holes += 1
                    await self._open.wait()
                writer.write(piece)
                await writer.drain()
        if not self._open.is_set():  # the end of a connection does not come through either
            self.holes += 1
            await self._open.wait()
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    transport = writer.transport
    if transport.is_closing():
        return
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
