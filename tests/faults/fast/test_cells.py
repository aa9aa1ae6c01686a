"""All cells of the matrix that are possible, on the fast tier."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.fast.cell import play
from tests.faults.table import POSSIBLE, Cell
from tests.unit import virtual_time

Property = Callable[[str, object], None]


@pytest.mark.parametrize("cell", POSSIBLE, ids=lambda cell: cell.id)
def test_cell(
    cell: Cell, place: Path, reference: dict[str, object], record_property: Callable[[str, object], None]
) -> None:
    judged = virtual_time.run(play(place, cell, reference))
    record_property("outcome", judged.outcome)
    assert judged.findings.found == {}, judged.outcome
