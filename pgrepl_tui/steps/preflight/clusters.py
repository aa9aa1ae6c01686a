"""Checks on the two clusters: what they are, and that the standby is not the primary."""

from collections.abc import Iterator

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.cluster import SystemdUnit
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.edit import read
from pgrepl_tui.steps.preflight.survey import Survey
from pgrepl_tui.steps.preflight.verdicts import Check, Judged, Pair, passed, stopped, warned
from pgrepl_tui.steps.standby.guard_scripts import of_the_system
from pgrepl_tui.steps.standby.state import is_ours

REVIVE = "start it once and stop it; one that does not start any more: rename its folder by hand, then run again"

BEYOND_PG_CTL = set('"$`\\')
"""It puts the paths between double quotes into a line for the shell (pg_ctl.c, start_postmaster)."""


async def versions(pair: Pair) -> Judged:
    """Physical replication works within one major version."""
    one, two = pair.primary.side.cluster.major, pair.standby.side.cluster.major
    if one != two:
        remedy = f"install PostgreSQL {one} on {pair.standby.side.name} and name its cluster in the topology"
        return stopped(str(one), str(two), "a standby has to be of its primary's major version", remedy)
    if not pair.standby["basebackup"]:
        return stopped(str(one), str(two), f"there is no pg_basebackup in {pair.standby.side.cluster.bin}",
                       "install the server's client programs there")  # fmt: skip
    return passed(str(one), str(two))


async def identity(pair: Pair) -> Judged:
    """The standby's data directory must not be the primary's."""
    one, two = pair.primary["identity"], pair.standby["identity"]
    same_machine = pair.primary["boot_id"] == pair.standby["boot_id"]
    if one and one == two and same_machine:
        return stopped(one, two, "both are one and the same data directory: the standby IS the primary",
                       "correct the topology; nothing was changed")  # fmt: skip
    return passed(one or "-", two or "nothing there", "two data directories")


async def system_identifiers(pair: Pair) -> Judged:
    """What the standby's cluster is: nothing, a stranger, a copy, or a copy that went its own way."""
    primary, standby = pair.primary.side, pair.standby.side
    one = primary.control.system_identifier if primary.control else "?"
    if standby.control is None:
        return passed(one, "none", "there is no cluster on the standby yet")
    two = standby.control.system_identifier
    if await is_ours(pair.ctx):
        return passed(one, two, f"{standby.name} is a standby of {primary.name} already")
    if one == two:
        return passed(one, two, f"{standby.name} holds a copy of {primary.name}, or what it was copied from")
    kind = "a standby of another primary" if standby.in_recovery else "a cluster of its own"
    return passed(one, two, f"{standby.name} holds {kind}; it is set aside, not deleted")


async def feeds_others(pair: Pair) -> Judged:
    """A server that others stream from is not replaced."""
    side = pair.standby.side
    if not side.cluster.running or side.control is None or await is_ours(pair.ctx):
        return passed("-", "nobody")
    try:
        rows = await side.server.query("select application_name, client_addr from pg_stat_replication")
    except SqlError as error:
        return warned("-", "not known", f"the old cluster cannot be asked: {error.message}")
    if rows:
        names = ", ".join(f"{row[0]} ({row[1]})" for row in rows)
        return stopped(
            "-", names, "others stream from the cluster that would be replaced", "point them elsewhere first"
        )
    return passed("-", "nobody")


async def data_directory(pair: Pair) -> Judged:
    """The place for the copy: a real data directory or nothing, that can be renamed."""
    shown, own = pair.primary.side.cluster.data, pair.standby.side.cluster.data
    if await is_ours(pair.ctx):
        return passed(shown, own)
    for why, remedy in [*_obstacles(pair.standby), *await _no_configuration(pair)]:
        return stopped(shown, own, why, remedy)
    return passed(shown, own)


