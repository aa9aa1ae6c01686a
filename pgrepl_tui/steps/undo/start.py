"""Start the old cluster again, where a run stopped it."""

from dataclasses import replace

from pgrepl_tui.events import ShownCommand, Stage
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.cluster import Action, Cluster
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps import carry
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import Stopped
from pgrepl_tui.steps.step import Look, Preview, StepError, done, needed
from pgrepl_tui.steps.undo.standing import standing
from pgrepl_tui.steps.undo.work import UndoStep
from pgrepl_tui.steps.wait import until

APPEARS_WITHIN = 20.0
"""Seconds in which a started server has to have a process."""
ANSWERS_WITHIN = 60.0
"""Seconds that it gets to answer; one that was a standby may have to recover for longer, and goes on with that."""


class StartOld(UndoStep):
    """Start the old cluster, if it ran before."""

    id, title, stage, host = "undo-start", "start the old cluster", Stage.STANDBY, "standby"
    why = "It ran when a run stopped it, so it is to run again."

    async def inspect(self, ctx: Context) -> Look:
        """Done when it runs, or did not run before."""
        if not self.work.before_swap(Stopped):
            return done("no run stopped it")
        now = await standing(ctx, self.work)
        side = await find_side(ctx, "standby", ask=False)
        if side.cluster.running and not now.needed:
            return done(f"it runs (process {side.cluster.running})")
        return needed("it ran before it was stopped")

    async def preview(self, ctx: Context) -> Preview:
        """The command."""
        cluster = self._cluster(ctx)
        command = cluster.control.command(Action.START, cluster)
        return Preview((ShownCommand(ctx.standby.name, line(command.argv, command.env)),))

    async def run(self, ctx: Context) -> str:
        """Start it, as a detached job, and wait until it has a process and answers."""
        cluster, side = self._cluster(ctx), ctx.standby
        await carry.succeed(replace(side, cluster=cluster), Action.START)
        if not await until(lambda: self._runs(ctx), seconds=APPEARS_WITHIN):
            raise StepError("it went down again", f"its log says why: {cluster.log}")
        answers = await until(lambda: self._answers(ctx), seconds=ANSWERS_WITHIN)
        return f"it runs on port {ctx.standby.cluster.port}" if answers else "it runs, and does not answer yet"

    def _cluster(self, ctx: Context) -> Cluster:
        """The cluster as it is, with the log that it wrote when it was stopped."""
        return replace(ctx.standby.cluster, log=self.work.before_swap(Stopped)[0].log)

    async def _runs(self, ctx: Context) -> bool:
        ctx.sides["standby"] = side = await find_side(ctx, "standby", ask=False)
        return bool(side.cluster.running)

    async def _answers(self, ctx: Context) -> bool:
        try:
            await ctx.standby.server.query(queries.in_recovery(), poll=True)
        except SqlError:
            return not await self._runs(ctx)
        return True
