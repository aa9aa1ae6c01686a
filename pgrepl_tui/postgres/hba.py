"""Edits of pg_hba.conf's text: the standby's rule where it counts, every other byte kept."""

from pgrepl_tui.postgres.hba_lexer import Token
from pgrepl_tui.postgres.hba_match import Match, first_match, match
from pgrepl_tui.postgres.hba_parser import parse
from pgrepl_tui.postgres.hba_rule import Rule, grants, name_problem, render, standby_rule
from pgrepl_tui.postgres.managed_block import BlockError, add, remove
from pgrepl_tui.postgres.text_error import TextError

__all__ = [
    "BlockError",
    "Match",
    "Rule",
    "Token",
    "first_match",
    "grants",
    "insert",
    "match",
    "name_problem",
    "parse",
    "render",
    "standby_rule",
    "without",
]


def insert(text: str, rule: Rule, *, mark: str, continued: bool = True) -> str:
    """The text with ``rule``, from :func:`standby_rule`, between marker comments: the one rule of ``mark``.

    It stands before the first rule that matches, or may match, the same login, so that neither a reject nor a broader
    rule above decides; at the end if there is none. Every other byte is kept, and a second call changes nothing.

    Args:
        text: the whole file.
        rule: one user and one address, as :func:`standby_rule` makes it.
        mark: what tells our rule from others; a rule with this mark that is there is replaced.
        continued: False for PostgreSQL 13 and older, see :func:`parse`.

    Raises:
        BlockError: the markers in the file are torn, or the mark cannot stand in a comment.
        ValueError: the rule is for more than one user or address.
    """
    base = remove(text, mark)
    return add(base, [render(rule)], mark, before=_place(base, rule, continued=continued))


def without(text: str, mark: str) -> str:
    """The text as it was before :func:`insert`: byte for byte, if nobody else changed it.

    Raises:
        BlockError: the markers in the file are torn, or the mark cannot stand in a comment.
    """
    return remove(text, mark)


def _place(text: str, rule: Rule, *, continued: bool) -> int | None:
    """The index of the line that ours must come before; None for the end of the file."""
    if len(rule.users) != 1:
        raise TextError(f"the rule is for {len(rule.users)} users: make it with standby_rule")
    user = rule.users[0].text
    address = rule.address.partition("/")[0]
    modes = (True,) if rule.kind == "hostssl" else (True, False)  # a host rule takes logins with TLS and without
    rules = parse(text, continued=continued)
    found = (first_match(rules, user=user, address=address, tls=tls) for tls in modes)
    return min((first.line - 1 for first in found if first is not None), default=None)
