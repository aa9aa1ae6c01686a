"""What the tests of the cells share; they stand in several files, so that several processes can run them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.fast.cell import play
from tests.faults.table import POSSIBLE, Cell
from tests.unit import virtual_time

Property = Callable[[str, object], None]


def cells(*faults: str) -> pytest.MarkDecorator:
    """All possible cells of some faults."""
    chosen = [cell for cell in POSSIBLE if cell.fault.id in faults]
    return pytest.mark.parametrize("cell", chosen, ids=lambda cell: cell.id)


def check(cell: Cell, place: Path, reference: dict[str, object], record_property: Property) -> None:
    """Play it; everything has to hold."""
    judged = virtual_time.run(play(place, cell, reference))
    record_property("outcome", judged.outcome)
    assert judged.findings.found == {}, judged.outcome
