"""A position in the WAL (LSN): 64 bits, written as two hexadecimal numbers with a slash."""

import re
from dataclasses import dataclass
from typing import Self

from pgrepl_tui.postgres.text_error import TextError

_TEXT = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")
_LIMIT = 1 << 64


@dataclass(frozen=True, slots=True, order=True)
class Lsn:
    """A WAL position; ``Lsn(0)`` is PostgreSQL's "no position".

    Raises:
        ValueError: the number does not fit in 64 bits.
    """

    value: int

    def __post_init__(self) -> None:
        if not 0 <= self.value < _LIMIT:
            raise TextError(f"not a WAL position: {self.value} (a position is 0 to 2^64-1)")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form, such as ``16/B374D848``; blanks around it do not matter.

        Raises:
            ValueError: the text is not a WAL position.
        """
        found = _TEXT.fullmatch(text.strip(" \t\r\n"))
        if found is None:
            raise TextError(f"not a WAL position: {text[:40]!r} (expected two hexadecimal numbers, like 16/B374D848)")
        return cls(int(found[1], 16) << 32 | int(found[2], 16))

    def __str__(self) -> str:
        return f"{self.value >> 32:X}/{self.value & 0xFFFFFFFF:X}"

    def __int__(self) -> int:
        return self.value

    def __bool__(self) -> bool:
        return self.value != 0

    def __add__(self, count: int) -> Self:
        """The position ``count`` bytes further on (or back)."""
        return type(self)(self.value + count)

    def __sub__(self, other: "Lsn") -> int:
        """Bytes from the other position to this one; negative when this one is earlier. See ``distance`` for 9.2."""
        return self.value - other.value


def distance(later: Lsn, earlier: Lsn, *, bytes_per_id: int) -> int:
    """Bytes of WAL between two positions of a server that writes ``bytes_per_id`` bytes before the first number grows.

    Up to 9.2 the last segment of each 4 GB was left out (release notes 9.3), so that a plain difference counts 16 MB
    too many there for every 4 GB. ``Facts.lsn_bytes_per_id`` has the number for a version.
    """
    ids = (later.value >> 32) - (earlier.value >> 32)
    return ids * bytes_per_id + (later.value & 0xFFFFFFFF) - (earlier.value & 0xFFFFFFFF)