def _obstacles(two: Survey) -> Iterator[tuple[str, str]]:
    """What keeps a data directory from being renamed: why, and what mends it."""
    user, filled, parent = two.side.cluster.os_user, bool(two["filled"]), two["parent"]
    fix = "name the standby's own data directory in the topology"
    if of_the_system(two.side.cluster.data):
        yield f"{two.side.cluster.data} is a folder of the system's, never a data directory", fix
    if two["home"]:
        yield f"{two.side.cluster.data} is somebody's home", fix
    if filled and not (two["pg_version"] and two["pg_control"]):
        yield "it is not empty, and not a data directory", fix
    if filled and two["owner"] != user:
        yield f"it belongs to {two['owner']}, not to {user}", fix
    if BEYOND_PG_CTL & set(two.side.cluster.data + two.side.cluster.log):
        why = 'pg_ctl cannot start a server whose path has one of these: " $ ` \\'
        yield why, "give the data directory (and the log) another name"
    if two["mount"]:
        yield "it is a mount point, which cannot be renamed", _inside_mount(two)
    if inner := two["inner_mount"]:
        why = f"a file system is mounted inside it, on {inner}: after the rename it would come back under the copy"
        yield why, f"mount it outside the data directory, and let a link lead to it from {inner}"
    if not two["parent_writable"]:
        why = f"{user} may not write into {parent}, so there can be no copy beside it, and it cannot be set aside"
        deeper = f"keep the cluster one level deeper, in a folder of {user}'s own"
        yield why, f"as root on {two.side.name}: chown {user} {parent}; or {deeper}"
    if filled and not two.side.cluster.running and not _in_order(two):
        yield f"its server is down and was not shut down in order ({_state(two)})", REVIVE


async def _no_configuration(pair: Pair) -> list[tuple[str, str]]:
    """A copy brings the configuration only where that lies in the data directory; else there has to be one."""
    primary, side = pair.primary.side, pair.standby.side
    cluster = side.cluster
    if not cluster.config_inside and await read(side, cluster.conf) is None:
        return [(f"there is no {cluster.conf}", "make it, or take `config` out of the topology")]
    if cluster.config_inside and side.control is None and not primary.cluster.config_inside:
        why = f"the primary's configuration is in {primary.cluster.config}, so the copy has none, and neither has"
        how = f"make an empty cluster in {cluster.data} (initdb), whose configuration is kept, then run again"
        return [(f"{why} {side.name}", how)]
    return []


def _inside_mount(two: Survey) -> str:
    """How the server comes to start from a folder inside the mount; by layout."""
    cluster = two.side.cluster
    inside = f"{cluster.data}/main"
    if not cluster.config_inside:
        start = f"set data_directory = '{inside}' in {cluster.conf}"
    elif isinstance(cluster.control, SystemdUnit):
        start = f"set PGDATA={inside} for the unit {cluster.control.unit} (systemctl edit)"
    else:
        start = f"start the server with -D {inside}"
    named = f", give `data: {inside}` in the topology" if two.side.node.data else ""
    if not two["filled"]:
        return f"make a folder inside it, {inside}: {start}{named}, then run again"
    return f"stop the server, move all of it into {inside} (mode 0700), {start}{named}, then run again"


def _in_order(two: Survey) -> bool:
    """Shut down: what was not may have a server that is not seen from here, and is not moved."""
    control = two.side.control
    return not two["pid_file"] and (control is None or control.state in {"shut down", "shut down in recovery"})


def _state(two: Survey) -> str:
    return two.side.control.state if two.side.control else "no control file"


async def recovery_targets(pair: Pair) -> Judged:
    """A target that was left behind ends recovery, and the standby would promote itself."""
    side = pair.standby.side
    names = "|".join((*queries.TARGETS, "recovery_target_action"))
    script = f'grep -HnsE "^[[:space:]]*({names})[[:space:]=]" "$@"; :'
    paths = (side.cluster.conf, f"{side.cluster.data}/postgresql.auto.conf")
    found = await side.host.run(_grep(script, paths, side.cluster.os_user))
    lines = found.text.strip().splitlines()
    if lines:
        why = "a recovery target would end recovery: the standby would become a server of its own"
        return stopped("-", lines[0], why, "take these lines out, then run again")
    return await _targets_to_copy(pair)


async def _targets_to_copy(pair: Pair) -> Judged:
    """The primary takes no notice of its own, which a restore may have left; a copy would (12 and later)."""
    side = pair.primary.side
    if side.facts.recovery_conf or await is_ours(pair.ctx):
        return passed("-", "none")
    rows = await side.server.query(queries.recovery_targets())
    if not rows:
        return passed("none", "none")
    name, value, file, number = rows[0]
    why = "its copy would end its recovery there, and become a server of its own"
    remedy = f"take it out of {file} (or: alter system reset {name}), then run again; no restart is needed"
    return stopped(f"{file}:{number}: {name} = '{value}'", "none", why, remedy)


def _grep(script: str, paths: tuple[str, ...], user: str) -> Command:
    return Command(("/bin/sh", "-c", script, "sh", *paths), user=user, shown=f"grep recovery_target {' '.join(paths)}")


CHECKS = (
    Check("identity", "the standby is not the primary", identity),
    Check("versions", "versions", versions),
    Check("system-identifiers", "system identifiers", system_identifiers),
    Check("feeds-others", "who streams from the standby", feeds_others),
    Check("data-directory", "data directory", data_directory),
    Check("recovery-targets", "recovery targets left behind", recovery_targets),
)
