"""What a pair is like, for comparing: files, roles, slots, settings, folders; nothing that differs from run to run."""

import difflib
import re

from tests.faults.real.ground import Ground
from tests.faults.real.machine import Machine

RUN_ID = re.compile(r"\d{8}T\d{6}Z")
HEX = re.compile(r"[0-9a-f]{12,}")
ROLES = "select rolname, rolcanlogin, rolreplication, rolsuper from pg_roles where rolname !~ '^pg_' order by 1"
SLOTS = "select slot_name, slot_type, active from pg_replication_slots order by 1"
SETTINGS = (
    "select name, setting, pending_restart from pg_settings where source = 'configuration file'"
    " and name not in ('log_timezone', 'TimeZone') order by 1"
)
CONF = ("postgresql.conf", "pg_hba.conf", "pg_ident.conf", "postgresql.auto.conf", "standby.signal", "server.key")


async def snapshot(ground: Ground) -> dict[str, object]:
    """Everything that has to be the same whenever the job is done."""
    found: dict[str, object] = {}
    for which in ground.machines:
        found |= {f"{which.host.name}: {name}": text for name, text in files(which, ground).items()}
        found[f"{which.host.name}: settings"] = await which.cluster.sql(SETTINGS)
        found[f"{which.host.name}: left"] = left(which)
    for name, query in (("roles", ROLES), ("slots", SLOTS)):
        found[name] = await ground.primary.cluster.sql(query)
    return found


def files(which: Machine, ground: Ground) -> dict[str, object]:
    """The configuration of a host: bytes, owner and mode."""
    del ground
    found: dict[str, object] = {}
    for name in CONF:
        path = which.host.data / name
        if path.exists():
            facts = path.stat()
            found[name] = (path.read_text(), facts.st_uid, facts.st_gid, oct(facts.st_mode))
    return found


def left(which: Machine) -> list[str]:
    """What lies in a host's folder, and of what kinds the things are in our own folder in its home; temporary files.

    Not the servers' logs: who starts a server says where its log is.
    """
    home = which.host.home / ".pgrepl-tui"
    parts = [*which.host.data.rglob(".pgrepl-*"), *which.host.home.rglob(".pgrepl-*.part")]
    own = {f"home/{plain(path.name)}" for path in (home.iterdir() if home.exists() else ())}
    return sorted(
        [*own, *(plain(path.name) for path in (*which.host.folder.iterdir(), *parts) if path.suffix != ".log")]
    )


def plain(text: str) -> str:
    """A name without what differs from run to run."""
    return HEX.sub("HEX", RUN_ID.sub("RUN", text))


def differences(one: dict[str, object], other: dict[str, object]) -> dict[str, tuple[object, object]]:
    """What is not the same."""
    names = one.keys() | other.keys()
    return {name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)}


def told(wrong: dict[str, tuple[object, object]]) -> str:
    """What is not the same, in lines that can be read: of a file only the lines that differ."""
    return "\n".join(f"{name}: {_told(one, other)}" for name, (one, other) in wrong.items())


def _told(one: object, other: object) -> str:
    if not (isinstance(one, tuple) and isinstance(other, tuple)):
        return f"{one} / {other}"
    lines = difflib.unified_diff(str(one[0]).splitlines(), str(other[0]).splitlines(), lineterm="", n=1)
    return "\n".join([f"{one[1:]} / {other[1:]}", *lines])
