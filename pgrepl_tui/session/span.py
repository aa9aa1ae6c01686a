"""Where an event lies in a recording."""

from typing import NamedTuple

MAX_LINE = 4 * 1024 * 1024
"""The longest line of a recording that is read, in bytes; a longer one is damaged."""


class Span(NamedTuple):
    """The place of one event's line in a recording: offset and length in bytes, without the newline."""

    offset: int
    length: int


class RecordingError(Exception):
    """A recording cannot be written or read; the text says which, why, and what to do next."""
