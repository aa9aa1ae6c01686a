"""Stop the old cluster on the standby's host."""

from pgrepl_tui.events import Danger, ShownCommand, Stage
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import Stopped
from pgrepl_tui.steps.headway import run_while_it_moves
from pgrepl_tui.steps.journal import note
from pgrepl_tui.steps.sessions import losses, sentence
from pgrepl_tui.steps.standby.look_again import look_again
from pgrepl_tui.steps.standby.state import is_ours
from pgrepl_tui.steps.standby.unique import told, unique
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, done, needed


class Stop(Step):
    """Stop the old cluster, once the copy that takes its place is complete."""

    id, title, stage, host = "stop", "stop the old cluster", Stage.STANDBY, "standby"
    why = "Its data directory can be set aside only when no server runs in it. The copy is complete by now."

    async def inspect(self, ctx: Context) -> Look:
        """Done when nothing runs there, or what runs is the standby itself."""
        if await is_ours(ctx):
            return done("what is there is the standby itself")
        fresh = await find_side(ctx, "standby")
        if not fresh.cluster.running:
            return done("no server runs there")
        return needed(f"a server runs in {fresh.cluster.data} (process {fresh.cluster.running})")

    async def preview(self, ctx: Context) -> Preview:
        """The command, and who is dropped."""
        side = ctx.standby
        command = side.cluster.control.command(Action.STOP, side.cluster)
        who = await losses(side)
        question = f"Stop the old cluster on {side.name} ({side.cluster.data}) now? {sentence(who)}"
        shown = (ShownCommand(side.name, line(command.argv, command.env)),)
        reasons = await unique(ctx)
        if not reasons:
            return Preview(shown, danger=Danger.INTERRUPTS, notes=(who,), question=question)
        what = f"It {told(reasons)}."
        return Preview(shown, danger=Danger.INTERRUPTS, notes=(who, what), question=f"{question} {what}")

    async def run(self, ctx: Context) -> str:
        """Stop it, fast."""
        side = ctx.standby
        primary = ctx.primary
        if side.control and primary.control and side.control.system_identifier == primary.control.system_identifier:
            await self._not_the_primary(ctx)
        await look_again(ctx, side.control.system_identifier if side.control else "")
        await note(ctx, side, Stopped(log=side.cluster.log))
        result = await run_while_it_moves(side, side.cluster.control.command(Action.STOP, side.cluster))
        if result.status:
            raise StepError(
                f"it did not stop: {result.error_text or result.text.strip()}", "stop it by hand, then retry"
            )
        return f"the old cluster on {side.name} is stopped"

    async def _not_the_primary(self, ctx: Context) -> None:
        """Same system identifier: make sure once more that this is not the server that everybody uses."""
        started = "select pg_postmaster_start_time(), current_setting('data_directory')"
        if await ctx.standby.server.query(started) == await ctx.primary.server.query(started):
            raise StepError("the server to be stopped is the primary itself", "correct the topology", refused=True)
