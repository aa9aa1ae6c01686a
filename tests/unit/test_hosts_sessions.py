"""Sessions of one connection, on a host that takes fewer than we would like."""

import asyncio

import asyncssh
import pytest

from pgrepl_tui.hosts.host import ConnectionLostError, HostError
from pgrepl_tui.hosts.sessions import MOST, Sessions


class Server:
    """Refuses a session when ``most`` are open, as OpenSSH does with MaxSessions."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.open = 0
        self.highest = 0

    async def start(self) -> None:
        await asyncio.sleep(0)
        if self.open >= self.most:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "open failed")
        self.open += 1
        self.highest = max(self.highest, self.open)


async def one(sessions: Sessions, server: Server) -> None:
    await sessions.open(server.start)
    await asyncio.sleep(0.001)
    server.open -= 1
    await sessions.done()


@pytest.mark.parametrize("most", [1, 2, 5, 100])
async def test_all_get_their_turn_however_few_the_host_takes(most: int) -> None:
    server, sessions = Server(most), Sessions("db1", patience=5)
    await asyncio.gather(*(one(sessions, server) for _ in range(25)))
    assert server.open == 0
    assert server.highest == min(most, MOST)


async def test_a_host_that_takes_no_session_is_named() -> None:
    with pytest.raises(HostError, match="db1: the host lets the login run no command") as caught:
        await Sessions("db1").open(Server(0).start)
    assert "MaxSessions" in caught.value.remedy


async def test_waiting_for_a_session_has_an_end() -> None:
    server, sessions = Server(1), Sessions("db1", patience=0.05)
    await sessions.open(server.start)
    with pytest.raises(HostError, match="no session became free"):
        await sessions.open(server.start)
    await sessions.done()
    server.open -= 1
    await sessions.open(server.start)


async def test_a_closed_connection_is_no_lack_of_sessions() -> None:
    async def start() -> None:
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "SSH connection closed")

    with pytest.raises(ConnectionLostError):
        await Sessions("db1").open(start)


async def test_a_failed_start_gives_its_place_back() -> None:
    async def start() -> None:
        raise ZeroDivisionError

    sessions = Sessions("db1", patience=0.5)
    for _ in range(MOST + 1):
        with pytest.raises(ZeroDivisionError):
            await sessions.open(start)
