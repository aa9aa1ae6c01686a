"""Which lines of a long log are wanted: a count a block of lines is kept, never a line and never its number.

Ten million lines cost 80 kB, however many of them match; the lines of a block are looked at again when they are needed.
"""

from array import array
from collections import OrderedDict

from pgrepl_tui.screens.widgets.log_index import Index, Read
from pgrepl_tui.screens.widgets.log_wanted import Wanted

BLOCK = 256
"""Lines that are looked at together."""
_CACHED = 16


class Matches:
    """The wanted lines, known for a stretch of blocks that ``look`` makes longer at both ends.

    Args:
        index: the lines.
        read: reads a piece of them back.
        wanted: chooses lines.
        origin: the number of a line near which matches are wanted first.
    """

    def __init__(self, index: Index, read: Read, wanted: Wanted, origin: int = 0) -> None:
        self._index = index
        self._read = read
        self._wanted = wanted
        self._middle = max(0, min(origin, index.total_lines - 1)) // BLOCK
        self._onwards = array("H")  # counts of the blocks from the middle on
        self._back = array("H")  # counts of the blocks before the middle, the nearest first
        self._sum = 0
        self._cache: OrderedDict[int, list[int]] = OrderedDict()

    @property
    def begin(self) -> int:
        """The first line of the known stretch."""
        return (self._middle - len(self._back)) * BLOCK

    @property
    def end(self) -> int:
        """The line behind the known stretch, the block that still grows not counted."""
        return (self._middle + len(self._onwards)) * BLOCK

    @property
    def complete(self) -> bool:
        """True when all lines are known."""
        return self.begin == 0 and self._at_end

    @property
    def share(self) -> float:
        """How much is known, from 0 to 1."""
        return min(1.0, (self.end - self.begin) / max(1, self._index.total_lines // BLOCK * BLOCK))

    @property
    def count(self) -> int:
        """How many matches are known."""
        return self._sum + (len(self._tail()) if self._at_end else 0)

    @property
    def _at_end(self) -> bool:
        return self.end + BLOCK >= self._index.total_lines  # the last line may still grow

    def knows(self, line: int) -> bool:
        """True where a line lies in the known stretch or at one of its ends."""
        return self.begin <= line <= self.end or (line >= self.end and self._at_end)

    def look(self, *, back: bool = False) -> None:
        """Look at one more block, with ``back`` at one before the stretch where there is one."""
        if self.begin > 0 and (back or self._at_end):
            self._back.append(self._add(self._middle - len(self._back) - 1))
        elif not self._at_end:
            self._onwards.append(self._add(self._middle + len(self._onwards)))

    def onwards(self, line: int, count: int = 1) -> list[int]:
        """The first ``count`` matches from ``line`` on, as far as they are known."""
        found: list[int] = []
        first = max(line, self.begin)
        block = first // BLOCK
        while len(found) < count and block * BLOCK < self.end:
            if self._counted(block):
                found += [number for number in self._in_block(block) if number >= first]
            block += 1
        if len(found) < count and self._at_end:
            found += [number for number in self._tail() if number >= first]
        return found[:count]

    def before(self, line: int, count: int = 1) -> list[int]:
        """The last ``count`` matches before ``line``, in order, as far as they are known."""
        found: list[int] = []
        if line > self.end and self._at_end:
            found = [number for number in self._tail() if number < line]
        block = min(line, self.end - 1) // BLOCK
        while len(found) < count and block * BLOCK >= self.begin and block >= 0:
            if self._counted(block):
                found = [number for number in self._in_block(block) if number < line] + found
            block -= 1
        return found[-count:]

    def rank(self, line: int) -> int | None:
        """Which match a line is, from 1; None while not all lines before it are known."""
        if self.begin > 0 or not self.knows(line):
            return None
        block = line // BLOCK
        if block < self._middle:
            before = sum(self._back[self._middle - block :])
        else:
            before = sum(self._back) + sum(self._onwards[: block - self._middle])
        numbers = self._in_block(block) if line < self.end else self._tail()
        return before + sum(number <= line for number in numbers)

    def _add(self, block: int) -> int:
        count = len(self._in_block(block))
        self._sum += count
        return count

    def _counted(self, block: int) -> int:
        if block >= self._middle:
            return self._onwards[block - self._middle]
        return self._back[self._middle - block - 1]

    def _in_block(self, block: int) -> list[int]:
        numbers = self._cache.get(block)
        if numbers is None:
            numbers = self._cache[block] = self._chosen(block * BLOCK)
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return numbers

    def _tail(self) -> list[int]:
        """The matches behind the last whole block: its lines still come, and the last one still grows."""
        return self._chosen(self.end)

    def _chosen(self, first: int) -> list[int]:
        lines = self._index.lines(first, BLOCK, self._read)
        return [first + place for place in self._wanted.chosen(lines)]
