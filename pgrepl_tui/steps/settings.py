"""Server settings: what they are, which of them are not good enough yet, and how they get into the files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.conf import settings, with_settings
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.edit import Edit, read

MARK = "pgrepl-tui"
AUTO_CONF = "postgresql.auto.conf"
FIXED_SOURCES = {"command line", "environment variable", "override"}


@dataclass(frozen=True)
class Setting:
    """A row of pg_settings."""

    name: str
    value: str
    unit: str
    context: str
    source: str
    file: str

    @property
    def needs_restart(self) -> bool:
        """True where a change takes effect only when the server starts."""
        return self.context == "postmaster"

    @property
    def altered(self) -> bool:
        """True where ALTER SYSTEM set it, so that postgresql.conf loses."""
        return self.file.endswith(AUTO_CONF)

    @property
    def fixed(self) -> bool:
        """True where no file can change it."""
        return self.source in FIXED_SOURCES


async def read_settings(side: Side, names: Iterable[str]) -> dict[str, Setting]:
    """The settings of a running server; those that it does not know are left out.

    Raises:
        SqlError: the answer is no rows of settings.
    """
    rows = await side.server.query(queries.settings(names, side.facts))
    found = {str(row[0]): Setting(*(field or "" for field in row)) for row in rows}
    for name in await _altered_since(side):
        if name in found:
            found[name] = replace(found[name], file=f"{side.cluster.data}/{AUTO_CONF}")
    return found


async def _altered_since(side: Side) -> dict[str, str]:
    """What postgresql.auto.conf holds, where the server does not say what it will take from there (9.4)."""
    if not side.facts.has_alter_system or side.facts.has_file_settings:
        return {}
    return settings(await read(side, f"{side.cluster.data}/{AUTO_CONF}") or "")


async def waiting(side: Side, wanted: Mapping[str, str]) -> set[str]:
    """Those of the settings whose value ALTER SYSTEM has set already, and that wait for a restart.

    From 9.5 on the server says which they are (pg_settings.pending_restart); on 9.4 its file does.
    """
    if side.facts.has_pending_restart:
        rows = await side.server.query("select name from pg_settings where pending_restart")
        return {str(row[0]) for row in rows}
    there = await _altered_since(side)
    return {name for name, value in wanted.items() if there.get(name) == value}


async def block_edit(side: Side, wanted: Mapping[str, str]) -> Edit:
    """The edit that puts settings into our block at the end of postgresql.conf, where the last one wins."""
    old = await read(side, side.cluster.conf)
    return Edit(side, side.cluster.conf, old, with_settings(old or "", wanted, mark=MARK))


async def not_in_file(side: Side, wanted: Mapping[str, str]) -> dict[str, str]:
    """Those of the wanted settings that postgresql.conf does not hold yet."""
    text = await read(side, side.cluster.conf) or ""
    there = settings(text)
    return {name: value for name, value in wanted.items() if there.get(name) != value}
