"""Answers that are none, servers that are away, somebody else at work, and slowness."""

from pathlib import Path

from tests.faults.fast.check import Property, cells, check
from tests.faults.table import Cell


@cells("F10", "F12", "F13", "F14")
def test_cell(cell: Cell, place: Path, reference: dict[str, object], record_property: Property) -> None:
    check(cell, place, reference, record_property)
