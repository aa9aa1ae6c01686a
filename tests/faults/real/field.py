"""Several pairs at once, each playing one cell after the other: a cell waits more than it works."""

import asyncio
import os
import time
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.real import state
from tests.faults.real.faults import hindrance
from tests.faults.real.ground import Ground, ground
from tests.faults.real.play import play
from tests.faults.real.wizard import whole_run
from tests.faults.table import Cell

PAIRS = int(os.environ.get("PGREPL_FAULT_PAIRS", "2"))


@dataclass
class Verdict:
    """What came of a cell.

    Attributes:
        error: what did not hold; None where all did.
        hindrance: why it could not be played here.
        seconds: how long it took.
        told: seconds after which the fault was told, where it was.
    """

    error: BaseException | None = None
    hindrance: str = ""
    seconds: float = 0.0
    told: float | None = None


Verdicts = dict[str, "asyncio.Future[Verdict]"]


@asynccontextmanager
async def field(cells: Sequence[Cell], folder: Path) -> AsyncIterator[Verdicts]:
    """Play the cells, in order; each verdict comes when it is there."""
    loop = asyncio.get_running_loop()
    verdicts: Verdicts = {cell.id: loop.create_future() for cell in cells}
    waiting = list(reversed(cells))
    players = [loop.create_task(_player(waiting, verdicts, folder / f"pair-{number}")) for number in range(PAIRS)]
    try:
        yield verdicts
    finally:
        for player in players:
            player.cancel()
        await asyncio.wait(players)


async def _player(waiting: list[Cell], verdicts: Verdicts, folder: Path) -> None:
    try:
        async with ground() as pair:
            reference = await _undisturbed(pair, folder / "reference")
            while waiting:
                cell = waiting.pop()
                verdicts[cell.id].set_result(await _verdict(cell, pair, reference, folder / cell.id))
    except Exception as error:
        while waiting:  # a pair that cannot be made plays nothing, and neither would the others
            verdicts[waiting.pop().id].set_result(Verdict(error))
        raise


async def _verdict(cell: Cell, pair: Ground, reference: dict[str, object], folder: Path) -> Verdict:
    why = hindrance(cell, pair)
    if why:
        return Verdict(hindrance=why)
    folder.mkdir(parents=True)
    began = time.monotonic()
    try:
        told = await play(cell, pair, reference, folder)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this cell's verdict
        (folder / "verdict").write_text("".join(traceback.format_exception(error)))
        return Verdict(error, seconds=time.monotonic() - began)
    return Verdict(seconds=time.monotonic() - began, told=told)


async def _undisturbed(pair: Ground, folder: Path) -> dict[str, object]:
    """How a pair is after a run that nothing was done to, and one that had nothing to do."""
    folder.mkdir(parents=True)
    await pair.reset()
    for name in ("first", "once-more"):
        ran = await whole_run(pair.layout.topology, folder, name)
        assert ran.code == 0, ran.end
    return await state.snapshot(pair)
