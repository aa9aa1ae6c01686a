"""A line of a log as rows of the screen: its sign, its text cut or wrapped, what is found in it or selected."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pgrepl_tui.screens.plain import LONGEST_LINE, plain_line
from pgrepl_tui.screens.widgets.log_wanted import finder, sign_of

INDENT = 2
"""Cells before the text: the sign, and a space or the mark of the current line."""
TICK = "✓"
"""The sign of a line that marks a milestone."""

_WORDS = re.compile(r"\A +|[^ ]+ *")
Span = tuple[int, int]
"""The characters of a line from one up to another."""


class Look(NamedTuple):
    """How lines are drawn: the styles, the width in cells, columns cut off at the left (negative: wrapped).

    ``ticked`` are the texts of the lines that get a tick.
    """

    plain: Style
    bad: Style
    odd: Style
    good: Style
    found: Style
    selected: Style
    width: int
    shift: int
    searched: str
    ticked: frozenset[str] = frozenset()


class Part(NamedTuple):
    """What of a line stands in one row: the number of its first character, and the text."""

    begin: int
    text: str


@lru_cache(512)
def rows(line: str, look: Look, marks: tuple[str, str], selected: Span | None = None) -> tuple[Strip, ...]:
    """A line as it is drawn: cut at ``look.shift`` and ``look.width``, or wrapped into several rows.

    Before the first row stands the first of the ``marks``, before further ones the second.
    """
    text = plain_line(line[:LONGEST_LINE])
    sign = TICK if text.strip() in look.ticked else sign_of(line)
    style = {"✗": look.bad, "!": look.odd, TICK: look.good}.get(sign, look.plain)
    spans = [(span, look.found) for span in _spans(text, look.searched)]
    if selected is not None:
        spans.append((selected, look.selected))
    drawn: list[Strip] = []
    for part in parts(line, look.width, look.shift):
        head = f" {marks[1]}" if drawn else f"{sign}{marks[0]}"
        segments = [Segment(head, style), *_segments(part, spans, style)]
        drawn.append(Strip(segments).adjust_cell_length(look.width, look.plain))
    return tuple(drawn)


@lru_cache(512)
def parts(line: str, width: int, shift: int) -> tuple[Part, ...]:
    """What of a line stands in each of its rows."""
    text = plain_line(line[:LONGEST_LINE])
    if shift >= 0:
        return (Part(shift, text[shift:]),)
    found, begin = [], 0
    for piece in _wrap(text, max(1, width - INDENT)) or [""]:
        found.append(Part(begin, piece))
        begin += len(piece)
    return tuple(found)


def character_at(part: Part, cell: int) -> int:
    """The number, in its line, of the character that a part has at a cell; behind its end the one after the last."""
    taken = 0
    for place, char in enumerate(part.text):
        taken += cell_len(char)
        if taken > cell:
            return part.begin + place
    return part.begin + len(part.text)


def _wrap(text: str, width: int) -> list[str]:
    """The parts of a line, broken between words where they are all of single width; they make up the line."""
    return list(_broken(text, width)) if text.isascii() else chop_cells(text, width)


def _broken(text: str, width: int) -> Iterator[str]:
    """Rows that begin with a word: the blanks at a break stay behind it, and may reach beyond the edge."""
    row = ""
    for word in _WORDS.findall(text):
        if row and len(row) + len(word.rstrip(" ")) > width:
            yield row
            row = ""
        rest = word
        while len(rest.rstrip(" ")) > width:
            yield rest[:width]
            rest = rest[width:]
        row += rest
    if row:
        yield row


def _spans(text: str, searched: str) -> list[Span]:
    pattern = finder(searched)
    return [match.span() for match in pattern.finditer(text)] if pattern is not None else []


def _segments(part: Part, spans: list[tuple[Span, Style]], style: Style) -> Iterator[Segment]:
    """A part of a line; what lies in a marked span has that style as well."""
    begin, end = part.begin, part.begin + len(part.text)
    inside = [((max(low, begin), min(high, end)), extra) for (low, high), extra in spans if low < end and high > begin]
    edges = sorted({begin, end, *(edge for span, _ in inside for edge in span)})
    for low, high in pairwise(edges):
        styles = [extra for span, extra in inside if span[0] <= low and high <= span[1]]
        yield Segment(part.text[low - begin : high - begin], sum(styles, style))
