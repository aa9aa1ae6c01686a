"""The sender on the primary and the receiver on the standby."""

from pgrepl_tui.events import ReceiverSeen, Row, SenderSeen, Stage
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.server import SqlError, SqlRow
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.step import Step, StepError


class Streaming(Step):
    """See the WAL sender and the WAL receiver, each on its own server."""

    id, title, stage, host = "streaming", "sender and receiver", Stage.VERIFY, "standby"
    readonly = True
    why = (
        "A standby that answers queries may have stopped receiving long ago. So both ends are looked at: the primary "
        "has to have a sender for this standby, and the standby a receiver, both streaming."
    )

    async def run(self, ctx: Context) -> str:
        """Both rows have to be there and say streaming."""
        standby, primary = ctx.standby, ctx.primary
        if not standby.cluster.running:
            raise StepError(f"the standby's server on {standby.name} is down", "run again: the Standby stage starts it")
        try:
            recovering = await standby.server.truth(queries.in_recovery())
        except SqlError as error:
            raise StepError(f"{standby.name} does not answer: {error.message}", f"see {standby.cluster.log}") from error
        if not recovering:
            raise StepError(
                f"{standby.name} is not in recovery: it takes writes of its own", "it is not a standby; set it up anew"
            )
        sender = await _sender(ctx)
        ctx.reporter.emit(SenderSeen(rows=named(queries.SENDER_COLUMNS, sender)))
        if standby.facts.has_wal_receiver_view:
            rows = await standby.server.query(queries.receiver(standby.facts))
            ctx.reporter.emit(ReceiverSeen(rows=named(queries.RECEIVER_COLUMNS, rows[0] if rows else None)))
            if not rows or rows[0][1] != "streaming":
                raise StepError(
                    f"{standby.name} has no WAL receiver that streams ({rows[0][1] if rows else 'none at all'})",
                    f"it answers queries and receives nothing; its log says why: {standby.cluster.log}",
                )
        if sender is None or sender[3] != "streaming":
            raise StepError(
                f"{primary.name} has no sender for {ctx.application} that streams"
                f" ({sender[3] if sender else 'none at all'})",
                f"look at {standby.cluster.log} on {standby.name}",
            )
        return f"{primary.name} sends to {sender[2] or 'its own machine'}, {standby.name} receives"


async def _sender(ctx: Context) -> SqlRow | None:
    rows = await ctx.primary.server.query(queries.sender(ctx.application, ctx.primary.facts))
    return rows[0] if rows else None


def named(names: tuple[str, ...], row: SqlRow | None) -> tuple[Row, ...]:
    """A row with its columns' names; nothing for no row."""
    return tuple(Row(name, value or "") for name, value in zip(names, row, strict=True)) if row else ()
