"""Where to connect: ``[user@]host[:port]``, checked before anything is done with it."""

import re
from dataclasses import dataclass

from pgrepl_tui.hosts.host import HostError

_FORM = "Write it as host, user@host, user@host:port or user@[IPv6 address]:port."
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
_HOST6 = re.compile(r"[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]+)?\Z")
_USER = re.compile(r"[^-@:/][^@:/]*\Z")
_LONGEST = 255


class DestinationError(HostError):
    """The text does not say where to connect."""

    def __init__(self, what: str) -> None:
        super().__init__(what, _FORM)


@dataclass(frozen=True)
class Destination:
    """Where to connect. ``user`` is empty and ``port`` is None where the SSH configuration decides."""

    host: str
    user: str = ""
    port: int | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.user}@{host}".removeprefix("@") + (f":{self.port}" if self.port else "")


def parse(text: str) -> Destination:
    """Read ``[user@]host[:port]``; an IPv6 address with a port stands in brackets.

    Raises:
        DestinationError: it is not of that form, or could be taken for an option or for shell text.
    """
    if not text:
        raise DestinationError("the destination is empty")
    if len(text) > _LONGEST:
        raise DestinationError(f"the destination is longer than {_LONGEST} characters")
    if _UNFIT.search(text):
        raise DestinationError(f"{text!r}: a destination has no spaces and no control characters")
    user, at, address = text.rpartition("@")
    if at and not _USER.match(user):
        raise DestinationError(f"{text!r}: {user!r} is not a user name")
    host, port = _address(text, address)
    return Destination(host, user, port)


def _address(text: str, address: str) -> tuple[str, int | None]:
    if address.startswith("["):
        host, bracket, rest = address[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise DestinationError(f"{text!r}: the bracket of an IPv6 address is not closed, or text follows it")
        return _ipv6(text, host), _port(text, rest[1:]) if rest else None
    if address.count(":") > 1:
        return _ipv6(text, address), None
    host, colon, port = address.partition(":")
    if not _HOST.match(host):
        raise DestinationError(f"{text!r}: {host!r} is not a host name or address")
    return host, _port(text, port) if colon else None


def _ipv6(text: str, host: str) -> str:
    if ":" not in host or not _HOST6.match(host):
        raise DestinationError(f"{text!r}: {host!r} is not an IPv6 address")
    return host


def _port(text: str, port: str) -> int:
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536 and len(port) < 6):
        raise DestinationError(f"{text!r}: {port!r} is not a port; a port is a number from 1 to 65535")
    return int(port)
