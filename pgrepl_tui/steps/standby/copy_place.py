"""The folders that a base backup is written to: made here, marked as ours, and removed only where the mark is.

pg_basebackup wants them empty, so the mark lies in our own folder on the host: of each folder its inode, the time at
which it was made, and its path. A name alone says nothing: somebody else's folder may have it.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.standby.outside import WalPlace, mapping, tablespaces, wal_place
from pgrepl_tui.steps.standby.state import places
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.tag import tag_of

FOREIGN, REMOVING_MAY_TAKE = 96, 3600.0
"""The exit status for a folder that is not ours. Seconds of silence: `rm` says nothing while it removes terabytes."""
REMEDY = "look at what is in it; where nobody needs that, rename or remove it by hand, then run again"

KNOWN = r"""
mark=$1
shift
refuse() { echo "$*" >&2; exit 97; }
name() { printf '%s %s' "$(TZ=UTC0 stat -c '%i %w' -- "$1")" "$1"; }
ours() {
    case $1 in
        /*.pgrepl-new) ;;
        /*) printf %s "${1##*/}" | grep -Eqx 'pgrepl-new-[0-9a-f]{12}' ;;
        *) return 1 ;;
    esac
}
made() {
    [ ! -e "$1" ] && [ ! -L "$1" ] && return 0
    [ -d "$1" ] && [ ! -L "$1" ] || return 1
    [ -n "$(ls -A -- "$1")" ] || return 0
    [ -f "$mark" ] && grep -Fqx -e "$(name "$1")" -- "$mark"
}
for path in "$@"; do ours "$path" || refuse "not ours: $path"; done
for path in "$@"; do made "$path" || { echo "$path" >&2; exit 96; }; done
"""
"""$1 the mark, then folders, the copy's first. `made`: it is not there, or empty, or we made it. The time is "-"
where the system does not keep it."""

REMOVE = (
    KNOWN
    + r"""
[ ! -e "$1/postmaster.pid" ] || refuse "a server runs in $1"
for link in "$1"/pg_tblspc/[0-9]* "$1"/pg_wal "$1"/pg_xlog; do
    [ -L "$link" ] || continue
    path=$(readlink -- "$link")
    ! ours "$path" || ! made "$path" || rm -rf -- "$path"
done
rm -rf -- "$@"
"""
)
"""$1 the mark, then the folder of a copy and those of its parts outside, as far as they are known; its links name
them too. Cut off anywhere, what is left is still known by the mark."""

MAKE = (
    r"""
set -eu
mode=$1
shift
"""
    + KNOWN
    + r"""
umask 077
[ ! -f "$mark" ] || cat -- "$mark" > "$mark.part"
for path in "$@"; do
    mkdir -p -- "$path"
    [ -z "$(ls -A -- "$path")" ] || { echo "$path" >&2; exit 96; }
    printf '%s\n' "$(name "$path")" >> "$mark.part"
done
chmod "$mode" -- "$1"
sync -- "$mark.part" 2>/dev/null || sync
mv -- "$mark.part" "$mark"
"""
)
"""$1 the mode of the copy's folder, then as above. Cut off before the mark is there, the folders are empty."""


@dataclass(frozen=True)
class CopyPlace:
    """Where a copy goes.

    Attributes:
        new: its own folder.
        tablespaces: folders of the primary, each with the one that it is copied to.
        wal: where its WAL goes.
    """

    new: str
    tablespaces: Mapping[str, str]
    wal: WalPlace

    @property
    def folders(self) -> list[str]:
        """The folder of the copy, and those of its parts elsewhere."""
        return [self.new, *self.tablespaces.values(), *filter(None, [self.wal.beside])]


async def copy_place(ctx: Context) -> CopyPlace:
    """Ask both sides where the copy goes.

    Raises:
        SqlError: the primary did not answer.
    """
    return CopyPlace(places(ctx).new, mapping(await tablespaces(ctx)), await wal_place(ctx))


async def foreign(ctx: Context, paths: list[str]) -> str:
    """The first of these folders that is there and that we did not make; empty where there is none.

    Raises:
        StepError: it cannot be told.
    """
    shown = spoken(f"whose is {' '.join(paths)}")
    argv = ("/bin/sh", "-c", KNOWN, "sh", mark_of(ctx), *paths)
    result = await ctx.standby.host.run(Command(argv, user=ctx.standby.cluster.os_user, shown=shown))
    if result.status == FOREIGN:
        return result.error_text
    if result.status:
        raise StepError(f"it cannot be told whose {paths[0]} is: {result.error_text}", "look there, then retry")
    return ""


def not_ours(ctx: Context, path: str) -> str:
    """What is said of a folder that is not ours."""
    return f"{path} on {ctx.standby.name} is where the copy goes, and nothing says that a run of ours made it"


async def clear(ctx: Context, paths: list[str]) -> None:
    """Remove what a copy that did not end well left behind: what we made, never anything else.

    Raises:
        StepError: somebody else's folder is there, or ours cannot be removed.
    """
    side, user = ctx.standby, ctx.standby.cluster.os_user
    there = [path for path in paths if await files.stat(side.files, path, user) is not None]
    if not there:
        return
    argv, shown = ("/bin/sh", "-c", REMOVE, "sh", mark_of(ctx), *paths), f"rm -rf {' '.join(there)}"
    command = Command(argv, user=user, changes=True, shown=shown, quiet_for=REMOVING_MAY_TAKE)
    result = await side.host.run(command)
    if result.status == FOREIGN:
        raise StepError(not_ours(ctx, result.error_text), REMEDY, refused=True)
    if result.status:
        raise StepError(
            f"the unfinished copy {paths[0]} could not be removed: {result.error_text}", "remove it by hand"
        )


async def make(ctx: Context, paths: list[str]) -> None:
    """Make the folders, and note that we did; the copy's own gets the mode of the primary's, as pg_basebackup does.

    Raises:
        StepError: they could not be made, or somebody else was first.
    """
    side, primary = ctx.standby, ctx.primary
    source = await files.stat(primary.files, primary.cluster.data, primary.cluster.os_user)
    mode = "750" if source is not None and source.mode & 0o050 == 0o050 else "700"
    argv = ("/bin/sh", "-c", MAKE, "sh", mode, mark_of(ctx), *paths)
    shown = f"mkdir -p {' '.join(paths)}"
    result = await side.host.run(Command(argv, user=side.cluster.os_user, changes=True, shown=shown))
    if result.status == FOREIGN:
        raise StepError(not_ours(ctx, result.error_text), REMEDY, refused=True)
    if result.status:
        folder = posixpath.dirname(paths[0])
        raise StepError(f"{paths[0]} could not be made: {result.error_text}", f"look at {folder}, then retry")


def mark_of(ctx: Context) -> str:
    """The file that says which folders we made for this data directory."""
    return f"{ctx.standby.state_dir}/copy-{tag_of(places(ctx).data)}"
