"""Connections that are cut off, answer nothing, or lose one answer."""

from pathlib import Path

from tests.faults.fast.check import Property, cells, check
from tests.faults.table import Cell


@cells("F1", "F2", "F3", "F11")
def test_cell(cell: Cell, place: Path, reference: dict[str, object], record_property: Property) -> None:
    check(cell, place, reference, record_property)
