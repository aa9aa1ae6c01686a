"""What is true of one major version, as typed attributes. The values come from the table in ``fact_table.py``."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from pgrepl_tui.postgres.fact_table import TABLE
from pgrepl_tui.postgres.version import Major


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of one version, in the groups of the table.

    Names of functions come without parentheses; an empty name means that the version has no such thing.
    """

    # The primary and its settings.
    wal_level_good: tuple[str, ...]  # values in a file or shown that a standby can stream from
    wal_level_wanted: str  # the one to set
    wal_senders_within_connections: bool  # max_wal_senders must stay below max_connections less the reserved
    keep_wal_setting: str
    keep_wal_unit_bytes: int  # what 1 of keep_wal_setting is, at the default segment size
    checkpoint_setting: str
    sender_timeout_setting: str
    socket_setting: str
    has_slots: bool
    slot_reserves_at_creation: bool  # a new slot can keep WAL before its first use
    slot_cap_setting: str
    slot_idle_setting: str
    has_slot_wal_status: bool
    tablespace_location: str  # an expression over pg_tablespace
    has_alter_system: bool
    has_include_if_exists: bool
    has_include_dir: bool
    has_pending_restart: bool
    has_file_settings: bool
    has_hba_file_rules: bool
    hba_continues: bool  # a backslash at the end of a pg_hba.conf line continues it
    hba_quotes_names: bool  # a quoted name in pg_hba.conf may hold a comma and begin with +
    hba_includes: bool
    ssl_needs_restart: bool
    renegotiation_setting: str  # bytes after which a TLS connection agrees on new keys
    ssl_files_are_settings: bool  # before, the names in the data directory were fixed
    has_ssl_view: bool
    scram: bool
    settings_needing_restart: frozenset[str]

    # The standby.
    recovery_conf: bool  # recovery.conf, not standby.signal
    conninfo_reloads: bool
    restore_command_reloads: bool
    must_ask_latest_timeline: bool
    follows_timeline_switch: bool
    hot_standby_default_on: bool
    has_receiver_timeout: bool
    has_min_apply_delay: bool
    has_promote_function: bool
    must_not_be_lower: tuple[str, ...]  # settings that a standby must not have lower than its primary
    lsn_bytes_per_id: int  # for lsn.distance()

    # Files and libpq.
    wal_dir: str
    log_dir: str
    segment_size_by_initdb: bool  # before, the server program was built for one size
    group_access_ok: bool
    jsonlog: bool
    checksums_default_on: bool
    passfile_in_conninfo: bool
    passfile_unescapes_password: bool
    password_bytes: int  # the longest password that surely works, in bytes
    passfile_line_bytes: int  # the longest line of a passfile that surely is read whole
    conninfo_keywords: frozenset[str]

    # Tools.
    basebackup_streams_wal: bool
    basebackup_wal_arguments: tuple[str, ...]
    basebackup_conninfo: bool
    basebackup_max_rate: bool
    basebackup_maps_tablespaces: bool
    basebackup_wal_dir_option: str
    basebackup_slot: bool
    basebackup_signal: bool  # it can write what keeps the copy in recovery, and no secret with it
    basebackup_tells_each_block: bool  # its progress comes in thousands of lines
    psql_takes_commands: bool  # more than one -c; before, the last one counts
    has_backup_manifest: bool
    progress_view: bool

    # Views and functions.
    activity_pid_column: str
    activity_query_column: str
    has_backend_type: bool
    current_lsn_function: str
    flush_lsn_function: str
    receive_lsn_function: str
    replay_lsn_function: str
    replay_paused_function: str
    pause_state_function: str
    lsn_diff_function: str
    switch_wal_function: str
    sender_lsn_suffix: str  # of sent, write, flush and replay in pg_stat_replication
    has_sender_lag: bool
    has_wal_receiver_view: bool
    receiver_lsn_columns: tuple[str, ...]  # the last one is the safest position
    backup_start_function: str
    emits_messages: bool
    control_functions: bool
    has_current_logfile: bool
    database_collation_version: bool


@cache
def facts(major: Major) -> Facts:
    """The facts of a version."""
    values: dict[str, Any] = {row.name: row.at(major) for row in TABLE}
    return Facts(**values)
