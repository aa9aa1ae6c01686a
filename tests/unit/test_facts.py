import json
from dataclasses import fields
from pathlib import Path
from typing import get_origin, get_type_hints

import pytest
from psycopg import pq

from pgrepl_tui.postgres.fact_table import TABLE, Row
from pgrepl_tui.postgres.facts import Facts, facts
from pgrepl_tui.postgres.version import MAJORS, Major

# Each change of the table, said again: name, the last value before, the version, the value from there on.
EDGES: tuple[tuple[str, object, str, object], ...] = (
    ("wal_level_good", ("hot_standby",), "9.4", ("hot_standby", "logical")),
    ("wal_level_good", ("hot_standby", "logical"), "9.6", ("replica", "logical", "hot_standby", "archive")),
    ("wal_level_wanted", "hot_standby", "9.6", "replica"),
    ("wal_senders_within_connections", True, "12", False),
    ("keep_wal_setting", "wal_keep_segments", "13", "wal_keep_size"),
    ("keep_wal_unit_bytes", 16777216, "13", 1048576),
    ("checkpoint_setting", "checkpoint_segments", "9.5", "max_wal_size"),
    ("sender_timeout_setting", "replication_timeout", "9.3", "wal_sender_timeout"),
    ("socket_setting", "unix_socket_directory", "9.3", "unix_socket_directories"),
    ("has_slots", False, "9.4", True),
    ("slot_reserves_at_creation", False, "9.6", True),
    ("slot_cap_setting", "", "13", "max_slot_wal_keep_size"),
    ("slot_idle_setting", "", "18", "idle_replication_slot_timeout"),
    ("has_slot_wal_status", False, "13", True),
    ("tablespace_location", "spclocation", "9.2", "pg_tablespace_location(oid)"),
    ("has_alter_system", False, "9.4", True),
    ("has_include_if_exists", False, "9.2", True),
    ("has_include_dir", False, "9.3", True),
    ("has_pending_restart", False, "9.5", True),
    ("has_file_settings", False, "9.5", True),
    ("has_hba_file_rules", False, "10", True),
    ("hba_continues", False, "14", True),
    ("hba_quotes_names", False, "9.2", True),
    ("hba_includes", False, "16", True),
    ("ssl_needs_restart", True, "10", False),
    ("renegotiation_setting", "ssl_renegotiation_limit", "9.5", ""),
    ("ssl_files_are_settings", False, "9.2", True),
    ("has_ssl_view", False, "9.5", True),
    ("scram", False, "10", True),
    ("recovery_conf", True, "12", False),
    ("conninfo_reloads", False, "13", True),
    ("restore_command_reloads", False, "14", True),
    ("must_ask_latest_timeline", True, "12", False),
    ("follows_timeline_switch", False, "9.3", True),
    ("hot_standby_default_on", False, "10", True),
    ("has_receiver_timeout", False, "9.3", True),
    ("has_min_apply_delay", False, "9.4", True),
    ("has_promote_function", False, "12", True),
    (
        "must_not_be_lower",
        ("max_connections", "max_prepared_transactions", "max_locks_per_transaction"),
        "9.4",
        ("max_connections", "max_prepared_transactions", "max_locks_per_transaction", "max_worker_processes"),
    ),
    (
        "must_not_be_lower",
        ("max_connections", "max_prepared_transactions", "max_locks_per_transaction", "max_worker_processes"),
        "12",
        (
            "max_connections",
            "max_prepared_transactions",
            "max_locks_per_transaction",
            "max_worker_processes",
            "max_wal_senders",
        ),
    ),
    ("lsn_bytes_per_id", 4278190080, "9.3", 4294967296),
    ("wal_dir", "pg_xlog", "10", "pg_wal"),
    ("log_dir", "pg_log", "10", "log"),
    ("segment_size_by_initdb", False, "11", True),
    ("group_access_ok", False, "11", True),
    ("jsonlog", False, "15", True),
    ("checksums_default_on", False, "18", True),
    ("passfile_in_conninfo", False, "10", True),
    ("passfile_unescapes_password", False, "9.2", True),
    ("password_bytes", 199, "14", 1000),
    ("passfile_line_bytes", 318, "14", 65536),
    ("basebackup_streams_wal", False, "9.2", True),
    ("basebackup_wal_arguments", ("-x",), "9.2", ("-X", "stream")),
    ("basebackup_conninfo", False, "9.3", True),
    ("basebackup_max_rate", False, "9.4", True),
    ("basebackup_maps_tablespaces", False, "9.4", True),
    ("basebackup_wal_dir_option", "", "9.4", "--xlogdir"),
    ("basebackup_wal_dir_option", "--xlogdir", "10", "--waldir"),
    ("basebackup_slot", False, "9.6", True),
    ("basebackup_signal", False, "10", True),
    ("basebackup_tells_each_block", True, "9.4", False),
    ("psql_takes_commands", False, "9.6", True),
    ("has_backup_manifest", False, "13", True),
    ("progress_view", False, "13", True),
    ("activity_pid_column", "procpid", "9.2", "pid"),
    ("backup_start_function", "pg_start_backup", "15", "pg_backup_start"),
    ("activity_query_column", "current_query", "9.2", "query"),
    ("has_backend_type", False, "10", True),
    ("current_lsn_function", "pg_current_xlog_location", "10", "pg_current_wal_lsn"),
    ("flush_lsn_function", "", "9.6", "pg_current_xlog_flush_location"),
    ("flush_lsn_function", "pg_current_xlog_flush_location", "10", "pg_current_wal_flush_lsn"),
    ("receive_lsn_function", "pg_last_xlog_receive_location", "10", "pg_last_wal_receive_lsn"),
    ("replay_lsn_function", "pg_last_xlog_replay_location", "10", "pg_last_wal_replay_lsn"),
    ("replay_paused_function", "pg_is_xlog_replay_paused", "10", "pg_is_wal_replay_paused"),
    ("pause_state_function", "", "14", "pg_get_wal_replay_pause_state"),
    ("lsn_diff_function", "", "9.2", "pg_xlog_location_diff"),
    ("lsn_diff_function", "pg_xlog_location_diff", "10", "pg_wal_lsn_diff"),
    ("switch_wal_function", "pg_switch_xlog", "10", "pg_switch_wal"),
    ("sender_lsn_suffix", "_location", "10", "_lsn"),
    ("has_sender_lag", False, "10", True),
    ("has_wal_receiver_view", False, "9.6", True),
    ("receiver_lsn_columns", (), "9.6", ("received_lsn",)),
    ("receiver_lsn_columns", ("received_lsn",), "13", ("written_lsn", "flushed_lsn")),
    ("emits_messages", False, "9.6", True),
    ("control_functions", False, "9.6", True),
    ("has_current_logfile", False, "10", True),
    ("database_collation_version", False, "15", True),
)
# Sets that grow and shrink are checked by what came (+) and went (-), a paragraph each version.
SET_CHANGES = """
settings_needing_restart 9.2 +event_source +ssl_ca_file +ssl_cert_file +ssl_crl_file +ssl_key_file -silent_mode

settings_needing_restart 9.3 +autovacuum_multixact_freeze_max_age +unix_socket_directories -unix_socket_directory

settings_needing_restart 9.4 +dynamic_shared_memory_type +huge_pages +max_replication_slots +max_worker_processes
    +ssl_ecdh_curve +ssl_prefer_server_ciphers +wal_log_hints

settings_needing_restart 9.5 +cluster_name +track_commit_timestamp

settings_needing_restart 9.6 +old_snapshot_threshold

settings_needing_restart 10 +data_sync_retry +max_logical_replication_workers -ssl -ssl_ca_file -ssl_cert_file
    -ssl_ciphers -ssl_crl_file -ssl_ecdh_curve -ssl_key_file -ssl_prefer_server_ciphers

settings_needing_restart 11 +jit_provider

settings_needing_restart 12 +primary_conninfo +primary_slot_name +restore_command +shared_memory_type
    +recovery_target +recovery_target_action +recovery_target_inclusive +recovery_target_lsn +recovery_target_name
    +recovery_target_time +recovery_target_timeline +recovery_target_xid

settings_needing_restart 13 +ignore_invalid_pages -allow_system_table_mods -primary_conninfo -primary_slot_name

settings_needing_restart 14 +huge_page_size +min_dynamic_shared_memory -restore_command

settings_needing_restart 15 +wal_decode_buffer_size

settings_needing_restart 16 +debug_io_direct +reserved_connections

settings_needing_restart 17 +commit_timestamp_buffers +max_notify_queue_pages +multixact_member_buffers
    +multixact_offset_buffers +notify_buffers +serializable_buffers +subtransaction_buffers
    +trace_connection_negotiation +transaction_buffers -old_snapshot_threshold

settings_needing_restart 18 +autovacuum_worker_slots +io_max_combine_limit +io_max_concurrency +io_method
    +max_active_replication_origins -autovacuum_max_workers

conninfo_keywords 9.2 +sslcompression

conninfo_keywords 10 +passfile +target_session_attrs

conninfo_keywords 12 +gssencmode +tcp_user_timeout

conninfo_keywords 13 +channel_binding +ssl_max_protocol_version +ssl_min_protocol_version +sslpassword

conninfo_keywords 14 +sslcrldir +sslsni

conninfo_keywords 16 +gssdelegation +load_balance_hosts +require_auth +sslcertmode

conninfo_keywords 17 +sslnegotiation

conninfo_keywords 18 +max_protocol_version +min_protocol_version +oauth_client_id +oauth_client_secret +oauth_issuer
    +oauth_scope +scram_client_key +scram_server_key +sslkeylogfile
"""
SET_EDGES = [paragraph.split() for paragraph in SET_CHANGES.strip().split("\n\n")]
MEASURED = json.loads((Path(__file__).parents[1] / "data" / "postmaster-settings.json").read_text())


