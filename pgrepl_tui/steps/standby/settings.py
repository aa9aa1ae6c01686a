"""The standby's own settings."""

from pgrepl_tui.events import Activation, Stage
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres.conf import settings
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.edit import Edit, read
from pgrepl_tui.steps.primary.wanted import wanted as primary_wanted
from pgrepl_tui.steps.settings import AUTO_CONF, block_edit, read_settings
from pgrepl_tui.steps.step import Look, Preview, Step, blocked, done, needed

CONFIGURED = r"""
prog=$1 data=$2 conf=$3
shift 3
for n in "$@"; do printf "%s=%s\n" "$n" "$("$prog" -C "$n" -D "$data" -c config_file="$conf" 2>/dev/null)"; done
"""
"""$1 the server program, $2 the data directory, $3 postgresql.conf, then names of settings; prints name=value."""


SWITCHES = ("hot_standby", "logging_collector")


class StandbySettings(Step):
    """hot_standby, and the settings in which a standby must not be below its primary."""

    id, title, stage, host = "standby-settings", "settings of the standby", Stage.STANDBY, "standby"
    why = (
        "The standby keeps its own configuration. It has to answer queries (hot_standby), and in some settings it must "
        "not be below the primary, or it refuses to start."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when the files hold values that are high enough."""
        if ctx.standby.control is None:
            return done("there is no cluster yet: the copy brings the primary's configuration")
        low = await lower_settings(ctx)
        if not low:
            return done("hot_standby is on, and nothing is below the primary")
        altered = settings(await read(ctx.standby, f"{ctx.standby.cluster.data}/{AUTO_CONF}") or "")
        loses = [name for name in low if name in altered]
        if loses:
            return blocked(
                f"{', '.join(loses)}: set by ALTER SYSTEM on {ctx.standby.name}, which wins over postgresql.conf",
                f"there: ALTER SYSTEM RESET {loses[0]}; then retry",
            )
        return needed(", ".join(f"{name} has to be {value}" for name, value in low.items()))

    async def preview(self, ctx: Context) -> Preview:
        """A diff of the standby's postgresql.conf."""
        edit = await self._edit(ctx)
        return Preview(
            diffs=(edit.diff(),), activation=Activation.RESTART, notes=("in effect when the standby starts",)
        )

    async def run(self, ctx: Context) -> str:
        """Write the block."""
        low = await lower_settings(ctx)
        await (await self._edit(ctx)).write(ctx)
        return ", ".join(f"{name} = {value}" for name, value in low.items())

    async def _edit(self, ctx: Context) -> Edit:
        return await block_edit(ctx.standby, await lower_settings(ctx))


async def lower_settings(ctx: Context) -> dict[str, str]:
    """The settings whose value in the standby's files is too low, with the value that they need."""
    names = [*ctx.primary.facts.must_not_be_lower]
    primary = {name: row.value for name, row in (await read_settings(ctx.primary, names)).items()}
    coming, _ = await primary_wanted(ctx)
    primary.update({name: value for name, value in coming.items() if name in primary})
    sizes = _for_segments(ctx)
    own = await configured(ctx, [*primary, "hot_standby", *sizes])
    low = {n: v for n, v in primary.items() if n in own and int(own[n]) < int(v)}
    low |= {n: f"{v}MB" for n, v in sizes.items() if n in own and int(own[n]) < v}
    return low if own.get("hot_standby") in {"on", "true", "yes", "1"} else {"hot_standby": "on", **low}


def _for_segments(ctx: Context) -> dict[str, int]:
    """A server starts only if both WAL sizes hold two segments, and the copy's are the primary's; in MB, as -C has it.

    Source: xlog.c, ReadControlFile(), from 11 on.
    """
    control = ctx.primary.control
    if control is None or not ctx.primary.facts.segment_size_by_initdb:
        return {}
    return dict.fromkeys(("min_wal_size", "max_wal_size"), 2 * control.wal_segment_size >> 20)


async def configured(ctx: Context, names: list[str]) -> dict[str, str]:
    """The values that the standby's files give now, as its own server program reads them (``postgres -C``, 9.2)."""
    side, values = ctx.standby, {}
    cluster = side.cluster
    argv = ("/bin/sh", "-c", CONFIGURED, "sh", cluster.program("postgres"), cluster.data, cluster.conf, *names)
    shown = f"postgres -C … -D {cluster.data} -c config_file={cluster.conf}"
    result = await side.host.run(Command(argv, user=cluster.os_user, shown=shown))
    for row in result.text.splitlines():
        name, _, value = row.partition("=")
        if value:
            values[name] = value
    return values or await _by_reading(ctx, names)


async def _by_reading(ctx: Context, names: list[str]) -> dict[str, str]:
    """9.1 has no ``postgres -C``: its postgresql.conf is read, and what is not in it has its built-in value."""
    builtin = {"max_connections": "100", "max_prepared_transactions": "0", "max_locks_per_transaction": "64",
               "log_directory": ctx.standby.facts.log_dir, **dict.fromkeys(SWITCHES, "off")}  # fmt: skip
    text = settings(await read(ctx.standby, ctx.standby.cluster.conf) or "")
    found = {name: text.get(name, builtin.get(name, "0")) for name in names}
    return {name: _switch(value) if name in SWITCHES else value for name, value in found.items()}


def _switch(value: str) -> str:
    """A truth value as the server shows it: it takes on, 1, and what true and yes begin with (bool.c, parse_bool)."""
    word = value.lower()
    return "on" if word in {"on", "1"} or (word and ("true".startswith(word) or "yes".startswith(word))) else "off"
