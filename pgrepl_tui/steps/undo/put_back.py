"""Put the old data directory back in its place; the copy is set aside."""

from pgrepl_tui.events import Danger, ShownCommand, Stage
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import Swapped
from pgrepl_tui.steps.identity import FUNCTION
from pgrepl_tui.steps.lock import held_for
from pgrepl_tui.steps.standby.guard_scripts import GUARDS, IDENTIFY
from pgrepl_tui.steps.standby.outside_scripts import FUNCTIONS, LINKS, TAKE_BACK
from pgrepl_tui.steps.standby.swap import NOTHING_MOVED
from pgrepl_tui.steps.step import Look, Preview, StepError, blocked, done, needed
from pgrepl_tui.steps.undo.standing import Standing, standing
from pgrepl_tui.steps.undo.work import UndoStep

PUT_BACK = (
    FUNCTION
    + IDENTIFY
    + GUARDS
    + FUNCTIONS
    + TAKE_BACK
    + r"""
set -eu
data=$1 undone=$2 aside=$3 here=$4 old=$5 tool=$6 primary=$7 kept=$8 mode=$9
shift 9
inode=${1-} lock=${2-} who=${3-} theirs=${4-} nonce=${5-} own=
refuse() { echo "$*; nothing was moved" >&2; exit 97; }
unused() {
    [ ! -e "$1/postmaster.pid" ] || refuse "a server runs in $1 (postmaster.pid)"
    for proc in /proc/[0-9]*; do
        [ "$(readlink -- "$proc/cwd" 2>/dev/null)" != "$1" ] || refuse "process ${proc#/proc/} works in $1"
    done
}
guard_lock
guard_host
guard_place
guard_mount
[ "$(readlink -f -- "$data" 2>/dev/null || echo "$data")" = "$data" ] || refuse "$data is a link now"
case $undone in "$data".pgrepl-undone-*/*) refuse "not a name of ours: $undone" ;; "$data".pgrepl-undone-?*) ;;
    *) refuse "not a name of ours: $undone" ;; esac
if [ -n "$aside" ]; then
    case $aside in "$data".pgrepl-old-*/*) refuse "not a name of ours: $aside" ;; "$data".pgrepl-old-?*) ;;
        *) refuse "not a name of ours: $aside" ;; esac
    [ ! -L "$aside" ] && [ -f "$aside/PG_VERSION" ] && [ -f "$aside/global/pg_control" ] ||
        refuse "$aside is not a data directory"
    [ "$(identity "$aside")" = "$old" ] || refuse "$aside is not the directory that was set aside"
    [ "$(identifier "$aside")" = "$kept" ] || refuse "$aside is not the cluster that was set aside"
    case $(state "$aside") in "shut down"|"shut down in recovery") ;; *) refuse "$aside was not shut down" ;; esac
    unused "$aside"
fi
if [ -e "$data" ]; then
    [ ! -e "$undone" ] || refuse "$undone is there already"
    guard_identity
    [ "$(identity "$data")" = "$here" ] || refuse "$data is not the directory that was looked at"
    [ "$(identifier "$data")" = "$primary" ] || refuse "$data is not a copy of the primary"
    [ -e "$data/standby.signal" ] || [ -e "$data/recovery.conf" ] || refuse "$data is a server of its own now"
    case $(state "$data") in
        "shut down in recovery"|"in archive recovery") ;;
        *) [ -e "$data/backup_label" ] || refuse "$data is not a standby: $(state "$data")" ;;
    esac
    unused "$data"
    sync
    mv -T -- "$data" "$undone"
    sync
fi
if [ -n "$aside" ]; then
    take_back "$aside"
    sync
    mv -T -- "$aside" "$data"
fi
[ "$mode" = 0 ] || [ -e "$data" ] || mkdir -m "$mode" -- "$data"
sync
"""
)
"""$1 the data directory, $2 the name that the copy gets, $3 where the old one lies or nothing, $4 identity of what is
in its place, $5 of the old one, $6 pg_controldata, $7 the primary's system identifier, $8 the old cluster's, $9 the
mode of an empty folder that stood there (octal), or 0; then device and inode of what was in its place when undo began,
our lock and its holder, the primary's lock and its nonce (guard_scripts.py). A copy that was never started has its
backup_label still."""


