"""A host whose sshd forwards no TCP: a command on it makes the connection."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncssh
import pytest

from pgrepl_tui.hosts.host import HostError
from pgrepl_tui.hosts.ssh import SshHost
from pgrepl_tui.lab.sshd import SshServer
from tests.lab.running import LIMIT

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
def nothing_is_forwarded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_asked: object) -> bool:
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "open failed")

    monkeypatch.setattr(SshServer, "connection_requested", refuse)


async def serving(serve: Serve) -> tuple[asyncio.Server, int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


def relays() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            found.append(path.read_bytes().decode(errors="replace"))
    return [text for text in found if "/dev/tcp/$1/$2" in text]


async def until_none_is_left() -> None:
    async with asyncio.timeout(LIMIT):
        while relays():
            await asyncio.sleep(0.02)


async def test_bytes_of_every_kind_get_through_both_ways(ssh_host: SshHost) -> None:
    sent = bytes(range(256)) * 4000

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(len(sent)))
        await writer.drain()
        writer.close()

    server, port = await serving(echo)
    async with server, ssh_host.forward_port("127.0.0.1", port) as near:
        reader, writer = await asyncio.open_connection("127.0.0.1", near.port)
        writer.write(sent)
        assert await reader.read() == sent
        writer.close()
    await until_none_is_left()


async def test_the_end_of_the_near_side_ends_the_far_one(ssh_host: SshHost) -> None:
    gone = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await reader.read()
        writer.close()
        gone.set()

    server, port = await serving(wait)
    async with server, ssh_host.forward_port("127.0.0.1", port) as near:
        reader, writer = await asyncio.open_connection("127.0.0.1", near.port)
        assert await reader.readexactly(5) == b"hello"
        writer.close()
        async with asyncio.timeout(LIMIT):
            await gone.wait()
    await until_none_is_left()


async def test_leaving_ends_what_is_still_open(ssh_host: SshHost) -> None:
    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await reader.read()
        writer.close()

    server, port = await serving(wait)
    async with server:
        async with ssh_host.forward_port("127.0.0.1", port) as near:
            reader, _writer = await asyncio.open_connection("127.0.0.1", near.port)
            assert await reader.readexactly(5) == b"hello"
        await until_none_is_left()


async def test_a_far_end_that_refuses_is_named(ssh_host: SshHost) -> None:
    server, port = await serving(lambda _reader, _writer: asyncio.sleep(0))
    server.close()
    await server.wait_closed()
    with pytest.raises(HostError, match=f"no connection to 127.0.0.1:{port}.*refused"):
        await first_byte(ssh_host, port)


async def first_byte(host: SshHost, port: int) -> None:
    async with host.forward_port("127.0.0.1", port) as near:
        reader, _writer = await asyncio.open_connection("127.0.0.1", near.port)
        await reader.readexactly(1)
