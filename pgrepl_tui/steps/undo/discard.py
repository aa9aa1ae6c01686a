"""Delete what was set aside: an act of its own, once the standby streams and the positions match."""

from dataclasses import dataclass

from pgrepl_tui.counted import counted
from pgrepl_tui.events import Danger, ShownCommand, Stage
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.lock import held_for
from pgrepl_tui.steps.standby.follow import streams
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, done, needed
from pgrepl_tui.steps.undo.discard_scripts import DISCARD, LIST

TAKES = 3600.0
"""Seconds of silence: `du` and `rm` say nothing while they go through terabytes."""
REFUSED = 97


@dataclass(frozen=True)
class Aside:
    """A folder that was set aside: its inode, its size in MB, its path."""

    inode: str
    megabytes: int
    path: str


class Discard(Step):
    """Delete the set-aside data directories; the host's name has to be typed for it."""

    id, title, stage, host = "discard", "delete what was set aside", Stage.STANDBY, "standby"
    why = (
        "Old data directories take room. Deleting them cannot be undone, and takes undo away: so it is never part of a "
        "set-up, is done only while the standby streams, and wants the name of the host typed."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when nothing is there."""
        found = await self._found(ctx)
        if not found:
            return done(f"nothing is set aside on {ctx.standby.name}")
        return needed(f"{counted(len(found), 'folder')}, {sum(one.megabytes for one in found)} MB")

    async def preview(self, ctx: Context) -> Preview:
        """One command a folder, with its size."""
        found = await self._found(ctx)
        shown = tuple(ShownCommand(ctx.standby.name, line(("rm", "-rf", one.path))) for one in found)
        notes = tuple(f"{one.path}: {one.megabytes} MB" for one in found)
        return Preview(shown, danger=Danger.REPLACES, notes=notes)

    async def run(self, ctx: Context) -> str:
        """Ask for the host's name, look once more whether the standby streams, then guard and delete in one script."""
        side, found = ctx.standby, await self._found(ctx)
        if await ctx.ask("typed", self._question(ctx, found), ("no", side.name)) != side.name:
            raise StepError(
                "the host's name was not typed", "nothing was deleted; run again when it may be", refused=True
            )
        if not await streams(ctx):
            raise StepError(f"{side.name} does not stream any more", "nothing was deleted; look why", refused=True)
        given = [f"{one.inode} {one.path}" for one in found]
        argv = ("/bin/sh", "-c", DISCARD, "sh", side.cluster.data, *held_for(ctx), *given)
        shown = line(("rm", "-rf", *(one.path for one in found)))
        command = Command(argv, user=side.cluster.os_user, changes=True, shown=shown, quiet_for=TAKES)
        result = await side.host.run(command)
        if result.status:
            said = result.error_text or f"status {result.status}"
            remedy = "look at what it names, then retry"
            raise StepError(f"not deleted: {said}", remedy, refused=result.status == REFUSED)
        return f"{sum(one.megabytes for one in found)} MB are free again on {side.name}"

    def _question(self, ctx: Context, found: list[Aside]) -> str:
        what = "\n".join(f"{one.path} ({one.megabytes} MB)" for one in found)
        return (
            f"Delete on {ctx.standby.name}, for good:\n{what}\n"
            f"No undo brings them back. To agree, type the name of the host: {ctx.standby.name}"
        )

    async def _found(self, ctx: Context) -> list[Aside]:
        side = ctx.standby
        argv = ("/bin/sh", "-c", LIST, "sh", side.cluster.data)
        shown = f"du -sm {side.cluster.data}.pgrepl-*"
        result = await side.host.run(Command(argv, user=side.cluster.os_user, shown=shown, quiet_for=TAKES))
        if result.status:
            raise StepError(f"what was set aside cannot be looked at: {result.error_text}", "look there, then retry")
        rows = [row.split(" ", 2) for row in result.text.splitlines()]
        return [Aside(inode, int(megabytes), path) for inode, megabytes, path in rows]
