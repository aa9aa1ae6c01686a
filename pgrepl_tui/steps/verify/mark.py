"""One marked record, followed from the primary's WAL to the standby's replay."""

import asyncio
import secrets
import time

from pgrepl_tui.events import MarkReached, Stage
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.postgres.reader import Reader, open_reader
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.step import Step, StepError
from pgrepl_tui.steps.verify.positions import primary_position, standby_position

POLL = 0.01
STUCK_AFTER = 20.0


class Mark(Step):
    """Write one record into the primary's WAL and see it arrive."""

    id, title, stage, host = "mark", "marked record", Stage.VERIFY, "standby"
    readonly = True
    unproved = "how long a record takes to the standby was not measured"
    why = (
        "One record that nobody else wrote: a message in the primary's WAL (a restore point before 9.6), which changes "
        "no data. Sent, written and flushed are the primary's view; received and replayed are read on the standby "
        "itself."
    )

    async def run(self, ctx: Context) -> str:
        """Write it, and take the time of each point that it reaches."""
        async with open_reader(ctx.primary.server) as primary, open_reader(ctx.standby.server) as standby:
            rows = await primary.query(queries.mark(secrets.token_hex(8), ctx.primary.facts))
            journey = Journey(ctx, Lsn.parse(str(rows[0][0])))
            await primary_position(ctx, primary)
            while not journey.complete:
                await journey.look(primary, standby)
                if journey.seconds > STUCK_AFTER:
                    missing = ", ".join(journey.missing)
                    raise StepError(f"the marked record at {journey.lsn} did not get as far as: {missing}",
                                    f"see {ctx.standby.cluster.log} on {ctx.standby.name}")  # fmt: skip
                await asyncio.sleep(POLL)
        return (
            f"the record at {journey.lsn} was replayed {journey.reached['replayed'] * 1000:.0f} ms after it was written"
        )


class Journey:
    """The points that a record has reached, with their times in seconds since it was written."""

    POINTS = ("sent", "written", "flushed", "received", "replayed")

    def __init__(self, ctx: Context, lsn: Lsn) -> None:
        self._ctx = ctx
        self._begun = time.monotonic()
        self.lsn = lsn
        self.reached: dict[str, float] = {}
        ctx.reporter.emit(MarkReached(lsn=str(lsn), point="made", seconds=0.0, seen_on=ctx.primary.name))

    @property
    def seconds(self) -> float:
        """Since the record was written."""
        return time.monotonic() - self._begun

    @property
    def missing(self) -> list[str]:
        """The points that it has not reached."""
        return [point for point in self.POINTS if point not in self.reached]

    @property
    def complete(self) -> bool:
        """It has reached them all."""
        return not self.missing

    async def look(self, primary: Reader, standby: Reader) -> None:
        """Read both sides once."""
        rows = await primary.query(queries.sender(self._ctx.application, self._ctx.primary.facts))
        for point, column in (("sent", 4), ("written", 5), ("flushed", 6)):
            self._note(point, (rows[0][column] if rows else "") or "", self._ctx.primary.name)
        received, replayed, _ = await standby_position(self._ctx, standby)
        self._note("received", received, self._ctx.standby.name)
        self._note("replayed", replayed, self._ctx.standby.name)

    def _note(self, point: str, position: str, seen_on: str) -> None:
        if point not in self.reached and position and Lsn.parse(position) >= self.lsn:
            self.reached[point] = self.seconds
            self._ctx.reporter.emit(
                MarkReached(lsn=str(self.lsn), point=point, seconds=self.reached[point], seen_on=seen_on)
            )
