"""Sessions on a host that takes fewer of them on a connection than we would like."""

import asyncio
from contextlib import AsyncExitStack

import asyncssh
import pytest

from pgrepl_tui.hosts.host import ConnectionLostError, HostError
from pgrepl_tui.hosts.sessions import MOST, Sessions


class Line:
    """A connection that refuses a session when ``most`` are open, as OpenSSH does with MaxSessions."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.open = 0

    def end(self) -> None:
        self.open -= 1


class Server:
    """Takes ``most`` sessions a connection, and ``lines`` connections."""

    def __init__(self, most: int, lines: int = 100) -> None:
        self.most = most
        self.left = lines
        self.lines = [Line(most)]
        self.highest = 0

    async def start(self, line: Line) -> Line:
        await asyncio.sleep(0)
        if line.open >= line.most:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "open failed")
        line.open += 1
        self.highest = max(self.highest, sum(line.open for line in self.lines))
        return line

    async def more(self) -> Line:
        await asyncio.sleep(0)
        self.left -= 1
        if self.left < 1:
            raise HostError("db1 takes no further connection")
        self.lines.append(Line(self.most))
        return self.lines[-1]

    def sessions(self, patience: float = 60.0, *, grows: bool = True) -> Sessions[Line]:
        return Sessions("db1", self.lines[0], self.more if grows else None, patience)


async def one(sessions: Sessions[Line], server: Server) -> None:
    async with AsyncExitStack() as stack:
        line = await sessions.open(server.start, stack)
        await asyncio.sleep(0.001)
        line.end()


@pytest.mark.parametrize("most", [1, 2, 5, 100])
async def test_all_get_their_turn_however_few_a_single_connection_takes(most: int) -> None:
    server = Server(most)
    sessions = server.sessions(grows=False)
    await asyncio.gather(*(one(sessions, server) for _ in range(25)))
    assert [line.open for line in server.lines] == [0]
    assert server.highest == min(most, MOST)


@pytest.mark.parametrize(("most", "lines"), [(1, 8), (2, 4), (3, 3), (8, 1), (100, 1)])
async def test_more_connections_are_made_where_each_takes_few(most: int, lines: int) -> None:
    server = Server(most)
    sessions = server.sessions()
    await asyncio.gather(*(one(sessions, server) for _ in range(40)))
    assert len(server.lines) == lines
    assert sessions.connections == server.lines
    assert min(MOST, most * lines) <= server.highest <= MOST + most


async def test_a_host_that_takes_no_further_connection_makes_do_with_what_there_is() -> None:
    server = Server(1, lines=2)
    sessions = server.sessions()
    await asyncio.gather(*(one(sessions, server) for _ in range(10)))
    assert len(server.lines) == 2
    assert server.highest == 2


async def test_what_stays_open_leaves_room_for_what_comes_and_goes() -> None:
    server = Server(1)
    sessions = server.sessions()
    async with AsyncExitStack() as stays:
        for _ in range(3):
            await sessions.open(server.start, stays)
        for _ in range(20):
            await one(sessions, server)
        assert len(server.lines) == 4


async def test_a_session_that_has_just_ended_may_still_count_on_the_host() -> None:
    server = Server(1)
    refusals = 0

    async def start(line: Line) -> Line:
        nonlocal refusals
        refusals += 1
        if refusals % 2:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "open failed")
        return await server.start(line)

    sessions = server.sessions(grows=False)
    for _ in range(5):
        async with AsyncExitStack() as stack:
            (await sessions.open(start, stack)).end()


async def test_a_host_that_takes_no_session_is_named() -> None:
    server = Server(0)
    async with AsyncExitStack() as stack:
        with pytest.raises(HostError, match="db1: the host lets the login run no command") as caught:
            await server.sessions().open(server.start, stack)
    assert "MaxSessions" in caught.value.remedy


async def test_waiting_for_a_session_has_an_end() -> None:
    server = Server(1)
    sessions = server.sessions(patience=0.05, grows=False)
    async with AsyncExitStack() as first:
        line = await sessions.open(server.start, first)
        async with AsyncExitStack() as stack:
            with pytest.raises(HostError, match="no session became free"):
                await sessions.open(server.start, stack)
        line.end()
    await one(sessions, server)


async def test_a_connection_that_does_not_answer_is_no_lack_of_sessions() -> None:
    async def start(_line: Line) -> Line:
        raise TimeoutError("no answer")

    async with AsyncExitStack() as stack:
        with pytest.raises(TimeoutError, match="no answer"):
            await Server(1).sessions().open(start, stack)


async def test_a_closed_connection_is_no_lack_of_sessions() -> None:
    async def start(_line: Line) -> Line:
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "SSH connection closed")

    async with AsyncExitStack() as stack:
        with pytest.raises(ConnectionLostError):
            await Server(1).sessions().open(start, stack)


async def test_a_failed_start_gives_its_place_back() -> None:
    async def start(_line: Line) -> Line:
        raise ZeroDivisionError

    sessions = Server(1).sessions(patience=0.5)
    async with AsyncExitStack() as stack:
        for _ in range(MOST + 1):
            with pytest.raises(ZeroDivisionError):
                await sessions.open(start, stack)
