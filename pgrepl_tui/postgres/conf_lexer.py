"""The language of postgresql.conf, postgresql.auto.conf and recovery.conf: one line read, one value written.

The rules are those of PostgreSQL's src/backend/utils/misc/guc-file.l, the same from 9.1 to 18.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pgrepl_tui.postgres.managed_block import split_lines
from pgrepl_tui.postgres.text_error import TextError

INCLUDES = frozenset({"include", "include_if_exists", "include_dir"})
"""The directives that read another file or a folder (include_if_exists from 9.2, include_dir from 9.3)."""

_LETTER = r"A-Za-z_\x80-\U0010ffff"  # every byte above 127 is a letter
_ID = rf"[{_LETTER}][{_LETTER}0-9]*"
_BLANK = re.compile(r"[ \t\r]+")
_TOKENS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("comment", r"#[^\n]*"),
        ("id", _ID),
        ("qualified", rf"{_ID}\.{_ID}"),
        ("string", r"'(?:[^'\\]|\\.|'')*'"),
        ("unquoted", rf"[{_LETTER}][{_LETTER}0-9._:/-]*"),
        ("integer", r"[+-]?(?:0x[0-9A-Fa-f]+|[0-9]+)[A-Za-z]*"),
        ("real", r"[+-]?[0-9]*\.[0-9]*(?:[Ee][+-]?[0-9]+)?"),
        ("equals", r"="),
        ("error", r"."),
    )
)
_NAMES = frozenset({"id", "qualified"})
_VALUES = frozenset({"id", "string", "unquoted", "integer", "real"})
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)|''", re.DOTALL)
_LETTER_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_UPPER_TO_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a configuration file that is no comment and not empty.

    ``number`` counts from 1; ``name`` is in lower case; ``error`` says why PostgreSQL would refuse the line (then
    name and value are empty); ``at`` is where the value stands, as a slice of the line.
    """

    number: int
    name: str
    value: str
    error: str = ""
    at: tuple[int, int] = field(default=(0, 0), compare=False)

    @property
    def is_include(self) -> bool:
        """True for a directive that reads other files, whose settings are not seen here."""
        return self.name in INCLUDES


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int


def parse(text: str) -> list[Line]:
    """Every setting, include directive and faulty line of a configuration file, in order."""
    return [line for number, raw in enumerate(split_lines(text), 1) if (line := _line(number, raw)) is not None]


def quote_value(value: str) -> str:
    """A value as the file's quoted string: ``it's`` becomes ``'it''s'``.

    Source: the escapes that guc-file.l undoes, tried on a server with 37 hostile values.

    Raises:
        ValueError: the value has a NUL, which no setting can hold.
    """
    if "\0" in value:
        raise TextError("a configuration value cannot hold a NUL character: remove it")
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"


def fold_name(name: str) -> str:
    """A parameter's name in lower case, ASCII letters only, as PostgreSQL compares names."""
    return name.translate(_UPPER_TO_LOWER)


def is_name(name: str) -> bool:
    """True for a name that a configuration file can hold: ``port``, ``pg_stat_statements.max``."""
    return name.isascii() and any(re.fullmatch(pattern, name) for pattern in (_ID, rf"{_ID}\.{_ID}"))


def _line(number: int, raw: str) -> Line | None:
    tokens = [token for token in _scan(raw.removesuffix("\n")) if token.kind != "comment"]
    if not tokens:
        return None
    if tokens[0].kind not in _NAMES:
        return _faulty(number, tokens[0])
    rest = tokens[2:] if len(tokens) > 1 and tokens[1].kind == "equals" else tokens[1:]
    if not rest:
        return Line(number, "", "", error=f"line {number}: {tokens[0].text} has no value")
    value, *more = rest
    if value.kind not in _VALUES:
        return _faulty(number, value)
    if more:
        return _faulty(number, more[0])
    text = _unquote(value.text) if value.kind == "string" else value.text
    return Line(number, fold_name(tokens[0].text), text, at=(value.start, value.start + len(value.text)))


def _faulty(number: int, token: _Token) -> Line:
    return Line(number, "", "", error=f"line {number}: syntax error near {token.text!r}")


def _scan(line: str) -> Iterator[_Token]:
    """The tokens of a line: always the longest that fits, the first of the list where two are as long."""
    at = 0
    while at < len(line):
        if blank := _BLANK.match(line, at):
            at = blank.end()
            continue
        fits = [(kind, found.end()) for kind, pattern in _TOKENS if (found := pattern.match(line, at))]
        kind, end = max(fits, key=lambda fit: fit[1])
        yield _Token(kind, line[at:end], at)
        at = end


def _unquote(token: str) -> str:
    """What a quoted string means. Done on bytes: an octal escape is one byte of what may be a longer character."""
    inner = token[1:-1].encode("utf-8", "surrogateescape")
    whole = _ESCAPED.sub(_unescape, inner).split(b"\0", 1)[0]  # a C string ends at NUL
    return whole.decode("utf-8", "surrogateescape")


def _unescape(found: re.Match[bytes]) -> bytes:
    escaped = found[1]
    if escaped is None:
        return b"'"
    if escaped[:1] in b"01234567":
        return bytes([int(escaped, 8) & 0xFF])
    return _LETTER_ESCAPES.get(escaped, escaped)
