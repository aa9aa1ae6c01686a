"""Filter and search of a log: what is shown, which match the operator stands on, and how far the look has come."""

from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.widgets.log_index import Index, Read, Readable
from pgrepl_tui.screens.widgets.log_matches import Matches
from pgrepl_tui.screens.widgets.log_wanted import Both, Contains, Severe, Wanted

SHOWN = 24
"""Characters of a searched text in the line that says how the search stands."""


class Finder:
    """Looks at the lines block by block; whoever owns it calls ``look`` while there is something to look at.

    Attributes:
        mark: the line that the search stands on; None while it stands on none.
        searched: the text that is searched; empty for none.
        filtered: the text of the filter; empty for severity WARNING and worse; None for no filter.
    """

    def __init__(self) -> None:
        self.mark: int | None = None
        self.searched = ""
        self.filtered: str | None = None
        self._index: Index | None = None
        self._read: Read | None = None
        self._filter: Matches | None = None
        self._search: Matches | None = None
        self._wish: tuple[int, int] | None = None  # direction, and the line from which a match is wanted

    def open(self, index: Index | None, read: Read | None) -> None:
        """Look at another log, for the same text and with the same filter."""
        self._index = Readable(index) if index is not None else None
        self._read, self.mark, self._wish = read, None, None
        self._filter, self._search = self._filtering(self._end), self._searching(self._end)

    # What is shown

    def onwards(self, line: int, count: int) -> list[tuple[int, str]]:
        """The number and the text of up to ``count`` shown lines from ``line`` on."""
        if self._filter is not None:
            return [(number, self._text(number)) for number in self._filter.onwards(line, count)]
        return list(enumerate(self._texts(line, count), start=line))

    def before(self, line: int, count: int) -> list[tuple[int, str]]:
        """The number and the text of up to ``count`` shown lines before ``line``, in order."""
        if self._filter is not None:
            return [(number, self._text(number)) for number in self._filter.before(line, count)]
        first = max(0, line - count)
        return list(enumerate(self._texts(first, line - first), start=first))

    @property
    def _end(self) -> int:
        return self._index.total_lines if self._index is not None else 0

    def _text(self, number: int) -> str:
        return next(iter(self._texts(number, 1)), "")

    def _texts(self, first: int, count: int) -> list[str]:
        if self._index is None or self._read is None or count <= 0:
            return []
        return list(self._index.lines(first, count, self._read))

    # What the operator does

    def filter(self, text: str | None, line: int) -> None:
        """Show only lines with a text (empty: WARNING and worse; None: all), looked for from ``line`` on."""
        self.filtered = text
        self._filter = self._filtering(line)
        self._search, self._wish = self._searching(line), None

    def search(self, text: str, line: int) -> None:
        """Search for a text, and stand on the nearest match from ``line`` on, else on the last one before it."""
        self.searched, self.mark = text, None
        self._search = self._searching(line)
        self._wish = (1, line) if self._search is not None else None
        self._grant()

    def step(self, direction: int, line: int) -> None:
        """Stand on the first match from ``line`` on (1) or the last one before it (-1)."""
        if self._search is None:
            return
        if not self._search.knows(line):
            self._search = self._searching(line)
        self._wish = (direction, line)
        self._grant()

    # The look

    @property
    def busy(self) -> bool:
        """True while there are lines to look at."""
        return any(matches is not None and not matches.complete for matches in (self._filter, self._search))

    @property
    def waiting(self) -> bool:
        """True while a match is wanted that is not found yet."""
        return self._wish is not None

    def look(self, *, back: bool) -> None:
        """Look at some more lines, with ``back`` at earlier ones first; for a wanted match the way it is wanted."""
        if self._filter is not None and not self._filter.complete:
            self._filter.look(back=back)
        if self._search is not None and not self._search.complete:
            self._search.look(back=self._wish[0] < 0 if self._wish is not None else back)
        self._grant()

    def status(self) -> str:
        """How filter and search stand, in words; empty where there is neither."""
        parts = []
        if self._filter is not None:
            what = f"only “{_short(self.filtered or '')}”" if self.filtered else "only WARNING and worse"
            parts.append(f"{what} · {_many(self._filter, 'line')}")
        if self._search is not None:
            parts.append(f"/{_short(self.searched)} · {self._place(self._search)}")
        return " · ".join(parts)

    def _place(self, search: Matches) -> str:
        rank = search.rank(self.mark) if self.mark is not None else None
        if rank is not None and search.complete:
            return f"{rank} of {_many(search, 'match')}"
        return _many(search, "match")

    def _grant(self) -> None:
        """Go to the wanted match if it is known by now; at the end of the lines go on from the other end."""
        search = self._search
        if self._wish is None or search is None:
            return
        direction, line = self._wish
        found = search.onwards(line) if direction > 0 else search.before(line)
        if not found and search.complete:
            found = self._around(search, direction)
        if found or search.complete:
            self.mark, self._wish = (found[0] if found else None), None

    def _around(self, search: Matches, direction: int) -> list[int]:
        """The match at the other end; for a new search that has none further on, the nearest one before."""
        if direction > 0 and self.mark is not None:
            return search.onwards(0)
        return search.before(self._end)

    def _filtering(self, line: int) -> Matches | None:
        if self.filtered is None or self._index is None or self._read is None:
            return None
        return Matches(self._index, self._read, self._shown(), line)

    def _searching(self, line: int) -> Matches | None:
        if not self.searched or self._index is None or self._read is None:
            return None
        text = Contains(self.searched)
        wanted = Both(self._shown(), text) if self.filtered is not None else text
        return Matches(self._index, self._read, wanted, line)

    def _shown(self) -> Wanted:
        return Contains(self.filtered) if self.filtered else Severe()


def _short(text: str) -> str:
    text = plain_line(text)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _many(matches: Matches, noun: str) -> str:
    count = matches.count
    number = f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}{'es' if noun == 'match' else 's'}"
    return number if matches.complete else f"{number} so far, {matches.share:.0%} looked at"
