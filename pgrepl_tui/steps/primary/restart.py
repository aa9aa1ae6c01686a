"""Restart the primary, where a setting needs it."""

import contextlib

from pgrepl_tui.events import Activation, Danger, ShownCommand, Stage
from pgrepl_tui.hosts.host import ConnectionLostError, HostError
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.postgres.conf import replace_settings, without_block
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.carry import carry_out
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.edit import Edit, read
from pgrepl_tui.steps.entries import Restarted
from pgrepl_tui.steps.journal import note
from pgrepl_tui.steps.primary.give_back import give_back
from pgrepl_tui.steps.primary.open_work import REMEDY, open_work
from pgrepl_tui.steps.primary.standing import conf_errors, hba_errors
from pgrepl_tui.steps.primary.wanted import wanted
from pgrepl_tui.steps.sessions import clients, dropped, sentence
from pgrepl_tui.steps.settings import AUTO_CONF, MARK
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, blocked, done, needed
from pgrepl_tui.steps.wait import until

COMES_BACK, AT_ONCE = 60.0, 10.0
"""Seconds in which the server has to let somebody in again; that it is down must not be told late."""


class Restart(Step):
    """Restart the primary once, and only where a reload is not enough."""

    id, title, stage, host = "restart", "restart the primary", Stage.PRIMARY, "primary"
    why = (
        "Some settings take effect only when the server starts. All client sessions are dropped, and open transactions "
        "are rolled back: it takes some seconds."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Needed when a setting that we want waits for a restart; blocked where the server would not come up again."""
        values, found = await wanted(ctx)
        waiting = [name for name in values if found[name].needs_restart]
        if not waiting:
            return done("nothing waits for a restart")
        errors = await conf_errors(ctx.primary) or await hba_errors(ctx.primary)
        if errors:
            return blocked(f"it runs, and would not start again: {errors}", "mend that first, then retry")
        work = await open_work(ctx)
        if work:
            return blocked(f"it is not restarted now: {work}", REMEDY)
        return needed(f"{', '.join(waiting)} take effect only when the server starts")

    async def preview(self, ctx: Context) -> Preview:
        """The command, and how many sessions it drops."""
        side = ctx.primary
        command = side.cluster.control.command(Action.RESTART, side.cluster)
        who = dropped(*await clients(side))
        others = await self._others(ctx)
        if others:
            who += f"; {', '.join(others)}, which somebody else changed, would take effect as well"
        return Preview(
            (ShownCommand(side.name, line(command.argv, command.env)),),
            activation=Activation.RESTART,
            danger=Danger.INTERRUPTS,
            notes=(who,),
            question=f"Restart the primary {side.name} now? {sentence(who)}",
        )

    async def run(self, ctx: Context) -> str:
        """Restart; a configuration with which it does not start is put back, and it is started again."""
        side = ctx.primary
        work = await open_work(ctx)
        if work:
            raise StepError(f"it is not restarted now: {work}", REMEDY, refused=True)
        values, found = await wanted(ctx)
        altered = {name: found[name].value for name in values if found[name].altered}
        await note(ctx, side, Restarted())
        status, said = await carry_out(side, Action.RESTART)
        fresh = await find_side(ctx, "primary")
        if not fresh.cluster.running:
            await self._put_back(ctx, altered, said)
        ctx.sides["primary"] = fresh
        if status != 0:
            raise StepError(f"the restart did not end well: {said}", f"see the server's log ({side.cluster.log})")
        return f"{side.name} restarted, on port {fresh.cluster.port}"

    async def _others(self, ctx: Context) -> list[str]:
        """Settings that wait for a restart too, and that we did not ask for."""
        if not ctx.primary.facts.has_pending_restart:
            return []
        values, _ = await wanted(ctx)
        rows = await ctx.primary.server.query("select name from pg_settings where pending_restart order by name")
        return [str(row[0]) for row in rows if row[0] not in values]

    async def _put_back(self, ctx: Context, altered: dict[str, str], said: str) -> None:
        """The files as they were before this run, and the server running with them."""
        side = ctx.primary
        try:
            await self._old_files(ctx, altered)
        except ConnectionLostError:
            raise
        except HostError as error:
            with contextlib.suppress(HostError):  # whether it runs is what counts, and is looked at next
                await carry_out(side, Action.START)
            if await self._running_again(ctx, AT_ONCE):
                raise StepError(f"the restart failed, and {side.name} runs again: {said}", error.remedy) from error
            raise StepError(
                f"{side.name} IS DOWN: it did not start again, and its old configuration could not be put back: "
                f"{error.what}",
                f"{error.remedy.rstrip('.')}, and start it; its log says why it is down ({side.cluster.log})",
            ) from error
        await carry_out(side, Action.START)
        back = await self._running_again(ctx, COMES_BACK)
        state = "it runs again with its old configuration" if back else await self._not_yet(ctx)
        raise StepError(
            f"the primary did not start with the new settings, which were taken out again; {state}",
            f"the server's log says why ({side.cluster.log}); it was said: {said}",
        )

    async def _not_yet(self, ctx: Context) -> str:
        """What to say of a server that lets nobody in: one that recovers is not down."""
        if (await find_side(ctx, "primary", ask=False)).cluster.running:
            return "it starts with its old configuration, and lets nobody in yet: its log says how far it is"
        return "IT IS STILL DOWN: start it by hand"

    async def _old_files(self, ctx: Context, altered: dict[str, str]) -> None:
        """The files as they were before this run; raises HostError where one cannot be written.

        Where an earlier run wrote them, our block out of postgresql.conf, and what was changed by ALTER SYSTEM back to
        what the server ran with.
        """
        side, auto = ctx.primary, f"{ctx.primary.cluster.data}/{AUTO_CONF}"
        if not await give_back(ctx, side, side.cluster.conf):
            text = await read(side, side.cluster.conf)
            await Edit(side, side.cluster.conf, text, without_block(text or "", MARK)).write(ctx)
        if altered and not await give_back(ctx, side, auto):
            text = await read(side, auto)
            await Edit(side, auto, text, replace_settings(text or "", altered)).write(ctx)

    async def _running_again(self, ctx: Context, seconds: float) -> bool:
        """Wait until the server lets somebody in."""
        return await until(lambda: _answers(ctx), seconds=seconds)


async def _answers(ctx: Context) -> bool:
    try:
        side = await find_side(ctx, "primary")
        return bool(side.cluster.running) and not await side.server.truth(queries.in_recovery(), poll=True)
    except (SqlError, StepError):
        return False
