"""The rules of a pg_hba.conf, read as PostgreSQL reads them (parse_hba_line of src/backend/libpq/hba.c)."""

import ipaddress
import re
from collections.abc import Sequence

from pgrepl_tui.postgres.hba_lexer import LogicalLine, Token, fields, logical_lines
from pgrepl_tui.postgres.hba_rule import HOST_KINDS, INCLUDES, METHODS, Rule, is_ip
from pgrepl_tui.postgres.text_error import TextError

_ADDRESS_WORDS = frozenset({"all", "samehost", "samenet"})
_C_LIBRARY_FORM = re.compile(r"[0-9.xX]+")  # 10.1 or 010.0.0.1: the C library knows what they mean


def parse(text: str, *, continued: bool = True) -> list[Rule]:
    """The rules, include directives and faulty lines of a pg_hba.conf, in order.

    ``continued``: a backslash at the end of a line joins the next one (14 and newer; False for 13 and older).
    """
    read = ((line, fields(line.text)) for line in logical_lines(text, continued=continued))
    return [_rule(line, parts) for line, parts in read if parts]


def _rule(line: LogicalLine, parts: Sequence[Sequence[Token]]) -> Rule:
    try:
        return _checked_rule(line, parts)
    except ValueError as wrong:
        return Rule(parts[0][0].text, error=f"line {line.number}: {wrong}", line=line.number)


def _checked_rule(line: LogicalLine, parts: Sequence[Sequence[Token]]) -> Rule:
    kind = _one(parts, 0, "connection type").text
    if kind in INCLUDES and len(parts) == 2:
        return Rule(kind, method=_one(parts, 1, "file name").text, line=line.number)
    if kind != "local" and kind not in HOST_KINDS:
        raise TextError(f"unknown connection type {kind!r}")
    if len(parts) < 3:
        raise TextError("the line ends before the database and user names do")
    address, used = _address(parts) if kind in HOST_KINDS else ("", 3)
    method = _one(parts, used, "authentication method").text
    if method not in METHODS:
        raise TextError(f"unknown authentication method {method!r}")
    options = tuple(token.text for part in parts[used + 1 :] for token in part)
    if wrong := [option for option in options if "=" not in option]:
        raise TextError(f"the option {wrong[0]!r} is not of the form name=value")
    return Rule(kind, tuple(parts[1]), tuple(parts[2]), address, method, options, line=line.number)


def _one(parts: Sequence[Sequence[Token]], index: int, what: str) -> Token:
    if index >= len(parts):
        raise TextError(f"the line ends before the {what}")
    if len(parts[index]) != 1:
        raise TextError(f"more than one {what}")
    return parts[index][0]


def _address(parts: Sequence[Sequence[Token]]) -> tuple[str, int]:
    """The address of a host rule as in :class:`Rule`, and the index of the field after it."""
    token = _one(parts, 3, "address")
    if token.text in _ADDRESS_WORDS and not token.quoted:
        return token.text, 4
    base, slash, prefix = token.text.partition("/")
    if not is_ip(base):
        if slash and not _C_LIBRARY_FORM.fullmatch(base):
            raise TextError(f"a host name takes no /{prefix}")
        return token.text, 4
    bits = ipaddress.ip_address(base).max_prefixlen
    if slash:
        if not prefix.isdecimal() or int(prefix) > bits:
            raise TextError(f"/{prefix} is no prefix length of {base}")
        return token.text, 4
    mask = _one(parts, 4, "netmask").text
    if not is_ip(mask) or ipaddress.ip_address(mask).max_prefixlen != bits:
        raise TextError(f"{mask!r} is no netmask of {base}")
    return f"{base}/{mask}", 5
