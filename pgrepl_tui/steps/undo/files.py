"""The files that the runs changed, put back on each host."""

from dataclasses import replace

from pgrepl_tui.events import Activation, Danger, ShownCommand, Stage
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.postgres.server import shown_psql
from pgrepl_tui.steps.carry import succeed
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.entries import Altered, FileChanged
from pgrepl_tui.steps.primary.settings import RELOAD, RELOAD_TAKES
from pgrepl_tui.steps.step import Look, Preview, StepError, done, needed
from pgrepl_tui.steps.undo.history import History, histories, probe
from pgrepl_tui.steps.undo.restore import changed, restore, shown
from pgrepl_tui.steps.undo.standing import standing
from pgrepl_tui.steps.undo.work import UndoStep, Work
from pgrepl_tui.steps.wait import until

LOADED = "select extract(epoch from pg_conf_load_time())"
"""When the server read its files last (8.4 and later)."""
STARTED = "select extract(epoch from pg_postmaster_start_time())"
UNREAD = "they are as before, and the server has not read them since"


def of_primary(work: Work) -> list[History]:
    """The primary's files."""
    altered = {entry.name: entry.value for entry in work.of("primary", Altered)}
    return histories(work.of("primary", FileChanged), altered)


async def of_standby(ctx: Context, work: Work) -> list[History]:
    """The standby's files, where they lie now: its own configuration, not what was written into the copy."""
    now = await standing(ctx, work)
    own = set(map(id, work.before_swap(FileChanged)))
    data = f"{ctx.standby.cluster.data}/"
    changes = [one for one in work.of("standby", FileChanged) if id(one) in own or not one.path.startswith(data)]
    return histories([replace(one, path=now.where(one.path)) for one in changes if not one.secret], {})


def of_passfile(work: Work) -> list[History]:
    """The passfile on the standby's host."""
    return histories([one for one in work.of("standby", FileChanged) if one.secret], {})


def as_before(files: int) -> str:
    """What was done, in words."""
    return "1 file is as before" if files == 1 else f"{files} files are as before"


async def unread(side: Side, known: list[History], since: str) -> bool:
    """True where a file is as young as what the server has read: an undo was cut off in between.

    Seconds are compared, so a file of the same second counts as unread: to read it once more does no harm.
    """
    if not known:
        return False
    read = int(float(await side.server.value(since) or "0"))
    return any(now.changed >= read for now in await probe(side, (one.path for one in known)))


