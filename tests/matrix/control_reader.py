"""pg_controldata for PostgreSQL 10 to 13, whose packages have none; installed as a program beside their servers.

Another major's pg_controldata prints wrong figures, so the control file is read here by the layout of its own version:
ControlFileData and CheckPoint in src/include/catalog/pg_control.h of each release, in the memory of a 64-bit machine.
The lines are those of src/bin/pg_controldata/pg_controldata.c. It runs with any Python from 3.8 on, and by itself.
"""

from __future__ import annotations

import struct
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Fields = dict[str, Any]
    Line = tuple[str, Any]

STATES = (
    "starting up",
    "shut down",
    "shut down in recovery",
    "shutting down",
    "in crash recovery",
    "in archive recovery",
    "in production",
)
WAL_LEVELS = ("minimal", "replica", "logical")
FLOAT_FORMAT = 1234567.0

_LAYOUT = """
Q:system_identifier I:control_version I:catalog_version i:state q:time Q:checkpoint {prior}
Q:redo I:tli I:prev_tli ?:full_page_writes {next_xid} I:next_oid I:next_multi I:next_multi_offset I:oldest_xid
I:oldest_xid_db I:oldest_multi I:oldest_multi_db q:checkpoint_time I:oldest_commit_ts I:newest_commit_ts
I:oldest_active_xid 0q:
Q:unlogged_lsn Q:minimum I:minimum_tli Q:backup_start Q:backup_end ?:backup_end_required
i:wal_level ?:wal_log_hints i:max_connections i:max_worker_processes {senders} i:max_prepared_xacts
i:max_locks_per_xact ?:track_commit_timestamp
I:max_align d:float_format I:block_size I:relation_blocks I:wal_block_size I:segment_size I:name_length
I:index_columns I:toast_size I:large_object_size {float4} ?:float8_by_value I:checksum_version 32s:nonce I:crc
"""
"""A type of the struct module and a name a field; {} is what not every version has; 0q ends CheckPoint, a struct."""

_OLD_XID, _NEW_XID = "I:xid_epoch I:next_xid", "Q:next_full_xid"
_FLOAT4 = "?:float4_by_value"
LAYOUTS: dict[int, str] = {
    1002: _LAYOUT.format(prior="Q:prior", next_xid=_OLD_XID, senders="", float4=_FLOAT4),  # 10
    1100: _LAYOUT.format(prior="", next_xid=_OLD_XID, senders="", float4=_FLOAT4),  # 11
    1201: _LAYOUT.format(prior="", next_xid=_NEW_XID, senders="i:max_wal_senders", float4=_FLOAT4),  # 12
    1300: _LAYOUT.format(prior="", next_xid=_NEW_XID, senders="i:max_wal_senders", float4=""),  # 13 to 17
}
"""The layouts by PG_CONTROL_VERSION."""


class ControlFileError(Exception):
    """The file is not a control file that can be read here."""


def read(content: bytes) -> Fields:
    """The fields of a control file.

    Raises:
        ControlFileError: too short, of another version, or its checksum is wrong.
    """
    version = struct.unpack_from("I", content, 8)[0] if len(content) >= 12 else None
    if version not in LAYOUTS:
        raise ControlFileError(f"its pg_control version is {version}, not one of {sorted(LAYOUTS)}")
    pairs = [field.split(":") for field in LAYOUTS[version].split()]
    form = "".join(kind for kind, _ in pairs)
    size = struct.calcsize(form)
    if len(content) < size:
        raise ControlFileError(f"it has {len(content)} bytes, not {size}")
    fields = dict(zip((name for _, name in pairs if name), struct.unpack_from(form, content)))  # noqa: B905 - 3.8
    if crc32c(content[: size - 4]) != fields["crc"]:
        raise ControlFileError("its checksum is wrong")
    if fields["float_format"] != FLOAT_FORMAT:
        raise ControlFileError(f"its test number is {fields['float_format']}, not {FLOAT_FORMAT}")
    return fields


