"""The SQL that is sent, by version. Names that changed come from the version table."""

from collections.abc import Iterable

from pgrepl_tui.postgres.facts import Facts
from pgrepl_tui.postgres.text_error import TextError

MINIMUMS = ("wal_level", "max_wal_senders", "max_replication_slots", "max_connections", "shared_buffers")

QUIET_SESSION = (
    "set log_statement = 'none'",
    "set log_min_duration_statement = -1",
    "set log_min_error_statement = 'panic'",
)
"""Sent before a statement with a verifier, each as a message of its own (one message would be logged whole)."""

LOCAL_COMMIT = "set synchronous_commit = 'local'"
"""Sent before a statement that commits: it waits for no synchronous standby, which may be just the one that is gone."""

TARGETS = ("recovery_target", *(f"recovery_target_{kind}" for kind in ("time", "xid", "lsn", "name")))
"""Where recovery ends: settings since 12."""

FILES = "select current_setting('config_file'), current_setting('hba_file')"
"""Where a running server's configuration is; only superusers and pg_read_all_settings may see it."""

AUTO_CONF_FIRST = (
    "coalesce((select max(f.sourcefile) from pg_file_settings f where f.name = pg_settings.name"
    " and f.sourcefile like '%/postgresql.auto.conf'), sourcefile)"
)


def literal(value: str) -> str:
    r"""A string literal that means the same whatever standard_conforming_strings says.

    Raises:
        ValueError: it holds a NUL.
    """
    if "\0" in value:
        raise TextError("a string literal cannot hold a NUL")
    quoted = value.replace("'", "''")
    return f" E'{quoted.replace(chr(92), chr(92) * 2)}'" if "\\" in value else f"'{quoted}'"


def identifier(name: str) -> str:
    """A quoted identifier.

    Raises:
        ValueError: it is empty or holds a NUL.
    """
    if not name or "\0" in name:
        raise TextError("a name cannot be empty or hold a NUL")
    return '"' + name.replace('"', '""') + '"'


def settings(names: Iterable[str], facts: Facts | None = None) -> str:
    """Name, value, unit, context and source file of settings; those that the server does not know are left out.

    With the facts of 9.5 or later the source file is postgresql.auto.conf wherever that file has the setting: what
    ALTER SYSTEM set since the server started, even to the value that it has, is not in pg_settings.sourcefile yet.
    """
    wanted = ", ".join(literal(name) for name in names)
    file = AUTO_CONF_FIRST if facts and facts.has_file_settings else "sourcefile"
    return f"select name, setting, unit, context, source, {file} from pg_settings where name in ({wanted})"  # noqa: S608 - literals


def role(name: str) -> str:
    """What the server knows about a role: login, replication, verifier, expired, connection limit."""
    return (
        "select rolcanlogin, rolreplication, rolpassword, coalesce(rolvaliduntil < now(), false), rolconnlimit"  # noqa: S608 - a literal
        f" from pg_authid where rolname = {literal(name)}"
    )


def create_role(name: str, verifier: str) -> str:
    """A role that may log in and replicate, with a verifier in place of a password."""
    return f"create role {identifier(name)} with login replication password {literal(verifier)}"


def allow_replication(name: str) -> str:
    """Let an existing role log in and replicate; its password stays."""
    return f"alter role {identifier(name)} with login replication"


def slot(name: str) -> str:
    """Type, active and restart_lsn of a replication slot (9.4 and later)."""
    return f"select slot_type, active, restart_lsn from pg_replication_slots where slot_name = {literal(name)}"  # noqa: S608 - a literal


def create_slot(name: str, facts: Facts) -> str:
    """Make a physical slot; from 9.6 on it keeps WAL at once."""
    reserve = ", true" if facts.slot_reserves_at_creation else ""
    return f"select pg_create_physical_replication_slot({literal(name)}{reserve})"


def idle_slots() -> str:
    """Slots that hold WAL and that nobody reads."""
    return "select slot_name, restart_lsn from pg_replication_slots where not active and restart_lsn is not null"


def current_position(facts: Facts) -> str:
    """The primary's WAL position, in text."""
    return f"select {facts.current_lsn_function}()"


def standby_positions(facts: Facts) -> str:
    """Received, replayed, paused, of the standby."""
    return (
        f"select {facts.receive_lsn_function}(), {facts.replay_lsn_function}(),"
        f" pg_is_in_recovery() and {facts.replay_paused_function}()"
    )


def in_recovery() -> str:
    """Is this server a standby?"""
    return "select pg_is_in_recovery()"


def sender(application: str, facts: Facts) -> str:
    """The standby's row of pg_stat_replication: pid, user, address, state, sent, write, flush, replay, sync state."""
    suffix = facts.sender_lsn_suffix
    lsns = ", ".join(f"{point}{suffix}" for point in ("sent", "write", "flush", "replay"))
    return (
        f"select {facts.activity_pid_column}, usename, client_addr, state, {lsns}, sync_state"  # noqa: S608 - a literal
        f" from pg_stat_replication where application_name = {literal(application)} order by state desc limit 1"
    )


SENDER_COLUMNS = ("pid", "user", "address", "state", "sent", "written", "flushed", "replayed", "sync")


def receiver(facts: Facts) -> str:
    """The row of pg_stat_wal_receiver (9.6 and later): pid, status, newest position, its time, slot."""
    newest = facts.receiver_lsn_columns[-1]
    return f"select pid, status, {newest}, latest_end_lsn, latest_end_time, slot_name from pg_stat_wal_receiver"  # noqa: S608 - a column


RECEIVER_COLUMNS = ("pid", "status", "received", "primary's end", "heard at", "slot")


