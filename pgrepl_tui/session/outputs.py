"""Which lines lie in which piece of a long output, so that only what is on screen is read and decoded.

A newline ends a line. A carriage return means that the next text replaces the line, as a terminal shows a progress
meter. Per piece 28 bytes are kept (32 with the arrays' spare room), never text.
"""

from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable

from pgrepl_tui.session.span import Span

MAX_LINE = 8192
"""The longest line that is shown, in characters."""
CUT = " …[line cut at 8 KiB]"
_CACHED = 16
_NOTHING_OPEN = -1

Extent = tuple[int, int, int]
"""How far an index went once: its pieces, the lines ended, and what was open."""
Read = Callable[[Span], str]
"""Reads the text of a piece back."""


class OutputIndex:
    """The pieces of one output, in order, and how many lines each ends."""

    def __init__(self) -> None:
        self._offsets = array("q")
        self._lengths = array("L" if array("L").itemsize == 4 else "I")
        self._ended = array("q")  # lines ended by the end of each piece
        # Of the line that is open at the end of each piece: the piece in which what is seen of it begins, doubled,
        # plus one where a carriage return waits for the text that replaces it.
        self._open = array("q")
        self._cache: OrderedDict[int, list[str]] = OrderedDict()

    @property
    def total_lines(self) -> int:
        """How many lines there are, the last one counted even where no newline ends it."""
        if not self._ended:
            return 0
        return self._ended[-1] + (self._open[-1] != _NOTHING_OPEN)

    def add(self, span: Span, text: str) -> None:
        """Add the next piece: where it can be read back, and its text, which is not kept."""
        before = self._open[-1] if self._open else _NOTHING_OPEN
        ended = text.count("\n")
        self._offsets.append(span.offset)
        self._lengths.append(span.length)
        self._ended.append(ended + (self._ended[-1] if self._ended else 0))
        tail = text.rpartition("\n")[2] if ended else text
        self._open.append(self._open_after(tail, _NOTHING_OPEN if ended else before))

    def end_line(self) -> None:
        """End the line that is open, if one is: what comes next is from elsewhere."""
        if self._open and self._open[-1] != _NOTHING_OPEN:
            self._ended[-1] += 1
            self._open[-1] = _NOTHING_OPEN

    def lines(self, first: int, count: int, read: Read) -> list[str]:
        """The lines from ``first`` (from 0) on, at most ``count`` of them, each cut at ``MAX_LINE`` characters.

        Raises:
            RecordingError: a piece cannot be read back.
        """
        found: list[str] = []
        number, end = max(first, 0), min(first + count, self.total_lines)
        while number < end:
            found += self._in_piece(number, end, read)
            number = max(first, 0) + len(found)
        return found

    def extent(self) -> Extent:
        """How far it goes now, for ``back_to``."""
        return (len(self._ended), self._ended[-1], self._open[-1]) if self._ended else (0, 0, _NOTHING_OPEN)

    def back_to(self, extent: Extent) -> "OutputIndex":
        """An index as this one was when it went that far; it can go on on its own."""
        count, ended, left_open = extent
        other = OutputIndex()
        other._offsets, other._lengths = self._offsets[:count], self._lengths[:count]
        other._ended, other._open = self._ended[:count], self._open[:count]
        if count:  # since then the last line may have been ended from elsewhere
            other._ended[-1], other._open[-1] = ended, left_open
        return other

    def _open_after(self, tail: str, before: int) -> int:
        """The state of the open line after ``tail``; ``before`` is its state so far, where it goes on."""
        here = (len(self._offsets) - 1) * 2
        waits = tail.endswith("\r")
        seen = tail.rstrip("\r")
        if not tail:
            return before
        if before == _NOTHING_OPEN or "\r" in seen or (seen and before % 2):
            return here + waits
        return before | waits

    def _in_piece(self, number: int, end: int, read: Read) -> list[str]:
        """The lines from ``number`` on that one piece ends, before ``end``; at least one."""
        piece = min(bisect_right(self._ended, number), len(self._ended) - 1)  # the open line ends in no piece
        already = self._ended[piece - 1] if piece else 0
        last = max(min(end, self._ended[piece]), number + 1)
        parts = self._parts(piece, read)[number - already : last - already]
        if number == already and piece and self._open[piece - 1] != _NOTHING_OPEN:
            return [self._joined(piece, parts[0], read), *map(_shown, parts[1:])]
        return [_shown(part) for part in parts]

    def _joined(self, piece: int, end: str, read: Read) -> str:
        """A line that began before ``piece``; ``end`` is its part in there."""
        begin, waits = divmod(self._open[piece - 1], 2)
        if "\r" in end.rstrip("\r") or (waits and end.rstrip("\r")):
            return _cut(_seen(end))
        text = _seen(self._parts(begin, read)[-1])
        for between in range(begin + 1, piece):
            if len(text) > MAX_LINE:
                break
            text += self._parts(between, read)[0].rstrip("\r")
        return _cut(text + end.rstrip("\r"))

    def _parts(self, piece: int, read: Read) -> list[str]:
        """The text of a piece, split at its newlines."""
        parts = self._cache.get(piece)
        if parts is None:
            parts = self._cache[piece] = read(Span(self._offsets[piece], self._lengths[piece])).split("\n")
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        self._cache.move_to_end(piece)
        return parts


def _seen(text: str) -> str:
    """What a terminal shows of a line: what stands behind the last carriage return that more text followed."""
    return text.rstrip("\r").rpartition("\r")[2]


def _shown(text: str) -> str:
    return text if len(text) <= MAX_LINE and "\r" not in text else _cut(_seen(text))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LINE else text[:MAX_LINE] + CUT
