"""What pg_controldata prints (with LC_ALL=C), from 9.1 to 18.

Labels: pg_controldata.c of each version. Settings were called "Current … setting" up to 9.4; the checksum line came
with 9.3. pg_controldata must be the server's own: another version's prints wrong figures and ends with status 0.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.postgres.text_error import TextError

_SETTING = re.compile(r"(?:Current )?(\w+) setting")
_NAMES = {"max_prepared_xacts": "max_prepared_transactions", "max_locks_per_xact": "max_locks_per_transaction"}
_REMEDY = "Run the pg_controldata of the server's own version, with LC_ALL=C, on its data directory."


class ControlError(TextError):
    """The text is not what pg_controldata prints, or pg_controldata itself does not trust it."""


@dataclass(frozen=True, slots=True)
class ControlData:
    """The control file of a data directory.

    Attributes:
        system_identifier: the same on a primary and its standbys.
        state: "Database cluster state", as printed.
        timeline: of the latest checkpoint.
        checkpoint: where the latest checkpoint is; None where there is none.
        redo: where recovery from it would begin; moves on while a standby recovers.
        minimum_recovery: a standby is consistent from here on; None on a server that ran as a primary.
        block_size: in bytes.
        wal_block_size: in bytes.
        wal_segment_size: in bytes.
        checksums: version of the data checksums; 0 is off, or a version that has none.
        control_version: of the file's layout; equal on servers of one major version.
        settings: what the server ran with last, by the name of the setting (max_prepared_transactions, not the
            max_prepared_xacts that is printed).
        catalog_version: part of the name of the folder that a cluster has in a tablespace.
    """

    system_identifier: str
    state: str
    timeline: int
    checkpoint: Lsn | None
    redo: Lsn | None
    minimum_recovery: Lsn | None
    block_size: int
    wal_block_size: int
    wal_segment_size: int
    checksums: int
    control_version: int
    settings: Mapping[str, str]
    catalog_version: int = 0

    @property
    def in_production(self) -> bool:
        """It runs as a primary, or died as one."""
        return self.state == "in production"

    @property
    def shut_down_as_primary(self) -> bool:
        """It was stopped cleanly while it was a primary: it may hold commits that no other server has."""
        return self.state == "shut down"

    @property
    def in_recovery(self) -> bool:
        """It last ran as a standby (or restores from an archive): running, died, or stopped."""
        return self.state in ("in archive recovery", "shut down in recovery")


def parse_control(text: str) -> ControlData:
    """Read the output of pg_controldata; standard error may be part of it.

    Raises:
        ControlError: a line is missing or not as expected, or pg_controldata calls its own results untrustworthy.
    """
    if "untrustworthy" in text:
        raise ControlError(f"pg_controldata says that its results are untrustworthy. {_REMEDY}")
    fields = _fields(text)
    return ControlData(
        system_identifier=str(_number(fields, "Database system identifier")),
        state=_field(fields, "Database cluster state"),
        timeline=_number(fields, "Latest checkpoint's TimeLineID"),
        checkpoint=_lsn(fields, "Latest checkpoint location"),
        redo=_lsn(fields, "Latest checkpoint's REDO location"),
        minimum_recovery=_lsn(fields, "Minimum recovery ending location"),
        block_size=_number(fields, "Database block size"),
        wal_block_size=_number(fields, "WAL block size"),
        wal_segment_size=_number(fields, "Bytes per WAL segment"),
        checksums=_number(fields, "Data page checksum version", "0"),
        control_version=_number(fields, "pg_control version number"),
        settings=MappingProxyType(_settings(fields)),
        catalog_version=_number(fields, "Catalog version number"),
    )


def _fields(text: str) -> dict[str, str]:
    parts = (line.partition(":") for line in text.splitlines())
    return {label.strip(): value.strip() for label, colon, value in parts if colon}


def _field(fields: dict[str, str], label: str, default: str | None = None) -> str:
    value = fields.get(label, default)
    if value is None:
        raise ControlError(f'not the output of pg_controldata: the line "{label}" is missing. {_REMEDY}')
    return value


def _number(fields: dict[str, str], label: str, default: str | None = None) -> int:
    value = _field(fields, label, default)
    if not re.fullmatch(r"[0-9]+", value):
        raise ControlError(f'pg_controldata: "{label}" is not a number: {value[:40]!r}. {_REMEDY}')
    return int(value)


def _lsn(fields: dict[str, str], label: str) -> Lsn | None:
    value = _field(fields, label)
    try:
        return Lsn.parse(value) or None
    except ValueError as error:
        raise ControlError(f'pg_controldata: "{label}": {error}. {_REMEDY}') from error


def _settings(fields: dict[str, str]) -> dict[str, str]:
    found = ((_SETTING.fullmatch(label), value) for label, value in fields.items())
    return {_NAMES.get(match[1], match[1]): value for match, value in found if match}
