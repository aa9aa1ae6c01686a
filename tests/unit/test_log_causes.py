import re

import pytest

from pgrepl_tui.postgres.log_causes import RULES
from pgrepl_tui.postgres.logs import explain

AT = 'connection to server at "10.0.0.1", port 5432 failed: '

TEXTS = {
    "disk_full": [
        'pg_basebackup: error: could not write to file "/data/base/1/2": No space left on device',
        'PANIC:  could not write to file "pg_wal/xlogtemp.9": No space left on device',
        "FATAL:  could not extend file: Disk quota exceeded",
    ],
    "no_hba_entry": [
        f'{AT}FATAL:  no pg_hba.conf entry for replication connection from host "1.2.3.4", user "x", no encryption',
        'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "x", database "d", SSL off',
    ],
    "hba_reject": ['FATAL:  pg_hba.conf rejects replication connection for host "1.2.3.4", user "x", SSL on'],
    "password_missing_in_role": [
        'DETAIL:  User "x" does not have a valid SCRAM secret.',
        'DETAIL:  User "x" does not have a valid SCRAM verifier.',
        'DETAIL:  User "x" has no password assigned.',
    ],
    "password_expired": ['DETAIL:  User "x" has an expired password.'],
    "wrong_password": [f'psql: error: {AT}FATAL:  password authentication failed for user "x"'],
    "no_password": ["pg_basebackup: error: fe_sendauth: no password supplied"],
    "passfile_mode": [
        'WARNING: password file "/h/.pgpass" has group or world access; permissions should be u=rw (0600) or less'
    ],
    "ident_failed": [
        'FATAL:  Ident authentication failed for user "x"',
        'FATAL:  Peer authentication failed for user "x"',
    ],
    "scram_unsupported": ["psql: authentication method 10 not supported"],
    "not_replication_role": [
        "FATAL:  must be superuser or replication role to start walsender",
        f"{AT}FATAL:  permission denied to start WAL sender",
    ],
    "role_cannot_login": ['FATAL:  role "x" is not permitted to log in'],
    "role_missing": ['psql: FATAL:  role "x" does not exist', 'DETAIL:  Role "x" does not exist.'],
    "role_connection_limit": ['FATAL:  too many connections for role "x"'],
    "max_wal_senders": [
        "FATAL:  number of requested standby connections exceeds max_wal_senders (currently 1)",
        'FATAL:  number of requested standby connections exceeds "max_wal_senders" (currently 10)',
    ],
    "max_connections": [
        "FATAL:  sorry, too many clients already",
        "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
    ],
    "tls_not_offered": [f"{AT}server does not support SSL, but SSL was required"],
    "tls_certificate": [
        f"{AT}SSL error: certificate verify failed",
        'server certificate for "a" does not match host name "b"',
        'root certificate file "/h/.postgresql/root.crt" does not exist',
    ],
    "tls_version": [f"{AT}SSL error: unsupported protocol", "SSL error: tlsv1 alert protocol version"],
    "conninfo_option": ['FATAL:  could not connect to the primary server: invalid connection option "channel_binding"'],
    "conninfo_syntax": [
        "FATAL:  invalid connection string syntax: x",
        "unterminated quoted string in connection info string",
    ],
    "name_not_resolved": [
        'psql: error: could not translate host name "db9" to address: Name or service not known',
    ],
    "starting_up": [
        "psql: error: FATAL:  the database system is starting up",
        "FATAL:  the database system is not yet accepting connections",
    ],
    "hot_standby_off": ["FATAL:  the database system is not accepting connections"],
    "shutting_down": ["FATAL:  the database system is shutting down"],
    "socket_missing": [
        'psql: error: connection to server on socket "/run/.s.PGSQL.5432" failed: No such file or directory',
        "psql: could not connect to server: No such file or directory",
    ],
    "refused": [f"{AT}Connection refused", "could not connect to server: Connection refused"],
    "unreachable": [f"{AT}Connection timed out", f"{AT}timeout expired", f"{AT}No route to host"],
    "wal_removed": [
        "FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 0A00 has already been removed",
    ],
    "slot_invalidated": [
        'FATAL:  could not start WAL streaming: ERROR:  can no longer access replication slot "s"',
        "DETAIL:  This slot has been invalidated because it exceeded the maximum reserved size.",
        'LOG:  invalidating obsolete replication slot "s"',
    ],
    "slot_missing": [
        'pg_basebackup: error: could not send replication command: ERROR:  replication slot "s" does not exist'
    ],
    "slot_active": [
        'ERROR:  replication slot "s" is active for PID 12',
        'ERROR:  replication slot "s" is already active',
    ],
    "slot_exists": ['pg_basebackup: error: ERROR:  replication slot "s" already exists'],
    "max_replication_slots": [
        "ERROR:  all replication slots are in use",
        'ERROR:  replication slots can only be used if "max_replication_slots" > 0',
    ],
    "system_id": ["FATAL:  database system identifier differs between the primary and standby"],
    "timeline_behind": ["FATAL:  highest timeline 1 of the primary is behind recovery timeline 2"],
    "timeline_diverged": [
        "ERROR:  requested starting point 0/5000000 on timeline 1 is not in this server's history",
        "FATAL:  requested timeline 2 is not a child of this server's history",
        "LOG:  new timeline 2 forked off current database system timeline 1 before current recovery point 0/5",
    ],
    "ahead_of_primary": [
        "ERROR:  requested starting point 0/9000000 is ahead of the WAL flush position of this server 0/8000000"
    ],
    "sender_timeout": [
        "LOG:  terminating walsender process due to replication timeout",
        "FATAL:  terminating walreceiver due to timeout",
    ],
    "target_not_empty": ['pg_basebackup: error: directory "/data" exists but is not empty'],
    "unreadable_file": ['pg_basebackup: error: could not open file "./postgresql.conf.bak": Permission denied'],
    "checksum": [
        "WARNING:  checksum verification failed in file x, block 1",
        "pg_basebackup: error: checksum error occurred",
    ],
    "client_version": ["pg_basebackup: error: incompatible server version 8.4"],
    "connection_lost": ["pg_basebackup: error: server closed the connection unexpectedly"],
    "lower_setting": [
        "max_connections = 20 is a lower setting than on the master server (its value was 100)",
        "DETAIL:  max_connections = 20 is a lower setting than on the primary server, where its value was 100.",
    ],
    "insufficient_settings": ["FATAL:  recovery aborted because of insufficient parameter settings"],
    "primary_wal_level": [
        'ERROR:  hot standby is not possible because wal_level was not set to "hot_standby" on the master server',
        "FATAL:  WAL was generated with wal_level=minimal, cannot continue recovering",
    ],
    "own_wal_level": [
        'FATAL:  WAL streaming (max_wal_senders > 0) requires wal_level "replica" or "logical"',
        'FATAL:  WAL archival cannot be enabled when "wal_level" is "minimal"',
    ],
    "recovery_conf": ['FATAL:  using recovery command file "recovery.conf" is not supported'],
    "no_source_of_wal": [
        'WARNING:  recovery command file "recovery.conf" specified neither primary_conninfo nor restore_command',
        'WARNING:  specified neither "primary_conninfo" nor "restore_command"',
    ],
    "recovery_paused": ["LOG:  recovery has paused", "LOG:  pausing at the end of recovery"],
    "data_directory_mode": ['FATAL:  data directory "/d" has invalid permissions'],
    "data_directory_owner": ['FATAL:  data directory "/d" has wrong ownership'],
    "data_directory_missing": ['FATAL:  data directory "/d" does not exist'],
    "other_version": ["FATAL:  database files are incompatible with server"],
    "backup_incomplete": [
        "PANIC:  could not locate a valid checkpoint record",
        "FATAL:  WAL ends before end of online backup",
    ],
    "address_in_use": [
        'LOG:  could not bind IPv4 address "0.0.0.0": Address already in use',
        "LOG:  could not bind IPv4 socket: Address already in use",
    ],
    "cannot_listen": [
        'LOG:  could not bind IPv4 address "10.0.0.9": Cannot assign requested address',
        "FATAL:  could not create any TCP/IP sockets",
    ],
    "already_running": ['FATAL:  lock file "postmaster.pid" already exists'],
    "not_enough_memory": ["FATAL:  could not map anonymous shared memory: Cannot allocate memory"],
    "library_missing": ['FATAL:  could not access file "pg_stat_statements": No such file or directory'],
    "locale_missing": ["FATAL:  database locale is incompatible with operating system"],
    "tls_files": ['FATAL:  could not load server certificate file "server.crt": No such file or directory'],
    "hostssl_without_tls": [
        "LOG:  hostssl record cannot match because SSL is disabled",
        "LOG:  hostssl requires SSL to be turned on",
    ],
    "hba_broken": ["FATAL:  could not load pg_hba.conf", "FATAL:  could not load /etc/postgresql/15/main/pg_hba.conf"],
    "configuration_broken": [
        'FATAL:  configuration file "/d/postgresql.conf" contains errors',
        'LOG:  unrecognized configuration parameter "x" in file "/d/postgresql.conf" line 5',
        'FATAL:  unrecognized recovery parameter "x"',
    ],
    "permission": ["pg_ctl: could not start: Permission denied"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts])
