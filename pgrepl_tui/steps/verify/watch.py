"""Watching a pair that was proved: positions every second, until the operator leaves."""

import asyncio
import time
from dataclasses import dataclass, field

from pgrepl_tui.events import Matched, ReceiverSeen, SenderSeen
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.postgres.reader import Reader, open_reader
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.verify.positions import STUCK_AFTER, primary_position, standby_position, written_between
from pgrepl_tui.steps.verify.streaming import named

EVERY = 1.0
"""Seconds between two looks at the positions."""
ENDS_EVERY = 5
"""Looks between two tellings of the sender's and the receiver's rows, unless one of them is gone or back."""
STATE = 3
"""The column of the sender's state; the receiver's is column 1 (see ``postgres/queries.py``)."""


async def watch(ctx: Context) -> None:
    """Look until this is cancelled.

    Raises:
        HostError: a connection was lost.
        SqlError: a server did not answer.
    """
    async with open_reader(ctx.primary.server) as primary, open_reader(ctx.standby.server) as standby:
        pair = Watched(ctx, primary, standby)
        while True:
            await pair.look()
            await asyncio.sleep(EVERY)


@dataclass
class Watched:
    """Both ends, and what was seen of them at the last look."""

    ctx: Context
    primary: Reader
    standby: Reader
    looks: int = 0
    broken: str = ""
    _before: Lsn | None = None
    _last: Matched | None = None
    _still: tuple[str, float] = field(default_factory=lambda: ("", time.monotonic()))

    async def look(self) -> None:
        """One look: the standby has to be level, or have replayed what was written at the look before."""
        await self._ends()
        now = await primary_position(self.ctx, self.primary)
        received, replayed, paused = await standby_position(self.ctx, self.standby)
        level = bool(replayed) and Lsn.parse(replayed) >= now
        target, self._before = (now if level else self._before or now), now
        behind = not replayed or Lsn.parse(replayed) < target
        if behind:
            target = now  # how far behind it is counts from where the primary is, not from where it was
        self._tell(
            Matched(
                matching=not behind and not paused and not self.broken,
                lsn=str(target),
                received=received,
                replayed=replayed,
                written_since=written_between(self.ctx, target, now),
                reason=self._reason(replayed, behind=behind, paused=paused),
            )
        )

    def _reason(self, replayed: str, *, behind: bool, paused: bool) -> str:
        """Why the standby is not where it should be; empty where it is, or is on its way."""
        if replayed != self._still[0] or not behind:
            self._still = (replayed, time.monotonic())
        if self.broken or paused:
            return self.broken or "WAL replay is paused on the standby"
        still = time.monotonic() - self._still[1]
        return f"the standby has replayed nothing for {still:.0f} s" if still > STUCK_AFTER else ""

    def _tell(self, seen: Matched) -> None:
        if seen != self._last:
            self._last = seen
            self.ctx.reporter.emit(seen)

    async def _ends(self) -> None:
        """Look at the sender and the receiver: a standby without them only answers queries."""
        primary, standby = self.ctx.primary, self.ctx.standby
        sender = await self.primary.query(queries.sender(self.ctx.application, primary.facts))
        receiver = (
            await self.standby.query(queries.receiver(standby.facts)) if standby.facts.has_wal_receiver_view else None
        )
        before, self.broken = self.broken, ""
        if not sender or sender[0][STATE] != "streaming":
            self.broken = f"{primary.name} has no sender that streams to this standby"
        elif receiver is not None and (not receiver or receiver[0][1] != "streaming"):
            self.broken = f"{standby.name} has no WAL receiver that streams"
        if self.looks % ENDS_EVERY == 0 or before != self.broken:
            self.ctx.reporter.emit(SenderSeen(rows=named(queries.SENDER_COLUMNS, sender[0] if sender else None)))
            if receiver is not None:
                rows = named(queries.RECEIVER_COLUMNS, receiver[0] if receiver else None)
                self.ctx.reporter.emit(ReceiverSeen(rows=rows))
        self.looks += 1
