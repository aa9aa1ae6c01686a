"""What a pretended 9.x server answers to a statement."""

import re
import time
from collections.abc import Callable

from tests.golden.pretended.world import World, lsn

Rows = list[tuple[str | None, ...]]
NAMES = re.compile(r"'([^']*)'")
NOBODY = "run/nobody"
"""A file of a world whose server no client uses."""


class RefusedError(Exception):
    """The statement is refused."""

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


def answer(world: World, statement: str) -> Rows:
    """The rows of a statement.

    Raises:
        RefusedError: it is none that this version knows, or it may not be done.
    """
    for pattern, handler in HANDLERS:
        found = re.fullmatch(pattern, statement, re.DOTALL)
        if found:
            return handler(world, found)
    raise RefusedError("42601", f"syntax error at or near: {statement}")


def _settings(world: World, found: re.Match[str]) -> Rows:
    if ("pg_file_settings" in found[0]) != (world.version >= "9.5"):
        raise RefusedError("42P01", 'relation "pg_file_settings" does not exist')
    values, path = world.running(), str(world.data / "postgresql.conf")
    text = (world.data / "postgresql.conf").read_text()
    rows: Rows = []
    for name in NAMES.findall(found["names"]):
        if name in values:
            in_file = re.search(rf"^{name}\b", text, re.MULTILINE) is not None
            unit = "16MB" if name == "max_wal_size" else None
            source = ("configuration file", path) if in_file else ("default", None)
            rows.append((name, values[name], unit, world.context(name), *source))
    return rows


def _role(world: World, found: re.Match[str]) -> Rows:
    role = world.state("roles").get(found["name"])
    return [(role["login"], role["replication"], role["password"], "f", "-1")] if role else []


def _create_role(world: World, found: re.Match[str]) -> Rows:
    if found["name"] in world.state("roles"):
        raise RefusedError("42710", f'role "{found["name"]}" already exists')
    role = {"login": "t", "replication": "t", "password": found["verifier"]}
    world.set_state("roles", {**world.state("roles"), found["name"]: role})
    return []


def _slots(world: World, _found: re.Match[str]) -> Rows:
    return [("physical", "t" if slot.get("active") else "f", slot.get("restart_lsn"))
            for slot in world.state("slots").values()]  # fmt: skip


def _create_slot(world: World, found: re.Match[str]) -> Rows:
    if len(world.state("slots")) >= int(world.running()["max_replication_slots"]):
        raise RefusedError("53400", "all replication slots are in use")
    if found["name"] in world.state("slots"):
        raise RefusedError("42710", f'replication slot "{found["name"]}" already exists')
    if bool(found["reserve"]) != (world.version >= "9.6"):
        raise RefusedError("42883", "function pg_create_physical_replication_slot(unknown, boolean) does not exist")
    slot = {"restart_lsn": lsn(world.position())} if found["reserve"] else {}
    world.set_state("slots", {**world.state("slots"), found["name"]: slot})
    return [(f"({found['name']},)",)]


def _sender(world: World, found: re.Match[str]) -> Rows:
    if (found["pid"] == "procpid") != (world.version == "9.1"):
        raise RefusedError("42703", f'column "{found["pid"]}" does not exist')
    mine = world.folder / "run/senders" / found["name"]
    if not mine.exists():
        return []
    now = lsn(world.position())
    return [("4711", "replicator", "127.0.0.1", "streaming", now, now, now, now, "async")]


def _senders(world: World, _found: re.Match[str]) -> Rows:
    return [(world.running()["max_wal_senders"], "0")]


def _sessions(world: World, found: re.Match[str]) -> Rows:
    if (found["pid"] == "procpid") != (world.version == "9.1"):
        raise RefusedError("42703", f'column "{found["pid"]}" does not exist')
    return [("0", "0") if (world.folder / NOBODY).exists() else ("2", "1")]


def _backups(world: World, found: re.Match[str]) -> Rows:
    if (found["pid"] == "procpid") != (world.version == "9.1") or ("current_query" in found[0]) != (
        world.version == "9.1"
    ):
        raise RefusedError("42703", f'column "{found["pid"]}" does not exist')
    return []


def _positions(world: World, _found: re.Match[str]) -> Rows:
    received = lsn(world.position()) if world.streams() else None
    return [(received, lsn(world.position()), "f")]


def _receiver(world: World, _found: re.Match[str]) -> Rows:
    if world.version < "9.6":
        raise RefusedError("42P01", 'relation "pg_stat_wal_receiver" does not exist')
    now = lsn(world.position())
    return [("4712", "streaming", now, now, "2026-01-01 00:00:00+00", "pgrepl_db2")] if world.streams() else []


def _mark(world: World, found: re.Match[str]) -> Rows:
    if found[0].startswith("select pg_logical") != (world.version >= "9.6"):
        raise RefusedError("42883", "function does not exist")
    if world.running()["wal_level"] == "minimal":
        raise RefusedError("55000", "WAL level not sufficient for creating a restore point")
    return [(lsn(world.write_wal(0x60)),)]


def _reload(world: World, _found: re.Match[str]) -> Rows:
    world.load(start=False)
    return [("t",)]


def _write(world: World, _found: re.Match[str]) -> Rows:
    if world.in_recovery:
        raise RefusedError("25006", "cannot execute CREATE TABLE in a read-only transaction")
    return []


