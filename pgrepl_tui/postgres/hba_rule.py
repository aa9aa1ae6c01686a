"""A rule of pg_hba.conf: what it holds, how it is written, and the one that a standby needs."""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass, field

from pgrepl_tui.postgres.hba_lexer import Token
from pgrepl_tui.postgres.text_error import TextError

HOST_KINDS = frozenset({"host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"})
"""Rules for TCP connections (hostgssenc and hostnogssenc from 12)."""

INCLUDES = frozenset({"include", "include_if_exists", "include_dir"})
"""Directives that read more rules (16 and newer; an error below)."""

METHODS = frozenset(
    ("trust", "reject", "password", "md5", "scram-sha-256", "gss", "sspi", "krb5", "ident", "peer", "pam", "bsd",
     "ldap", "radius", "cert", "oauth")
)  # fmt: skip
"""Every authentication method of 9.1 to 18 (krb5 up to 9.3, bsd from 9.6, scram-sha-256 from 10, oauth from 18)."""

_KEYWORDS = frozenset({"all", "sameuser", "samerole", "samegroup", "replication"})
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.$-]*")
_MAX_NAME = 63  # bytes: NAMEDATALEN - 1


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, an include directive, or a line that the server would refuse (``error`` says why).

    ``address`` is ``10.0.0.5/32``, ``10.0.0.0/255.255.0.0``, a host name or a keyword; empty for ``local``. ``method``
    of an include directive is the path. ``line`` counts from 1, and is 0 in a rule that is in no file.
    """

    kind: str
    databases: tuple[Token, ...] = ()
    users: tuple[Token, ...] = ()
    address: str = ""
    method: str = ""
    options: tuple[str, ...] = ()
    error: str = ""
    line: int = field(default=0, compare=False)

    @property
    def is_include(self) -> bool:
        """True for a directive whose rules are not seen here."""
        return self.kind in INCLUDES

    @property
    def files(self) -> tuple[str, ...]:
        """The files that hold some of the rule's names or all of an include directive: not read here."""
        if self.is_include:
            return (self.method,)
        names = (*self.databases, *self.users)
        return tuple(name.text[1:] for name in names if is_file(name))


def is_file(name: Token) -> bool:
    """True for ``@file``: the names stand in that file."""
    return not name.quoted and len(name.text) > 1 and name.text.startswith("@")


def render(rule: Rule) -> str:
    """The rule as a line of pg_hba.conf, without a line end; names are quoted where they must be."""
    if rule.is_include:
        return f"{rule.kind} {_option(rule.method)}"
    names = [",".join(map(_word, rule.databases)), ",".join(map(_word, rule.users))]
    return " ".join([rule.kind, *names, *_address_words(rule.address), rule.method, *map(_option, rule.options)])


def grants(rule: Rule) -> bool:
    """True if a login that the rule matches may come in, once it has proved who it is."""
    return not rule.error and not rule.is_include and rule.method not in ("reject", "")


def standby_rule(user: str, address: str, *, tls: bool, method: str) -> Rule:
    """The rule that lets one role in from one address for physical replication, and nothing else.

    Args:
        user: the replication role, as named in the database.
        address: the standby's IP address as the primary sees it; an IPv4 address in IPv6 clothes becomes IPv4.
        tls: True makes a ``hostssl`` rule; False a ``host`` rule, which takes a login with TLS or without.
        method: ``scram-sha-256`` from 10 on, ``md5`` below.

    Raises:
        ValueError: the role's name cannot stand in pg_hba.conf, the address is no IP address, or the method is unknown.
    """
    if method not in METHODS:
        raise TextError(f"{method!r} is no authentication method: expected one such as scram-sha-256")
    ip = ip_of(address)
    name = Token(_checked_name(user), quoted=_needs_quotes(user))
    kind = "hostssl" if tls else "host"
    return Rule(kind, (Token("replication"),), (name,), f"{ip}/{ip.max_prefixlen}", method)


def ip_of(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IP address in a text, without a zone (``%eth0``); IPv4-mapped IPv6 becomes IPv4.

    Raises:
        ValueError: it is no IP address.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        raise TextError(f"{address!r} is no IP address: give the one that the primary sees, such as 10.0.0.5") from None
    return getattr(ip, "ipv4_mapped", None) or ip


def is_ip(text: str) -> bool:
    """True for an IP address, with or without a zone."""
    try:
        ip_of(text)
    except ValueError:
        return False
    return True


def name_problem(user: str, *, quotes_names: bool = True) -> str:
    """Why a server cannot find the role in pg_hba.conf, as a sentence; empty where it can.

    Args:
        user: the role's name.
        quotes_names: False for 9.1, which cuts a name at a comma and takes + for a group even between quotes.
    """
    if quotes_names or not ("," in user or user.startswith("+")):
        return ""
    return f"the role name {user!r} has a comma or begins with a plus sign, which pg_hba.conf cannot quote before 9.2"


def _checked_name(user: str) -> str:
    if not user or any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in user):
        raise TextError(f"the role name {user!r} is empty or has a control character: pg_hba.conf cannot hold it")
    if user.startswith("/"):
        raise TextError(f"the role name {user!r} begins with a slash, which PostgreSQL 16 and newer read as a pattern")
    if len(user.encode("utf-8", "surrogateescape")) > _MAX_NAME:
        raise TextError(f"the role name {user!r} is longer than {_MAX_NAME} bytes: no role has such a name")
    return user


def _needs_quotes(text: str) -> bool:
    return text.lower() in _KEYWORDS or not _PLAIN.fullmatch(text)


def _word(token: Token) -> str:
    """A token as written: in quotes where it was, or where blanks, commas, quotes or a # would split it."""
    if token.quoted or not token.text:
        return _quote(token.text)
    # A first character outside the quotes keeps +group and @file what they are.
    return token.text[0] + _option(token.text[1:])


def _option(text: str) -> str:
    return _quote(text) if any(char in ' \t\r",#' for char in text) else text


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _address_words(address: str) -> list[str]:
    base, slash, mask = address.partition("/")
    if slash and not mask.isdigit():
        return [base, mask]
    return [address] if address else []
