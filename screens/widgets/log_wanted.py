"""What a line of a log is looked for: a text, or a severity that an operator must not miss."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from pgrepl_tui.postgres.logs import severity

SIGNS = {"PANIC": "✗", "FATAL": "✗", "ERROR": "✗", "WARNING": "!"}
"""The severities that an operator must not miss."""
_WORDS = tuple(word.lower() for word in SIGNS)


def sign_of(line: str) -> str:
    """The sign of a log line: ``✗`` for an error, ``!`` for a warning, else a space."""
    return SIGNS.get(severity(line), " ") if _may_be_severe(line) else " "


def _may_be_severe(text: str) -> bool:
    """Whether a severity's word is in the text; a regular expression would take ten times as long."""
    text = text.lower()
    return any(word in text for word in _WORDS)


class Wanted(Protocol):
    """Chooses lines."""

    def chosen(self, lines: Sequence[str]) -> list[int]:
        """The places, from 0, of the lines that are wanted."""


@dataclass(frozen=True, slots=True)
class Contains:
    """Lines that contain a text; its case counts where it has a capital letter. An empty text is in no line."""

    text: str

    def chosen(self, lines: Sequence[str]) -> list[int]:
        """The places of the lines with the text; a block without it is told by one look."""
        if not self.text:
            return []
        if self.text != self.text.lower():
            return [place for place, line in enumerate(lines) if self.text in line]
        if self.text not in "\n".join(lines).lower():
            return []
        return [place for place, line in enumerate(lines) if self.text in line.lower()]


@dataclass(frozen=True, slots=True)
class Severe:
    """Lines of severity WARNING and worse."""

    def chosen(self, lines: Sequence[str]) -> list[int]:
        """The places of the lines that have a sign."""
        if not _may_be_severe("\n".join(lines)):
            return []
        return [place for place, line in enumerate(lines) if sign_of(line) != " "]


@dataclass(frozen=True, slots=True)
class Both:
    """Lines that two of them choose: those of a search within a filter."""

    first: Wanted
    second: Wanted

    def chosen(self, lines: Sequence[str]) -> list[int]:
        """The places of the lines that both choose."""
        places = self.first.chosen(lines)
        return [places[place] for place in self.second.chosen([lines[place] for place in places])]


@lru_cache(16)
def finder(text: str) -> re.Pattern[str] | None:
    """What finds a searched text in a line that is drawn; None for no text."""
    if not text:
        return None
    return re.compile(re.escape(text), re.NOFLAG if text != text.lower() else re.IGNORECASE)
