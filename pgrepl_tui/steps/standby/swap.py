"""Set the old data directory aside and put the copy in its place."""

from pgrepl_tui.events import Danger, ShownCommand, Stage
from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres.fork import Reason
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import Swapped
from pgrepl_tui.steps.identity import identities
from pgrepl_tui.steps.journal import note
from pgrepl_tui.steps.lock import held_for
from pgrepl_tui.steps.standby.copy_place import mark_of
from pgrepl_tui.steps.standby.guard_scripts import GUARDS, IDENTIFY
from pgrepl_tui.steps.standby.outside import moves
from pgrepl_tui.steps.standby.outside_scripts import FUNCTIONS, GUARD, PLACE
from pgrepl_tui.steps.standby.state import follows_primary, is_ours, places
from pgrepl_tui.steps.standby.unique import of_the_primary, told, unique
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, blocked, done, needed
from pgrepl_tui.steps.tag import tag_of

SWAP = (
    r"""
set -eu
data=$1 new=$2 old=$3 inode=$4 tool=$5 primary=$6 tag=$7
own=${8-} lock=${9-} who=${10-} theirs=${11-} nonce=${12-} ended=${13-} mark=${14-}
refuse() { echo "$*; nothing was moved" >&2; exit 97; }
"""
    + IDENTIFY
    + GUARDS
    + FUNCTIONS
    + GUARD
    + PLACE
    + r"""
guard_lock
guard_host
guard_place
guard_mount
[ "$(readlink -f -- "$data" 2>/dev/null || echo "$data")" = "$data" ] || refuse "$data is a link now"
[ ! -L "$new" ] || refuse "$new is a link"
[ ! -e "$new/postmaster.pid" ] || refuse "a server runs in $new (postmaster.pid)"
[ "$(identifier "$new")" = "$primary" ] || refuse "$new is not a copy of the primary"
[ -e "$new/standby.signal" ] || [ -e "$new/recovery.conf" ] || refuse "$new would start as a server of its own"
guard_parts
if [ -d "$data" ] && [ -n "$(ls -A -- "$data")" ]; then
    [ ! -e "$old" ] || refuse "$old is there already"
    guard_identity
    [ ! -e "$data/postmaster.pid" ] || refuse "a server runs in $data (postmaster.pid)"
    case $(state "$data") in "shut down"|"shut down in recovery") ;; *) refuse "$data was not shut down" ;; esac
    guard_same_end
    for proc in /proc/[0-9]*; do
        [ "$(readlink -- "$proc/cwd" 2>/dev/null)" != "$data" ] || refuse "process ${proc#/proc/} works in $data"
    done
    sync
    mv -T -- "$data" "$old"
elif [ -d "$data" ]; then
    rmdir -- "$data"
fi
keep_inside
sync
place_parts
sync
mv -T -- "$new" "$data"
sync
[ -z "$mark" ] || rm -f -- "$mark"
"""
)
"""Other file systems may hold parts of a cluster: after a power cut no rename may be seen without those before it."""


NOTHING_MOVED = 97
"""The exit status with which the script refuses."""
OUTSIDE = "what the old cluster has there stays its own: its links are changed to the new names"


