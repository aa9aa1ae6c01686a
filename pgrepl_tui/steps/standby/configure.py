"""Make the copy this standby: its own configuration, the way to the primary, the signal to stay in recovery."""

from collections.abc import Mapping

from pgrepl_tui.events import Activation, Danger, ShownCommand, Stage
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.postgres.conf import replace_settings, settings, with_settings
from pgrepl_tui.postgres.server import shown_psql
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.carry import succeed
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.edit import Edit, read
from pgrepl_tui.steps.primary.settings import RELOAD
from pgrepl_tui.steps.settings import AUTO_CONF, MARK
from pgrepl_tui.steps.standby.copy_place import REMEDY, foreign, not_ours
from pgrepl_tui.steps.standby.included import included
from pgrepl_tui.steps.standby.state import RECOVERY_CONF, follows_primary, is_ours, places, recovery_files
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, done, needed

KEEP_OWN = r"""
set -eu
old=$1 new=$2 confs=$3
shift 3
[ -e "$old/PG_VERSION" ] || exit 0
cd -- "$old"
if [ "$confs" = yes ]; then
    for file in * .[!.]*; do
        [ -f "$file" ] || continue
        case $file in
            PG_VERSION|postmaster.*|current_logfiles|recovery.*|standby.signal) continue ;;
            backup_label*|backup_manifest*|tablespace_map*|postgresql.auto.conf*) continue ;;
        esac
        rm -f -- "$new/$file"
        cp -Pp -- "$file" "$new/$file"
    done
    for part in conf.d "$@"; do
        [ -e "$part" ] || continue
        rm -rf -- "$new/$part"
        mkdir -p -- "$(dirname -- "$new/$part")"
        cp -Rp -- "$part" "$new/$part"
    done
fi
[ -f postgresql.auto.conf ] || exit 0
cp -Pp -- postgresql.auto.conf "$new/postgresql.auto.conf.tmp"
mv -f -- "$new/postgresql.auto.conf.tmp" "$new/postgresql.auto.conf"
"""
"""The standby's own files at the top of its old data directory: configuration, certificates; not the server's own.

$1 old, $2 new, $3 yes where the configuration is among them, then what postgresql.conf includes from folders.
postgresql.auto.conf comes last and whole: an old one may hold the way to this primary already, and then says that all
is done. Its temporary name is the server's own for it, which no base backup takes along."""


OWN_PATHS = frozenset({"data_directory", "hba_file", "ident_file", "external_pid_file", "log_directory"})
"""Settings that may hold a path in the primary's data directory: in its copy that would still be the primary's."""
NO_SWITCH = (
    "before 9.3 a standby cannot follow another primary by streaming alone: when this one is replaced by a promoted "
    "standby, it is made anew, or reads the WAL from an archive"
)


