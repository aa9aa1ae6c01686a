"""Cuts a growing log into its entries, in whatever form the server writes it."""

import re

from pgrepl_tui.postgres.log_entry import from_csv, from_json

STDERR, CSVLOG, JSONLOG = "stderr", "csvlog", "jsonlog"
FORMS = (STDERR, CSVLOG, JSONLOG)
"""The values of log_destination that are files, the plain one first (jsonlog is there from 15 on)."""

MOST = 1 << 20
"""Bytes of an entry that are waited for; a longer one is told in pieces."""
_BEGINS = re.compile(rb"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_LINE_END = re.compile(rb"\r?\n")


def form_of(path: str) -> str:
    """The form of a log file, by its name: the server itself makes csv and json its ending (elog.c, syslogger.c)."""
    return {"csv": CSVLOG, "json": JSONLOG}.get(path.rpartition(".")[2], STDERR)


class LogReader:
    """Takes a log in pieces as they come, gives it back in whole entries.

    Args:
        form: stderr, csvlog or jsonlog.
        within: it begins somewhere in a file, perhaps in the middle of an entry.
    """

    def __init__(self, form: str, *, within: bool = False) -> None:
        self.form = form
        self._rest = b""
        self._skips = within and form != STDERR

    def feed(self, data: bytes) -> list[str]:
        """The entries that end in this piece, without their line's end. Of csvlog an entry may have several lines."""
        self._rest += data
        if self._skips and not self._begun():
            return []
        ends = self._record_ends() if self.form == CSVLOG else [(m.start(), m.end()) for m in self._line_ends()]
        found, start = [], 0
        for end, after in ends:
            found.append(self._rest[start:end])
            start = after
        self._rest = self._rest[start:]
        if len(self._rest) > MOST:
            found.append(self._rest)
            self._rest = b""
        return [entry.decode("utf-8", "backslashreplace") for entry in found]

    def _begun(self) -> bool:
        """Drop what comes before the first entry that begins in sight."""
        first = _BEGINS.search(self._rest) if self.form == CSVLOG else re.search(rb"(?m)^\{", self._rest)
        if first is None:
            self._rest = self._rest[self._rest.rfind(b"\n") + 1 :]
            return False
        self._rest, self._skips = self._rest[first.start() :], False
        return True

    def _line_ends(self) -> list[re.Match[bytes]]:
        return list(_LINE_END.finditer(self._rest))

    def _record_ends(self) -> list[tuple[int, int]]:
        """Where records of csvlog end: at a line's end outside of quotes; a quote in a field is doubled (RFC 4180)."""
        ends, start, quotes = [], 0, 0
        for found in self._line_ends():
            quotes += self._rest.count(b'"', start, found.start())
            start = found.end()
            if quotes % 2 == 0:
                ends.append((found.start(), found.end()))
        return ends


def readable(entry: str, form: str) -> str:
    """An entry as stderr would have it; one that cannot be read by field stays as it is."""
    found = from_csv(entry) if form == CSVLOG else from_json(entry) if form == JSONLOG else None
    return found.shown if found else entry
