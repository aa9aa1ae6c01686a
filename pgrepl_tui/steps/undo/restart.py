"""Restart the primary, where a setting that was put back takes effect only then."""

from pgrepl_tui.events import Activation, Danger, ShownCommand, Stage
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.steps.carry import carry_out
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import SettingChanged
from pgrepl_tui.steps.primary.open_work import REMEDY, open_work
from pgrepl_tui.steps.primary.standing import conf_errors, hba_errors
from pgrepl_tui.steps.sessions import clients, dropped, sentence
from pgrepl_tui.steps.settings import read_settings
from pgrepl_tui.steps.step import Look, Preview, StepError, blocked, done, needed
from pgrepl_tui.steps.undo.files import of_primary
from pgrepl_tui.steps.undo.restore import changed
from pgrepl_tui.steps.undo.work import UndoStep

PENDING = "select name from pg_settings where pending_restart order by name"


class RestartBack(UndoStep):
    """Restart the primary once, and only where a reload is not enough."""

    id, title, stage, host = "undo-restart", "restart the primary", Stage.PRIMARY, "primary"
    why = (
        "Some settings go back to their old values only when the server starts. All client sessions are dropped, and "
        "open transactions are rolled back. Without it the server goes on with the values that the runs gave it."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Needed when a setting that a run changed at a restart has not its old value, and the files have."""
        late = await self._late(ctx)
        if not late:
            return done("nothing waits for a restart")
        if not await changed(ctx.primary, of_primary(self.work)):
            errors = await conf_errors(ctx.primary) or await hba_errors(ctx.primary)
            if errors:
                return blocked(f"it runs, and would not start again: {errors}", "mend that first, then retry")
        busy = await open_work(ctx)
        if busy:
            return blocked(f"it is not restarted now: {busy}", REMEDY)
        return needed(f"{', '.join(late)}: the old value comes back only when the server starts")

    async def preview(self, ctx: Context) -> Preview:
        """The command, and how many sessions it drops."""
        side = ctx.primary
        command = side.cluster.control.command(Action.RESTART, side.cluster)
        who = dropped(*await clients(side))
        others = await self._others(ctx)
        if others:
            who += f"; {', '.join(others)}, which somebody else changed, would take effect as well"
        shown = (ShownCommand(side.name, line(command.argv, command.env)),)
        question = f"Restart the primary {side.name} now? {sentence(who)}"
        return Preview(shown, (), Activation.RESTART, Danger.INTERRUPTS, (who,), question)

    async def run(self, ctx: Context) -> str:
        """Restart, as a detached job."""
        side, busy = ctx.primary, await open_work(ctx)
        if busy:
            raise StepError(f"it is not restarted now: {busy}", REMEDY, refused=True)
        status, said = await carry_out(side, Action.RESTART)
        ctx.sides["primary"] = fresh = await find_side(ctx, "primary")
        if not fresh.cluster.running:
            raise StepError(
                f"THE PRIMARY IS DOWN: it did not start with the files that it had before: {said}",
                f"its log says why ({side.cluster.log}); what the runs had written is in their diffs",
            )
        if status != 0:
            raise StepError(f"the restart did not end well: {said}", f"see the server's log ({side.cluster.log})")
        return f"{side.name} restarted, on port {fresh.cluster.port}"

    def _before(self) -> dict[str, str]:
        """The values that the server had before the first run, of those that change only when it starts."""
        late = [one for one in self.work.of("primary", SettingChanged) if one.restart]
        return {one.name: one.before for one in reversed(late)}

    async def _late(self, ctx: Context) -> list[str]:
        before, side = self._before(), ctx.primary
        if not before:
            return []
        now = await read_settings(side, before)
        late = [name for name, value in before.items() if name in now and now[name].value != value]
        if late and side.facts.has_pending_restart and not await changed(side, of_primary(self.work)):
            pending = {row[0] for row in await side.server.query(PENDING)}
            late = [name for name in late if name in pending]
        return late

    async def _others(self, ctx: Context) -> list[str]:
        if not ctx.primary.facts.has_pending_restart:
            return []
        return [str(row[0]) for row in await ctx.primary.server.query(PENDING) if row[0] not in self._before()]