def backup_progress(application: str) -> str:
    """Bytes sent and in all of a running base backup (13 and later); no row while its size is not known."""
    return (
        "select p.backup_streamed, p.backup_total"  # noqa: S608 - a literal
        " from pg_stat_progress_basebackup p join pg_stat_activity a using (pid)"
        f" where a.application_name = {literal(application)} and p.backup_total > 0"
    )


def mark(token: str, facts: Facts) -> str:
    """Write one marked record into the WAL; its end position. Its commit waits for no synchronous standby."""
    write = f"pg_create_restore_point({literal('pgrepl_tui ' + token)})"
    if facts.emits_messages:
        write = f"pg_logical_emit_message(true, 'pgrepl_tui', {literal(token)})"
    return f"select {write} from set_config('synchronous_commit', 'local', true)"  # noqa: S608 - a literal


def free_senders(facts: Facts, own: Iterable[str] = ()) -> str:
    """max_wal_senders, senders in use; those that serve one of the ``own`` application names are not counted."""
    del facts
    others = "".join(f" and application_name <> {literal(name)}" for name in own)
    return (
        "select current_setting('max_wal_senders'),"  # noqa: S608 - literals
        f" (select count(*) from pg_stat_replication where true{others})"
    )


def slots_of_others(name: str) -> str:
    """How many replication slots there are, but for this one (9.4 and later)."""
    return f"select count(*) from pg_replication_slots where slot_name <> {literal(name)}"  # noqa: S608 - a literal


def sessions(facts: Facts) -> str:
    """Client sessions other than this one: how many, and how many of them are in a transaction."""
    pid = facts.activity_pid_column
    busy = "xact_start is not null"
    # Below 10 workers and senders are in the view too: workers have no client, senders a view of their own.
    clients = (
        " and backend_type = 'client backend'"
        if facts.has_backend_type
        else f" and client_port is not null and {pid} not in (select {pid} from pg_stat_replication)"  # noqa: S608 - column names
    )
    return (
        f"select count(*), coalesce(sum(case when {busy} then 1 else 0 end), 0) from pg_stat_activity"  # noqa: S608 - column names
        f" where {pid} <> pg_backend_pid(){clients}"
    )


def base_backups() -> str:
    """Who copies this server now, by application and address (9.1 and later)."""
    return "select application_name, client_addr from pg_stat_replication where state = 'backup'"


def backup_sessions(facts: Facts) -> str:
    """Sessions that began a backup and did not say anything since, by application and address; pgBackRest's as well."""
    pid, begun = facts.activity_pid_column, f"{facts.activity_query_column} like '%{facts.backup_start_function}(%'"
    return (
        "select application_name, client_addr from pg_stat_activity"  # noqa: S608 - column names
        f" where {pid} <> pg_backend_pid() and ({begun} or application_name like 'pgBackRest [backup]%')"
    )


def prepared_transactions() -> str:
    """Prepared transactions that are not ended: identifier, owner, database."""
    return "select gid, owner, database from pg_prepared_xacts order by prepared"


def config_errors() -> str:
    """Errors in the configuration files as they are now (9.5 and later).

    A value that only waits for a restart has an error there too ("setting could not be applied"): it is none.
    """
    waits = "name in (select name from pg_settings where pending_restart)"
    return (
        "select sourcefile, sourceline, name, error from pg_file_settings"  # noqa: S608 - no parameters
        f" where error is not null and ({waits}) is not true"
    )


def recovery_targets() -> str:
    """Targets of recovery that stand in the configuration files: name, value, file, line (12 and later).

    A server that is no standby takes no notice of them; they count in a copy, which gets its files.
    """
    names = ", ".join(map(literal, TARGETS))
    return (
        "select name, setting, sourcefile, sourceline from pg_file_settings f"  # noqa: S608 - literals
        f" where lower(name) in ({names}) and setting <> ''"
        " and seqno = (select max(seqno) from pg_file_settings l where lower(l.name) = lower(f.name)) order by seqno"
    )


def hba_errors() -> str:
    """Errors in pg_hba.conf as it is now (10 and later).

    Some faulty lines have no words of their own: for ``clientcert=1`` hba.c sets none (measured with 17).
    """
    return (
        "select line_number, coalesce(error, 'the line cannot be understood') from pg_hba_file_rules"
        " where error is not null or type is null"
    )


def extensions() -> str:
    """Libraries that are loaded by the server or by a session."""
    return (
        "select current_setting('shared_preload_libraries'), current_setting('local_preload_libraries'),"
        " current_setting('dynamic_library_path')"
    )


def tablespaces(facts: Facts) -> str:
    """Number, name and folder of the tablespaces that lie outside the data directory.

    The folder of one that lies inside (allow_in_place_tablespaces, a developers' setting) is not absolute.
    """
    where = facts.tablespace_location
    return f"select oid, spcname, {where} from pg_tablespace where {where} like '/%' order by oid"  # noqa: S608 - a column


def size() -> str:
    """All databases, in bytes."""
    return "select sum(pg_database_size(datname)) from pg_database"


def without_tls() -> str:
    """Was the server built without TLS? Then ssl_ciphers has the built-in value none (guc.c, 9.1 to 18)."""
    return "select boot_val = 'none' from pg_settings where name = 'ssl_ciphers'"


def sync_names() -> str:
    """Who is waited for at each commit."""
    return "select current_setting('synchronous_standby_names')"


def sync_standbys() -> str:
    """How many standbys a commit waits for now (quorum from 10 on)."""
    return "select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum')"


REFUSED_WRITE = ("begin", "create table pgrepl_tui_probe ()", "rollback")
"""A write that a standby refuses with SQLSTATE 25006, and that leaves nothing on a server which takes it."""
