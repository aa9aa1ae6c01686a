"""What of its own a standby's configuration reads from folders of the data directory, however deep the includes go."""

import posixpath
from collections.abc import Callable, Iterable

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres import conf, hba
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.edit import read

DEEPEST = 10
"""Includes within includes that a server follows (CONF_FILE_MAX_DEPTH in guc-file.l and hba.c)."""
SERVERS_OWN = frozenset(
    {
        *("base", "global", "pg_clog", "pg_commit_ts", "pg_dynshmem", "pg_logical", "pg_multixact", "pg_notify"),
        *("pg_replslot", "pg_serial", "pg_snapshots", "pg_stat", "pg_stat_tmp", "pg_subtrans", "pg_tblspc"),
        *("pg_twophase", "pg_wal", "pg_xact", "pg_xlog"),
    }
)
"""Folders of data, from 9.1 to 18: nobody's configuration is in there, and they are never copied over."""
FILES_IN = r"""
for file in "$1"/[!.]*.conf; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
"""
"""What include_dir reads of a folder: files with the ending .conf that do not begin with a dot."""

Reads = Callable[[str], Iterable[tuple[str, str]]]
"""The directives and paths with which a text includes other files."""


async def included(ctx: Context) -> list[str]:
    """Files and folders that the standby's files include, relative to its data directory."""
    side = ctx.standby
    data = side.cluster.data
    roots: list[tuple[str, Reads]] = [(side.cluster.conf, _of_conf), (side.cluster.hba, _of_hba(side))]
    roots.append((f"{data}/pg_ident.conf", _of_hba(side)))
    found: dict[str, None] = {}
    for path, reads in roots:
        found.update(dict.fromkeys(await _below(side, path, reads)))
    return list(found)


def _of_conf(text: str) -> list[tuple[str, str]]:
    return [(line.name, line.value) for line in conf.parse(text) if line.is_include and line.value]


def _of_hba(side: Side) -> Reads:
    def reads(text: str) -> list[tuple[str, str]]:
        rules = hba.parse(text, continued=side.facts.hba_continues)
        return [(rule.kind, name) for rule in rules for name in rule.files]

    return reads


async def _below(side: Side, root: str, reads: Reads) -> list[str]:
    """What one file includes. A path in it starts at its own folder (manual, "Configuration File Includes")."""
    found: list[str] = []
    waiting, seen = [(root, 0)], set()
    while waiting:
        path, depth = waiting.pop()
        if path in seen or depth > DEEPEST:
            continue
        seen.add(path)
        for directive, name in reads(await read(side, path) or ""):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
            found += [inside] if (inside := _inside(side, target)) else []
            files = await _files_in(side, target) if directive == "include_dir" else [target]
            waiting += [(file, depth + 1) for file in files]
    return found


def _inside(side: Side, path: str) -> str:
    """A path relative to the data directory; empty where it is not in there, or is the server's own."""
    relative = posixpath.relpath(path, side.cluster.data)
    return "" if relative.partition("/")[0] in {"..", ".", *SERVERS_OWN} else relative


async def _files_in(side: Side, folder: str) -> list[str]:
    argv = ("/bin/sh", "-c", FILES_IN, "sh", folder)
    result = await side.files.run(Command(argv, user=side.cluster.os_user, shown=f"ls {folder}/*.conf"))
    return result.text.splitlines()
