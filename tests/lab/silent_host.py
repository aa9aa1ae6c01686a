"""Hosts that take a connection and never say a word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def silent_host(folder: Path) -> AsyncIterator[Path]:
    """A topology of two such hosts, in ``folder``."""

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(never, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        topology = folder / "silent.yaml"
        topology.write_text(
            f"name: silent\nprimary: {{ssh: '127.0.0.1:{port}'}}\nstandbys: [{{ssh: '127.0.0.2:{port}'}}]\n"
        )
        yield topology
