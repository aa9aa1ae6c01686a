"""Check that there is room for the copy, on each file system that it goes to."""

from dataclasses import dataclass

from pgrepl_tui.steps.preflight.places import look
from pgrepl_tui.steps.preflight.verdicts import Check, Judged, Pair, passed, stopped
from pgrepl_tui.steps.standby.outside import tablespaces
from pgrepl_tui.steps.standby.state import is_ours

SPARE_KB = 256 * 1024
"""Room for the WAL that is written while the copy runs, in kB, beside a tenth of the data."""


@dataclass
class Disk:
    """A file system: what is free on it and what the copy needs of it, in kB."""

    path: str
    free_kb: int
    need_kb: int = 0


async def room(pair: Pair) -> Judged:
    """The copy lies beside the old data directory until that is deleted: there has to be room for both."""
    disks, size_kb = await _disks(pair)
    free = ", ".join(f"{disk.free_kb >> 10} MB free in {disk.path}" for disk in disks)
    shown = (f"{size_kb >> 10} MB of data", free)
    if await is_ours(pair.ctx):
        return passed(*shown, "nothing is copied")
    for disk in disks:
        if disk.free_kb < disk.need_kb:
            why = f"the copy needs {disk.need_kb >> 10} MB in {disk.path}, beside the old cluster, which is kept"
            return stopped(*shown, why, f"make room in {disk.path} on {pair.standby.side.name}, then run again")
    need = " and ".join(f"{disk.need_kb >> 10} MB in {disk.path}" for disk in disks)
    return passed(*shown, f"the copy needs {need}, the old cluster is kept beside it")


async def _disks(pair: Pair) -> tuple[list[Disk], int]:
    """The file systems that the copy goes to, and its size; a copy of an earlier run is used, or removed first."""
    size_kb, standby = pair.primary.number("size_kb"), pair.standby
    first = Disk(standby["parent"], standby.number("free_kb") + standby.number("new_kb"))
    first.need_kb = size_kb + size_kb // 10 + SPARE_KB
    disks = {standby["device"]: first}
    linked = pair.primary.tablespaces
    for place in await look(pair.ctx, await tablespaces(pair.ctx)):
        disk = disks.setdefault(place["device"], Disk(place["near"], place.number("free_kb")))
        disk.free_kb += place.number("new_kb")
        kb = linked[place.space.number].size_kb if place.space.number in linked else 0
        disk.need_kb += kb + kb // 10
        size_kb += kb
    return list(disks.values()), size_kb


CHECKS = (Check("room", "room for the copy", room),)
