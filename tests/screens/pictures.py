"""The pictures of all screens: one table of screen, state and look, made of the tables of the tests that draw them."""

import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
CELL = (12.2, 24.4)
"""Width and height of a cell in a picture."""
PIECE = re.compile(r'<text class="[^"]*-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>')


TIME = r"\d\d:\d\d:\d\d"
"""What stands for ``{time}`` in a text."""


class Picture(NamedTuple):
    """A picture: what it shows, and texts that no other state of its screen has; narrow looks may have another one.

    Attributes:
        module: the test module that draws it, which is its folder.
        name: how its test is called, with its parameters, which is its file.
        screen: the screen.
        state: the state of that screen.
        look: size, and colours where they are not the usual ones.
        texts: of these each picture of the state shows one, and no picture of another state of the screen any.
    """

    module: str
    name: str
    screen: str
    state: str
    look: str
    texts: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The picture's file."""
        return SNAPSHOTS / self.module / f"{self.name}.svg"

    def is_told_by(self, words: str) -> bool:
        """Whether one of its texts stands in some words."""
        return stands_in(self.texts, words)


def stands_in(texts: str | tuple[str, ...], words: str) -> bool:
    """Whether a text, or one of several, stands in some words, blanks and ends of lines counted as one blank.

    ``{time}`` is any time; `` … `` with blanks around it is anything in between.
    """
    if isinstance(texts, tuple):
        return any(stands_in(text, words) for text in texts)
    parts = " ".join(texts.split()).split(" … ")
    pattern = ".*".join(TIME.join(map(re.escape, part.split("{time}"))) for part in parts)
    return re.search(pattern, " ".join(words.split())) is not None


Rows = Iterable[tuple[str, str, str | tuple[str, ...]]]


def each(module: str, rows: Rows, looks: Iterable[str], test: str = "test_picture") -> list[Picture]:
    """The pictures of a table of (screen, state, text or texts), each in every look, drawn by a test of that module."""
    wanted = list(looks)
    folder = module.rpartition(".")[2]
    return [
        Picture(
            folder,
            f"{test}[{screen}-{state}-{look}]" if look else f"{test}[{screen}-{state}]",
            screen,
            state,
            look,
            (text,) if isinstance(text, str) else text,
        )
        for screen, state, text in rows
        for look in wanted
    ]


def words_of(svg: str) -> str:
    """The text of a picture as it stands on the screen, a line a line."""
    lines: dict[int, dict[int, str]] = {}
    for x, y, piece in PIECE.findall(svg):
        line = lines.setdefault(round(float(y) / CELL[1]), {})
        text = html.unescape(piece).replace("\xa0", " ").rstrip("\n")
        line.update(enumerate(text, start=round(float(x) / CELL[0])))
    rows = (line for _, line in sorted(lines.items()))
    return "\n".join("".join(line.get(cell, " ") for cell in range(max(line, default=-1) + 1)) for line in rows)
