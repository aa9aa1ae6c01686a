"""What each value of a topology file may be."""

import difflib
import re
from collections.abc import Callable

from pgrepl_tui.hosts.destination import DestinationError
from pgrepl_tui.hosts.destination import parse as parse_destination

Rule = Callable[[str], str]
"""Returns the value to keep; raises ``MistakeError`` for one that is refused."""

_NAMEDATALEN = 63
_HOST_BAD = re.compile(r"[\s'\"`$\\;&<>|(){}\[\],/*?!#@]")
_USER_BAD = re.compile(r"[\s'\"`$;&<>|(){}]")


class MistakeError(Exception):
    """A value that is refused: what is wrong, and what was meant."""

    def __init__(self, what: str, meant: str) -> None:
        super().__init__(what)
        self.what = what
        self.meant = meant


def printable(text: str) -> str:
    """One line of visible text, up to 255 characters."""
    if not text.strip() or text != text.strip():
        raise MistakeError("is blank, or begins or ends with a blank", "write it without blanks around it")
    if not text.isprintable():
        raise MistakeError("has a character that cannot be seen", "write it with visible characters only")
    if len(text) > 255:
        raise MistakeError("is too long", "at most 255 characters")
    return text


def destination(text: str) -> str:
    """An ssh destination: ``[user@]host[:port]``, or an alias of the ssh configuration."""
    printable(text)
    try:
        parse_destination(text)
    except DestinationError as error:
        meant = error.remedy[:1].lower() + error.remedy[1:].rstrip(".")
        raise MistakeError("is not an SSH destination", meant) from error
    return text


def same_destination(one: str, other: str) -> bool:
    """Whether two ssh destinations surely reach the same sshd; the user does not matter, nor does case."""

    def place(text: str) -> tuple[str, int]:
        known = parse_destination(text)
        return known.host.lower().rstrip("."), known.port or 22

    return place(one) == place(other)


def address(text: str) -> str:
    """A host name or an IP address without a port, as libpq's ``host`` takes one."""
    printable(text)
    if text.startswith("-") or _HOST_BAD.search(text):
        raise MistakeError("is not a host name or an IP address", "one name or address, with no port and no mask")
    if text.count(":") == 1:
        raise MistakeError("has a port", "write the port behind 'port:'")
    if text in {"0.0.0.0", "::"}:  # noqa: S104 - refused, not bound
        raise MistakeError("is not an address to connect to", "write the address at which the other side reaches it")
    return text


def cluster(text: str) -> str:
    """Debian's ``version/name`` of a cluster, as pg_lsclusters prints it in two columns."""
    if not re.fullmatch(r"\d{1,2}(\.\d{1,2})?/(?!\.)[\w.+-]{1,60}", text):
        guess = re.fullmatch(r"(\d{1,2}(?:\.\d{1,2})?)[ :-]([\w.+]+)", text)
        meant = f"did you mean '{guess[1]}/{guess[2]}'?" if guess else "write version/name, such as 15/main"
        raise MistakeError("is not Debian's version/name", meant)
    return text


def absolute_path(text: str) -> str:
    """An absolute path on a host, with no ``..`` and no blanks at its ends."""
    printable(text)
    if text.startswith("~"):
        raise MistakeError("begins with ~", "write the whole path; a home depends on who looks")
    if not text.startswith("/"):
        raise MistakeError("is not an absolute path", "write the whole path, from / on")
    if ".." in text.split("/"):
        raise MistakeError("has '..' in it", "write the path without it")
    kept = "/" + "/".join(part for part in text.split("/") if part not in {"", "."})
    if kept == "/":
        raise MistakeError("is the root of all files", "write the folder itself")
    return kept


def tablespace(text: str) -> str:
    """The folder of a tablespace, as pg_basebackup's --tablespace-mapping can say it."""
    kept = absolute_path(text)
    if kept.endswith("\\"):
        raise MistakeError("ends with a backslash", "pg_basebackup would read it wrong; use another folder")
    return kept


def unit_name(text: str) -> str:
    """A systemd unit, with or without ``.service``; the characters that systemd allows (systemd.unit(5))."""
    if not re.fullmatch(r"[A-Za-z0-9_:.][A-Za-z0-9_:.\\@-]{0,250}", text):
        raise MistakeError("is not a systemd unit", "write its name, such as postgresql-15 or postgresql@15-main")
    return text


def os_user(text: str) -> str:
    """The OS user of the server; never root (PostgreSQL documentation, "The PostgreSQL User Account")."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?", text):
        raise MistakeError("is not a user name", "write the user that runs the server, such as postgres")
    if text == "root":
        raise MistakeError("cannot run PostgreSQL", "write the user that owns the data directory, such as postgres")
    return text


def role_name(text: str) -> str:
    """A role name: what PostgreSQL reserves is refused, and what it would cut off (63 bytes; NAMEDATALEN less one)."""
    printable(text)
    if len(text.encode()) > _NAMEDATALEN:
        raise MistakeError(f"has more than {_NAMEDATALEN} bytes", "PostgreSQL would cut it off; choose a shorter name")
    if text.startswith("pg_") or text in {"public", "none"}:
        raise MistakeError("is a name that PostgreSQL keeps for itself", "choose another, such as replicator")
    return text


def one_of(words: tuple[str, ...]) -> Rule:
    """A rule for one of some words."""

    def rule(text: str) -> str:
        if text in words:
            return text
        like = difflib.get_close_matches(text.lower().replace("_", "-")[:_NAMEDATALEN], words, n=1)
        raise MistakeError("is not known", f"did you mean '{like[0]}'?" if like else f"write one of {', '.join(words)}")

    return rule
