"""An entry of a server's log: read from csvlog and jsonlog by field, and told as stderr would have it.

Columns and keys: runtime-config-logging.html, "Using CSV-Format Log Output" and "Using JSON-Format Log Output".
"""

import csv
import json
import re
from dataclasses import dataclass

from pgrepl_tui.postgres.log_words import in_english

STATE = re.compile(r"(?<![\w\[])([0-9A-Z]{5})(?![\w\]])")
"""What may be an SQLSTATE in a log_line_prefix (%e); five digits in brackets are a process."""

_TIME, _PROCESS, _SEVERITY, _STATE, _MESSAGE = 0, 3, 11, 12, 13  # columns, the same from 9.1 to 18
_LABELS = ("DETAIL", "HINT", "QUERY", "CONTEXT", "STATEMENT")
_COLUMNS = (14, 15, 16, 18, 19)
_KEYS = ("detail", "hint", "internal_query", "context", "statement")
_FEWEST = 22
"""Columns of 9.1 less one: application_name came last then, and more came behind it since."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a log; what is not known is empty.

    Attributes:
        severity: its English word.
        message: the primary message.
        state: SQLSTATE.
        time: as it is written.
        process: the server process's number.
        more: further parts, each with its label (DETAIL, HINT …).
    """

    severity: str = ""
    message: str = ""
    state: str = ""
    time: str = ""
    process: str = ""
    more: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """What a cause may be read from: the message and its detail."""
        return "\n".join([self.message, *(text for label, text in self.more if label == "DETAIL")])

    @property
    def shown(self) -> str:
        """The entry as the server would write it to stderr, with the SQLSTATE where something went wrong."""
        prefix = f"{self.time} [{self.process}] "
        state = f"{self.state}: " if self.state[:2] not in {"", "00"} else ""
        lines = [(self.severity, f"{state}{self.message}"), *self.more]
        return "\n".join(f"{prefix}{label}:  {_indented(text)}" for label, text in lines)


def from_json(line: str) -> Entry | None:
    """An entry of a jsonlog; None for a line that is none, or torn."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None  # a torn, foreign or hostile line is read as plain text
    if not isinstance(found, dict) or "error_severity" not in found:
        return None

    def text(key: str) -> str:
        value = found.get(key)
        return "" if value is None else str(value)

    more = tuple((label, text(key)) for label, key in zip(_LABELS, _KEYS, strict=True) if text(key))
    severity = in_english(text("error_severity"))
    return Entry(severity, text("message"), text("state_code"), text("timestamp"), text("pid"), more)


def from_csv(record: str) -> Entry | None:
    """An entry of a csvlog, which may have several lines; None for a text that is none, or a piece of one."""
    if record.count(",") < _FEWEST - 1:
        return None
    try:
        columns = next(csv.reader([record]), [])
    except csv.Error:
        return None  # a piece of a record of several lines is read as plain text
    if len(columns) < _FEWEST or not re.fullmatch(r"[0-9A-Z]{5}", columns[_STATE]) or not columns[_SEVERITY]:
        return None
    more = tuple((label, columns[at]) for label, at in zip(_LABELS, _COLUMNS, strict=True) if columns[at])
    severity = in_english(columns[_SEVERITY])
    return Entry(severity, columns[_MESSAGE], columns[_STATE], columns[_TIME], columns[_PROCESS], more)


def _indented(text: str) -> str:
    """Further lines of a text begin with a tab, as the server writes them to stderr."""
    return text.rstrip("\n").replace("\n", "\n\t")
