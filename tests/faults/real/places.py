"""Where the places of the table are, as a host sees them: the command that has the effect, and the effect itself."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from pgrepl_tui.hosts import file_scripts, job_scripts
from pgrepl_tui.steps import lock
from pgrepl_tui.steps.standby import swap
from pgrepl_tui.steps.verify import report
from tests.faults.real.ground import Ground
from tests.faults.real.machine import Machine
from tests.faults.real.tapped import Match, Seen, Trap
from tests.faults.table import Moment, Place

ROLE = "replicator"
SLOT = "pgrepl_db2"
MARK = "pgrepl-tui"
CONNECTS = "id -un"
Effect = Callable[[Ground], Awaitable[bool]]


@dataclass(frozen=True)
class Spot:
    """A place on a host.

    Attributes:
        before: the command that has the effect.
        after: the command at whose end the effect is there: the same one, where none is given.
        effect: whether the effect is there, looked up on the host; None where nothing of it stays.
        says: the word of a command that stays, with which its effect is there.
    """

    before: Match
    effect: Effect | None = None
    after: Match | None = None
    says: bytes = b""

    def trap(self, moment: Moment) -> Trap:
        """What catches the moment."""
        if moment is Moment.BEFORE:
            return Trap(self.before, moment)
        return Trap(self.after or self.before, moment, self.says)


def spot(place: Place, ground: Ground) -> Spot:
    """Where a place of the table is on this pair."""
    return SPOTS[place.name](ground)


def _writes(host: str, name: str) -> Match:
    """Replaces a file, by its whole path."""
    return lambda seen: seen.host == host and seen.script == file_scripts.WRITE and seen.argv[4].endswith(name)


def _asks(host: str, words: str) -> Match:
    """Sends a statement to the server."""
    return lambda seen: seen.host == host and seen.runs("psql") and words.encode() in seen.stdin


def _runs(host: str, program: str, *words: str) -> Match:
    return lambda seen: seen.host == host and seen.runs(program) and set(words) <= set(seen.argv)


def _job(host: str, word: str) -> Match:
    """Starts a detached job."""
    return lambda seen: (
        seen.host == host and seen.script == job_scripts.START and any(part.endswith(word) for part in seen.argv[7:])
    )


def _script(host: str, text: str) -> Match:
    return lambda seen: seen.host == host and seen.script == text


def _in_file(which: Machine, name: str, words: str) -> Effect:
    async def there(_ground: Ground) -> bool:
        return words in (which.host.data / name).read_text(errors="surrogateescape")

    return there


def _told(view: str, column: str, name: str) -> Effect:
    """The primary has something of this name."""
    statement = f"select count(*) from {view} where {column} = '{name}'"  # noqa: S608 - names of our own

    async def there(ground: Ground) -> bool:
        return await ground.primary.cluster.sql(statement) == "1"

    return there


def _connect(ground: Ground) -> Spot:
    first = ground.primary.host.name

    def greets(seen: Seen) -> bool:
        return seen.host == first and CONNECTS in seen.script

    return Spot(lambda seen: seen.host == first and not seen.line, after=greets)


def _preflight(ground: Ground) -> Spot:
    """The settings are read in the lock, which tells preflight from what finds the cluster."""
    asked = _asks(ground.primary.host.name, "from pg_settings")

    def match(seen: Seen) -> bool:
        return asked(seen) and any(other.script == lock.HOLD for other in ground.tap.seen)

    return Spot(match)


def _lock(ground: Ground) -> Spot:
    async def held(on: Ground) -> bool:
        return not await free(on.standby)

    return Spot(_script(ground.standby.host.name, lock.HOLD), held, says=b"HELD\n")


async def free(which: Machine) -> bool:
    """No lock of ours is held on this host."""
    script = 'for f in "$1"/lock-*; do [ ! -e "$f" ] || flock -n "$f" true || exit 1; done'
    return await which.may(script, which.host.home / ".pgrepl-tui")


def _restart(ground: Ground) -> Spot:
    name, home = ground.primary.host.name, ground.primary.host.home
    before = ground.primary.postmaster()

    async def restarted(on: Ground) -> bool:
        return on.primary.postmaster() not in {None, before}

    def ended(seen: Seen) -> bool:
        polled = seen.host == name and seen.script == job_scripts.POLL and "/restart-" in seen.argv[4]
        return polled and seen.said.startswith(b"ended") and any((home / ".pgrepl-tui").glob("restart-*/rc"))

    return Spot(_job(name, "pg_ctl"), restarted, after=ended)


def _stop(ground: Ground) -> Spot:
    async def stopped(on: Ground) -> bool:
        return not (on.standby.host.data / "postmaster.pid").exists()

    return Spot(_runs(ground.standby.host.name, "pg_ctl", "stop"), stopped)


def _set_aside(ground: Ground) -> Spot:
    async def moved(on: Ground) -> bool:
        return any(on.standby.host.folder.glob("data.pgrepl-old-*"))

    return Spot(_script(ground.standby.host.name, swap.SWAP), moved)


def _basebackup(ground: Ground) -> Spot:
    async def started(on: Ground) -> bool:
        return any((on.standby.host.home / ".pgrepl-tui").glob("basebackup-*/pgid"))

    return Spot(_job(ground.standby.host.name, "pg_basebackup"), started)


def _recovery(ground: Ground) -> Spot:
    """The copy's settings; the file that keeps it in recovery came with the copy."""

    async def written(on: Ground) -> bool:
        conf = on.standby.host.folder / "data.pgrepl-new" / "postgresql.auto.conf"
        return conf.exists() and f"application_name=''{SLOT}''" in conf.read_text()

    return Spot(_writes(ground.standby.host.name, ".pgrepl-new/postgresql.auto.conf"), written)


def _start(ground: Ground) -> Spot:
    async def runs(on: Ground) -> bool:
        return on.standby.postmaster() is not None

    return Spot(_job(ground.standby.host.name, "pg_ctl"), runs)


def _settings(ground: Ground) -> Spot:
    first = ground.primary
    return Spot(_writes(first.host.name, "data/postgresql.conf"), _in_file(first, "postgresql.conf", MARK))


def _hba(ground: Ground) -> Spot:
    first = ground.primary
    return Spot(_writes(first.host.name, "data/pg_hba.conf"), _in_file(first, "pg_hba.conf", MARK))


def _role(ground: Ground) -> Spot:
    there = _told("pg_roles", "rolname", ROLE)
    return Spot(_asks(ground.primary.host.name, "create role"), there)


def _slot(ground: Ground) -> Spot:
    there = _told("pg_replication_slots", "slot_name", SLOT)
    return Spot(_asks(ground.primary.host.name, "pg_create_physical_replication_slot"), there)


def _discover(ground: Ground) -> Spot:
    data = str(ground.standby.host.data)
    return Spot(_runs(ground.standby.host.name, "pg_controldata", data))


def _finish(ground: Ground) -> Spot:
    return Spot(_script(ground.standby.host.name, report.LIST))


SPOTS: Mapping[str, Callable[[Ground], Spot]] = {
    "connect": _connect,
    "discover": _discover,
    "preflight": _preflight,
    "lock": _lock,
    "settings": _settings,
    "hba": _hba,
    "role": _role,
    "restart": _restart,
    "slot": _slot,
    "stop": _stop,
    "set-aside": _set_aside,
    "basebackup": _basebackup,
    "recovery": _recovery,
    "start": _start,
    "finish": _finish,
}
