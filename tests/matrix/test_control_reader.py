"""The reader of control files that stands in for the pg_controldata of 10 to 13."""

import struct

import pytest

from pgrepl_tui.postgres.control import parse_control
from tests.matrix.control_reader import LAYOUTS, ControlFileError, crc32c, lines, read

LENGTHS = {1002: 296, 1100: 288, 1201: 304, 1300: 296}


def control_file(version: int, **values: object) -> bytes:
    """A control file with these fields, everything else 0, and the right checksum."""
    pairs = [field.split(":") for field in LAYOUTS[version].split()]
    given = {"control_version": version, "float_format": 1234567.0, "segment_size": 16 << 20, "state": 6, **values}
    empty = {"d": 0.0, "?": False, "32s": b""}
    fields = [given.get(name, empty.get(kind, 0)) for kind, name in pairs if name]
    form = "".join(kind for kind, _ in pairs)
    content = struct.pack(form, *fields)[:-4]
    return (content + struct.pack("I", crc32c(content))).ljust(8192, b"\0")


def test_the_checksum_is_that_of_rfc_3720() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA


@pytest.mark.parametrize("version", LAYOUTS)
def test_what_is_in_the_file_is_what_the_wizard_reads(version: int) -> None:
    sizes = {"block_size": 8192, "wal_block_size": 4096, "segment_size": 64 << 20}
    content = control_file(
        version, system_identifier=2**63 + 1, tli=7, checkpoint=0x1A_00000028, redo=0x19_FF000000, minimum=0,
        wal_level=1, max_connections=101, max_worker_processes=9, max_prepared_xacts=3, max_locks_per_xact=65,
        track_commit_timestamp=True, checksum_version=1, **sizes,
    )  # fmt: skip
    control = parse_control(lines(read(content)))
    assert control.system_identifier == str(2**63 + 1)
    assert (control.state, control.timeline, control.control_version) == ("in production", 7, version)
    assert [str(point) for point in (control.checkpoint, control.redo)] == ["1A/28", "19/FF000000"]
    assert control.minimum_recovery is None
    assert (control.block_size, control.wal_block_size, control.wal_segment_size) == tuple(sizes.values())
    senders = {} if version < 1201 else {"max_wal_senders": "0"}
    assert control.checksums == 1
    assert control.settings == senders | {
        "wal_level": "replica", "wal_log_hints": "off", "max_connections": "101", "max_worker_processes": "9",
        "max_prepared_transactions": "3", "max_locks_per_transaction": "65", "track_commit_timestamp": "on",
    }  # fmt: skip


def test_the_wal_file_of_the_redo_point_is_named_as_the_server_names_it() -> None:
    fields = read(control_file(1300, tli=3, redo=0x12_AB000028))
    assert "Latest checkpoint's REDO WAL file:    0000000300000012000000AB\n" in lines(fields)


@pytest.mark.parametrize("spoiled", [0, 40, 200])
def test_a_file_that_was_changed_is_refused(spoiled: int) -> None:
    content = bytearray(control_file(1100))
    content[spoiled] ^= 1
    with pytest.raises(ControlFileError, match="checksum"):
        read(bytes(content))


def test_a_short_file_and_another_versions_are_refused() -> None:
    with pytest.raises(ControlFileError, match="bytes, not"):
        read(control_file(1300)[:200])
    with pytest.raises(ControlFileError, match="version is None"):
        read(b"")
    with pytest.raises(ControlFileError, match="version is 1800"):
        read(struct.pack("QI", 0, 1800) + bytes(8180))
