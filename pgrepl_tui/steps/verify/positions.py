"""Matching WAL positions, each read from its own server."""

import asyncio
import time

from pgrepl_tui.events import Matched, Note, PrimaryPosition, Stage, StandbyPosition
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.conf_units import seconds_of
from pgrepl_tui.postgres.lsn import Lsn, distance
from pgrepl_tui.postgres.reader import Reader, open_reader
from pgrepl_tui.postgres.server import truth
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.settings import read_settings
from pgrepl_tui.steps.step import Step, StepError

POLL = 0.05
STUCK_AFTER = 20.0
"""Seconds without any movement of the standby's positions."""
RETRY = 15.0
"""Seconds for a receiver that was refused to try again, which it does every 5, and to receive."""


RESUME = (
    "if nobody means it to be: select pg_wal_replay_resume() on the standby (pg_xlog_replay_resume() before 10); "
    "then run again"
)


class Positions(Step):
    """Read the primary's position, and wait until the standby has received and replayed it."""

    id, title, stage, host = "positions", "matching WAL positions", Stage.VERIFY, "standby"
    readonly = True
    why = (
        "Under writes two positions read at two moments never agree, and nobody pauses a production primary. So the "
        "primary's position is read, and the standby has to receive and replay at least that; what the primary wrote "
        "meanwhile is said in bytes."
    )

    async def run(self, ctx: Context) -> str:
        """Read, wait, compare; both servers are read over connections of their own."""
        async with open_reader(ctx.primary.server) as primary, open_reader(ctx.standby.server) as standby:
            await self._two_servers(primary, standby)
            target = await primary_position(ctx, primary)
            received, replayed = await Reaching(ctx, standby, target).wait()
            now = await primary_position(ctx, primary)
            if replayed > now:
                reason = f"the standby has replayed up to {replayed}, which the primary ({now}) has not written yet"
                remedy = f"{ctx.standby.name} has WAL that {ctx.primary.name} never had: it is no copy of it any more"
                raise no_match(ctx, target, (str(received), str(replayed)), reason, remedy)
            since = written_between(ctx, target, now)
        ctx.reporter.emit(
            Matched(matching=True, lsn=str(target), received=str(received), replayed=str(replayed), written_since=since)
        )
        return f"match at {target}: received {received}, replayed {replayed}; {since} bytes written meanwhile"

    async def _two_servers(self, primary: Reader, standby: Reader) -> None:
        """Two names for one server would match for ever."""
        who = "select pg_postmaster_start_time()::text, current_setting('data_directory'), pg_is_in_recovery()"
        if await primary.query(who) == await standby.query(who):
            raise StepError("both positions come from one and the same server", "correct the topology", refused=True)


class Reaching:
    """The standby on its way to a position of the primary: by its own words, as long as it moves."""

    def __init__(self, ctx: Context, standby: Reader, target: Lsn) -> None:
        self._ctx, self._standby, self._target = ctx, standby, target
        self._patience = STUCK_AFTER

    async def wait(self) -> tuple[Lsn, Lsn]:
        """Received and replayed, once both are there.

        Raises:
            StepError: it does not move any more.
        """
        last, moved, receiver = ("", ""), time.monotonic(), await self._receiver()
        while True:
            received, replayed, paused = await standby_position(self._ctx, self._standby)
            if paused:
                raise no_match(
                    self._ctx, self._target, (received, replayed), "WAL replay is paused on the standby", RESUME
                )
            if received and replayed and min(Lsn.parse(received), Lsn.parse(replayed)) >= self._target:
                return Lsn.parse(received), Lsn.parse(replayed)
            if (received, replayed) != last:
                last, moved = (received, replayed), time.monotonic()
            if time.monotonic() - moved > self._patience:
                late = not received or Lsn.parse(received) < self._target
                if not late or not await self._may_be_held(receiver):
                    raise self._stuck(received, replayed, late=late)
            await asyncio.sleep(POLL)

    def _stuck(self, received: str, replayed: str, *, late: bool) -> StepError:
        what = "receives nothing" if late else "does not replay what it received"
        reason = f"the standby {what}: no movement for {self._patience:.0f} s"
        remedy = f"see {self._ctx.standby.cluster.log} on {self._ctx.standby.name}"
        return no_match(self._ctx, self._target, (received, replayed), reason, remedy)

    async def _receiver(self) -> str:
        """The process of the standby's WAL receiver; empty where there is none, or the version does not tell."""
        if not self._ctx.standby.facts.has_wal_receiver_view:
            return ""
        rows = await self._standby.query(queries.receiver(self._ctx.standby.facts))
        return str(rows[0][0]) if rows else ""

    async def _may_be_held(self, receiver: str) -> bool:
        """Whether to be more patient, which is said: a standby that went away without a word is let in again late.

        Its slot belongs to the old connection until the primary gives that up (wal_sender_timeout); meanwhile one WAL
        receiver after another is refused. One that lives on and receives nothing has another reason.
        """
        primary = self._ctx.primary
        if self._patience > STUCK_AFTER or (receiver and receiver == await self._receiver()):
            return False
        name = primary.facts.sender_timeout_setting
        timeout = (await read_settings(primary, [name])).get(name)
        longer = seconds_of(timeout.value, timeout.unit) + RETRY if timeout else 0.0
        if longer <= STUCK_AFTER:
            return False
        self._patience = longer
        text = f"the standby gets nothing yet: {primary.name} may hold its slot for a connection that was lost"
        self._ctx.reporter.emit(Note(level="info", text=f"{text}, for up to {self._patience:.0f} s ({name})"))
        return True


def later(received: str, replayed: str) -> str:
    """How far a standby has received, as far as is known: what it has replayed, it has.

    A receiver that was started again begins at the start of a segment, and tells its new position only when WAL comes
    that was not replayed yet: on an idle primary that is never (RequestXLogStreaming in walreceiverfuncs.c,
    XLogWalRcvFlush in walreceiver.c). WAL from an archive is not the receiver's at all.
    """
    if not received or not replayed:
        return received
    return replayed if Lsn.parse(replayed) > Lsn.parse(received) else received


def no_match(ctx: Context, target: Lsn, standby: tuple[str, str], reason: str, remedy: str) -> StepError:
    """Tell that the positions do not match, and why; the error that ends the step."""
    received, replayed = standby
    ctx.reporter.emit(Matched(matching=False, lsn=str(target), received=received, replayed=replayed, reason=reason))
    where = f"primary {target}, received {received or 'nothing'}, replayed {replayed or 'nothing'}"
    return StepError(f"no match: {reason} ({where})", remedy)


def written_between(ctx: Context, earlier: Lsn, later: Lsn) -> int:
    """Bytes of WAL that the primary wrote between two of its positions."""
    return distance(later, earlier, bytes_per_id=ctx.primary.facts.lsn_bytes_per_id)


async def primary_position(ctx: Context, reader: Reader) -> Lsn:
    """The primary's position, told."""
    rows = await reader.query(queries.current_position(ctx.primary.facts))
    text = str(rows[0][0])
    ctx.reporter.emit(PrimaryPosition(lsn=text, via=reader.via))
    return Lsn.parse(text)


async def standby_position(ctx: Context, reader: Reader) -> tuple[str, str, bool]:
    """Received, replayed and whether replay is paused, told."""
    rows = await reader.query(queries.standby_positions(ctx.standby.facts))
    replayed, paused = rows[0][1] or "", truth(rows[0][2])
    received = later(rows[0][0] or "", replayed)
    ctx.reporter.emit(StandbyPosition(received=received, replayed=replayed, via=reader.via))
    return received, replayed, paused
