"""The version table: what differs between PostgreSQL 9.1 and 18, one row a fact, with the source beside it.

``facts.py`` turns it into typed attributes and says what each means. "Measured" is: read from servers 10 to 18
(pg_settings, pg_attribute, pg_proc, ``--help``); what is said of older ones comes from release notes and source code.
"""

from dataclasses import dataclass

from pgrepl_tui.postgres import restart_settings
from pgrepl_tui.postgres.version import Major


@dataclass(frozen=True, slots=True)
class Row:
    """A fact: its name, its values with the version that each holds from (ascending, the first is 9.1), its source."""

    name: str
    values: tuple[tuple[Major, object], ...]
    source: str

    def at(self, major: Major) -> object:
        """The value that holds for the version."""
        return [value for since, value in self.values if since <= major][-1]


def _row(name: str, first: object, *later: tuple[Major, object], source: str) -> Row:
    return Row(name, ((Major(9, 1), first), *later), source)


def _since(name: str, major: Major, source: str) -> Row:
    """A thing that is there from a version on."""
    return _row(name, False, (major, True), source=source)


def _until(name: str, gone: Major, source: str) -> Row:
    """A thing that is there until a version, which does not have it."""
    return _row(name, True, (gone, False), source=source)


V92, V93, V94, V95, V96 = (Major(9, minor) for minor in range(2, 7))
V10, V11, V12, V13, V14, V15, V16, V17, V18 = (Major(first) for first in range(10, 19))

_NOT_LOWER = ("max_connections", "max_prepared_transactions", "max_locks_per_transaction")

_KEYWORDS = (
    "application_name client_encoding connect_timeout dbname fallback_application_name host hostaddr keepalives "
    "keepalives_count keepalives_idle keepalives_interval krbsrvname options password port replication requirepeer "
    "service sslcert sslcrl sslkey sslmode sslrootcert user"
)
_OAUTH = "oauth_client_id oauth_client_secret oauth_issuer oauth_scope"
_KEYWORDS_ADDED = (
    (V92, "sslcompression"),
    (V10, "passfile target_session_attrs"),
    (V12, "gssencmode tcp_user_timeout"),
    (V13, "channel_binding ssl_max_protocol_version ssl_min_protocol_version sslpassword"),
    (V14, "sslcrldir sslsni"),
    (V16, "gssdelegation load_balance_hosts require_auth sslcertmode"),
    (V17, "sslnegotiation"),
    (V18, f"max_protocol_version min_protocol_version scram_client_key scram_server_key sslkeylogfile {_OAUTH}"),
)


def _keywords() -> tuple[tuple[Major, frozenset[str]], ...]:
    now = frozenset(_KEYWORDS.split())
    sets = [(Major(9, 1), now)]
    for since, added in _KEYWORDS_ADDED:
        now |= frozenset(added.split())
        sets.append((since, now))
    return tuple(sets)


SERVER: tuple[Row, ...] = (
    _row(
        "wal_level_good",
        ("hot_standby",),
        (V94, ("hot_standby", "logical")),
        (V96, ("replica", "logical", "hot_standby", "archive")),
        source="release notes 9.4 and 9.6; measured: the old names are accepted from 10 on and shown as replica",
    ),
    _row("wal_level_wanted", "hot_standby", (V96, "replica"), source="release notes 9.6; measured"),
    _until(
        "wal_senders_within_connections",
        V12,
        "release notes 12: max_wal_senders not part of max_connections; postmaster.c of 10 and 11",
    ),
    _row("keep_wal_setting", "wal_keep_segments", (V13, "wal_keep_size"), source="release notes 13; measured"),
    _row("keep_wal_unit_bytes", 16 << 20, (V13, 1 << 20), source="config.sgml: segments to 12, megabytes from 13"),
    _row("checkpoint_setting", "checkpoint_segments", (V95, "max_wal_size"), source="release notes 9.5"),
    _row("sender_timeout_setting", "replication_timeout", (V93, "wal_sender_timeout"), source="release notes 9.3"),
    _row("socket_setting", "unix_socket_directory", (V93, "unix_socket_directories"), source="release notes 9.3"),
    _since("has_slots", V94, "release notes 9.4: replication slots"),
    _since("slot_reserves_at_creation", V96, "func.sgml 9.6: immediately_reserve; measured from 10"),
    _row("slot_cap_setting", "", (V13, "max_slot_wal_keep_size"), source="release notes 13; measured"),
    _row("slot_idle_setting", "", (V18, "idle_replication_slot_timeout"), source="release notes 18; measured"),
    _since("has_slot_wal_status", V13, "measured: pg_replication_slots.wal_status, safe_wal_size"),
    _row(
        "tablespace_location",
        "spclocation",
        (V92, "pg_tablespace_location(oid)"),
        source="release notes 9.2: pg_tablespace.spclocation is gone, pg_tablespace_location() instead",
    ),
    _since("has_alter_system", V94, "release notes 9.4: ALTER SYSTEM, postgresql.auto.conf"),
    _since("has_include_if_exists", V92, "release notes 9.2"),
    _since("has_include_dir", V93, "release notes 9.3"),
    _since("has_pending_restart", V95, "release notes 9.5: pg_settings.pending_restart"),
    _since("has_file_settings", V95, "release notes 9.5: pg_file_settings"),
    _since("has_hba_file_rules", V10, "release notes 10: pg_hba_file_rules; measured"),
    _since("hba_continues", V14, "release notes 14: a backslash at the end of a line continues it in pg_hba.conf"),
    _since("hba_quotes_names", V92, "hba.c of 9.1, check_role(): it cuts at a comma, + is a group, in quotes or not"),
    _since("hba_includes", V16, "release notes 16: include in pg_hba.conf; measured"),
    _until("ssl_needs_restart", V10, "release notes 10: TLS settings by reload; measured: sighup from 10"),
    _row(
        "renegotiation_setting",
        "ssl_renegotiation_limit",
        (V95, ""),
        source="release notes 9.5: it is gone; 9.4.5, 9.3.10, 9.2.14, 9.1.19: 0 is the default, before it was 512MB",
    ),
    _since("ssl_files_are_settings", V92, "release notes 9.2: ssl_cert_file and others; fixed names before"),
    _since("has_ssl_view", V95, "release notes 9.5: pg_stat_ssl"),
    _since("scram", V10, "release notes 10: scram-sha-256"),
    Row("settings_needing_restart", restart_settings.by_version(), "restart_settings.py: measured from 10"),
)