def before(major: Major) -> Major:
    return MAJORS[MAJORS.index(major) - 1]


@pytest.mark.parametrize(("name", "old", "since", "new"), EDGES)
def test_a_fact_changes_at_its_version_and_not_before(name: str, old: object, since: str, new: object) -> None:
    major = Major.parse(since)
    assert getattr(facts(before(major)), name) == old
    assert getattr(facts(major), name) == new


@pytest.mark.parametrize("edge", SET_EDGES, ids=lambda edge: "-".join(edge[:2]))
def test_a_set_changes_at_its_version_by_these_names(edge: list[str]) -> None:
    name, since, *changes = edge
    major = Major.parse(since)
    old, new = getattr(facts(before(major)), name), getattr(facts(major), name)
    assert {f"+{came}" for came in new - old} | {f"-{went}" for went in old - new} == set(changes)


def test_every_change_of_the_table_is_checked_above() -> None:
    changes = {(row.name, str(since)) for row in TABLE for since, _ in row.values[1:]}
    assert changes == {(name, since) for name, _, since, _ in EDGES} | {(name, since) for name, since, *_ in SET_EDGES}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_fact_has_a_source_and_rising_versions(row: Row) -> None:
    assert len(row.source) > 10
    assert row.values[0][0] == MAJORS[0]
    versions = [since for since, _ in row.values]
    assert versions == sorted(set(versions))
    assert len(row.values) > 1, "what never changes needs no row"


