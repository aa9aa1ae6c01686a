"""What a journal says: an entry a change, with all that putting it back needs, and never a secret.

A journal is JSON Lines: ``{"entry": name in snake_case, …the fields}``, the first of them ``began``. What is not known,
or was not there, is empty.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import MISSING, asdict, dataclass, fields

from pgrepl_tui.postgres.text_error import TextError


class JournalError(TextError):
    """A text that is no journal, or that a newer version wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact that undo needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Began(Entry):
    """The first entry: which run it was, on which pair.

    Attributes:
        run: the run's id.
        role: primary or standby: whose host this journal is on.
        by: who ran it, from where.
        identifier: the primary's system identifier.
        primary: the primary's host as it is called on screen; ``standby`` likewise.
        primary_data: the primary's data directory; ``standby_data`` likewise.
    """

    run: str
    role: str
    by: str
    identifier: str
    primary: str
    primary_data: str
    standby: str
    standby_data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChanged(Entry):
    """A file was written.

    Attributes:
        path: as it was called then.
        old: SHA-256 of what it held; empty where it was not there.
        new: SHA-256 of what it holds now; empty where another program writes it.
        backup: where the old bytes are kept.
        owner: who owned it.
        mode: its permission bits before.
        new_mode: its permission bits after.
        secret: what it holds is not to be shown.
    """

    path: str
    old: str
    new: str
    backup: str = ""
    owner: str = ""
    mode: int = 0
    new_mode: int = 0
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered(Entry):
    """ALTER SYSTEM set a setting to a value, in a file whose new bytes the server makes."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChanged(Entry):
    """A setting of the running server had the value ``before``; ``restart``: it changes only when the server starts."""

    name: str
    before: str
    restart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted(Entry):
    """The server was restarted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleMade(Entry):
    """A role was made; ``verifier`` is the SHA-256 of its verifier, to know it again."""

    name: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAllowed(Entry):
    """A role that was there may log in and replicate now; whether it could before."""

    name: str
    login: bool
    replication: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotMade(Entry):
    """A replication slot was made."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied(Entry):
    """A base backup went into a folder, by a job."""

    folder: str
    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Entry):
    """The old cluster's server ran, and was stopped; ``log`` is where it wrote its log."""

    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swapped(Entry):
    """The copy took the name of the old data directory.

    Attributes:
        aside: the name that the old one got.
        identity: by what the old one is known again (``standing.IDENTITY``); empty where there was no cluster.
        identifier: the old cluster's system identifier.
        mode: permission bits of an empty folder that stood there; 0 where there was none.
    """

    aside: str
    identity: str
    identifier: str
    mode: int = 0


KINDS = (
    Began, FileChanged, Altered, SettingChanged, Restarted, RoleMade, RoleAllowed, SlotMade, Copied, Stopped, Swapped,
)  # fmt: skip


def digest(data: bytes | None) -> str:
    """SHA-256 in hexadecimal digits; empty for no file."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def encode(entries: Iterable[Entry]) -> str:
    """Entries as lines, each with its end."""
    lines = ({"entry": _name(type(entry)), **asdict(entry)} for entry in entries)
    return "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in lines)


def decode(text: str) -> tuple[Began, tuple[Entry, ...]]:
    """The first entry and those after it.

    Raises:
        JournalError: a line is no entry, or the first is not ``began``; the message names the line.
    """
    if not text.endswith("\n"):
        raise JournalError("it does not end with a line's end" if text else "it is empty")
    entries = [_entry(number, line) for number, line in enumerate(text.split("\n")[:-1], 1)]
    first, *others = entries
    if not isinstance(first, Began) or any(isinstance(entry, Began) for entry in others):
        raise JournalError("line 1 does not say which run it was")
    return first, tuple(others)


def _name(kind: type[Entry]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


_BY_NAME: dict[str, type[Entry]] = {_name(kind): kind for kind in KINDS}


def _entry(number: int, line: str) -> Entry:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise JournalError(f"line {number} is not JSON") from error
    kind = _BY_NAME.get(str(value.pop("entry", ""))) if isinstance(value, dict) else None
    if kind is None:
        raise JournalError(f"line {number} is no entry that this version knows")
    known = {field.name: field.type for field in fields(kind)}
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    if not needed <= value.keys() <= known.keys() or any(type(value[name]) is not known[name] for name in value):
        raise JournalError(f"line {number} is no {_name(kind)} as this version writes it")
    return kind(**value)
