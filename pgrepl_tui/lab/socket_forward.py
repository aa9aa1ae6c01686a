"""A forwarded connection to a Unix socket, opened as the lab's user so that the server's ``peer`` method sees it."""

import asyncio
import socket
from typing import Protocol, cast

import asyncssh

from pgrepl_tui.lab.account import Account


class _Pipe(Protocol):
    """What a channel and a socket's transport have in common."""

    def write(self, data: bytes) -> None: ...
    def write_eof(self) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def is_closing(self) -> bool: ...
    def close(self) -> None: ...


class _Near(asyncssh.SSHUNIXSession[bytes]):
    """The SSH channel's side: whatever happens here is done to the socket."""

    def __init__(self, far: "_Far") -> None:
        self._far = far

    def connection_made(self, chan: asyncssh.SSHUNIXChannel[bytes]) -> None:
        self._far.near = cast("_Pipe", chan)

    def session_started(self) -> None:
        self._far.socket.resume_reading()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:  # noqa: ARG002 - part of the protocol
        self._far.socket.write(data)

    def eof_received(self) -> bool:
        if not self._far.socket.is_closing():
            self._far.socket.write_eof()
        return True

    def pause_writing(self) -> None:
        self._far.socket.pause_reading()

    def resume_writing(self) -> None:
        self._far.socket.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - part of the protocol
        self._far.socket.close()


class _Far(asyncio.Protocol):
    """The socket's side: whatever happens here is done to the SSH channel."""

    near: _Pipe
    socket: _Pipe

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.socket = cast("asyncio.Transport", transport)
        self.socket.pause_reading()  # until the channel is open

    def data_received(self, data: bytes) -> None:
        if not self.near.is_closing():
            self.near.write(data)

    def eof_received(self) -> bool:
        if not self.near.is_closing():
            self.near.write_eof()
        return True

    def pause_writing(self) -> None:
        self.near.pause_reading()

    def resume_writing(self) -> None:
        if not self.near.is_closing():
            self.near.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - part of the protocol
        if not self.near.is_closing():
            self.near.close()


async def forward_to_socket(path: str, account: Account) -> asyncssh.SSHUNIXSession[bytes]:
    """Connect to the Unix socket ``path`` as ``account``; the session joins it to the channel.

    Raises:
        asyncssh.ChannelOpenError: nobody listens there, or the user may not connect.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.setblocking(False)  # a full backlog is an error, not a wait with another user's ids
    try:
        with account.effective():
            connection.connect(path)
    except OSError as error:
        connection.close()
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, f"{path}: {error.strerror}") from error
    _, far = await asyncio.get_running_loop().create_unix_connection(_Far, sock=connection)
    return _Near(far)
