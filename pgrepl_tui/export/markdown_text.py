"""Text for Markdown (CommonMark, https://spec.commonmark.org/0.31.2/) that stays the text it is."""

import re

_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~$#!])")
_LINK = re.compile(r"(?=://)|(?<=\bwww)(?=\.)", re.IGNORECASE)


def prose(text: str) -> str:
    """Text inside a paragraph that does not begin with it: one line, no markup, no link."""
    return _LINK.sub(r"\\", _SPECIAL.sub(r"\\\1", " ".join(text.split())))


def code(text: str) -> str:
    """A code span: one line, in more backticks than the text has in a row."""
    line = " ".join(text.split())
    if not line:
        return "–"
    ticks = "`" * (_longest(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fence(text: str, language: str = "text") -> str:
    """A fenced code block, its fence longer than any run of backticks in the text."""
    ticks = "`" * max(3, _longest(text) + 1)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return f"{ticks}{language}\n{lines}\n{ticks}\n"


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
