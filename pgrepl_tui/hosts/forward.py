"""Connections carried through SSH: a near end on this machine, opened by the host where they arrive."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from pgrepl_tui.hosts import asyncssh_lazily
from pgrepl_tui.hosts.host import Forward, HostError

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection, SSHReader, SSHWriter

    Far = tuple[SSHReader[bytes], SSHWriter[bytes]]

_PIECE = 64 * 1024
_WINDOW = 128 * 1024
_OPEN_SECONDS = 15.0
_LONGEST_SOCKET_PATH = 100


class _Tunnel:
    """Joins each connection that comes in to one that the host opens."""

    def __init__(self, far: "Callable[[], AbstractAsyncContextManager[Far]]") -> None:
        self._far = far
        self._joined: set[asyncio.Task[None]] = set()
        self.refusal: Exception | None = None

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection came in."""
        task = asyncio.create_task(self._join(reader, writer))
        self._joined.add(task)
        task.add_done_callback(self._joined.discard)

    async def end(self) -> None:
        """Cut what is still joined."""
        for task in self._joined:
            task.cancel()
        await asyncio.gather(*self._joined, return_exceptions=True)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        library = asyncssh_lazily.load()
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(_OPEN_SECONDS):
                    far_reader, far_writer = await stack.enter_async_context(self._far())
                await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        except (OSError, HostError, library.Error) as error:
            self.refusal = error
        finally:
            writer.close()


async def _pump(reader: Any, writer: Any) -> None:
    """Pass bytes on, and then the end of them; the two sides have the same methods, but no common type."""
    while piece := await reader.read(_WINDOW):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


@asynccontextmanager
async def port(
    name: str,
    connection: "SSHClientConnection",
    address: str,
    number: int,
    relay: "Callable[[str, int], AbstractAsyncContextManager[Far]]",
) -> AsyncIterator[Forward]:
    """A local TCP port whose connections the host opens to ``address:number``; by ``relay`` where sshd will not."""
    library = asyncssh_lazily.load()

    @asynccontextmanager
    async def far() -> "AsyncIterator[Far]":
        try:
            reader, writer = await connection.open_connection(address, number, encoding=None, window=_WINDOW)
        except library.ChannelOpenError as error:
            if error.code != library.OPEN_ADMINISTRATIVELY_PROHIBITED:
                raise
            async with relay(address, number) as both:
                yield both
            return
        try:
            yield reader, writer
        finally:
            writer.close()

    tunnel = _Tunnel(far)
    server = await asyncio.start_server(tunnel.accept, "127.0.0.1", 0)
    async with _listening(name, f"{address} port {number}", server, tunnel):
        yield Forward(port=server.sockets[0].getsockname()[1])


@asynccontextmanager
async def socket(name: str, connection: "SSHClientConnection", path: str) -> AsyncIterator[Forward]:
    """A local Unix socket of the same name, in a folder that only this user may enter."""

    @asynccontextmanager
    async def far() -> "AsyncIterator[Far]":
        reader, writer = await connection.open_unix_connection(path, encoding=None, window=_WINDOW)
        try:
            yield reader, writer
        finally:
            writer.close()

    tunnel = _Tunnel(far)
    folder = _private_folder(PurePosixPath(path).name)
    try:
        near = f"{folder}/{PurePosixPath(path).name}"
        server = await asyncio.start_unix_server(tunnel.accept, near)
        async with _listening(name, path, server, tunnel):
            yield Forward(path=near)
    finally:
        shutil.rmtree(folder)


def _private_folder(socket_name: str) -> str:
    """A new 0700 folder; a socket's path has to be short (108 bytes on Linux)."""
    folder = tempfile.gettempdir()
    return tempfile.mkdtemp(
        prefix="pgr-",
        dir=folder if len(folder) + len(socket_name) + 14 < _LONGEST_SOCKET_PATH else "/tmp",  # noqa: S108 - mkdtemp makes a folder of our own in it
    )


@asynccontextmanager
async def _listening(name: str, far_end: str, server: asyncio.Server, tunnel: _Tunnel) -> AsyncIterator[None]:
    """Close it all at the end; a failure inside that came of a refused connection is reported as that."""
    try:
        yield
    except HostError:
        raise
    except Exception as error:
        if tunnel.refusal is None:
            raise
        raise HostError(
            f"{name}: the host could not open a connection to {far_end}: {tunnel.refusal}",
            "Is the server running there? Does the sshd_config of the host allow forwarding "
            "(AllowTcpForwarding, AllowStreamLocalForwarding)?",
        ) from error
    finally:
        server.close()
        await tunnel.end()
