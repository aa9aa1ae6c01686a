"""Make the copy a standby: its own configuration, the way to the primary, the signal to stay in recovery."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from pgrepl_tui.events import Activation, Danger, ShownCommand, Stage
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.postgres.conf import parse, replace_settings, settings, with_settings
from pgrepl_tui.postgres.server import shown_psql
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.edit import Edit, read
from pgrepl_tui.steps.primary.settings import RELOAD
from pgrepl_tui.steps.settings import AUTO_CONF, MARK
from pgrepl_tui.steps.standby.state import RECOVERY_CONF, follows_primary, is_ours, places, recovery_files
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, done, needed

KEEP_OWN = r"""
set -eu
old=$1 new=$2 confs=$3
shift 3
[ -e "$old/PG_VERSION" ] || exit 0
cd -- "$old"
for file in * .[!.]*; do
    [ -f "$file" ] || continue
    case $file in
        PG_VERSION|postmaster.*|current_logfiles|recovery.*|standby.signal) continue ;;
        backup_label*|backup_manifest*|tablespace_map*) continue ;;
        postgresql.auto.conf) ;;
        *) [ "$confs" = yes ] || continue ;;
    esac
    cp -p -- "$file" "$new/$file"
done
[ "$confs" = yes ] || exit 0
for part in conf.d "$@"; do
    [ -e "$part" ] || continue
    rm -rf -- "$new/$part"
    mkdir -p -- "$(dirname -- "$new/$part")"
    cp -Rp -- "$part" "$new/$part"
done
exit 0
"""
"""The standby's own files at the top of its old data directory: configuration, certificates; not the server's own.

$1 old, $2 new, $3 yes where the configuration is among them, then what postgresql.conf includes from folders."""


SERVERS_OWN = {"base", "global", "pg_tblspc", "pg_wal", "pg_xlog"}
"""Folders of data: nobody's configuration is in there, and they are never copied over."""


class Configure(Step):
    """Write what makes the copy a standby, before it can ever start."""

    id, title, stage, host = "configure", "standby configuration", Stage.STANDBY, "standby"
    why = (
        "The copy must never start as a server of its own: the signal file and the way to the primary are written "
        "while it still lies beside the data directory. The standby's own configuration and certificates are taken "
        "over."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when the copy, or the standby in place, follows the primary with this connection string and slot."""
        ours = await is_ours(ctx)
        folder = ctx.standby.cluster.data if ours else places(ctx).new
        if await follows_primary(ctx, folder):
            return done(f"{folder} is set up to follow {ctx.primary.name}")
        return needed(
            "it does not follow with this connection string and slot" if ours else "the copy is not a standby yet"
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
        notes = (f"own configuration and certificates are copied from {side.cluster.data}",) if side.control else ()
        return Preview(diffs=diffs, notes=notes)

    async def run(self, ctx: Context) -> str:
        """Own files first, then the way to the primary, the signal last."""
        ours, side = await is_ours(ctx), ctx.standby
        folder = side.cluster.data if ours else places(ctx).new
        if not ours:
            await self._keep_own(ctx, folder)
        for edit in await self._edits(ctx, folder):
            if edit.changes:
                await edit.write(ctx.run_id)
        if ours and side.cluster.running:
            await self._activate(ctx)
        return f"{folder} follows {ctx.primary.name} when it starts"

    async def _keep_own(self, ctx: Context, folder: str) -> None:
        side = ctx.standby
        confs = "yes" if side.cluster.config_inside else "no"
        argv = ("/bin/sh", "-c", KEEP_OWN, "sh", side.cluster.data, folder, confs, *await self._included(ctx))
        shown = f"cp -p {side.cluster.data}/(own configuration) {folder}/"
        result = await side.host.run(Command(argv, user=side.cluster.os_user, changes=True, shown=shown))
        if result.status:
            raise StepError(
                f"the standby's own files could not be taken over: {result.error_text}", "mend it, then retry"
            )

    async def _included(self, ctx: Context) -> list[str]:
        """The files and folders inside the old data directory's own folders that its postgresql.conf includes."""
        text = await read(ctx.standby, ctx.standby.cluster.conf) or ""
        paths = [PurePosixPath(line.value) for line in parse(text) if line.is_include]
        inside = [path for path in paths if path.parts and not path.is_absolute() and ".." not in path.parts]
        return [str(path) for path in inside if path.parts[0] not in SERVERS_OWN]

    async def _edits(self, ctx: Context, folder: str) -> list[Edit]:
        side, wanted = ctx.standby, recovery_files(ctx)
        first = side.control is None and side.cluster.config_inside
        edits = [await self._first_conf(ctx, folder)] if first else []
        edits += await self._auto_conf(ctx, folder, self._first(ctx) if first else {})
        name, text = (RECOVERY_CONF, wanted.recovery_conf) if wanted.recovery_conf else (wanted.signal, "")
        path = f"{folder}/{name}"
        return [*edits, Edit(side, path, await read(side, path), text)]

    async def _auto_conf(self, ctx: Context, folder: str, first: Mapping[str, str]) -> list[Edit]:
        """From 12 on the way to the primary; and what ALTER SYSTEM set on the primary must not win in the copy."""
        side, path = ctx.standby, f"{folder}/{AUTO_CONF}"
        there = await read(side, path)
        old = there if there is not None else await read(side, f"{side.cluster.data}/{AUTO_CONF}")
        standing = settings(old or "")
        given = {**recovery_files(ctx).settings, **{name: value for name, value in first.items() if name in standing}}
        if standing.get("primary_slot_name"):
            given.setdefault("primary_slot_name", "")
        return [Edit(side, path, there, replace_settings(old or "", given))] if given else []

    async def _first_conf(self, ctx: Context, folder: str) -> Edit:
        """With no cluster there before, the copy has the primary's postgresql.conf: port and address must differ."""
        side, path = ctx.standby, f"{folder}/postgresql.conf"
        old = await read(side, path)
        return Edit(side, path, old, with_settings(old or "", self._first(ctx), mark=MARK))

    def _first(self, ctx: Context) -> dict[str, str]:
        side = ctx.standby
        return {"port": str(side.cluster.port), "listen_addresses": f"localhost,{side.address}", "hot_standby": "on"}

    async def _activate(self, ctx: Context) -> None:
        side = ctx.standby
        if side.facts.conninfo_reloads:
            await side.server.change(RELOAD)
            return
        result = await side.host.run(side.cluster.control.command(Action.RESTART, side.cluster))
        if result.status:
            raise StepError(
                f"the standby did not restart: {result.error_text}", f"its log says why: {side.cluster.log}"
            )
