"""A unified diff in colour, its signs kept: as it is, or old and new side by side where there is room for both."""

from collections.abc import Iterator
from itertools import zip_longest

from textual.content import Content

from pgrepl_tui.screens.plain import plain

STYLES = {"+": "$success", "-": "$error", "@": "$accent"}
WIDE = 100
"""Cells from which on old and new stand side by side, if every line fits into its half."""
BETWEEN = " │ "


def diff_text(diff: str, width: int = 0) -> Content:
    """The lines of a unified diff, for a panel of so many cells: added, removed, where they are; the rest as it is."""
    lines = plain(diff).splitlines()
    half = (width - len(BETWEEN)) // 2
    if width >= WIDE and all(len(line) <= half for line in lines):
        return Content("\n").join(_beside(old, new, half) for old, new in paired(lines))
    return Content("\n").join(map(_line, lines))


def paired(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Old and new lines in pairs: those that did not change on both sides, the changed ones of a place beside another.

    >>> list(paired([" a", "-b", "+c", "+d"]))
    [(' a', ' a'), ('-b', '+c'), ('', '+d')]
    """
    old: list[str] = []
    new: list[str] = []
    for line in [*lines, ""]:
        if line.startswith("-"):
            old.append(line)
        elif line.startswith("+"):
            new.append(line)
        else:
            yield from zip_longest(old, new, fillvalue="")
            old, new = [], []
            if line:
                yield line, line


def _beside(old: str, new: str, half: int) -> Content:
    left = _line(old)
    return Content.assemble(left.pad_right(half - left.cell_length), (BETWEEN, "dim"), _line(new))


def _line(line: str) -> Content:
    if line.startswith(("+++", "---")):
        return Content.styled(line, "bold")
    return Content.styled(line, STYLES.get(line[:1], ""))
