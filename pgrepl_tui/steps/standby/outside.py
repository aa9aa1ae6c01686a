"""What of the standby lies outside its data directory: its tablespaces, and its WAL where a link leads to it.

The copy is written beside what is there, and takes its place when the data directory does (``outside_scripts.py``):
a tablespace inside its own folder, for that may be a mount point and its parent somebody else's; the WAL directory
beside the old one.
"""

import posixpath
from dataclasses import dataclass

from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres import queries
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.standby.outside_scripts import LINKS
from pgrepl_tui.steps.tag import tag_of

NEW = "pgrepl-new"
OLD = "pgrepl-old"


@dataclass(frozen=True)
class Tablespace:
    """A tablespace of the primary.

    Attributes:
        number: its OID, which is the name of its link.
        name: its name.
        source: its folder on the primary.
        home: its folder on the standby.
        coming: where pg_basebackup writes it; ``home`` where that pg_basebackup can write nowhere else.
    """

    number: str
    name: str
    source: str
    home: str
    coming: str


@dataclass(frozen=True)
class WalPlace:
    """Where the old cluster has its WAL, and the copy is to have it.

    Attributes:
        link: where the old cluster's link leads; empty where its WAL lies in its data directory.
        beside: where the copy's WAL is written, to take the name ``link`` later; empty: in the data directory.
        why: why it goes into the data directory although the old cluster has it elsewhere.
        remedy: how to have it elsewhere again.
    """

    link: str = ""
    beside: str = ""
    why: str = ""
    remedy: str = ""


def coming(home: str, data: str) -> str:
    """The folder inside a tablespace's folder into which it is copied for the cluster of a data directory."""
    return f"{home}/{NEW}-{tag_of(data)}"


async def tablespaces(ctx: Context) -> tuple[Tablespace, ...]:
    """The primary's tablespaces outside its data directory, and where each goes on the standby.

    Raises:
        SqlError: the primary did not answer.
    """
    side, known = ctx.standby, ctx.primary.facts
    mapped = dict(side.node.tablespaces)
    found = []
    for number, name, source in await ctx.primary.server.query(queries.tablespaces(known)):
        home = mapped.get(posixpath.normpath(str(source)), str(source))
        there = coming(home, side.cluster.data) if known.basebackup_maps_tablespaces else home
        found.append(Tablespace(str(number), str(name), str(source), home, there))
    return tuple(found)


def mapping(spaces: tuple[Tablespace, ...]) -> dict[str, str]:
    """What pg_basebackup is told: folders of the primary with the folders to write."""
    return {space.source: space.coming for space in spaces if space.coming != space.source}


def version_folder(side: Side) -> str:
    """The name of the folder that a server of a version has in each tablespace (9.0 and later)."""
    return f"PG_{side.cluster.major}_{side.control.catalog_version if side.control else ''}"


async def wal_place(ctx: Context) -> WalPlace:
    """Where the copy's WAL goes: the old cluster's own arrangement is kept where its folder can be renamed."""
    side = ctx.standby
    found = await files.stat(side.files, f"{side.cluster.data}/{side.facts.wal_dir}", side.cluster.os_user)
    if found is None or not found.is_link:
        return WalPlace()
    link, parent = found.real_path, posixpath.dirname(found.real_path)
    remedy = f"when the standby streams: stop it, move {side.facts.wal_dir} there by hand, and link it"
    if not side.facts.basebackup_wal_dir_option:
        return WalPlace(link, why="pg_basebackup writes the WAL elsewhere only from 9.4 on", remedy=remedy)
    if found.is_mount_point:
        return WalPlace(link, why=f"{link} is a mount point, which cannot be renamed", remedy=remedy)
    if not await writable(side, parent):
        user = side.cluster.os_user
        return WalPlace(link, why=f"{user} may not write into {parent}", remedy=f"let {user} own {parent}, or {remedy}")
    return WalPlace(link, f"{link}.{NEW}")


async def moves(ctx: Context) -> list[tuple[str, str]]:
    """What is renamed to what when the copy takes its place; the script finds it all anew."""
    folder = version_folder(ctx.primary)
    side, wal = ctx.standby, await wal_place(ctx)
    taken = await _links(side)
    found: list[tuple[str, str]] = []
    for space in await tablespaces(ctx):
        if space.coming == space.home:
            continue
        real = await files.stat(side.files, space.home, side.cluster.os_user)
        if real is not None and real.real_path in taken:
            found.append((f"{space.home}/{folder}", f"{space.home}/{OLD}-{ctx.run_id}/{folder}"))
        found.append((f"{space.coming}/{folder}", f"{space.home}/{folder}"))
    if wal.beside:
        found += [(wal.link, f"{wal.link}.{OLD}-{ctx.run_id}"), (wal.beside, wal.link)]
    return found


async def _links(side: Side) -> set[str]:
    """Where the links of the data directory in place lead."""
    argv = ("/bin/sh", "-c", LINKS, "sh", side.cluster.data)
    command = Command(argv, user=side.cluster.os_user, shown=f"readlink {side.cluster.data}/pg_tblspc/*")
    return set((await side.host.run(command)).text.splitlines())


async def writable(side: Side, folder: str) -> bool:
    """Whether the cluster's owner may make something in a folder."""
    command = Command(("test", "-w", folder), user=side.cluster.os_user, shown=f"test -w {folder}")
    return (await side.host.run(command)).status == 0
