"""This program is killed, told to quit, or sleeps."""

from pathlib import Path

from tests.faults.fast.check import Property, cells, check
from tests.faults.table import Cell


@cells("F4", "F5", "F6")
def test_cell(cell: Cell, place: Path, reference: dict[str, object], record_property: Property) -> None:
    check(cell, place, reference, record_property)
