"""libpq's password file: one line an entry, ``host:port:database:user:password``.

Rules: https://www.postgresql.org/docs/current/libpq-pgpass.html and passwordFromFile() in libpq's fe-connect.c.
No message here repeats a password.
"""

import re
from dataclasses import dataclass, field

from pgrepl_tui.postgres.text_error import TextError

WILDCARD = "*"
"""Matches everything in the first four fields."""

_REFUSED = {"\n": "a newline", "\r": "a carriage return", "\0": "a NUL character"}
# A field runs to the next colon that has no backslash before it; a backslash at the very end stands for itself.
_FIELD = re.compile(r"((?:\\.|[^:\\]|\\\Z)*)(:|\Z)", re.DOTALL)


class PassfileError(TextError):
    """An entry that a password file cannot hold."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. The first four fields are texts as libpq compares them, or ``*`` for anything.

    A replication connection looks for the database ``replication``. The host is compared as it was written in the
    connection string: ``localhost`` is not ``127.0.0.1``.
    """

    host: str
    port: str
    database: str
    user: str
    password: str = field(repr=False)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells two entries apart."""
        return (self.host, self.port, self.database, self.user)


def render(entry: Entry) -> str:
    """The line of an entry, without its newline.

    Raises:
        PassfileError: a field is empty or holds a newline, a carriage return or a NUL.
    """
    fields = {**dict(zip(("host", "port", "database", "user"), entry.key, strict=True)), "password": entry.password}
    for name, value in fields.items():
        _check(name, value)
    line = ":".join([*map(_matched, entry.key), _escaped(entry.password)])
    return "\\" + line if line.startswith("#") else line  # a line that begins with # is a comment


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(":", "\\:")


def _matched(value: str) -> str:
    """A field that is compared: an old libpq takes any that begins with * for the wildcard (pwdfMatchesString)."""
    return ("\\" if len(value) > 1 and value.startswith(WILDCARD) else "") + _escaped(value)


def parse(text: str) -> list[Entry]:
    """The entries of a password file, in order. Comments, empty lines and lines with too few fields are left out."""
    split = (_split(line) for line in _lines(text))
    return [_entry(fields) for fields in split if fields is not None]


def replace(text: str, entry: Entry) -> str:
    """The file's text with the entry in it, so that it is the one libpq finds; every other byte is kept.

    libpq takes the first line that matches. Where that line has the same host, port, database and user, it is written
    anew in its place; where it is a wider one, the entry goes above it; where there is none, to the end.

    Raises:
        PassfileError: the entry cannot be written.
    """
    new = render(entry)
    lines = _lines(text)
    for number, line in enumerate(lines):
        fields = _split(line)
        if fields is not None and _matches(fields, entry.key):
            if _entry(fields).key == entry.key:
                lines[number] = new + line[len(line.rstrip("\r\n")) :]
            else:
                lines.insert(number, new + "\n")
            return "".join(lines)
    between = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{between}{new}\n"


def find(text: str, host: str, port: str, database: str, user: str) -> str | None:
    """The password that libpq would take: that of the first line whose four fields match. None where no line does."""
    for line in _lines(text):
        fields = _split(line)
        if fields is not None and _matches(fields, (host, port, database, user)):
            return _entry(fields).password
    return None


def _check(name: str, value: str) -> None:
    if not value:
        raise PassfileError(f"the {name} is empty: a password file cannot hold that; use * to match every {name}")
    for character, what in _REFUSED.items():
        if character in value:
            raise PassfileError(f"the {name} holds {what}: a password file cannot hold that, choose another {name}")


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _split(line: str) -> list[str] | None:
    """The five fields as they are written, escapes and all; None for a comment or a line with fewer."""
    line = line.rstrip("\r\n")
    if line.startswith("#"):
        return None
    fields: list[str] = []
    at = 0
    while len(fields) < 5:
        found = _FIELD.match(line, at)
        if found is None:
            return None
        fields.append(found[1])
        at = found.end()
        if not found[2]:
            break
    return fields if len(fields) == 5 else None


def _entry(fields: list[str]) -> Entry:
    return Entry(*(re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL) for value in fields))


def _matches(fields: list[str], wanted: tuple[str, str, str, str]) -> bool:
    have = _entry(fields).key
    return all(raw == WILDCARD or mine == want for raw, mine, want in zip(fields, have, wanted, strict=False))