def test_a_text_is_explained_by_its_own_rule(name: str, text: str) -> None:
    cause = explain(text)
    assert cause is not None
    assert cause.name == name
    assert cause.cause.endswith((".", ")."))
    assert cause.remedy.endswith(".")
    assert not re.search(r"\{\w+\}", cause.cause + cause.remedy)


def test_every_rule_has_a_text() -> None:
    assert TEXTS.keys() == {rule.name for rule in RULES}
    assert len(RULES) == len(TEXTS)


def test_the_facts_of_the_line_are_in_the_words() -> None:
    hba = explain(TEXTS["no_hba_entry"][0])
    lower = explain(TEXTS["lower_setting"][1])
    slot = explain(TEXTS["slot_active"][0])
    senders = explain(TEXTS["max_wal_senders"][1])
    assert hba is not None
    assert lower is not None
    assert slot is not None
    assert senders is not None
    assert "1.2.3.4" in hba.cause
    assert "1.2.3.4" in hba.remedy
    assert "max_connections is 20 on the standby, and 100 on the primary" in lower.cause
    assert "max_connections = 100" in lower.remedy
    assert '"s"' in slot.cause
    assert "process 12" in slot.cause
    assert "max_wal_senders = 10" in senders.cause


def test_braces_in_a_name_are_only_text() -> None:
    cause = explain('FATAL:  role "{0.__class__}{user}" does not exist')
    assert cause is not None
    assert '"{0.__class__}{user}"' in cause.cause


@pytest.mark.parametrize(
    "line",
    [
        "LOG:  database system is ready to accept connections",
        "FATAL:  terminating walreceiver process due to administrator command",
        "LOG:  invalid record length at 0/174B340: expected at least 24, got 0",
        "LOG:  waiting for WAL to become available at 0/3000018",
        "LOG:  checkpoints are occurring too frequently (0 seconds apart)",
        'ERROR:  relation "x" does not exist',
        "pg_basebackup: checkpoint completed",
        "NOTICE:  all required WAL segments have been archived",
        "",
    ],
)
def test_what_is_no_failure_is_not_explained(line: str) -> None:
    assert explain(line) is None
