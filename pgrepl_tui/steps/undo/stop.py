"""Stop the standby whose place the old data directory gets back."""

from pgrepl_tui.events import Danger, ShownCommand, Stage
from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.headway import run_while_it_moves
from pgrepl_tui.steps.sessions import losses, sentence
from pgrepl_tui.steps.standby.look_again import look_again
from pgrepl_tui.steps.step import Look, Preview, StepError, blocked, done, needed
from pgrepl_tui.steps.undo.standing import standing
from pgrepl_tui.steps.undo.work import UndoStep

FED = "select application_name, client_addr from pg_stat_replication"


class StopCopy(UndoStep):
    """Stop the standby's server, if it is still a standby and nobody follows it."""

    id, title, stage, host = "undo-stop", "stop the standby", Stage.STANDBY, "standby"
    why = (
        "Its data directory can be set aside only when no server runs in it. A standby that was promoted since may "
        "hold data that nobody else has: it is not touched."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when nothing runs where the copy is."""
        if not (await standing(ctx, self.work)).copy:
            return done("no standby of ours is in place")
        side = await find_side(ctx, "standby")
        why = await own_life(ctx, side)
        if why:
            return blocked(why, LOOK_AT_IT)
        if not side.cluster.running:
            return done("no server runs there")
        return needed(f"the standby runs (process {side.cluster.running})")

    async def preview(self, ctx: Context) -> Preview:
        """The command, and who is dropped."""
        side = ctx.standby
        command = side.cluster.control.command(Action.STOP, side.cluster)
        who = await losses(side)
        shown = (ShownCommand(side.name, line(command.argv, command.env)),)
        question = f"Stop the standby on {side.name} ({side.cluster.data}) now? {sentence(who)}"
        return Preview(shown, danger=Danger.INTERRUPTS, notes=(who,), question=question)

    async def run(self, ctx: Context) -> str:
        """Look once more at what it is, and stop it."""
        side = await find_side(ctx, "standby")
        why = await own_life(ctx, side)
        if why:
            raise StepError(why, LOOK_AT_IT, refused=True)
        await look_again(ctx, side.control.system_identifier if side.control else "")
        result = await run_while_it_moves(side, side.cluster.control.command(Action.STOP, side.cluster))
        if result.status:
            said = result.error_text or result.text.strip()
            raise StepError(f"it did not stop: {said}", "stop it by hand, then retry")
        return f"the standby on {side.name} is stopped"


LOOK_AT_IT = "nothing of it was touched; decide by hand which of the servers is to live, then undo the rest by hand"


async def own_life(ctx: Context, side: Side) -> str:
    """Why what stands in the standby's place must not be taken away; empty where it may."""
    control, primary = side.control, ctx.primary.control
    if control is None or primary is None or control.system_identifier != primary.system_identifier:
        return f"{side.cluster.data} on {side.name} is not the copy that was made of {ctx.primary.name}"
    if side.cluster.running:
        if not await side.server.truth(queries.in_recovery()):
            return f"{side.name} is not in recovery any more: it was promoted, and takes writes of its own"
        fed = await side.server.query(FED)
        if fed:
            return f"others stream from {side.name}: {', '.join(f'{name} ({address})' for name, address in fed)}"
    elif control.shut_down_as_primary or (control.in_production and not await _never_started(side)):
        return f"{side.name} was promoted: it ended as a server of its own ({control.state})"
    if control.timeline > primary.timeline:
        return (
            f"{side.name} is on timeline {control.timeline}, {ctx.primary.name} on {primary.timeline}: it was promoted"
        )
    return ""


async def _never_started(side: Side) -> bool:
    """A copy keeps its backup_label until its first start; its control file is the primary's until then."""
    return await files.stat(side.files, f"{side.cluster.data}/backup_label", side.cluster.os_user) is not None
