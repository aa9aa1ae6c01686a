"""The real tier of the fault matrix: real PostgreSQL, real SSH, and the program a process of its own."""

import os
from collections.abc import Callable

import pytest

from tests.faults.real.field import Verdicts
from tests.faults.table import CHOSEN, POSSIBLE, Cell

CELLS = {"chosen": CHOSEN, "all": POSSIBLE}[os.environ.get("PGREPL_FAULTS", "chosen")]

pytestmark = [pytest.mark.faults, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.id)
async def test_a_cell(cell: Cell, verdicts: Verdicts, record_property: Callable[[str, object], None]) -> None:
    verdict = await verdicts[cell.id]
    record_property("seconds", verdict.seconds)
    if verdict.told is not None:
        record_property("told", verdict.told)
    if verdict.hindrance:
        pytest.skip(verdict.hindrance)
    if verdict.error is not None:
        raise verdict.error
