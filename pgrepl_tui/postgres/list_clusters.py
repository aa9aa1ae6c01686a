"""All clusters of a host: where they may be, which are there, and what each is now. Nothing is changed by it."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pgrepl_tui.hosts.host import Command, Host, HostError
from pgrepl_tui.postgres import list_scripts
from pgrepl_tui.postgres.cluster import Cluster
from pgrepl_tui.postgres.control import ControlError, parse_control
from pgrepl_tui.postgres.found import FoundCluster, Standing
from pgrepl_tui.postgres.locate import LocateError, Where, locate
from pgrepl_tui.spoken import spoken

SIZE_SECONDS = 10.0
"""`du` walks through all of a data directory; on a large one that is cold nobody waits for it here."""
DEBIAN_LINE = re.compile(r"(\S+)\s+(\S+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(/.*?)\s+\S+$")
"""A line of pg_lsclusters: version, name, port, status, owner, data directory, log."""
PGDATA = re.compile(r"""(?:^|[\s"'])PGDATA=([^\s"']+)""")
EXEC = re.compile(r"path=(\S+)/(?:postgres|postmaster|pg_ctl)\s.*?\s-D\s*(\S+)")
UNKNOWN_OWNER = "<unknown>"
"""What pg_lsclusters says of a data directory that is not there."""


@dataclass(frozen=True)
class Overview:
    """What a login sees of a host without becoming anyone.

    Attributes:
        machine: the machine's id and that of its last start; the same text is the same machine.
        user: the OS user that was asked for is there.
        programs: folders of server programs that are installed.
        places: where clusters are, or may be.
        owners: whose servers run.
    """

    machine: str
    user: bool
    programs: tuple[str, ...]
    places: tuple[FoundCluster, ...]
    owners: tuple[str, ...]

    @property
    def all_owners(self) -> tuple[str, ...]:
        """Everybody who may own a cluster here, each once."""
        return tuple(dict.fromkeys([*self.owners, *(place.owner for place in self.places)]))


async def overview(host: Host, user: str) -> Overview:
    """The first look at a host, as whoever logged in; ``user`` is the OS user that is expected to own clusters.

    Raises:
        HostError: the host did not answer.
    """
    result = await host.run(Command(list_scripts.overview(user), shown=spoken("look for clusters")))
    return parse_overview(result.text, user)


def parse_overview(text: str, user: str) -> Overview:
    """Read what the script said."""
    said: dict[str, list[str]] = {}
    for line in text.splitlines():
        kind, _, rest = line.partition("\t")
        said.setdefault(kind, []).append(rest)
    places = [*_debian(said.get("debian", ()), user), *_units(said.get("unit", ()), user)]
    places += [FoundCluster("", data, owner, bin=programs) for owner, programs, data in _three(said.get("folders", ()))]
    return Overview(
        machine="".join(said.get("machine", ())),
        user="user" in said,
        programs=tuple(said.get("programs", ())),
        places=tuple(places),
        owners=tuple(dict.fromkeys(filter(None, said.get("running", ())))),
    )


def _debian(lines: Iterable[str], user: str) -> Iterator[FoundCluster]:
    for found in filter(None, map(DEBIAN_LINE.match, lines)):
        version, name, port, _, owner, data = found.groups()
        owner = user if owner == UNKNOWN_OWNER else owner
        yield FoundCluster(version, data, owner, f"{version}/{name}", f"/usr/lib/postgresql/{version}/bin", int(port))


def _three(lines: Iterable[str]) -> Iterator[list[str]]:
    return (words for words in (line.split("\t") for line in lines) if len(words) == 3)


def _units(lines: Iterable[str], user: str) -> Iterator[FoundCluster]:
    """The clusters of systemd units that say where they are."""
    units: dict[str, dict[str, str]] = {}
    for line in lines:
        unit, _, said = line.partition("\t")
        key, _, value = said.partition("=")
        units.setdefault(unit, {})[key] = value
    for said_of in units.values():
        program = EXEC.search(said_of.get("ExecStart", ""))
        named = PGDATA.search(said_of.get("Environment", ""))
        if program:
            given = named[1] if named and "$" in program[2] else program[2]
            if given.startswith("/"):
                yield FoundCluster("", given.rstrip("/") or "/", said_of.get("User") or user, bin=program[1])


async def running(host: Host, user: str) -> list[FoundCluster]:
    """Where the servers of a user are that run now.

    Raises:
        HostError: commands may not run as that user.
    """
    result = await host.run(Command(list_scripts.running(), user=user, shown=spoken(f"look for servers of {user}")))
    lines = (line.split("\t") for line in result.text.splitlines())
    return [FoundCluster("", words[1], user, bin=words[0]) for words in lines if len(words) == 2]


async def look(host: Host, places: Sequence[FoundCluster], given: Where | None = None) -> tuple[FoundCluster, ...]:
    """What is at these places, each data directory once; what runs comes first.

    A place that cannot be looked at is in the list all the same, with a note that says why. ``given`` is what a
    topology says about one of them.
    """
    looked = await asyncio.gather(*(_looked(host, place, given) for place in places))
    found: dict[str, FoundCluster] = {}
    for cluster in looked:
        known = found.get(cluster.data)
        found[cluster.data] = cluster if known is None or (cluster.name and not known.name) else known
    return tuple(sorted(found.values(), key=_order))


def _order(cluster: FoundCluster) -> tuple[int, str, int, str]:
    places = list(Standing)
    return places.index(cluster.standing), cluster.version, cluster.port or 0, cluster.data


async def _looked(host: Host, place: FoundCluster, given: Where | None) -> FoundCluster:
    where = where_of(place)
    if given is not None and (where.cluster, where.data) == (given.cluster, given.data):
        where = given
    try:
        cluster = await locate(host, where)
        standing, note = await _standing(host, cluster)
    except (LocateError, HostError, ValueError) as error:
        return replace(place, note=str(error))
    return replace(
        place,
        version=str(cluster.major),
        data=cluster.data,
        bin=cluster.bin,
        port=cluster.port,
        standing=standing,
        note=note,
    )


def where_of(cluster: FoundCluster) -> Where:
    """How a topology would name it."""
    if cluster.name:
        return Where(cluster=cluster.name, os_user=cluster.owner)
    return Where(bin=cluster.bin, data=cluster.data, os_user=cluster.owner)


async def _standing(host: Host, cluster: Cluster) -> tuple[Standing, str]:
    """What it is now, and a note where that is not all."""
    user = cluster.os_user
    result = await host.run(Command((cluster.program("pg_controldata"), cluster.data), user=user))
    if result.status != 0:
        empty = await _is_empty(host, cluster)
        return (Standing.EMPTY, "") if empty else (Standing.UNKNOWN, "its control file cannot be read")
    try:
        control = parse_control(result.text)
    except ControlError as error:
        return Standing.UNKNOWN, str(error)
    if not cluster.running:
        return Standing.DOWN, "was a standby" if control.in_recovery else ""
    if control.in_production:
        return Standing.PRIMARY, ""
    return (Standing.STANDBY, "") if control.in_recovery else (Standing.UNKNOWN, control.state)


async def _is_empty(host: Host, cluster: Cluster) -> bool:
    """Whether there is no data directory yet, or nothing in it."""
    script = '[ ! -e "$1" ] || { [ -d "$1" ] && ls -A -- "$1" | head -n 1; }'
    command = Command(("/bin/sh", "-c", script, "sh", cluster.data), user=cluster.os_user, shown=f"ls {cluster.data}")
    there = await host.run(command)
    return there.status == 0 and not there.out.strip()


async def size(host: Host, cluster: FoundCluster) -> int | None:
    """Bytes that the data directory takes on disk, without what links in it lead to; None where that takes too long."""
    argv = ("nice", "du", "-sk", "--", cluster.data)
    try:
        result = await host.run(Command(argv, user=cluster.owner, quiet_for=SIZE_SECONDS))
    except HostError:
        return None
    words = result.text.split()
    return int(words[0]) * 1024 if words and words[0].isdecimal() else None


async def found_alone(host: Host, cluster: FoundCluster, user: str) -> bool:
    """Whether a run that is told nothing but the OS user finds this cluster by itself."""
    if cluster.owner != user:
        return False
    try:
        return (await locate(host, Where(os_user=user))).data == cluster.data
    except (LocateError, HostError, ValueError):
        return False
