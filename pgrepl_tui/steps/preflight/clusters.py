"""Checks on the two clusters: what they are, and that the standby is not the primary."""

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.preflight.survey import Survey
from pgrepl_tui.steps.preflight.verdicts import Check, Judged, Pair, passed, stopped, warned
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
        why = "a copy of the primary that took writes of its own: it may hold data that nobody else has"
        return warned(one, two, why, "it is set aside, not deleted; look into it before you delete it")
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
    for stands, why, remedy in _obstacles(pair.standby):
        if stands:
            return stopped(shown, own, why, remedy)
    return passed(shown, own)


def _obstacles(two: Survey) -> tuple[tuple[bool, str, str], ...]:
    """What may keep a data directory from being renamed: whether it does, why, and what mends it."""
    user, filled, parent = two.side.cluster.os_user, bool(two["filled"]), two["parent"]
    fix = "name the standby's own data directory in the topology"
    return (
        (filled and not (two["pg_version"] and two["pg_control"]), "it is not empty, and not a data directory", fix),
        (filled and two["owner"] != user, f"it belongs to {two['owner']}, not to {user}", fix),
        (
            bool(BEYOND_PG_CTL & set(two.side.cluster.data + two.side.cluster.log)),
            'pg_ctl cannot start a server whose path has one of these: " $ ` \\',
            "give the data directory (and the log) another name",
        ),
        (
            bool(two["mount"]),
            "it is a mount point, which cannot be renamed",
            "use a folder inside the mount as data directory, and let the server start from there",
        ),
        (
            not two["parent_writable"],
            f"{user} may not write into {parent}, so it cannot be set aside",
            f"let {user} own {parent}, or give a data directory in a folder of its own",
        ),
        (
            bool(two["wal_link"]),
            "its WAL directory is a link to another place, which would be left behind",
            "this version handles data directories with their WAL inside only",
        ),
        (
            filled and not two.side.cluster.running and not _in_order(two),
            f"its server is down and was not shut down in order ({_state(two)})",
            REVIVE,
        ),
    )


def _in_order(two: Survey) -> bool:
    """Shut down: what was not may have a server that is not seen from here, and is not moved."""
    control = two.side.control
    return not two["pid_file"] and (control is None or control.state in {"shut down", "shut down in recovery"})


def _state(two: Survey) -> str:
    return two.side.control.state if two.side.control else "no control file"


async def tablespaces(pair: Pair) -> Judged:
    """Tablespaces keep their absolute paths, which the old cluster may use as well."""
    names = [str(row[0]) for row in await pair.primary.side.server.query(queries.tablespaces())]
    if await is_ours(pair.ctx):
        return passed(", ".join(names) or "none", "in place")
    old = pair.standby["tablespaces"].strip()
    if names or old:
        why = "tablespaces outside the data directory are not handled yet"
        remedy = "make the base backup by hand with --tablespace-mapping"
        return stopped(", ".join(names) or "none", old or "none", why, remedy)
    return passed("none", "none")


async def recovery_targets(pair: Pair) -> Judged:
    """A target that was left behind ends recovery, and the standby would promote itself."""
    side = pair.standby.side
    script = (
        'grep -HnsE "^[[:space:]]*(recovery_target(_time|_xid|_lsn|_name)?|recovery_target_action)[[:space:]=]" "$@"; :'
    )
    paths = (side.cluster.conf, f"{side.cluster.data}/postgresql.auto.conf")
    found = await side.host.run(_grep(script, paths, side.cluster.os_user))
    lines = found.text.strip().splitlines()
    if lines:
        why = "a recovery target would end recovery: the standby would become a server of its own"
        return stopped("-", lines[0], why, "take these lines out, then run again")
    return passed("-", "none")


def _grep(script: str, paths: tuple[str, ...], user: str) -> Command:
    return Command(("/bin/sh", "-c", script, "sh", *paths), user=user, shown=f"grep recovery_target {' '.join(paths)}")


CHECKS = (
    Check("identity", "the standby is not the primary", identity),
    Check("versions", "versions", versions),
    Check("system-identifiers", "system identifiers", system_identifiers),
    Check("feeds-others", "who streams from the standby", feeds_others),
    Check("data-directory", "data directory", data_directory),
    Check("tablespaces", "tablespaces", tablespaces),
    Check("recovery-targets", "recovery targets left behind", recovery_targets),
)
