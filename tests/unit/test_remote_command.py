"""How a command over SSH ended, when its process says so and when it does not."""

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from pgrepl_tui.hosts.host import Command, ConnectionLostError
from pgrepl_tui.hosts.remote_command import RemoteCommand

if TYPE_CHECKING:
    from asyncssh import SSHClientProcess


class Stream:
    """What a process writes, then its end; what is fed to it goes nowhere."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = data

    async def read(self, size: int) -> bytes:
        """All of it at once."""
        del size
        data, self._data = self._data, b""
        return data

    def write_eof(self) -> None:
        """The end of its input."""


class Process:
    """A process that wrote something and ended with a status; None is a connection that was lost."""

    def __init__(self, status: int | None) -> None:
        self.returncode = status
        self.stdout, self.stderr, self.stdin = Stream(b"done\n"), Stream(), Stream()

    async def wait_closed(self) -> None:
        """It is closed."""
        await asyncio.sleep(0)


async def never() -> bool:
    raise AssertionError("a command that ended is not to be ended")


def started(status: int | None) -> RemoteCommand:
    process = cast("SSHClientProcess[bytes]", Process(status))
    return RemoteCommand("db1", process, Command(("true",)), None, never)


async def test_a_status_is_the_commands_own() -> None:
    ended = await started(3).result()
    assert (ended.status, ended.out) == (3, b"done\n")


async def test_no_status_is_a_lost_connection_whatever_was_written() -> None:
    with pytest.raises(ConnectionLostError, match="it may have finished or not"):
        await started(None).result()
