"""The rule book, part two: base backup and WAL streaming fail. Most texts measured on 10 to 18."""

from pgrepl_tui.postgres.log_rule import Rule, rule

STREAM_RULES: tuple[Rule, ...] = (
    rule(
        "wal_removed",
        r"requested WAL segment (?P<segment>\w+) has already been removed",
        "The primary has already removed WAL segment {segment}, which the standby still needs.",
        "Make a new base backup with a replication slot (9.4 and newer) or with more kept WAL; a WAL archive that has "
        "the segment, named in restore_command, helps too. The standby does not catch up by waiting.",
    ),
    rule(
        "slot_invalidated",
        r"can no longer (?:get changes from|access) replication slot|slot has been invalidated"
        r'|exceeded the maximum reserved size|invalidating (?:obsolete replication )?slot "',
        "The primary gave up the replication slot: it held more WAL than max_slot_wal_keep_size, or was idle too long.",
        "Drop the slot, create it anew, and make a new base backup; raise max_slot_wal_keep_size before that.",
    ),
    rule(
        "slot_missing",
        r'replication slot "(?P<slot>[^"]*)" does not exist',
        'There is no replication slot "{slot}" on the primary.',
        "Create the physical slot on the primary; if WAL was removed meanwhile, a new base backup is needed.",
    ),
    rule(
        "slot_active",
        r'replication slot "(?P<slot>[^"]*)" is (?:already )?active(?: for PID (?P<pid>\d+))?',
        'The replication slot "{slot}" is in use by another connection (process {pid} on the primary).',
        "Give every standby a slot of its own; a connection that just broke frees the slot after wal_sender_timeout.",
    ),
    rule(
        "slot_exists",
        r'replication slot "(?P<slot>[^"]*)" already exists',
        'The replication slot "{slot}" is there already.',
        "Use it if it is this standby's, drop it if nobody needs it, or choose another name.",
    ),
    rule(
        "max_replication_slots",
        r'all replication slots are in use|replication slots can only be used if "?max_replication_slots"? > 0',
        "The primary has no replication slot left (max_replication_slots).",
        "Raise max_replication_slots on the primary (restart needed), or drop slots that nobody uses.",
    ),
    rule(
        "system_id",
        r"database system identifier differs between the primary and standby",
        "The standby's data directory belongs to another cluster than the primary's.",
        "Check that primary_conninfo names the right primary; if it does, make a new base backup.",
    ),
    rule(
        "timeline_behind",
        r"highest timeline (?P<theirs>\d+) of the primary is behind recovery timeline (?P<ours>\d+)",
        "The standby is on timeline {ours}, the primary only on {theirs}: the standby was promoted, or follows the old "
        "primary.",
        "Point the standby at the present primary, or rejoin it with pg_rewind or a new base backup.",
    ),
    rule(
        "timeline_diverged",
        r"is not in this server's history|is not a child of (?:database system timeline|this server's history)"
        r"|forked off current database system timeline|does not contain minimum recovery point",
        "The standby's history and the primary's went different ways: it has WAL that the primary never had.",
        "Rejoin the standby with pg_rewind (9.5 and newer) or make a new base backup.",
    ),
    rule(
        "ahead_of_primary",
        r"requested starting point (?P<lsn>[0-9A-F/]+) is ahead of the WAL flush position",
        "The standby asks for WAL from {lsn}, which the primary has not written yet.",
        "Check that it follows the right primary; if it does, one of the two lost WAL: make a new base backup.",
    ),
    rule(
        "sender_timeout",
        r"terminating walsender process due to replication timeout|terminating walreceiver due to timeout",
        "Primary and standby heard nothing from each other for too long.",
        "Check the network between them; wal_sender_timeout and wal_receiver_timeout say how long they wait.",
    ),
    rule(
        "target_not_empty",
        r'directory "(?P<path>[^"]*)" exists but is not empty',
        "The directory {path} is not empty, so nothing was copied into it.",
        "Set the old directory aside (also the WAL and tablespace directories), then copy again.",
    ),
    rule(
        "unreadable_file",
        r'could not open (?:file|directory) "(?P<path>[^"]*)": Permission denied',
        "The program that says so was refused access to {path}.",
        "Give it to the account that runs that program, or move it out of the data directory; look at SELinux too.",
    ),
    rule(
        "checksum",
        r"checksum verification fail(?:ed|ure)|checksum error occurred|checksum failure",
        "The primary's data has a page whose checksum is wrong.",
        "Stop here and look at the primary's disks and logs: a copy would carry the damage on.",
    ),
    rule(
        "client_version",
        r"incompatible server version",
        "This pg_basebackup cannot copy from a server of that version.",
        "Use the programs of the server's own version.",
    ),
    rule(
        "connection_lost",
        r"server closed the connection unexpectedly|SSL SYSCALL error: EOF detected|Connection reset by peer"
        r"|background process terminated unexpectedly|unexpected termination of replication stream",
        "The connection broke: the other server stopped, crashed, or something between the hosts cut it.",
        "Read the other server's log at this time, then try again.",
    ),
)
"""Rules for the copy and the stream, the more special first."""
