"""The hostile corpus for tests: its sequences, how they are cut, and what may reach a terminal."""

import json
import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot
    from textual.screen import Screen

LONG = 200
"""Bytes of a sequence that fills a screen: it is looked at in the log only."""
_OWN = re.compile(r"\x1b(?:\[[0-9;:]*m|\[\d+;\d+H|\[\?2026[hl]|\[[0-9;]*[ABCDGJK]|\]22;[a-z-]*\x07)")
"""What the program's own drawing writes: styles, the cursor, whole frames, the pointer's shape."""


_PILE = re.compile("[\u0300-\u036f\u0483-\u0489\u1161-\u11ff\u20d0-\u20f0\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]{6}")
_BAR = " ▁▂▃▄▅▆▇█"
"""A scrollbar, which can be grabbed."""


_OWN_ACTIONS = {"app.recheck"}
"""What the program itself lets be clicked within a text."""


class Sequence(NamedTuple):
    """One entry of the corpus, and its place in it."""

    number: int
    group: str
    name: str
    data: bytes

    @property
    def marked(self) -> bytes:
        """The bytes between two words that have to be seen: one of them may be overwritten or cut off."""
        return f"<{self.number}<".encode() + self.data + f">{self.number}>".encode()

    @property
    def text(self) -> str:
        """What a careless program makes of the marked bytes."""
        return self.marked.decode("utf-8", "surrogateescape" if self.number % 2 else "backslashreplace")

    def seen_in(self, shown: str) -> bool:
        """True where one of the two words is seen."""
        return f"<{self.number}<" in shown or f">{self.number}>" in shown


def numbers_in(shown: str) -> set[int]:
    """The sequences of which one of the two words is seen."""
    return {int(before or after) for before, after in re.findall(r"<(\d+)<|>(\d+)>", shown)}


def corpus() -> list[Sequence]:
    """All sequences."""
    rows = json.loads((Path(__file__).parent / "data" / "hostile.json").read_text())
    return [
        Sequence(number, row["group"], row["name"], row["bytes"].encode("latin-1")) for number, row in enumerate(rows)
    ]


def chunkings(data: bytes) -> Iterator[list[bytes]]:
    """The bytes in one piece, byte by byte, in two halves, and three bytes at a time (a long one: three hundred)."""
    yield [data]
    for size in (1 if len(data) < LONG else 100, max(1, len(data) // 2), 3 if len(data) < LONG else 300):
        yield [data[begin : begin + size] for begin in range(0, len(data), size)]


def assert_harmless(shown: str) -> None:
    """Nothing in it that a terminal obeys, hides or cannot write."""
    bad = {hex(ord(c)) for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and c != "\n"}
    assert not bad


def assert_thin(shown: str) -> None:
    """No character carries more marks than are let through, and none stands on what the program itself writes."""
    assert not _PILE.search(shown), ascii(_PILE.search(shown))


def assert_no_markup(screen: "Screen[object]") -> None:
    """Nothing that is drawn can be clicked or followed: no text was taken for markup."""
    for segment in chain.from_iterable(screen._compositor.render_strips()):
        if segment.style is not None and segment.text.strip(_BAR):
            assert segment.style.link is None, segment
            done = {str(what) for name, what in segment.style.meta.items() if name.startswith("@")}
            assert done <= _OWN_ACTIONS, segment


class Terminal(HeadlessDriver):
    """A driver that keeps all that is written to the terminal."""

    written: str = ""

    @property
    def is_headless(self) -> bool:
        """No: it is drawn on."""
        return False

    def write(self, data: str) -> None:
        """Keep it."""
        self.written += data

    def assert_copied(self, text: str) -> None:
        """This text was handed to the terminal's clipboard, once."""
        sequence = f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07"
        assert self.written.count(sequence) == 1
        self.written = self.written.replace(sequence, "")

    def assert_harmless(self) -> None:
        """No control reached the terminal but those of the program's own drawing; what was kept is let go."""
        data, self.written = self.written, ""
        data.encode()
        assert_harmless(_OWN.sub("", data).replace("\r", ""))


@asynccontextmanager
async def watched(app: App[int], size: tuple[int, int]) -> "AsyncIterator[tuple[Pilot[int], Terminal]]":
    """The app on a terminal that keeps what is written."""
    app.driver_class = Terminal
    async with app.run_test(headless=False, size=size, notifications=True) as pilot:
        assert isinstance(app._driver, Terminal)
        yield pilot, app._driver
