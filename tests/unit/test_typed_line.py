"""A question at the terminal: the answer, an end of input, and a stop that does not wait for anybody to type."""

import asyncio
import os
import pty
import sys
import termios
from collections.abc import Iterator

import pytest

from pgrepl_tui.headless import typed_line


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The other end of the terminal that is standard input."""
    near, far = pty.openpty()
    with os.fdopen(far, "r", closefd=True) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        yield near
    os.close(near)


def echoes() -> bool:
    return bool(termios.tcgetattr(sys.stdin.fileno())[3] & termios.ECHO)


async def test_a_typed_line_comes_back_without_its_end(keyboard: int) -> None:
    os.write(keyboard, b"yes\n")
    assert await typed_line("Stop it? ") == "yes"


async def test_the_end_of_the_input_is_no_answer_and_no_error(keyboard: int) -> None:
    asyncio.get_running_loop().call_later(0.05, os.write, keyboard, b"\x04")
    assert await asyncio.wait_for(typed_line("Stop it? "), 60) == ""


async def test_a_password_is_not_echoed_and_the_echo_comes_back(keyboard: int) -> None:
    typing = asyncio.create_task(typed_line("Password: ", shown=False))
    await asyncio.sleep(0)
    assert not echoes()
    os.write(keyboard, b"pa ss\n")
    assert await asyncio.wait_for(typing, 60) == "pa ss"
    assert echoes()


async def test_a_stop_ends_the_question_at_once(keyboard: int) -> None:
    assert keyboard
    typing = asyncio.create_task(typed_line("Password: ", shown=False))
    await asyncio.sleep(0)
    typing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(typing, 60)
    assert echoes()
