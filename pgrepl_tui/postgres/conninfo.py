"""libpq connection strings (keyword = 'value'): quote, build, parse, measure.

Rules: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE.
No message here repeats any part of a connection string, for it may hold a password.
"""

import re
from collections.abc import Mapping

from pgrepl_tui.postgres.text_error import TextError

MAX_BYTES = 1023
"""What a standby's WAL receiver takes: its buffer is MAXCONNINFO = 1024 bytes with the final NUL (walreceiver.h)."""

_KEYWORD = re.compile(r"[a-z_]+")
_BLANKS = " \t\n\v\f\r"  # C's isspace(), not Python's: libpq takes a no-break space for a letter
_REFUSED = {"\n": "a newline", "\r": "a carriage return", "\0": "a NUL character"}


class ConninfoError(TextError):
    """A connection string, or a value for one, that libpq or the server would not read as it was meant."""


def quote(value: str) -> str:
    """The value between single quotes, with backslash and single quote escaped.

    Raises:
        ConninfoError: the value holds a newline, a carriage return or a NUL, or is not valid Unicode. libpq would take
            a newline, but no file that a connection string is kept in does.
    """
    for character, name in _REFUSED.items():
        if character in value:
            raise ConninfoError(f"a connection value must not hold {name}: take it out of the value")
    _size(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def build(values: Mapping[str, str]) -> str:
    """A connection string of the values, in their order, each of them quoted.

    Raises:
        ConninfoError: a keyword is not a word of small letters, or a value cannot be quoted.
    """
    for keyword in values:
        if not _KEYWORD.fullmatch(keyword):
            raise ConninfoError(f"not a connection keyword: {keyword[:40]!r} (small letters and _ only)")
    return " ".join(f"{keyword}={quote(value)}" for keyword, value in values.items())


def parse(text: str) -> dict[str, str]:
    """The keywords and values of a connection string, by libpq's rules; the last of two equal keywords wins.

    Raises:
        ConninfoError: the text is a URI, a keyword has no value, or a quoted value has no end.
    """
    if text.startswith(("postgresql://", "postgres://")):
        raise ConninfoError("the connection string is a URI: write it as keyword='value' pairs")
    values: dict[str, str] = {}
    at = _skip_blanks(text, 0)
    while at < len(text):
        keyword, at = _read_keyword(text, at)
        values[keyword], at = _read_value(text, at)
        at = _skip_blanks(text, at)
    return values


def check_length(text: str) -> None:
    """Refuse a connection string that is too long for primary_conninfo: the server would cut it without a word.

    Raises:
        ConninfoError: it is longer than 1023 bytes in UTF-8.
    """
    size = _size(text)
    if size > MAX_BYTES:
        raise ConninfoError(
            f"primary_conninfo would be {size} bytes, and a standby cuts it after {MAX_BYTES} without a word: "
            "use a shorter host name, passfile path or certificate path"
        )


def _size(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise ConninfoError(f"a connection value must be valid Unicode: look at character {error.start + 1}") from None


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at


def _read_keyword(text: str, at: int) -> tuple[str, int]:
    start = at
    while at < len(text) and text[at] != "=" and text[at] not in _BLANKS:
        at += 1
    keyword = text[start:at]
    at = _skip_blanks(text, at)
    if not keyword or at == len(text) or text[at] != "=":
        raise ConninfoError(f'connection string: a keyword and "=" are missing at character {start + 1}')
    return keyword, _skip_blanks(text, at + 1)


def _read_value(text: str, at: int) -> tuple[str, int]:
    quoted = at < len(text) and text[at] == "'"
    start = at
    at += quoted
    value: list[str] = []
    while at < len(text):
        if quoted and text[at] == "'":
            return "".join(value), at + 1
        if not quoted and text[at] in _BLANKS:
            break
        if text[at] == "\\":
            at += 1
        value.append(text[at : at + 1])
        at += 1
    if quoted:
        raise ConninfoError(f"connection string: the quoted value that begins at character {start + 1} has no end")
    return "".join(value), at
