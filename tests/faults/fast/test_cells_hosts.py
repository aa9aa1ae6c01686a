"""Hosts that reboot, have no room, or give no rights."""

from pathlib import Path

from tests.faults.fast.check import Property, cells, check
from tests.faults.table import Cell


@cells("F7", "F8", "F9")
def test_cell(cell: Cell, place: Path, reference: dict[str, object], record_property: Property) -> None:
    check(cell, place, reference, record_property)