STANDBY: tuple[Row, ...] = (
    _until("recovery_conf", V12, "release notes 12: standby.signal and settings; measured: recovery.conf is FATAL"),
    _since("conninfo_reloads", V13, "release notes 13; measured: primary_conninfo is sighup from 13, postmaster in 12"),
    _since("restore_command_reloads", V14, "release notes 14; measured: sighup from 14"),
    _until(
        "must_ask_latest_timeline", V12, "release notes 12: recovery_target_timeline is latest by default; measured"
    ),
    _since("follows_timeline_switch", V93, "release notes 9.3: a standby follows a timeline switch by streaming"),
    _since("hot_standby_default_on", V10, "release notes 10; measured"),
    _since("has_receiver_timeout", V93, "release notes 9.3: wal_receiver_timeout"),
    _since("has_min_apply_delay", V94, "release notes 9.4: recovery_min_apply_delay"),
    _since("has_promote_function", V12, "release notes 12: pg_promote(); measured"),
    _row(
        "must_not_be_lower",
        _NOT_LOWER,
        (V94, (*_NOT_LOWER, "max_worker_processes")),
        (V12, (*_NOT_LOWER, "max_worker_processes", "max_wal_senders")),
        source="hot-standby.html of 9.1, 9.4 and 12; xlog.c CheckRequiredParameterValues()",
    ),
    _row(
        "lsn_bytes_per_id",
        0xFF000000,
        (V93, 1 << 32),
        source="release notes 9.3: the last segment is no longer skipped",
    ),
)

FILES: tuple[Row, ...] = (
    _row("wal_dir", "pg_xlog", (V10, "pg_wal"), source="release notes 10"),
    _row("log_dir", "pg_log", (V10, "log"), source="release notes 10: log_directory; measured"),
    _since("segment_size_by_initdb", V11, "release notes 11: initdb --wal-segsize; a build option before"),
    _since("group_access_ok", V11, "release notes 11: data directory mode 0750; measured"),
    _since("jsonlog", V15, "release notes 15"),
    _since("checksums_default_on", V18, "release notes 18; measured: initdb --help"),
    _since("passfile_in_conninfo", V10, "release notes 10: libpq passfile parameter"),
    _since("passfile_unescapes_password", V92, "release notes 9.2: .pgpass, escaped characters in the password field"),
    _row(
        "password_bytes",
        199,
        (V14, 1000),
        source="fe-connect.c: a passfile line of 319 bytes until the releases of November 2020; measured on 15: 1000",
    ),
    _row(
        "passfile_line_bytes",
        318,
        (V14, 1 << 16),
        source="fe-connect.c, PasswordFromFile() of 9.1: fgets(buf, NAMEDATALEN * 5 - 1); of any length from 14 on",
    ),
    Row("conninfo_keywords", _keywords(), "fe-connect.c PQconninfoOptions of each version; measured: unknown is FATAL"),
)