def crc32c(data: bytes) -> int:
    """The CRC-32C (Castagnoli) of some bytes, as src/port/pg_crc32c_sb8.c computes it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def lines(fields: Fields) -> str:
    """What pg_controldata prints."""
    told = [*_about_the_file(fields), *_about_the_checkpoint(fields), *_about_recovery(fields)]
    told += [*_about_settings(fields), *_about_the_build(fields)]
    return "".join(f"{label + ':':<38}{_shown(value)}\n" for label, value in told)


def _about_the_file(of: Fields) -> list[Line]:
    return [
        ("pg_control version number", of["control_version"]),
        ("Catalog version number", of["catalog_version"]),
        ("Database system identifier", of["system_identifier"]),
        ("Database cluster state", STATES[of["state"]]),
        ("pg_control last modified", _time(of["time"])),
        ("Latest checkpoint location", _lsn(of["checkpoint"])),
        *([("Prior checkpoint location", _lsn(of["prior"]))] if "prior" in of else []),
    ]


def _about_the_checkpoint(of: Fields) -> list[Line]:
    redo, segment = of["redo"], of["segment_size"]
    number, per_id = redo // segment, (1 << 32) // segment
    full = of["next_full_xid"] if "next_full_xid" in of else of["xid_epoch"] << 32 | of["next_xid"]
    of_latest = "Latest checkpoint's "
    return [
        (of_latest + "REDO location", _lsn(redo)),
        (of_latest + "REDO WAL file", f"{of['tli']:08X}{number // per_id:08X}{number % per_id:08X}"),
        (of_latest + "TimeLineID", of["tli"]),
        (of_latest + "PrevTimeLineID", of["prev_tli"]),
        (of_latest + "full_page_writes", of["full_page_writes"]),
        (of_latest + "NextXID", f"{full >> 32}:{full & 0xFFFFFFFF}"),
        (of_latest + "NextOID", of["next_oid"]),
        (of_latest + "NextMultiXactId", of["next_multi"]),
        (of_latest + "NextMultiOffset", of["next_multi_offset"]),
        (of_latest + "oldestXID", of["oldest_xid"]),
        (of_latest + "oldestXID's DB", of["oldest_xid_db"]),
        (of_latest + "oldestActiveXID", of["oldest_active_xid"]),
        (of_latest + "oldestMultiXid", of["oldest_multi"]),
        (of_latest + "oldestMulti's DB", of["oldest_multi_db"]),
        (of_latest + "oldestCommitTsXid", of["oldest_commit_ts"]),
        (of_latest + "newestCommitTsXid", of["newest_commit_ts"]),
        ("Time of latest checkpoint", _time(of["checkpoint_time"])),
        ("Fake LSN counter for unlogged rels", _lsn(of["unlogged_lsn"])),
    ]


def _about_recovery(of: Fields) -> list[Line]:
    return [
        ("Minimum recovery ending location", _lsn(of["minimum"])),
        ("Min recovery ending loc's timeline", of["minimum_tli"]),
        ("Backup start location", _lsn(of["backup_start"])),
        ("Backup end location", _lsn(of["backup_end"])),
        ("End-of-backup record required", "yes" if of["backup_end_required"] else "no"),
    ]


def _about_settings(of: Fields) -> list[Line]:
    names = ["wal_log_hints", "max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_xacts"]
    names += ["max_locks_per_xact", "track_commit_timestamp"]
    told: list[Line] = [("wal_level setting", WAL_LEVELS[of["wal_level"]])]
    return told + [(f"{name} setting", of[name]) for name in names if name in of]


def _about_the_build(of: Fields) -> list[Line]:
    passing = [(size, of[name]) for size in (4, 8) if (name := f"float{size}_by_value") in of]
    return [
        ("Maximum data alignment", of["max_align"]),
        ("Database block size", of["block_size"]),
        ("Blocks per segment of large relation", of["relation_blocks"]),
        ("WAL block size", of["wal_block_size"]),
        ("Bytes per WAL segment", of["segment_size"]),
        ("Maximum length of identifiers", of["name_length"]),
        ("Maximum columns in an index", of["index_columns"]),
        ("Maximum size of a TOAST chunk", of["toast_size"]),
        ("Size of a large-object chunk", of["large_object_size"]),
        ("Date/time type storage", "64-bit integers"),
        *((f"Float{size} argument passing", "by value" if value else "by reference") for size, value in passing),
        ("Data page checksum version", of["checksum_version"]),
        ("Mock authentication nonce", of["nonce"].hex()),
    ]


def _lsn(value: int) -> str:
    return f"{value >> 32:X}/{value & 0xFFFFFFFF:X}"


def _time(value: int) -> str:
    return time.strftime("%c", time.localtime(value))


def _shown(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def main(arguments: list[str]) -> int:
    """Print the control file of the data directory that is the last argument."""
    if arguments[:1] in (["-V"], ["--version"]):
        print("pg_controldata (PostgreSQL) 10 to 13, a reader in Python")
        return 0
    if not arguments:
        print("pg_controldata: error: no data directory specified", file=sys.stderr)
        return 1
    path = Path(arguments[-1], "global", "pg_control")
    try:
        print(lines(read(path.read_bytes())), end="")
    except (OSError, ControlFileError) as error:
        print(f"pg_controldata: error: could not read {path}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