class PrimaryFiles(UndoStep):
    """Put the primary's configuration back, and have it read."""

    id, title, stage, host = "undo-primary-files", "the primary's files as they were", Stage.PRIMARY, "primary"
    why = (
        "Each file gets its old bytes and mode back; one that was not there goes. A file that somebody else changed "
        "since is not touched: then nothing of this step is done."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when all are as they were, and the server has read them."""
        known = of_primary(self.work)
        wrong = [history.path for history, _ in await changed(ctx.primary, known)]
        if wrong:
            return needed(f"{', '.join(wrong)}: not as before")
        if await unread(ctx.primary, known, LOADED):
            return needed(UNREAD)
        return done("all are as before" if known else "none was changed")

    async def preview(self, ctx: Context) -> Preview:
        """The diffs, and the reload."""
        side = ctx.primary
        commands, diffs = await shown(side, of_primary(self.work))
        reload = ShownCommand(side.name, shown_psql(side.cluster, RELOAD))
        return Preview((*commands, reload), diffs, Activation.RELOAD)

    async def run(self, ctx: Context) -> str:
        """Write what was there before, reload, then remove what was not there: a server may use it until then."""
        side = ctx.primary
        todo = await changed(side, of_primary(self.work))
        for history, now in todo:
            if history.first.old:
                await restore(ctx, side, history, now)
        loaded = await side.server.value(LOADED)
        await side.server.change(RELOAD)

        async def read() -> bool:
            return await side.server.value(LOADED) != loaded

        if not await until(read, seconds=RELOAD_TAKES):
            raise StepError(f"the server did not read its files in {RELOAD_TAKES:.0f} s", f"see {side.cluster.log}")
        for history, now in todo:
            if not history.first.old:
                await restore(ctx, side, history, now)
        return as_before(len(todo))

    async def confirm(self, ctx: Context) -> Look:
        """The files; that they were read is known by now."""
        wrong = [history.path for history, _ in await changed(ctx.primary, of_primary(self.work))]
        return needed(f"{', '.join(wrong)}: not as before") if wrong else done("all are as before")


class StandbyFiles(UndoStep):
    """Put the standby's own configuration back."""

    id, title, stage, host = "undo-standby-files", "the standby's files as they were", Stage.STANDBY, "standby"
    why = (
        "Its own configuration gets its old bytes and mode back, before the old cluster starts. A file that somebody "
        "else changed since is not touched."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when all are as they were."""
        known = await of_standby(ctx, self.work)
        wrong = [history.path for history, _ in await changed(ctx.standby, known)]
        if wrong:
            return needed(f"{', '.join(wrong)}: not as before")
        action = await self._activation(ctx)
        if action and await unread(ctx.standby, known, LOADED if action is Activation.RELOAD else STARTED):
            return needed(UNREAD)
        return done("all are as before" if known else "none was changed")

    async def preview(self, ctx: Context) -> Preview:
        """The diffs; a standby that goes on with them reads them, or has to be restarted for it."""
        side = ctx.standby
        commands, diffs = await shown(side, await of_standby(ctx, self.work))
        action = await self._activation(ctx)
        if action is Activation.RESTART:
            command = side.cluster.control.command(Action.RESTART, side.cluster)
            told = ShownCommand(side.name, line(command.argv, command.env))
            question = f"Restart the server on {side.name} now?"
            return Preview((*commands, told), diffs, action, Danger.INTERRUPTS, question=question)
        reload = [ShownCommand(side.name, shown_psql(side.cluster, RELOAD))] if action else []
        return Preview((*commands, *reload), diffs, action)

    async def run(self, ctx: Context) -> str:
        """Write what was there before."""
        side = ctx.standby
        action = await self._activation(ctx)
        todo = await changed(side, await of_standby(ctx, self.work))
        for history, now in todo:
            await restore(ctx, side, history, now)
        if action is Activation.RELOAD:
            await side.server.change(RELOAD)
        if action is Activation.RESTART:
            await succeed(side, Action.RESTART)
        return as_before(len(todo))

    async def confirm(self, ctx: Context) -> Look:
        """The files; that they were read is known by now."""
        wrong = [history.path for history, _ in await changed(ctx.standby, await of_standby(ctx, self.work))]
        return needed(f"{', '.join(wrong)}: not as before") if wrong else done("all are as before")

    async def _activation(self, ctx: Context) -> Activation:
        """Where no copy took its place, what runs goes on: the one that a run gave another way to its primary."""
        now, side = await standing(ctx, self.work), ctx.standby
        if now.swap is not None or not side.cluster.running:
            return Activation.NONE
        inside = any(one.path.startswith(f"{now.data}/") for one in await of_standby(ctx, self.work))
        late = inside and side.in_recovery and not side.facts.conninfo_reloads
        return Activation.RESTART if late else Activation.RELOAD


class PassfileBack(UndoStep):
    """Put the passfile on the standby's host back."""

    id, title, stage, host = "undo-passfile", "the passfile as it was", Stage.PRIMARY, "standby"
    why = "The line with the role's password goes, the others stay; a passfile that was made for it goes as a whole."

    async def inspect(self, ctx: Context) -> Look:
        """Done when it is as it was."""
        known = of_passfile(self.work)
        wrong = [history.path for history, _ in await changed(ctx.standby, known)]
        if wrong:
            return needed(f"{', '.join(wrong)}: not as before")
        return done("it is as before" if known else "none was written")

    async def preview(self, ctx: Context) -> Preview:
        """One command: what it holds is not shown."""
        commands, diffs = await shown(ctx.standby, of_passfile(self.work))
        return Preview(commands, diffs)

    async def run(self, ctx: Context) -> str:
        """Write what was there before, or remove it."""
        for history, now in await changed(ctx.standby, of_passfile(self.work)):
            await restore(ctx, ctx.standby, history, now)
        return "it is as before"
