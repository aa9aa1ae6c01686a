"""The lines of an output as a log needs them: how many there are, some of them, and no surprise while it draws."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pgrepl_tui.session.span import RecordingError

Read = Callable[[Any], str]
"""Reads a piece of the output back."""


class Index(Protocol):
    """What can say how many lines there are and decode some of them."""

    @property
    def total_lines(self) -> int:
        """The number of lines, a last one without its end included."""

    def lines(self, first: int, count: int, read: Read) -> Sequence[str]:
        """At most ``count`` lines from line ``first`` (0 is the first) on."""


class Readable:
    """An index whose lines can be read whatever happens: in place of one that cannot stands why."""

    def __init__(self, index: Index) -> None:
        self._index = index

    @property
    def total_lines(self) -> int:
        """The number of lines."""
        return self._index.total_lines

    def lines(self, first: int, count: int, read: Read) -> Sequence[str]:
        """At most ``count`` lines from line ``first`` on."""
        try:
            return self._index.lines(first, count, read)
        except RecordingError as error:
            return [str(error)] * min(count, self.total_lines - first)