class PutBack(UndoStep):
    """Rename the copy, and give the old data directory its name back; nothing is deleted."""

    id, title, stage, host = "undo-set-aside", "put the old data directory back", Stage.STANDBY, "standby"
    why = (
        "The copy is renamed, never deleted, and what was set aside gets its name back. One script on the standby's "
        "host does both, under this run's lock, and looks once more at what it moves: that this is not the primary's "
        "host, that the copy is a standby of this primary that was shut down and the very directory that undo found, "
        "and that the other is the one that was set aside."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when the old one is in its place, or nothing is where nothing was."""
        now = await standing(ctx, self.work)
        if not now.needed:
            return done("nothing took its place" if now.swap is None else "it is in its place")
        if now.lost:
            return blocked(
                f"the old data directory, {now.swap.aside if now.swap else ''}, is not there any more",
                "it was deleted, or renamed by somebody; give it this name again, then retry",
            )
        return needed(f"{now.aside} is the old one" if now.aside else f"nothing was in {now.data} before")

    async def preview(self, ctx: Context) -> Preview:
        """The renames."""
        now, side = await standing(ctx, self.work), ctx.standby
        undone = f"{now.data}.{self.work.undone}"
        shown = tuple(ShownCommand(side.name, line(move)) for move in _moves(now, undone))
        outside = await self._outside(ctx, now)
        notes = (f"what it has elsewhere goes back as well: {', '.join(outside)}",) if outside else ()
        if not now.copy:
            return Preview(shown, notes=notes)
        text = f"{now.data} is renamed to {undone}; nothing is deleted."
        question = f"Put what was in {now.data} on {side.name} back? {text}"
        return Preview(shown, danger=Danger.REPLACES, notes=(text, *notes), question=question)

    async def _outside(self, ctx: Context, now: Standing) -> list[str]:
        """Where the old cluster's tablespaces and WAL are, as far as they were set aside with it."""
        name = now.aside.removeprefix(f"{now.data}.")
        argv = ("/bin/sh", "-c", LINKS, "sh", now.aside)
        command = Command(argv, user=ctx.standby.cluster.os_user, shown=f"readlink {now.aside}/pg_tblspc/*")
        leads = (await ctx.standby.host.run(command)).text.splitlines() if name else []
        return [path for path in leads if path.endswith((f"/{name}", f".{name}"))]

    async def run(self, ctx: Context) -> str:
        """Guard and rename, in one script on the host."""
        now, side, primary = await standing(ctx, self.work), ctx.standby, ctx.primary
        if primary.control is None or now.swap is None or now.lost:
            raise StepError("what is to be moved is not there as it was looked at", "run again", refused=True)
        undone = f"{now.data}.{self.work.undone}"
        old = now.swap if now.aside else Swapped(aside="", identity="", identifier="", mode=now.swap.mode)
        tool, identifier = side.cluster.program("pg_controldata"), primary.control.system_identifier
        known = (now.here, old.identity, tool, identifier, old.identifier, f"{old.mode:o}")
        guards = (ctx.identity or "", *held_for(ctx))
        argv = ("/bin/sh", "-c", PUT_BACK, "sh", now.data, undone, now.aside, *known, *guards)
        shown = " && ".join(line(move) for move in _moves(now, undone))
        result = await side.host.run(Command(argv, user=side.cluster.os_user, changes=True, shown=shown, quiet_for=300))
        if result.status:
            said = result.error_text or f"status {result.status}"
            if result.status != NOTHING_MOVED:
                raise StepError(f"not all was moved: {said}", "mend what it names, then retry: it goes on from there")
            raise StepError(f"not moved: {said}", "look at what it names, then retry", refused=True)
        ctx.sides["standby"] = await find_side(ctx, "standby")
        back = f"{now.aside} is {now.data} again" if now.aside else f"nothing is in {now.data}, as before"
        return f"{back}; the copy is {undone}" if now.copy else back


def _moves(now: Standing, undone: str) -> list[tuple[str, ...]]:
    moves: list[tuple[str, ...]] = [("mv", "-T", now.data, undone)] if now.copy else []
    if now.aside:
        moves.append(("mv", "-T", now.aside, now.data))
    elif now.swap is not None and now.swap.mode:
        moves.append(("mkdir", "-m", f"{now.swap.mode:o}", now.data))
    return moves