TOOLS: tuple[Row, ...] = (
    _since("basebackup_streams_wal", V92, "release notes 9.2: pg_basebackup -X stream"),
    _row("basebackup_wal_arguments", ("-x",), (V92, ("-X", "stream")), source="app-pgbasebackup.html of 9.1 and 9.2"),
    _since("basebackup_conninfo", V93, "release notes 9.3: pg_basebackup -d"),
    _since("basebackup_max_rate", V94, "release notes 9.4: pg_basebackup --max-rate"),
    _since("basebackup_maps_tablespaces", V94, "release notes 9.4: pg_basebackup --tablespace-mapping"),
    _row(
        "basebackup_wal_dir_option",
        "",
        (V94, "--xlogdir"),
        (V10, "--waldir"),
        source="release notes 9.4 and 10; measured: --help of 10 to 18",
    ),
    _since("basebackup_slot", V96, "release notes 9.6: pg_basebackup --slot; repmgr, run_basebackup()"),
    _since(
        "basebackup_signal",
        V10,
        "measured, 10 to 18: -R writes no password that was in a passfile; up to 9.6 it would (fe-connect.c: it is put "
        "into conn->pgpass, which PQconninfo() hands out)",
    ),
    _until(
        "basebackup_tells_each_block",
        V94,
        "pg_basebackup.c, progress_report(): at each block of 32 kB; from 9.4 on once a second",
    ),
    _since("psql_takes_commands", V96, "release notes 9.6: psql takes more than one -c; before, the last one counts"),
    _since("has_backup_manifest", V13, "release notes 13: backup_manifest, pg_verifybackup; measured"),
    _since("progress_view", V13, "release notes 13: pg_stat_progress_basebackup; measured"),
)

QUERIES: tuple[Row, ...] = (
    _row(
        "activity_pid_column",
        "procpid",
        (V92, "pid"),
        source="release notes 9.2: pg_stat_activity, pg_stat_replication",
    ),
    _row("activity_query_column", "current_query", (V92, "query"), source="release notes 9.2: state and query"),
    _since("has_backend_type", V10, "release notes 10: pg_stat_activity.backend_type; measured"),
    _row(
        "current_lsn_function",
        "pg_current_xlog_location",
        (V10, "pg_current_wal_lsn"),
        source="func.sgml 9.1; release notes 10; measured",
    ),
    _row(
        "flush_lsn_function",
        "",
        (V96, "pg_current_xlog_flush_location"),
        (V10, "pg_current_wal_flush_lsn"),
        source="release notes 9.6 and 10; measured",
    ),
    _row(
        "receive_lsn_function",
        "pg_last_xlog_receive_location",
        (V10, "pg_last_wal_receive_lsn"),
        source="func.sgml 9.1; release notes 10; measured",
    ),
    _row(
        "replay_lsn_function",
        "pg_last_xlog_replay_location",
        (V10, "pg_last_wal_replay_lsn"),
        source="func.sgml 9.1; release notes 10; measured",
    ),
    _row(
        "replay_paused_function",
        "pg_is_xlog_replay_paused",
        (V10, "pg_is_wal_replay_paused"),
        source="release notes 9.1 and 10; measured",
    ),
    _row("pause_state_function", "", (V14, "pg_get_wal_replay_pause_state"), source="release notes 14; measured"),
    _row(
        "lsn_diff_function",
        "",
        (V92, "pg_xlog_location_diff"),
        (V10, "pg_wal_lsn_diff"),
        source="func.sgml 9.2; release notes 10; measured",
    ),
    _row("switch_wal_function", "pg_switch_xlog", (V10, "pg_switch_wal"), source="release notes 10; measured"),
    _row("sender_lsn_suffix", "_location", (V10, "_lsn"), source="release notes 10; measured"),
    _since("has_sender_lag", V10, "release notes 10: write_lag, flush_lag, replay_lag; measured"),
    _since("has_wal_receiver_view", V96, "release notes 9.6: pg_stat_wal_receiver; measured"),
    _row(
        "receiver_lsn_columns",
        (),
        (V96, ("received_lsn",)),
        (V13, ("written_lsn", "flushed_lsn")),
        source="release notes 9.6 and 13; measured",
    ),
    _row("backup_start_function", "pg_start_backup", (V15, "pg_backup_start"), source="release notes 15; measured"),
    _since("emits_messages", V96, "release notes 9.6: pg_logical_emit_message()"),
    _since("control_functions", V96, "release notes 9.6: pg_control_system() and its kin"),
    _since("has_current_logfile", V10, "release notes 10: pg_current_logfile(); measured"),
    _since("database_collation_version", V15, "release notes 15: pg_database.datcollversion"),
)

TABLE: tuple[Row, ...] = SERVER + STANDBY + FILES + TOOLS + QUERIES
"""Every fact."""
