"""A command that is spoken to is given up in time, whatever it does instead of answering; in virtual time."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest

from pgrepl_tui.hosts.host import ConnectionLostError
from pgrepl_tui.hosts.talk import Talk
from tests.unit.virtual_time import clock, run

if TYPE_CHECKING:
    from asyncssh import SSHClientProcess

ON_SCREEN_WITHIN = 20.0
LEFT_FOR = 4.0
"""Seconds that ending the command, and telling of it, may take besides."""


class Stream:
    """A stream of a pretended process: gives a piece every so many seconds, and takes input or not."""

    def __init__(self, piece: bytes, every: float, *, takes: bool = True, pieces: float = float("inf")) -> None:
        self.piece, self.every, self.takes, self.pieces = piece, every, takes, pieces

    async def read(self, _most: int) -> bytes:
        await asyncio.sleep(self.every)
        self.pieces -= 1
        return self.piece if self.pieces >= 0 else b""

    def write(self, data: bytes) -> None:
        assert data

    def write_eof(self) -> None:
        return

    async def drain(self) -> None:
        if not self.takes:
            await asyncio.sleep(3600)


class Process:
    """A command that goes on and says what its streams say."""

    returncode: int | None = None

    def __init__(self, out: Stream, err: Stream) -> None:
        self.stdin, self.stdout, self.stderr = out, out, err

    async def wait_closed(self) -> None:
        return


def talk(out: Stream, err: Stream | None = None) -> Talk:
    return Talk("db1", cast("SSHClientProcess[bytes]", Process(out, err or Stream(b"", 3600))))


SILENT: dict[str, Callable[[], Talk]] = {
    "says nothing": lambda: talk(Stream(b"", 3600)),
    "a byte now and then": lambda: talk(Stream(b".", 5.0)),
    "ends late, with its other stream open": lambda: talk(Stream(b".", 14.5, pieces=0)),
}


@pytest.mark.parametrize("how", SILENT)
def test_no_answer_is_told_in_time(how: str) -> None:
    async def hears() -> float:
        one, began = SILENT[how](), clock()
        with pytest.raises(ConnectionLostError, match="db1: a command that should stay is gone"):
            await one.hear(b"\n")
        assert not await one.leave()
        return clock() - began

    assert run(hears()) <= ON_SCREEN_WITHIN - LEFT_FOR


def test_what_takes_no_input_is_told_in_time() -> None:
    async def says() -> float:
        one, began = talk(Stream(b"", 3600, takes=False)), clock()
        with pytest.raises(ConnectionLostError, match="took no input for"):
            await one.say(b"select 1;\n")
        assert not await one.leave()
        return clock() - began

    assert run(says()) <= ON_SCREEN_WITHIN - LEFT_FOR


def test_an_answer_may_come_in_pieces() -> None:
    async def hears() -> bytes:
        return await talk(Stream(b"one\n", 0.5)).hear(b"one\none\n")

    assert run(hears()) == b""
