"""Write the primary's settings into its files."""

from pgrepl_tui.events import Activation, ShownCommand, Stage
from pgrepl_tui.postgres.server import shown_psql
from pgrepl_tui.steps.alter import alter_system, statements
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import SettingChanged
from pgrepl_tui.steps.journal import note
from pgrepl_tui.steps.primary.standing import conf_errors
from pgrepl_tui.steps.primary.wanted import wanted
from pgrepl_tui.steps.settings import Setting, block_edit, not_in_file, waiting
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, blocked, done, needed
from pgrepl_tui.steps.wait import until

RELOAD = "select pg_reload_conf()"
RELOAD_TAKES = 5.0
"""Seconds: pg_reload_conf() only sends a signal, and a busy server takes a moment to read its files."""


class Settings(Step):
    """Put what is not good enough into postgresql.conf, in one marked block at its end."""

    id, title, stage, host = "settings", "server settings", Stage.PRIMARY, "primary"
    why = (
        "The primary has to listen where the standby reaches it, write enough into its WAL, let WAL senders in and "
        "keep WAL for a while. A value that is good enough already is left alone."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when the files hold all that is needed, whether in effect yet or not."""
        values, found = await wanted(ctx)
        fixed = [name for name in values if found[name].fixed]
        if fixed:
            return blocked(
                f"{', '.join(fixed)}: given on the server's command line, where no file can change it",
                "take it out of the command that starts the server (or its unit), then retry",
            )
        errors = await conf_errors(ctx.primary)
        if errors:
            return blocked(f"the configuration has errors already: {errors}", "mend them first, then retry")
        missing = await self._missing(ctx, values, found)
        if missing:
            return needed(
                ", ".join(f"{name} = {found[name].value}{found[name].unit}" for name in missing) + ": not enough"
            )
        unread = [name for name in values if not found[name].needs_restart]
        if unread:
            return needed(f"{', '.join(unread)}: written, and not in effect")
        return done("all settings are good enough" if not values else "the files hold what is needed")

    async def preview(self, ctx: Context) -> Preview:
        """A diff of postgresql.conf, and ALTER SYSTEM for what was set by it before."""
        values, found = await wanted(ctx)
        missing = await self._missing(ctx, values, found)
        by_file, altered = _split(missing, found)
        edit = await block_edit(ctx.primary, by_file)
        side = ctx.primary
        lines = [*statements(altered), RELOAD]
        restart = any(found[name].needs_restart for name in missing)
        return Preview(
            tuple(ShownCommand(side.name, shown_psql(side.cluster, line)) for line in lines),
            (edit.diff(),) if by_file else (),
            Activation.RESTART if restart else Activation.RELOAD,
            notes=("the restart is a step of its own",) if restart else (),
        )

    async def run(self, ctx: Context) -> str:
        """Write, reload, and see that what a reload can change has changed."""
        values, found = await wanted(ctx)
        missing = await self._missing(ctx, values, found)
        by_file, altered = _split(missing, found)
        if missing:
            await note(ctx, ctx.primary, *(changed(found[name]) for name in missing))
        if by_file:
            await (await block_edit(ctx.primary, by_file)).write(ctx)
        if altered:
            await alter_system(ctx, ctx.primary, altered)
        await ctx.primary.server.change(RELOAD)
        return ", ".join(f"{name} = {value}" for name, value in missing.items()) or "the files were read again"

    async def confirm(self, ctx: Context) -> Look:
        """What a reload can change has to be in effect; a later file that wins shows here."""
        loses: list[Setting] = []

        async def in_effect() -> bool:
            values, found = await wanted(ctx)
            loses[:] = [found[name] for name in values if not found[name].needs_restart]
            return not loses

        if not await until(in_effect, seconds=RELOAD_TAKES):
            where = ", ".join(f"{setting.name} (set in {setting.file or setting.source})" for setting in loses)
            raise StepError(f"written, but another place wins: {where}", "take the setting out there, then retry")
        return done("in effect, as far as a reload goes")

    async def _missing(self, ctx: Context, values: dict[str, str], found: dict[str, Setting]) -> dict[str, str]:
        by_file, altered = _split(values, found)
        missing = await not_in_file(ctx.primary, by_file)
        if altered:
            late = await waiting(ctx.primary, altered)
            altered = {name: value for name, value in altered.items() if name not in late}
        return {**missing, **altered}


def _split(values: dict[str, str], found: dict[str, Setting]) -> tuple[dict[str, str], dict[str, str]]:
    """Those for postgresql.conf, and those that ALTER SYSTEM set before and has to set again."""
    altered = {name: value for name, value in values.items() if found[name].altered}
    return {name: value for name, value in values.items() if name not in altered}, altered


def changed(setting: Setting) -> SettingChanged:
    """What undo compares with: the value that the server has before it is changed."""
    return SettingChanged(name=setting.name, before=setting.value, restart=setting.needs_restart)
