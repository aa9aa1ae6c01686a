"""Checks on what lies outside the data directories: tablespaces, and a WAL directory behind a link."""

import posixpath
from collections.abc import Iterator

from pgrepl_tui.steps.preflight.places import Place, look
from pgrepl_tui.steps.preflight.verdicts import Check, Judged, Pair, passed, stopped, warned
from pgrepl_tui.steps.standby.outside import tablespaces as planned
from pgrepl_tui.steps.standby.outside import wal_place
from pgrepl_tui.steps.standby.state import is_ours

LATER = (
    "a tablespace that is made later has one path for both clusters, since they share a machine: the standby would "
    "write into the primary's files"
)


async def tablespaces(pair: Pair) -> Judged:
    """Tablespaces keep their absolute paths; each needs a place of its own on the standby."""
    spaces = await planned(pair.ctx)
    names = ", ".join(f"{space.name} in {space.source}" for space in spaces) or "none"
    if await is_ours(pair.ctx):
        return passed(names, "in place")
    places = await look(pair.ctx, spaces)
    for place in places:
        for why, remedy in _obstacles(pair, place, places):
            return stopped(names, place.space.home, f"{place.space.name}: {why}", remedy)
    homes = ", ".join(space.home for space in spaces) or "none"
    if places and _one_machine(pair):
        return warned(names, homes, LATER, "make no tablespace on the primary while this standby follows it")
    aside = [place.space.home for place in places if place["taken"]]
    why = f"what the old cluster has in {', '.join(aside)} is set aside with it" if aside else ""
    return passed(names, homes, why)


def _obstacles(pair: Pair, place: Place, places: list[Place]) -> Iterator[tuple[str, str]]:
    """What keeps a tablespace from its place: why, and what mends it."""
    side, home, source = pair.standby.side, place.space.home, place.space.source
    other = f"give it a folder of its own: {source}, under `tablespaces` of the standby in the topology"
    primarys = pair.primary.tablespaces.get(place.space.number)
    if not pair.primary.side.facts.basebackup_maps_tablespaces and home != source:
        why = f"pg_basebackup {side.cluster.major} cannot give it another path (9.4 is the first that can)"
        yield why, f"take it out of `tablespaces`: it has to be {source} on both hosts"
    if _below(place["real"] or home, side.cluster.data):
        yield f"{home} lies in the standby's data directory, which is renamed", other
    if primarys and primarys.identity == place["identity"] and _one_machine(pair):
        yield f"{home} is the primary's own tablespace: both clusters are on one machine", other
    same = [one.space.name for one in places if one["real"] == place["real"]]
    if len(same) > 1:
        yield f"{home} is the place of {' and of '.join(same)}", other
    yield from _at_home(pair, place, other)


def _at_home(pair: Pair, place: Place, other: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the folder itself."""
    side, home, user = pair.standby.side, place.space.home, pair.standby.side.cluster.os_user
    root = f"as root on {side.name}"
    if place["kind"] not in {"", "directory"}:
        yield f"{home} is a {place['kind']}", other
    if place["kind"] and place["owner"] != user:
        yield f"{home} belongs to {place['owner']}, not to {user}", f"{root}: chown {user} {home}"
    if not place["kind"] and not place["writable"]:
        why = f"{home} is not there, and {user} may not write into {place['near']}"
        yield why, f"{root}: install -d -o {user} -m 0700 {home}"
    if not place["writable"]:
        yield f"{user} may not write into {home}", f"{root}: chmod u+rwx {home}"
    if place["taken"] and not place["by"]:
        whose = f"no cluster at {side.cluster.data} has a link to it"
        yield f"{home} holds files of a server of this version, and {whose}", f"find out whose they are; {other}"
    if place.space.coming == home and place["filled"] and not _copied(place, side.cluster.data):
        why = f"{home} is not empty, and pg_basebackup {side.cluster.major} can write nowhere else"
        yield why, f"stop the cluster that uses it, and move away what is in {home}"


def _copied(place: Place, data: str) -> bool:
    """An earlier run's copy has it: below 9.4 that lies in its place from the beginning."""
    return place["by"].startswith(f"{data}.pgrepl-new/")


def _below(path: str, folder: str) -> bool:
    return posixpath.commonpath([path, folder]) == folder


def _one_machine(pair: Pair) -> bool:
    return bool(pair.primary["boot_id"]) and pair.primary["boot_id"] == pair.standby["boot_id"]


async def wal(pair: Pair) -> Judged:
    """WAL directories that are links: the primary's comes as a plain folder, the standby's own place is kept."""
    place = await wal_place(pair.ctx)
    shown = pair.primary["wal_link"] or "in the data directory", place.link or "in the data directory"
    if await is_ours(pair.ctx):
        return passed(*shown, "in place")
    if place.why:
        return warned(*shown, f"the new WAL goes into the data directory: {place.why}", place.remedy)
    if place.beside:
        return passed(*shown, "the new WAL takes the place of the old, which is set aside with its cluster")
    return passed(*shown, "the standby's goes into its data directory" if pair.primary["wal_link"] else "")


CHECKS = (
    Check("tablespaces", "tablespaces", tablespaces),
    Check("wal-directory", "WAL directory", wal),
)
