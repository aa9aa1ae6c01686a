"""An index over lines in memory that counts what is decoded."""

from collections.abc import Callable, Sequence
from typing import Any


class FakeLines:
    """Stands for the index of a recorded output."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = list(texts)
        self.decoded = 0

    @classmethod
    def numbered(cls, count: int, special: dict[int, str] | None = None, text: str = "line {}") -> "FakeLines":
        """So many numbered lines, some of them special."""
        special = special or {}
        return cls([special.get(number) or text.format(number) for number in range(count)])

    @property
    def total_lines(self) -> int:
        return len(self.texts)

    def lines(self, first: int, count: int, read: Callable[[Any], str]) -> Sequence[str]:  # noqa: ARG002 - as the real one
        self.decoded += count
        return self.texts[first : first + count]
