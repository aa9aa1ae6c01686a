"""The wizard in a real terminal: tmux holds it, keys and mouse events go in, the screen comes out."""

import asyncio
import contextlib
import itertools
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.cells import cell_len

from tests.lab.running import LIMIT, PROGRAM, environment

SIZE = (80, 24)
LOOK_EVERY = 0.05
"""Seconds between two looks at the screen: tmux tells nobody when it changes."""
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
CLICKED_AGAIN = 100
"""Looks without an effect after which one clicks again."""
needs_tmux = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="tmux is not installed: the wizard is not tried in a real terminal"
)


class Cell(NamedTuple):
    """A place on the screen; both count from 1, as terminals do."""

    column: int
    row: int


class Wizard:
    """A tmux server of its own, with one window that the program fills.

    Args:
        socket: the name of the server's socket.
        folder: where the socket lies.
    """

    def __init__(self, socket: str, folder: Path) -> None:
        self._socket = socket
        self._folder = folder

    def tmux(self, *words: str, env: Mapping[str, str] | None = None, given: str | None = None) -> str:
        """Run a tmux command on this server, with this on its standard input; what it prints."""
        surroundings = {name: value for name, value in (env or os.environ).items() if not name.startswith("TMUX")}
        surroundings["TMUX_TMPDIR"] = str(self._folder)
        command = ["tmux", "-u", "-L", self._socket, "-f", "/dev/null", *words]
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, check=True, timeout=LIMIT, env=surroundings
        )
        return done.stdout

    def start(self, command: list[str], env: Mapping[str, str], size: tuple[int, int]) -> None:
        """Start a command in a window of this size; the window stays when it ends."""
        width, height = map(str, size)
        stay = (";", "set-option", "-g", "remain-on-exit", "on")
        self.tmux("new-session", "-d", "-x", width, "-y", height, "--", *command, *stay, env=env)

    # What is seen

    def screen(self) -> str:
        """The screen, as lines."""
        return self.tmux("capture-pane", "-p")

    async def until(self, *texts: str, gone: str = "") -> str:
        """Wait until all texts are on the screen, and ``gone`` is not; the screen."""
        return await self.when(lambda screen: shows(screen, texts, gone), told(texts, gone))

    async def when(self, condition: Callable[[str], bool], what: str) -> str:
        """Wait until the screen meets a condition; the screen."""
        ended = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LIMIT):
                while not ended:
                    if condition(screen := self.screen()):
                        return screen
                    await asyncio.sleep(LOOK_EVERY)
                    ended = self._ended
        if condition(screen := self.screen()):
            return screen
        raise AssertionError(f"never on screen: {what}; it shows:\n{screen}")

    async def still(self) -> str:
        """The screen, once it is the same in two looks."""
        seen = [""]

        def same(screen: str) -> bool:
            seen.append(screen)
            return seen[-1] == seen[-2]

        return await self.when(same, "a screen that stands still")

    async def find(self, text: str) -> Cell:
        """The cell in the middle of a text, once it stands still: at the same place in two looks."""
        seen: list[Cell | None] = [None]

        def still(screen: str) -> bool:
            seen.append(middle_of(screen, text))
            return seen[-1] is not None and seen[-1] == seen[-2]

        await self.when(still, text)
        cell = seen[-1]
        assert cell is not None
        return cell

    def record(self, stream: Path) -> None:
        """Keep every byte that the program sends to its terminal from now on; ``.whole`` is there once it has ended."""
        self.tmux("pipe-pane", "-o", f'cat >"{stream}"; : >"{stream}.whole"')

    @contextmanager
    def recorded(self) -> Iterator[Path]:
        """Keep every byte that is sent meanwhile: ``sent`` looks there for what is shown for a moment only."""
        stream = self._folder / "stream"
        stream.unlink(missing_ok=True)
        self.record(stream)
        try:
            yield stream
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):  # the program has ended, and its window with it
                self.tmux("pipe-pane")

    async def sent(self, stream: Path, text: str) -> None:
        """Wait until a text has been sent to the terminal, whether it is still to be seen or not."""

        def plain() -> bytes:
            return ESCAPES.sub(b"", stream.read_bytes() if stream.exists() else b"")

        await self.when(lambda _: text.encode() in plain(), f"{text}, if only for a moment")

    def clipboard(self) -> list[str]:
        """What the program has put into the terminal's clipboard (OSC 52), the last first."""
        names = self.tmux("list-buffers", "-F", "#{buffer_name}").split()
        return [self.tmux("show-buffer", "-b", name) for name in names]

    # What is done

    def start_program(self) -> None:
        """Start the program from a shell."""
        self.type(f"{shlex.join(PROGRAM)}\r")

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names: ``Enter``, ``C-s``, ``x``."""
        self.tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self.tmux("send-keys", "-l", "--", text)

    def type_secretly(self, text: str) -> None:
        """Type a text that is in no process's arguments."""
        self.tmux("load-buffer", "-b", "typed", "-", given=text)
        self.tmux("paste-buffer", "-d", "-b", "typed")

    async def click(self, text: str, times: int = 1) -> None:
        """Click on a text with the left button."""
        self._click(await self.find(text), times)

    def _click(self, cell: Cell, times: int = 1) -> None:
        column, row = cell
        self.type(f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m" * times)

    async def click_until(self, text: str, *shown: str, gone: str = "") -> str:
        """Click on a text until others are there: what is clicked may be drawn anew in that very moment."""
        click = await self._clicks(text)
        return await self.when(
            lambda screen: shows(screen, shown, gone) or click(screen), f"{told(shown, gone)}, by clicks on {text}"
        )

    async def click_to_end(self, text: str) -> int:
        """Click on a text until the program ends; its exit code."""
        click = await self._clicks(text)
        await self.when(lambda screen: self._ended or click(screen), f"the end, by clicks on {text}")
        return await self.ended()

    async def _clicks(self, text: str) -> Callable[[str], bool]:
        """Called at each look; now and then it clicks on the text, where it is on the screen. It is never content."""
        await self.find(text)
        looks = itertools.count()

        def click(screen: str) -> bool:
            cell = middle_of(screen, text)
            if next(looks) % CLICKED_AGAIN == 0 and cell is not None:
                self._click(cell)
            return False

        return click

    async def wheel(self, text: str, *, down: bool = True) -> None:
        """Turn the wheel by one notch over a text."""
        column, row = await self.find(text)
        self.type(f"\x1b[<{65 if down else 64};{column};{row}M")

    # The process

    @property
    def pid(self) -> int:
        """The program's process."""
        return int(self._pane("#{pane_pid}"))

    def close(self) -> None:
        """Close the window, as a terminal does that is closed while the program runs."""
        self.tmux("set-option", "-g", "remain-on-exit", "off", ";", "kill-session")

    async def ended(self) -> int:
        """Wait for the program's end; its exit code, negative where a signal ended it."""
        await self.when(lambda _: self._ended, "the end of the program")
        status, number = self._pane("#{pane_dead_status},#{pane_dead_signal}").split(",")
        return int(status) if status else -int(number)

    @property
    def _ended(self) -> bool:
        dead, known, server = self._pane("#{pane_dead},#{pane_dead_status}#{pane_dead_signal},#{pid}").split(",")
        if dead == "1" and not known:
            # tmux waits for the signal that its child ended; where the kernel lost it, another one does no harm
            os.kill(int(server), signal.SIGCHLD)
        return bool(known)

    def _pane(self, template: str) -> str:
        return self.tmux("display-message", "-p", template).strip()


def shows(screen: str, texts: Sequence[str], gone: str) -> bool:
    """All texts are on the screen, and ``gone`` is not."""
    return all(text in screen for text in texts) and not (gone and gone in screen)


def told(texts: Sequence[str], gone: str) -> str:
    """What is waited for, in words."""
    return f"{', '.join(texts)}{f' without {gone}' if gone else ''}"


def middle_of(screen: str, text: str) -> Cell | None:
    """The cell in the middle of the first place where a text stands, if it stands anywhere."""
    for number, line in enumerate(screen.splitlines(), start=1):
        before, found, _ = line.partition(text)
        if found:
            return Cell(cell_len(before) + (cell_len(text) + 1) // 2, number)
    return None


@asynccontextmanager
async def in_terminal(
    home: Path, *arguments: str, size: tuple[int, int] = SIZE, program: Sequence[str] = PROGRAM, **more: str
) -> AsyncIterator[Wizard]:
    """The program in a terminal of this size, with all its own folders below ``home``; it is ended at the end.

    ``more`` is added to its environment; ``program`` is started in its place: a shell, to start it from.
    """
    surroundings = environment(home / "state", HOME=str(home), XDG_CONFIG_HOME=str(home / "config"))
    for name in ("COLUMNS", "LINES", "NO_COLOR", "ACCESSIBLE", "LC_ALL"):
        surroundings.pop(name, None)  # the terminal's own size and look count
    with tempfile.TemporaryDirectory(prefix="pgrepl-tmux-") as folder:  # a socket's path has to be short
        wizard = Wizard("wizard", Path(folder))
        wizard.start([*program, *arguments], {**surroundings, "LANG": "C.UTF-8", **more}, size)
        try:
            yield wizard
        finally:
            subprocess.run(
                ["tmux", "-L", "wizard", "kill-server"],
                env={**os.environ, "TMUX_TMPDIR": folder},
                capture_output=True,
                check=False,
            )