def _values(*names: str) -> Callable[[World, re.Match[str]], Rows]:
    return lambda world, _found: [tuple(world.running()[name] for name in names)]


def _fixed(*row: str) -> Callable[[World, re.Match[str]], Rows]:
    return lambda _world, _found: [row]


def _nothing(_world: World, _found: re.Match[str]) -> Rows:
    return []


def _position(world: World, _found: re.Match[str]) -> Rows:
    if world.in_recovery:
        raise RefusedError("55000", "recovery is in progress")
    return [(lsn(world.position()),)]


def _recovering(world: World, _found: re.Match[str]) -> Rows:
    return [("t" if world.in_recovery else "f",)]


def _who(world: World, _found: re.Match[str]) -> Rows:
    started = time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime((world.data / "postmaster.pid").stat().st_mtime))
    return [(started, str(world.data), "t" if world.in_recovery else "f")]


def _files(world: World, _found: re.Match[str]) -> Rows:
    return [(str(world.data / "postgresql.conf"), str(world.data / "pg_hba.conf"))]


def _tablespaces(world: World, found: re.Match[str]) -> Rows:
    if ("spclocation" in found[0]) != (world.version == "9.1"):
        raise RefusedError("42703", 'column "spclocation" does not exist')
    return []


def _pending(world: World, _found: re.Match[str]) -> Rows:
    if world.version < "9.5":
        raise RefusedError("42703", 'column "pending_restart" does not exist')
    now, wanted = world.running(), world.configured()
    return [(name,) for name in sorted(now) if world.context(name) == "postmaster" and now[name] != wanted[name]]


HANDLERS: tuple[tuple[str, Callable[[World, re.Match[str]], Rows]], ...] = (
    (r"select name, setting, unit, context, source, .* from pg_settings where name in \((?P<names>[^)]*)\)", _settings),
    (r"select rolcanlogin, .* from pg_authid where rolname = '(?P<name>[^']*)'", _role),
    (r"create role \"(?P<name>[^\"]*)\" with login replication password '(?P<verifier>md5[0-9a-f]{32})'", _create_role),
    (r"set (?:log_\w+|synchronous_commit) = .*", _nothing),
    (r"select current_setting\('config_file'\), current_setting\('hba_file'\)", _files),
    (r"select slot_type, active, restart_lsn from pg_replication_slots where slot_name = '[^']*'", _slots),
    (r"select pg_create_physical_replication_slot\('(?P<name>\w+)'(?P<reserve>, true)?\)", _create_slot),
    (r"select slot_name, restart_lsn from pg_replication_slots where not active .*", _nothing),
    (r"select count\(\*\) from pg_replication_slots where slot_name <> '[^']*'", _fixed("0")),
    (r"select pg_current_xlog_location\(\)", _position),
    (r"select pg_last_xlog_receive_location\(\), .*pg_is_xlog_replay_paused\(\)", _positions),
    (r"select pg_last_xlog_replay_location\(\)", lambda world, _found: [(lsn(world.position()),)]),
    (r"select pg_is_in_recovery\(\)", _recovering),
    (r"select (?P<pid>\w+), usename, .* from pg_stat_replication where application_name = '(?P<name>\w+)' .*", _sender),
    (r"select application_name, client_addr from pg_stat_replication(?: where state = 'backup')?", _nothing),
    (r"select application_name, client_addr from pg_stat_activity where (?P<pid>\w+) <> .*", _backups),
    (r"select gid, owner, database from pg_prepared_xacts order by prepared", _nothing),
    (r"select pid, status, .* from pg_stat_wal_receiver", _receiver),
    (r"select pg_create_restore_point\('pgrepl_tui \w+'\) from set_config\(.*\)", _mark),
    (r"select pg_logical_emit_message\(true, 'pgrepl_tui', '\w+'\) from set_config\(.*\)", _mark),
    (r"select current_setting\('max_wal_senders'\), \(select count\(\*\) from pg_stat_replication where .*", _senders),
    (r"select count\(\*\), .* from pg_stat_activity where (?P<pid>\w+) <> .*", _sessions),
    (r"select sourcefile, sourceline, name, error from pg_file_settings where .*", _nothing),
    (r"select current_setting\('shared_preload_libraries'\), .*",
     _values("shared_preload_libraries", "local_preload_libraries", "dynamic_library_path")),
    (r"select oid, spcname, .* from pg_tablespace where .*", _tablespaces),
    (r"select sum\(pg_database_size\(datname\)\) from pg_database", _fixed("19660800")),
    (r"select boot_val = 'none' from pg_settings where name = 'ssl_ciphers'", _fixed("t")),
    (r"select current_setting\('synchronous_standby_names'\)", _values("synchronous_standby_names")),
    (r"begin|rollback", _nothing),
    (r"create table pgrepl_tui_probe \(\)", _write),
    (r"select pg_reload_conf\(\)", _reload),
    (r"select name from pg_settings where pending_restart(?: order by name)?", _pending),
    (r"select pg_postmaster_start_time\(\)(?:::text)?, current_setting\('data_directory'\).*", _who),
    (r"select count\(\*\) from pg_database where not datistemplate", _fixed("1")),
)  # fmt: skip
"""Statements that are not here, the server does not know."""
