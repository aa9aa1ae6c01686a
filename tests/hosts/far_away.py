"""A long way to a host: a relay that keeps each piece back for a while. The kernel has no netem everywhere.

It is a program of its own, so that it can run on the hub's network: its arguments are the port to listen on, the
host's address and port, and how long each piece is kept back, in seconds. It says ``up`` once it listens.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.hosts.hub import ADDRESS, Hub, kill

PIECE = 64 * 1024


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Pass everything on, late; the pieces overtake nothing and wait for nobody."""
    loop, pieces = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]](64)

    async def late() -> None:
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(due - loop.time())
            if not piece:
                writer.close()
                return
            writer.write(piece)
            await writer.drain()

    sending = asyncio.create_task(late())
    try:
        while piece := await reader.read(PIECE):
            await pieces.put((loop.time() + seconds, piece))
        await pieces.put((loop.time() + seconds, b""))
        await sending
    except OSError:
        writer.close()
    finally:
        sending.cancel()


async def relay(port: int, host: str, far_port: int, seconds: float) -> None:
    """Relay connections, for ever."""

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, far_port)
        await asyncio.gather(pump(reader, far_writer, seconds), pump(far_reader, writer, seconds))

    async with await asyncio.start_server(join, ADDRESS, port):
        print("up", flush=True)
        await asyncio.Event().wait()


@asynccontextmanager
async def far_away(hub: Hub, port: int, host: str, seconds: float) -> AsyncIterator[None]:
    """The sshd of ``host``, ``seconds`` away in each direction, on this port of the hub."""
    argv = (sys.executable, "-m", "tests.hosts.far_away", str(port), host, "22", str(seconds))
    process = await asyncio.create_subprocess_exec(*hub.command(*argv), stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"up\n"
        yield
    finally:
        kill(process.pid)
        await process.wait()


if __name__ == "__main__":
    asyncio.run(relay(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
