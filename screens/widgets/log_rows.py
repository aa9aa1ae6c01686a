"""A line of a log as rows of the screen: its sign, its text cut or wrapped, and what was searched for in it."""

from collections.abc import Iterator
from functools import lru_cache
from textwrap import wrap
from typing import NamedTuple

from rich.cells import chop_cells
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.widgets.log_wanted import finder, sign_of

INDENT = 2
"""Cells before the text: the sign, and a space or the mark of the current line."""
LONGEST_LINE = 8_300
"""Characters of a line that are drawn: all that is kept of it, and the words that it was cut."""


class Look(NamedTuple):
    """How lines are drawn: the styles, the width in cells, columns cut off at the left (negative: wrapped)."""

    plain: Style
    bad: Style
    odd: Style
    found: Style
    width: int
    shift: int
    searched: str


@lru_cache(512)
def rows(line: str, look: Look, mark: str) -> tuple[Strip, ...]:
    """A line as it is drawn: cut at ``look.shift`` and ``look.width``, or wrapped into several rows."""
    sign = sign_of(line)
    style = {"✗": look.bad, "!": look.odd}.get(sign, look.plain)
    text = plain_line(line[:LONGEST_LINE])
    parts = _wrap(text, max(1, look.width - INDENT)) if look.shift < 0 else [text[look.shift :]]
    spans = _spans(text, look.searched)
    drawn: list[Strip] = []
    begin = max(0, look.shift)
    for part in parts or [""]:
        head = "  " if drawn else f"{sign}{mark}"
        segments = [Segment(head, style), *_segments(part, begin, spans, (style, look.found))]
        drawn.append(Strip(segments).adjust_cell_length(look.width, look.plain))
        begin += len(part)
    return tuple(drawn)


def _wrap(text: str, width: int) -> list[str]:
    """The parts of a line, broken between words where they are all of single width."""
    return wrap(text, width, drop_whitespace=False) if text.isascii() else chop_cells(text, width)


def _spans(text: str, searched: str) -> list[tuple[int, int]]:
    pattern = finder(searched)
    return [match.span() for match in pattern.finditer(text)] if pattern is not None else []


def _segments(part: str, begin: int, spans: list[tuple[int, int]], styles: tuple[Style, Style]) -> Iterator[Segment]:
    """A part of a line that begins at character ``begin``, what was found in it in the second style."""
    style, found = styles
    done = 0
    for first, last in spans:
        low, high = max(first - begin, done), min(last - begin, len(part))
        if low < high:
            yield Segment(part[done:low], style)
            yield Segment(part[low:high], style + found)
            done = high
    yield Segment(part[done:], style)