class Swap(Step):
    """Rename the old data directory, and rename the copy to its name; nothing is deleted."""

    id, title, stage, host = "set-aside", "set the old data directory aside", Stage.STANDBY, "standby"
    why = (
        "The old data directory is renamed, never deleted, and the complete copy takes its name. Both renames stand in "
        "one script on the standby's host, which looks once more at what it moves: that it is a stopped cluster, the "
        "very directory that was looked at before, and that the copy is the primary's and would start as a standby."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when the standby's copy is in place."""
        if await is_ours(ctx) and await follows_primary(ctx, ctx.standby.cluster.data):
            return done("the standby is in place")
        side = ctx.standby
        found = await files.stat(side.files, side.cluster.data, side.cluster.os_user)
        if found is not None and found.is_mount_point:
            return blocked(
                f"{side.cluster.data} is a mount point: it cannot be renamed",
                "give a folder inside the mount as `data` in the topology, and let the server start from there",
            )
        what = "the old cluster is in its place" if side.control else "nothing is in its place"
        return needed(f"the copy lies beside it; {what}")

    async def preview(self, ctx: Context) -> Preview:
        """Two renames, and those of what lies outside the data directory."""
        place, side, parts = places(ctx), ctx.standby, await moves(ctx)
        renames = [(place.data, place.old)] if side.control else []
        renames += [*parts, (place.new, place.data)]
        shown = tuple(ShownCommand(side.name, line(("mv", "-T", old, new))) for old, new in renames)
        notes = (OUTSIDE,) if parts else ()
        if not side.control:
            return Preview(shown, notes=notes)
        moved = f"{place.data} is renamed to {place.old}; nothing is deleted."
        question = f"Set the old data directory on {side.name} aside? {moved}"
        notes = (f"the old cluster's system identifier is {side.control.system_identifier}", *notes)
        reasons = await self._unique(ctx)
        if not reasons:
            return Preview(shown, danger=Danger.REPLACES, notes=notes, question=question)
        what = f"It {told(reasons)}."
        question = f"{question} {what} To agree, type the name of the host: {side.name}"
        return Preview(shown, danger=Danger.REPLACES, notes=(what, *notes), question=question, word=side.name)

    async def _unique(self, ctx: Context) -> tuple[Reason, ...]:
        """Why it has unique data, as it is now; the script sees to it that it is still so."""
        if not of_the_primary(ctx):
            return ()
        ctx.sides["standby"] = await find_side(ctx, "standby")
        return await unique(ctx)

    async def run(self, ctx: Context) -> str:
        """Guard and rename, in one script on the host."""
        place, side, primary = places(ctx), ctx.standby, ctx.primary
        found = await files.stat(side.files, place.data, side.cluster.os_user)
        inode = ctx.identity or (found.place if found else "none")
        if primary.control is None:
            raise StepError("the primary's control file was not read", "run again", refused=True)
        if not await follows_primary(ctx, place.new):
            raise StepError(f"not moved: {place.new} does not follow {primary.name} yet", "run again", refused=True)
        await self._note(ctx, found.mode if found else 0)
        tool, identifier = side.cluster.program("pg_controldata"), primary.control.system_identifier
        arguments = [place.data, place.new, place.old, inode, tool, identifier, tag_of(place.data)]
        own = side.control.system_identifier if side.control else ""
        ended = f"{side.control.state}, {side.control.checkpoint}" if side.control and of_the_primary(ctx) else ""
        arguments += [own, *held_for(ctx), ended, mark_of(ctx)]  # what was a copy is data then
        argv = ("/bin/sh", "-c", SWAP, "sh", *arguments)
        shown = f"mv -T {place.data} {place.old} && mv -T {place.new} {place.data}"
        result = await side.host.run(Command(argv, user=side.cluster.os_user, changes=True, shown=shown, quiet_for=300))
        if result.status:
            said = result.error_text or f"status {result.status}"
            if result.status != NOTHING_MOVED:
                raise StepError(f"not all was moved: {said}", "mend what it names, then retry: it goes on from there")
            raise StepError(f"not moved: {said}", "look at what it names, then retry", refused=True)
        aside = f"{place.data} is {place.old} now" if side.control else "there was nothing to set aside"
        ctx.sides["standby"] = await find_side(ctx, "standby")
        return f"{aside}; the copy is in place"

    async def _note(self, ctx: Context, mode: int) -> None:
        """What undo needs to find the old data directory again, and to know it."""
        place, side = places(ctx), ctx.standby
        gone = Swapped(aside=place.old, identity="", identifier="", mode=mode)
        if side.control is not None:
            known = (await identities(side, place.data))[0]
            gone = Swapped(aside=place.old, identity=known, identifier=side.control.system_identifier)
        await note(ctx, side, gone)
