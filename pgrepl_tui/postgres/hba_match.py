"""Which rule of pg_hba.conf decides about a login: PostgreSQL takes the first that matches, and no other.

Source: check_hba, check_db and check_role of src/backend/libpq/hba.c.
"""

import enum
import ipaddress
from collections.abc import Iterable

from pgrepl_tui.postgres.hba_lexer import Token
from pgrepl_tui.postgres.hba_rule import Rule, ip_of, is_file, is_ip


class Match(enum.IntEnum):
    """Whether a rule matches a login; MAYBE where only the server knows (groups, host names, files, patterns)."""

    NO = 0
    MAYBE = 1
    YES = 2


def first_match(
    rules: Iterable[Rule], *, database: str = "replication", user: str, address: str, tls: bool
) -> Rule | None:
    """The first rule that matches a TCP login, or may match it; None if none does.

    Ask :func:`match` which of the two it is. ``database`` "replication" means physical replication, as pg_basebackup
    and a standby ask for it. Faulty lines match nothing: a server does not load a file that has one.

    Raises:
        ValueError: ``address`` is no IP address.
    """
    return next((rule for rule in rules if match(rule, database=database, user=user, address=address, tls=tls)), None)


def match(rule: Rule, *, database: str = "replication", user: str, address: str, tls: bool) -> Match:
    """Whether one rule matches a TCP login from ``address``.

    Raises:
        ValueError: ``address`` is no IP address.
    """
    ip = ip_of(address)
    if rule.error:
        return Match.NO
    if rule.is_include:
        return Match.MAYBE
    return min(
        _kind(rule.kind, tls=tls),
        max((_database(name, database, user) for name in rule.databases), default=Match.NO),
        max((_user(name, user) for name in rule.users), default=Match.NO),
        _address(rule.address, ip),
    )


def _kind(kind: str, *, tls: bool) -> Match:
    if kind == "hostgssenc":
        return Match.MAYBE  # with a Kerberos ticket at hand, libpq may encrypt by GSSAPI
    wanted = ("host", "hostnogssenc", "hostssl" if tls else "hostnossl")
    return Match.YES if kind in wanted else Match.NO


def _database(name: Token, database: str, user: str) -> Match:
    if is_file(name):
        return Match.MAYBE
    keyword = "" if name.quoted else name.text
    if database == "replication" or keyword == "replication":
        return _sure(keyword == "replication" == database)
    if keyword in ("samerole", "samegroup") or name.text.startswith("/"):
        return Match.MAYBE
    if keyword == "sameuser":
        return _sure(database == user)
    return _sure(keyword == "all" or name.text == database)


def _user(name: Token, user: str) -> Match:
    if not name.quoted and name.text.startswith("+"):
        return Match.YES if name.text[1:] == user else Match.MAYBE
    if is_file(name) or name.text.startswith("/"):
        return Match.MAYBE
    return _sure(name == Token("all") or name.text == user)


def _address(pattern: str, ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Match:
    if pattern == "all":
        return Match.YES
    base, slash, mask = pattern.partition("/")
    if not slash or not is_ip(base):
        return Match.MAYBE  # samenet, samehost, a host name, or an IP address in a form of the C library
    net = ipaddress.ip_address(base.partition("%")[0])
    if net.version != ip.version:
        return Match.NO
    return _sure((int(net) ^ int(ip)) & _mask(mask, net.max_prefixlen) == 0)


def _mask(mask: str, bits: int) -> int:
    """The bits that must agree. A written-out mask may have holes: the server takes it as it is."""
    return (1 << bits) - (1 << (bits - int(mask))) if mask.isdigit() else int(ipaddress.ip_address(mask))


def _sure(matches: bool) -> Match:
    return Match.YES if matches else Match.NO
