"""The language of pg_hba.conf: logical lines, and the fields and tokens of one.

The rules are those of PostgreSQL's src/backend/libpq/hba.c (next_token, next_field_expand, tokenize_auth_file).
"""

from dataclasses import dataclass
from typing import NamedTuple

from pgrepl_tui.postgres.managed_block import split_lines

_BLANKS = " \t\r"


class Token(NamedTuple):
    """A word of a rule. A word that began with a double quote is never a keyword, a group or a file."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """A line as the server reads it: ``number`` of its first line in the file, from 1, and its text without ends."""

    number: int
    text: str


def logical_lines(text: str, *, continued: bool = True) -> list[LogicalLine]:
    """The lines of a file. ``continued``: a final backslash joins the next line, even in a comment (14 and newer)."""
    found: list[LogicalLine] = []
    joined, first = "", 1
    for number, raw in enumerate(split_lines(text), 1):
        joined += raw.rstrip("\r\n")
        if continued and raw.rstrip("\r\n").endswith("\\"):
            joined = joined[:-1]
            continue
        found.append(LogicalLine(first, joined))
        joined, first = "", number + 1
    if joined:
        found.append(LogicalLine(first, joined))
    return found


def fields(line: str) -> list[list[Token]]:
    """The fields of a line, each a list of the tokens that commas join; none in an empty line or a comment."""
    found: list[list[Token]] = []
    at = 0
    while at < len(line):
        field: list[Token] = []
        comma = True
        while comma:
            token, comma, at = _token(line, at)
            if token is None:
                break
            field.append(token)
        if field:
            found.append(field)
    return found


def _token(line: str, at: int) -> tuple[Token | None, bool, int]:
    """The next token, whether a comma follows it at once, and where to go on."""
    while at < len(line) and line[at] in _BLANKS + ",":
        at += 1
    text = ""
    in_quote = was_quote = saw_quote = began_quoted = False
    while at < len(line) and (in_quote or line[at] not in _BLANKS):
        char = line[at]
        if char == "#" and not in_quote:
            at = len(line)
            break
        at += 1
        if char == "," and not in_quote:
            return Token(text, began_quoted), True, at
        if char != '"' or was_quote:
            text += char
        was_quote = in_quote and char == '"' and not was_quote
        if char == '"':
            in_quote, saw_quote = not in_quote, True
            began_quoted = began_quoted or not text
    return (Token(text, began_quoted) if saw_quote or text else None), False, at
