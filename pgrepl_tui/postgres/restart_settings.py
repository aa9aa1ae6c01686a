"""Which settings take a restart, by version: what each major added to the list and took from it.

Source: context = postmaster in pg_settings, measured on servers 10 to 18; config.sgml of each release below.
A running server's own pg_settings.context is the better answer where it can be asked (extensions add settings too).
"""

from pgrepl_tui.postgres.version import Major

_FIRST = (
    "allow_system_table_mods archive_mode autovacuum_freeze_max_age autovacuum_max_workers bonjour bonjour_name "
    "config_file data_directory external_pid_file hba_file hot_standby ident_file listen_addresses logging_collector "
    "max_connections max_files_per_process max_locks_per_transaction max_pred_locks_per_transaction "
    "max_prepared_transactions max_wal_senders port shared_buffers shared_preload_libraries silent_mode ssl "
    "ssl_ciphers superuser_reserved_connections track_activity_query_size unix_socket_directory unix_socket_group "
    "unix_socket_permissions wal_buffers wal_level"
)
_TLS_FILES = "ssl_ca_file ssl_cert_file ssl_crl_file ssl_key_file"
_SHARED_MEMORY = "dynamic_shared_memory_type huge_pages"
_TLS_CHOICES = "ssl_ecdh_curve ssl_prefer_server_ciphers"
_RECOVERY_TARGETS = (
    "recovery_target recovery_target_action recovery_target_inclusive recovery_target_lsn recovery_target_name "
    "recovery_target_time recovery_target_timeline recovery_target_xid"
)
_SLRU_SIZES = (
    "commit_timestamp_buffers multixact_member_buffers multixact_offset_buffers notify_buffers serializable_buffers "
    "subtransaction_buffers transaction_buffers"
)

CHANGES: tuple[tuple[Major, str, str], ...] = (
    # since, added, taken away
    (Major(9, 1), _FIRST, ""),
    (Major(9, 2), f"event_source {_TLS_FILES}", "silent_mode"),
    (Major(9, 3), "autovacuum_multixact_freeze_max_age unix_socket_directories", "unix_socket_directory"),
    (
        Major(9, 4),
        f"{_SHARED_MEMORY} max_replication_slots max_worker_processes {_TLS_CHOICES} wal_log_hints",
        "",
    ),
    (Major(9, 5), "cluster_name track_commit_timestamp", ""),
    (Major(9, 6), "old_snapshot_threshold", ""),
    (
        Major(10),
        "data_sync_retry max_logical_replication_workers",
        f"ssl ssl_ciphers {_TLS_CHOICES} {_TLS_FILES}",
    ),
    (Major(11), "jit_provider", ""),
    (
        Major(12),
        f"primary_conninfo primary_slot_name restore_command shared_memory_type {_RECOVERY_TARGETS}",
        "",
    ),
    (Major(13), "ignore_invalid_pages", "allow_system_table_mods primary_conninfo primary_slot_name"),
    (Major(14), "huge_page_size min_dynamic_shared_memory", "restore_command"),
    (Major(15), "wal_decode_buffer_size", ""),
    (Major(16), "debug_io_direct reserved_connections", ""),
    (
        Major(17),
        f"max_notify_queue_pages trace_connection_negotiation {_SLRU_SIZES}",
        "old_snapshot_threshold",
    ),
    (
        Major(18),
        "autovacuum_worker_slots io_max_combine_limit io_max_concurrency io_method max_active_replication_origins",
        "autovacuum_max_workers",
    ),
)


def by_version() -> tuple[tuple[Major, frozenset[str]], ...]:
    """The whole set of settings that take a restart, for each version that changed it."""
    now: frozenset[str] = frozenset()
    sets: list[tuple[Major, frozenset[str]]] = []
    for since, added, taken in CHANGES:
        now = (now | frozenset(added.split())) - frozenset(taken.split())
        sets.append((since, now))
    return tuple(sets)
