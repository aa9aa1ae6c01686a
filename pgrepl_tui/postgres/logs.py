"""What a line of a PostgreSQL log, or of a client program's errors, says: severity, milestone, cause.

Lines come as stderr, syslog or journald text with any log_line_prefix, as csvlog, as jsonlog (15 and newer), or from
pg_basebackup and psql. The texts are those of lc_messages=C. In another language the severity is known by its word, and
a cause by its SQLSTATE, where the line has one.
"""

import ipaddress
import re

from pgrepl_tui.postgres.log_causes import cause_of
from pgrepl_tui.postgres.log_entry import STATE, Entry, from_csv, from_json
from pgrepl_tui.postgres.log_rule import Cause
from pgrepl_tui.postgres.log_states import STATES, cause_of_state
from pgrepl_tui.postgres.log_words import ENGLISH, in_english
from pgrepl_tui.postgres.version import Major

__all__ = ["MILESTONES", "Cause", "explain", "milestone", "refused_address", "severity"]

MILESTONES = ("starting", "standby mode", "redo", "consistent", "ready", "streaming")
"""What a standby's start passes, in the usual order.

"redo" is missing after a clean stop with nothing to replay, "ready" with hot_standby off. "streaming" comes before
"consistent" where the WAL of the copy comes by streaming, and proves nothing: a primary that has removed the WAL lets
it appear and then ends the stream (measured on 10 to 18).
"""

_FIRST, _LAST = Major(9, 1), Major(18)
_MILESTONE_TEXTS: tuple[tuple[str, Major, Major, str], ...] = (
    ("starting", _FIRST, Major(11), r"database system was (?:interrupted|shut down)"),
    ("starting", Major(12), _LAST, r"starting PostgreSQL "),
    ("standby mode", _FIRST, _LAST, r"entering standby mode"),
    ("redo", _FIRST, _LAST, r"redo starts at "),
    ("consistent", _FIRST, _LAST, r"consistent recovery state reached"),
    ("ready", _FIRST, Major(13), r"database system is ready to accept read only connections"),
    ("ready", Major(14), _LAST, r"database system is ready to accept read-only connections"),
    ("streaming", _FIRST, Major(9, 2), r"streaming replication successfully connected to primary"),
    ("streaming", Major(9, 3), _LAST, r"started streaming WAL from primary at "),
)
"""Name, first and last version, how the message begins: 10 to 18 measured, 9.x from the sources of those branches."""

_SERVER_WORDS = "DEBUG[1-5]?|INFO|NOTICE|LOG|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION"
_SERVER = re.compile(rf"(?<![\w\"'])({_SERVER_WORDS}):  ")
_FOREIGN = re.compile(rf"(?<![\w\"'])({'|'.join(map(re.escape, ENGLISH))}) ?:  ")
_CLIENT = re.compile(r"^\s*[\w./-]+(?:\[\d+\])?: (info|warning|error|fatal|detail|hint): ")
_LONGEST = 8192  # characters of a message that are looked at for its cause
_FAILURES = ("ERROR", "FATAL", "PANIC")
_ECHOES = ("STATEMENT", "QUERY", "CONTEXT", "LOCATION")
_ECHOED_SQL = re.compile(r"(?:statement|execute .*|parse .*|bind .*|duration): ")
_QUOTE = r"[\"'\u00ab\u00bb\u2018-\u201f\u2039\u203a\u300c\u300d]"  # of every language that PostgreSQL speaks
_QUOTED = re.compile(rf"{_QUOTE}\s*([0-9A-Fa-f:.]+(?:%\w+)?)\s*{_QUOTE}")


def severity(line: str) -> str:
    """``LOG``, ``FATAL``, ``DETAIL`` … in English capitals, also for client programs; empty for a line without one."""
    return _entry(line).severity


def milestone(line: str, major: Major) -> str | None:
    """The name in :data:`MILESTONES` that a standby's log line marks, by the texts of its version; else None."""
    entry = _entry(line)
    if entry.severity != "LOG":
        return None
    for name, first, last, text in _MILESTONE_TEXTS:
        if first <= major <= last and re.match(text, entry.message):
            return name
    return None


def explain(line: str) -> Cause | None:
    """The cause that a line of a server's log or of a client's errors names; None if it names no known one."""
    entry = _entry(line)
    if entry.severity in _ECHOES or (entry.severity == "LOG" and _ECHOED_SQL.match(entry.message)):
        return None  # SQL that a client sent may hold any text
    known = cause_of(entry.text[:_LONGEST])
    return known or (cause_of_state(entry.state) if entry.severity in _FAILURES else None)


def refused_address(text: str) -> str | None:
    """The client's IP address as the server names it where its pg_hba.conf refuses a login; None if it does not.

    Works in any language: the message always has the words pg_hba.conf and the address in quotes. libpq's words before
    it quote the server's own address, which is not the one.
    """
    for line in text.splitlines():
        before, words, after = line.partition("pg_hba.conf")
        if words:
            # Some languages put the address before the file's name; the last one there is the server's message.
            addresses = _addresses(after) or _addresses(before)[::-1]
            if addresses:
                return addresses[0]
    return None


def _addresses(text: str) -> list[str]:
    return [plain for found in _QUOTED.finditer(text) if (plain := found[1].partition("%")[0]) and _is_ip(plain)]


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _entry(line: str) -> Entry:
    """What a line says, in whatever form."""
    if structured := from_json(line) or from_csv(line):
        return structured
    if client := _CLIENT.match(line):
        return Entry(severity=client[1].upper(), message=line[client.end() :])
    if server := _SERVER.search(line) or _FOREIGN.search(line):
        state = next((word for word in STATE.findall(line[: server.start()]) if word in STATES), "")
        return Entry(severity=in_english(server[1]), message=line[server.end() :], state=state)
    return Entry(message=line)
