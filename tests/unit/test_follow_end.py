"""The end of a followed file whose channel does not close: an error that says so, within a bounded time."""

import asyncio
from typing import Any

import pytest

from pgrepl_tui.hosts import follow
from pgrepl_tui.hosts.host import ConnectionLostError


class Ended:
    """A stream at its end."""

    async def read(self, _most: int) -> bytes:
        return b""

    def write_eof(self) -> None:
        return


class NeverClosed:
    """A process of asyncssh's whose output has ended and whose channel stays."""

    returncode = None
    stdin = stdout = stderr = Ended()
    closed = False

    async def wait_closed(self) -> None:
        await asyncio.Event().wait()

    def close(self) -> None:
        self.closed = True


async def test_a_channel_that_stays_is_a_lost_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_GRACE", 0.01)
    process: Any = NeverClosed()
    with pytest.raises(ConnectionLostError, match="db2: the connection was lost while /log was followed"):
        await anext(follow.pieces("db2", "/log", process))
    assert process.closed