class Configure(Step):
    """Write what makes the copy this standby, before it takes its place."""

    id, title, stage, host = "configure", "standby configuration", Stage.STANDBY, "standby"
    why = (
        "The copy must never start as a server of its own: the signal file and the way to the primary are there before "
        "it takes the data directory's place. The standby's own configuration and certificates are taken over."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when the copy, or the standby in place, follows the primary with this connection string and slot."""
        ours = await is_ours(ctx)
        folder = ctx.standby.cluster.data if ours else places(ctx).new
        if await follows_primary(ctx, folder):
            return done(f"{folder} is set up to follow {ctx.primary.name}")
        return needed(
            "it does not follow with this connection string and slot"
            if ours
            else f"the copy is not set up to follow {ctx.primary.name} yet"
        )

    async def preview(self, ctx: Context) -> Preview:
        """The files as they will be."""
        ours, side = await is_ours(ctx), ctx.standby
        folder = side.cluster.data if ours else places(ctx).new
        diffs = tuple(edit.diff() for edit in await self._edits(ctx, folder) if edit.changes)
        if ours:
            reload = side.facts.conninfo_reloads
            command = None if reload else side.cluster.control.command(Action.RESTART, side.cluster)
            text = shown_psql(side.cluster, RELOAD) if command is None else line(command.argv, command.env)
            danger = Danger.NONE if reload else Danger.INTERRUPTS
            question = "" if reload else f"Restart the standby {side.name} now?"
            kind = Activation.RELOAD if reload else Activation.RESTART
            return Preview((ShownCommand(side.name, text),), diffs, kind, danger, question=question)
        notes = [f"own configuration and certificates are copied from {side.cluster.data}"] if side.control else []
        notes += [] if side.facts.follows_timeline_switch else [NO_SWITCH]
        return Preview(diffs=diffs, notes=tuple(notes))

    async def run(self, ctx: Context) -> str:
        """Own files first, then the way to the primary, and the signal where pg_basebackup did not write it."""
        ours, side = await is_ours(ctx), ctx.standby
        folder = side.cluster.data if ours else places(ctx).new
        if not ours:
            theirs = await foreign(ctx, [folder])
            if theirs:
                raise StepError(not_ours(ctx, theirs), REMEDY, refused=True)
            await self._keep_own(ctx, folder)
        for edit in await self._edits(ctx, folder):
            if edit.changes:
                await edit.write(ctx, journal=ours)
        if ours and side.cluster.running:
            await self._activate(ctx)
        return f"{folder} follows {ctx.primary.name} when it starts"

    async def _keep_own(self, ctx: Context, folder: str) -> None:
        side = ctx.standby
        confs = "yes" if side.cluster.config_inside else "no"
        argv = ("/bin/sh", "-c", KEEP_OWN, "sh", side.cluster.data, folder, confs, *await included(ctx))
        shown = spoken(f"copy the own configuration of {side.cluster.data} to {folder}")
        result = await side.host.run(Command(argv, user=side.cluster.os_user, changes=True, shown=shown))
        if result.status:
            raise StepError(
                f"the standby's own files could not be taken over: {result.error_text}", "mend it, then retry"
            )

    async def _edits(self, ctx: Context, folder: str) -> list[Edit]:
        side, wanted = ctx.standby, recovery_files(ctx)
        edits, first = [], {}
        if side.control is None and side.cluster.config_inside:
            path = f"{folder}/postgresql.conf"
            old = await read(side, path)
            first = self._first(ctx, settings(old or ""))
            edits = [Edit(side, path, old, with_settings(old or "", first, mark=MARK))]
        edits += await self._auto_conf(ctx, folder, first)
        name, text = (RECOVERY_CONF, wanted.recovery_conf) if wanted.recovery_conf else (wanted.signal, "")
        path = f"{folder}/{name}"
        return [*edits, Edit(side, path, await read(side, path), text)]

    async def _auto_conf(self, ctx: Context, folder: str, first: Mapping[str, str]) -> list[Edit]:
        """From 12 on the way to the primary; and what ALTER SYSTEM set on the primary must not win in the copy."""
        side, path = ctx.standby, f"{folder}/{AUTO_CONF}"
        there = await read(side, path)
        beside = side.control is not None and folder != side.cluster.data
        own = await read(side, f"{side.cluster.data}/{AUTO_CONF}") if beside else None
        old = there if own is None else own
        standing = settings(old or "")
        given = {**recovery_files(ctx).settings, **{name: value for name, value in first.items() if name in standing}}
        if standing.get("primary_slot_name"):
            given.setdefault("primary_slot_name", "")
        return [Edit(side, path, there, replace_settings(old or "", given))] if given else []

    def _first(self, ctx: Context, copied: Mapping[str, str]) -> dict[str, str]:
        """With no cluster there before, the copy has the primary's postgresql.conf: what must differ in it."""
        side, primary = ctx.standby, ctx.primary.cluster.data
        given = {"port": str(side.cluster.port), "listen_addresses": f"localhost,{side.address}", "hot_standby": "on"}
        moved = (copied.get("data_directory", primary), primary)
        for name in OWN_PATHS & copied.keys():
            inside = next((value for value in moved if f"{copied[name]}/".startswith(f"{value}/")), None)
            if inside is not None:
                given[name] = side.cluster.data + copied[name].removeprefix(inside)
        if copied.get("external_pid_file") and ctx.topology.same_machine:
            given["external_pid_file"] = ""
        return given

    async def _activate(self, ctx: Context) -> None:
        side = ctx.standby
        if side.facts.conninfo_reloads:
            await side.server.change(RELOAD)
        else:
            await succeed(side, Action.RESTART)
