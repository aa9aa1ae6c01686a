"""Restart the primary, where a setting needs it."""

from pgrepl_tui.events import Activation, Danger, ShownCommand, Stage
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.postgres.conf import without_block
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.edit import Edit, read
from pgrepl_tui.steps.primary.wanted import wanted
from pgrepl_tui.steps.settings import MARK
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, done, needed
from pgrepl_tui.steps.wait import until


class Restart(Step):
    """Restart the primary once, and only where a reload is not enough."""

    id, title, stage, host = "restart", "restart the primary", Stage.PRIMARY, "primary"
    why = (
        "Some settings take effect only when the server starts. All client sessions are dropped, and open transactions "
        "are rolled back: it takes some seconds."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Needed when a setting that we want waits for a restart."""
        values, found = await wanted(ctx)
        waiting = [name for name in values if found[name].needs_restart]
        if not waiting:
            return done("nothing waits for a restart")
        return needed(f"{', '.join(waiting)} take effect only when the server starts")

    async def preview(self, ctx: Context) -> Preview:
        """The command, and how many sessions it drops."""
        side = ctx.primary
        command = side.cluster.control.command(Action.RESTART, side.cluster)
        total, busy = (await side.server.query(queries.sessions(side.facts)))[0]
        who = f"{total} client session(s) would be dropped, {busy} of them in a transaction"
        return Preview(
            (ShownCommand(side.name, line(command.argv, command.env)),),
            activation=Activation.RESTART,
            danger=Danger.INTERRUPTS,
            notes=(who,),
            question=f"Restart the primary {side.name} now? {who}.",
        )

    async def run(self, ctx: Context) -> str:
        """Restart; a configuration with which it does not start is put back, and it is started again."""
        side = ctx.primary
        result = await side.host.run(side.cluster.control.command(Action.RESTART, side.cluster))
        found = await find_side(ctx, "primary")
        if not found.cluster.running:
            await self._put_back(ctx, result.error_text or result.text.strip())
        ctx.sides["primary"] = found
        return f"{side.name} restarted, on port {found.cluster.port}"

    async def _put_back(self, ctx: Context, said: str) -> None:
        side = ctx.primary
        text = await read(side, side.cluster.conf)
        await Edit(side, side.cluster.conf, text, without_block(text or "", MARK)).write(ctx.run_id)
        await side.host.run(side.cluster.control.command(Action.START, side.cluster))
        back = await self._running_again(ctx)
        state = "it runs again with its old configuration" if back else "IT IS STILL DOWN: start it by hand"
        raise StepError(
            f"the primary did not start with the new settings, which were taken out again; {state}",
            f"the server's log says why ({side.cluster.log}); pg_ctl said: {said[-500:]}",
        )

    async def _running_again(self, ctx: Context) -> bool:
        """Wait, at most a minute, until the server lets somebody in."""
        return await until(lambda: _answers(ctx), seconds=60)


async def _answers(ctx: Context) -> bool:
    try:
        side = await find_side(ctx, "primary")
        return bool(side.cluster.running) and await side.server.value(queries.in_recovery(), poll=True) == "f"
    except (SqlError, StepError):
        return False
