"""A base backup that no run finished: its job is ended, and what it copied is set aside."""

from pgrepl_tui.events import ShownCommand, Stage
from pgrepl_tui.hosts import files, job
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import Copied
from pgrepl_tui.steps.standby.copy_place import REMEDY, copy_place, foreign, not_ours
from pgrepl_tui.steps.standby.state import places
from pgrepl_tui.steps.step import Look, Preview, StepError, blocked, done, needed
from pgrepl_tui.steps.tag import tag_of
from pgrepl_tui.steps.undo.work import UndoStep

SET_ASIDE = r"""
set -eu
umask 077
new=$1 tag=$2 name=$3 count=0
shift 3
refuse() { echo "$*; nothing was moved" >&2; exit 97; }
renamed() {
    case $1 in
        */"pgrepl-new-$tag") to=${1%/*}/$name ;;
        /*.pgrepl-new) to=${1%.pgrepl-new}.$name ;;
        *) return 1 ;;
    esac
}
for path in "$new" "$@"; do
    renamed "$path" || refuse "not ours: $path"
    [ ! -L "$path" ] || refuse "$path is a link"
    [ ! -e "$path/postmaster.pid" ] || refuse "a server runs in $path"
    [ ! -e "$to" ] || [ ! -e "$path" ] || refuse "$to is there already"
done
for link in "$new"/pg_tblspc/[0-9]* "$new"/pg_wal "$new"/pg_xlog; do
    [ -L "$link" ] && renamed "$(readlink -- "$link")" || continue
    rm -f -- "$link.pgrepl" && ln -s -- "$to" "$link.pgrepl" && mv -T -- "$link.pgrepl" "$link"
done
linked() {
    for link in "$new"/pg_tblspc/[0-9]* "$new"/pg_wal "$new"/pg_xlog; do
        [ "$(readlink -- "$link" 2>/dev/null)" != "$1" ] || return 0
    done
    return 1
}
for path in "$@"; do
    renamed "$path"
    count=$((count + 1))
    linked "$to" || { mkdir -p -- "$new/pg_tblspc" && ln -s -- "$to" "$new/pg_tblspc/0$count"; }
done
for path in "$@" "$new"; do
    renamed "$path"
    [ ! -e "$path" ] || mv -T -- "$path" "$to"
done
"""
"""$1 the copy's folder, $2 the data directory's tag, $3 the name that the copy gets after its place's, then its parts
elsewhere. A part to which no link leads yet gets one, so that it is known whose it is. The folder itself is renamed
last: as long as it is there, this is not done."""


class SetCopyAside(UndoStep):
    """End the job of a base backup that was cut off, and set its folder aside."""

    id, title, stage, host = "undo-copy", "set the unfinished base backup aside", Stage.STANDBY, "standby"
    why = "A base backup goes on when the run that began it was cut off. What it copied so far is of no use any more."

    async def inspect(self, ctx: Context) -> Look:
        """Done when there is neither a job nor a folder of it."""
        if not self.work.of("standby", Copied):
            return done("no base backup was made")
        state = await job.state(ctx.standby.files, places(ctx).job, ctx.standby.cluster.os_user)
        if state.running:
            return needed("the base backup is still going")
        there = await self._there(ctx)
        theirs = await foreign(ctx, there) if there else ""
        if theirs:
            return blocked(not_ours(ctx, theirs), REMEDY)
        if there:
            return needed(f"{', '.join(there)} is there")
        return done("none is left") if state.name == "absent" else needed("its log is there")

    async def preview(self, ctx: Context) -> Preview:
        """The end of the job, and a rename where there is something to rename."""
        there = await self._there(ctx)
        lines = [spoken(f"stop the job {places(ctx).job}"), *([self._shown(ctx)] if there else [])]
        return Preview(tuple(ShownCommand(ctx.standby.name, text) for text in lines))

    async def run(self, ctx: Context) -> str:
        """Stop, forget, rename."""
        place, side, user = places(ctx), ctx.standby, ctx.standby.cluster.os_user
        await job.stop(side.host, place.job, user)
        there = await self._there(ctx)
        theirs = await foreign(ctx, there) if there else ""
        if theirs:
            raise StepError(not_ours(ctx, theirs), REMEDY, refused=True)
        if there:
            parts = [path for path in there if path != place.new]
            known = (place.new, tag_of(place.data), self._name(), *parts)
            command = Command(
                ("/bin/sh", "-c", SET_ASIDE, "sh", *known), user=user, changes=True, shown=self._shown(ctx)
            )
            result = await side.host.run(command)
            if result.status:
                raise StepError(f"not moved: {result.error_text}", "look at what it names, then retry", refused=True)
        await job.forget(side.host, place.job, user)
        return f"{place.new} is {place.data}.{self._name()} now" if there else "its job is gone"

    async def _there(self, ctx: Context) -> list[str]:
        """The folder of the copy and those of its parts elsewhere, as far as they are there."""
        side, paths = ctx.standby, (await copy_place(ctx)).folders
        return [path for path in paths if await files.stat(side.files, path, side.cluster.os_user) is not None]

    def _shown(self, ctx: Context) -> str:
        place = places(ctx)
        return line(("mv", "-T", place.new, f"{place.data}.{self._name()}"))

    def _name(self) -> str:
        return f"{self.work.undone}-copy"
