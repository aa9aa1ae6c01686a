"""A terminal with the program's plain lines on it, and an operator who reads and types."""

import asyncio
import os
import pty
import re
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fcntl import ioctl
from pathlib import Path

from tests.lab.running import LIMIT, PROGRAM, environment


class Desk:
    """What was printed, and the keyboard. The terminal is the program's own: Ctrl-C and its end reach it."""

    def __init__(self, master: int, process: asyncio.subprocess.Process) -> None:
        self._master = master
        self._open = True
        self.process = process
        self.bytes = b""
        self._read = 0
        self._more = asyncio.Event()
        self._whole = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._take)

    @property
    def printed(self) -> str:
        """All that came out of the terminal, what it echoed included."""
        return self.bytes.decode("utf-8", "backslashreplace")

    def _take(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the program ended, and its side of the terminal with it
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
            self._whole.set()
        self.bytes += data
        self._more.set()

    async def until(self, words: str) -> str:
        """Wait for words behind those that were waited for last; what was printed up to them."""
        try:
            async with asyncio.timeout(LIMIT):
                while (found := self.printed.find(words, self._read)) < 0:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"never printed {words!r}:\n{self.printed[-3000:]}") from None
        before, self._read = self.printed[self._read : found], found + len(words)
        return before

    def press(self, keys: bytes) -> None:
        """Press keys as they are."""
        os.write(self._master, keys)

    async def answer(self, words: str, line: str) -> str:
        """Type a line when it is asked for."""
        before = await self.until(words)
        self.press(line.encode() + b"\n")
        return before

    def close(self) -> None:
        """Close the terminal, as when its window is closed."""
        if self._open:
            self._open = False
            self._whole.set()
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)

    async def ended(self) -> int:
        """The exit code, once all that was printed has been read."""
        async with asyncio.timeout(LIMIT):
            code = await self.process.wait()
            await self._whole.wait()
        return code


@asynccontextmanager
async def at_terminal(state: Path, *arguments: str, **more: str) -> AsyncIterator[Desk]:
    """The program on a terminal that is its controlling one."""
    master, slave = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        *arguments,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(state, **more),
        start_new_session=True,
        preexec_fn=lambda: ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    desk = Desk(master, process)
    try:
        yield desk
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        desk.close()


def assert_plain(printed: str) -> None:
    """Nothing that moves the cursor or colours: lines, and the line ends that the terminal makes."""
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)", printed)
