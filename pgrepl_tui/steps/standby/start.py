"""Start the standby."""

from pgrepl_tui.events import Note, ShownCommand, Stage
from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.postgres.logs import explain, severity
from pgrepl_tui.steps import carry
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.standby.copy_place import mark_of
from pgrepl_tui.steps.standby.log_source import marks, said_since
from pgrepl_tui.steps.standby.state import is_ours
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, done, needed
from pgrepl_tui.steps.wait import until

APPEARS_WITHIN = 15.0
"""Seconds in which a started server has to have a process; one that does not come is told within 20 s."""


BY_HAND = (
    "its owner has no home folder in passwd where libpq would look for .pgpass: whoever starts this server by hand has "
    "to set PGPASSFILE={PGPASSFILE}, or give the owner a home"
)


class Start(Step):
    """Start the server on the copy; it can only come up as a standby."""

    id, title, stage, host = "start", "start the standby", Stage.STANDBY, "standby"
    why = "The server starts in recovery: it replays what came with the copy, becomes consistent, and then streams."

    async def inspect(self, ctx: Context) -> Look:
        """Done when the standby runs."""
        ctx.sides["standby"] = side = await find_side(ctx, "standby")
        if side.cluster.running and await is_ours(ctx):
            return done(f"it runs (process {side.cluster.running})")
        return needed("the standby is down")

    async def preview(self, ctx: Context) -> Preview:
        """The command."""
        side = ctx.standby
        command = side.cluster.control.command(Action.START, side.cluster)
        notes = (BY_HAND.format(**side.cluster.env),) if side.cluster.env else ()
        return Preview((ShownCommand(side.name, line(command.argv, command.env)),), notes=notes)

    async def run(self, ctx: Context) -> str:
        """Start it, as a detached job; remember where its log was, so that the next step reads from there."""
        side = ctx.standby
        if not await is_ours(ctx):
            raise StepError(
                f"{side.cluster.data} would not start as a standby of {ctx.primary.name}: not started",
                "run again from the start of this stage",
                refused=True,
            )
        await files.remove(side.files, mark_of(ctx), side.cluster.os_user)  # the swap may have been cut off
        ctx.log_marks = await marks(ctx)
        await carry.succeed(side, Action.START)
        if not await until(lambda: self._runs(ctx), seconds=APPEARS_WITHIN, pause=0.3):
            raise await self._gone(ctx)
        if side.cluster.env:
            ctx.reporter.emit(Note(level="warning", text=BY_HAND.format(**side.cluster.env)))
        return f"the standby on {side.name} is starting"

    async def confirm(self, ctx: Context) -> Look:
        """It has a process; whether it streams is for the next step."""
        if not ctx.standby.cluster.running:
            raise await self._gone(ctx)
        return done("it runs")

    async def _runs(self, ctx: Context) -> bool:
        ctx.sides["standby"] = side = await find_side(ctx, "standby", ask=False)
        return bool(side.cluster.running)

    async def _gone(self, ctx: Context) -> StepError:
        where, entries = await said_since(ctx)
        cause = next((found for found in map(explain, entries) if found), None)
        ends = [entry for entry in entries if severity(entry) in {"FATAL", "PANIC"}]
        said = ends[0] if ends else entries[-1] if entries else "nothing in its log"
        return StepError(f"the standby went down again: {said}", cause.remedy if cause else f"see {where}")
