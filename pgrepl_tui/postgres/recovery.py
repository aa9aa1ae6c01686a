"""What makes a data directory a standby, by version: recovery.conf up to 11, standby.signal and settings from 12."""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pgrepl_tui.postgres import conninfo
from pgrepl_tui.postgres.conf import quote_value
from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.text_error import TextError
from pgrepl_tui.postgres.version import Major

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_NAME_BYTES = 63
"""NAMEDATALEN - 1: the server cuts a longer application_name or slot name."""

_SLOT = re.compile(r"[a-z0-9_]{1,63}")


@dataclass(frozen=True, slots=True)
class RecoveryFiles:
    """What to put into the data directory of a standby-to-be.

    Attributes:
        signal: name of an empty file; None below 12.
        recovery_conf: the whole text of recovery.conf; None from 12 on, where such a file stops the server.
        settings: settings to write into a configuration file, unquoted; empty below 12.
    """

    signal: str | None
    recovery_conf: str | None
    settings: "Mapping[str, str]"


def plan(major: Major, *, conninfo: str, slot: str) -> RecoveryFiles:
    """The files and settings of a standby.

    Args:
        major: version of the standby.
        conninfo: as ``primary_conninfo()`` builds it.
        slot: replication slot of this standby; empty for none. Left out below 9.4, which has no slots.

    Raises:
        ValueError: the slot's name is not one that a server takes.
    """
    known = facts(major)
    if slot and not _SLOT.fullmatch(slot):
        raise TextError(f"not a slot name: {slot[:70]!r} (1 to 63 of a-z, 0-9 and _): choose another")
    settings = {"primary_conninfo": conninfo}
    if slot and known.has_slots:
        settings["primary_slot_name"] = slot
    if not known.recovery_conf:
        return RecoveryFiles("standby.signal", None, MappingProxyType(settings))
    settings = {"standby_mode": "on", **settings}
    if known.must_ask_latest_timeline:
        settings["recovery_target_timeline"] = "latest"
    lines = (f"{name} = {quote_value(value)}\n" for name, value in settings.items())
    return RecoveryFiles(None, "".join(lines), MappingProxyType({}))


def primary_conninfo(  # noqa: PLR0913 - each of them is a keyword of libpq
    major: Major,
    *,
    host: str,
    port: int,
    user: str,
    sslmode: str = "",
    passfile: str = "",
    application_name: str = "",
    sslrootcert: str = "",
) -> str:
    """The connection string by which a standby of that version reaches its primary; it never holds a password.

    Only what was given is written, and only keywords that the version's libpq knows: an unknown one is fatal there.
    Below 10 that leaves the passfile out: libpq reads ``.pgpass`` in the home of the server's user.

    Raises:
        ConninfoError: a value cannot be written, the string is too long for the server, or the server would not show
            the application_name as it is given (more than 63 bytes, or not printable ASCII).
    """
    if not re.fullmatch(r"[ -~]{0,63}", application_name):
        raise conninfo.ConninfoError(
            f"application_name must be at most {MAX_NAME_BYTES} printable ASCII characters, or the primary shows it "
            f"changed: {application_name[:70]!r}"
        )
    values = {
        "host": host,
        "port": str(port),
        "user": user,
        "sslmode": sslmode,
        "sslrootcert": sslrootcert,
        "passfile": passfile,
        "application_name": application_name,
    }
    keywords = facts(major).conninfo_keywords
    text = conninfo.build({name: value for name, value in values.items() if value and name in keywords})
    conninfo.check_length(text)
    return text
