"""The rule book by SQLSTATE, for lines whose text is in a language that the rules of texts do not know.

Codes: errcodes.txt. Which of them a start or a stream reports: ereport() in xlog.c, postmaster.c, walreceiver.c,
libpqwalreceiver.c, walsender.c, auth.c and fd.c.
"""

from pgrepl_tui.postgres.log_rule import Cause

_READ = "Read the line itself: it names what, in the server's own language."

STATES = {
    "08006": ("connection", "The standby cannot connect to the primary, or the connection broke.",
              f"{_READ} Try the login by hand, and look at the primary's log at the same time."),
    "08001": ("connection", "The standby cannot connect to the primary.",
              f"{_READ} Try the login by hand, and look at the primary's log at the same time."),
    "08P01": ("stream", "The primary ended the stream, or refused to begin it.",
              f"{_READ} The WAL that the standby needs may be gone; then only a new base backup helps."),
    "28000": ("login_refused", "A login was refused: no rule of pg_hba.conf lets it in, or the role may not log in.",
              f"{_READ} Compare pg_hba.conf with the address, the role and TLS."),
    "28P01": ("wrong_password", "A login was refused: the password is wrong.",
              "Compare the password in the standby's passfile with the role's."),
    "42501": ("permission", "Something was refused for want of a privilege.", _READ),
    "53100": ("disk_full", "The disk (or the quota) of the host that reports it is full.",
              "Free space there, and run again; slots without a consumer hold WAL for ever."),
    "53200": ("not_enough_memory", "The host has not enough memory for the server's settings.",
              "Lower shared_buffers or huge_pages on this host, or give it more memory."),
    "53300": ("max_connections", "The server has no free connection or WAL sender left.",
              "Free connections, or raise max_connections or max_wal_senders (restart needed)."),
    "53400": ("configuration_limit", "A limit of the configuration was reached.", _READ),
    "55000": ("prerequisite", "The server is not in the state that this needs: wal_level, a slot, or recovery.", _READ),
    "55006": ("slot_active", "What is asked for is in use by another connection, such as a replication slot.", _READ),
    "57P03": ("starting_up", "The server is starting and takes no sessions yet.", "Wait while its log moves on."),
    "58P01": ("file_missing", "A file is missing; on a primary it may be WAL that was removed already.",
              f"{_READ} For WAL that is gone only a new base backup helps."),
    "F0000": ("configuration_broken", "A configuration file has a fault.",
              f"{_READ} Correct it, then reload or start."),
    "XX001": ("data_corrupted", "Data is damaged.", "Stop here and look at the disks of that host."),
    "XX002": ("data_corrupted", "An index is damaged.", "Stop here and look at the disks of that host."),
}  # fmt: skip


def cause_of_state(state: str) -> Cause | None:
    """The cause that an SQLSTATE stands for, or None if it says too little."""
    known = STATES.get(state)
    return Cause(*known) if known else None