def test_the_table_and_the_attributes_are_the_same() -> None:
    names = [row.name for row in TABLE]
    assert len(names) == len(set(names))
    assert set(names) == {field.name for field in fields(Facts)}


@pytest.mark.parametrize("major", MAJORS, ids=str)
def test_every_value_has_the_type_that_its_attribute_promises(major: Major) -> None:
    known = facts(major)
    for name, promised in get_type_hints(Facts).items():
        assert type(getattr(known, name)) is (get_origin(promised) or promised), name


@pytest.mark.parametrize("version", MEASURED)
def test_the_settings_needing_a_restart_are_those_measured(version: str) -> None:
    known = facts(Major.parse(version)).settings_needing_restart
    assert known == set(MEASURED[version])


@pytest.mark.skipif(pq.version() // 10000 != 18, reason="needs a psycopg with the libpq of 18")
def test_the_connection_keywords_of_18_are_those_of_its_libpq() -> None:
    real = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    assert facts(Major(18)).conninfo_keywords == real - {"gsslib"}, "gsslib depends on how libpq was built"


@pytest.mark.parametrize("major", MAJORS, ids=str)
def test_what_a_standby_must_not_have_lower_takes_a_restart(major: Major) -> None:
    assert set(facts(major).must_not_be_lower) <= facts(major).settings_needing_restart


def test_tls_needs_a_restart_exactly_where_its_settings_do() -> None:
    assert all(known.ssl_needs_restart == ("ssl" in known.settings_needing_restart) for known in map(facts, MAJORS))


def test_a_slot_can_only_reserve_or_be_used_by_a_backup_where_there_are_slots() -> None:
    for known in map(facts, MAJORS):
        assert known.has_slots >= known.slot_reserves_at_creation
        assert known.has_slots >= known.basebackup_slot
