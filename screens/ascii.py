"""Every line in plain ASCII, for terminals that cannot show more: one filter over all that is drawn."""

import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color

PAIRS = {
    "✓": "+",
    "✗": "x",
    "●": "*",
    "○": "o",
    "·": ".",
    "▶": ">",
    "▸": ">",
    "▾": "v",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "…": ".",
    "\N{EN DASH}": "-",
    "—": "-",
    "▌": "|",
    "▏": "|",
    "▐": "|",
    "░": ".",
    "\N{BOX DRAWINGS LIGHT DIAGONAL UPPER RIGHT TO LOWER LEFT}": "/",
    "�": "?",
}
"""The signs of the screens and what stands for them, one character for one."""
HEAVY = dict(zip("━┃┏┓┗┛┣┫┳┻╹╻╺╸", "_|  ||||.||   ", strict=True))
"""Of the heavy lines, which the large figures are made of: what stands for them looks like the segments of a clock."""
SPARKS = dict(zip("▁▂▃▄▅▆▇█", "._-=+*##", strict=True))


def _box(code: int) -> str:
    """What stands for a character of the box drawing block (U+2500 to U+257F)."""
    if chr(code) in "─━┄┅┈┉╌╍═╴╶╸╺╼╾":
        return "-"
    return "|" if chr(code) in "│┃┆┇┊┋╎╏║╵╷╹╻╽╿" else "+"


TABLE = str.maketrans({**{chr(code): _box(code) for code in range(0x2500, 0x2580)}, **HEAVY, **SPARKS, **PAIRS})


def needs_ascii() -> bool:
    """True where the terminal's encoding, as Python found it, is not UTF-8."""
    encoding = getattr(sys.__stdout__, "encoding", None) or "utf-8"
    return encoding.lower().replace("-", "").replace("_", "") != "utf8"


@lru_cache(4096)
def to_ascii(text: str) -> str:
    """The text in ASCII, of the same width in cells; a character with no stand-in becomes a question mark a cell."""
    known = text.translate(TABLE)
    return known if known.isascii() else "".join(c if c.isascii() else "?" * cell_len(c) for c in known)


class AsciiFilter(LineFilter):
    """Draw each line in ASCII."""

    def apply(self, segments: list[Segment], background: "Color") -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """The same segments with their text in ASCII."""
        return [
            segment if segment.text.isascii() else Segment(to_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]
