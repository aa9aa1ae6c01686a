"""The rule book, part three: a server does not start, or never reaches hot standby. Many texts measured on 10 to 18."""

from pgrepl_tui.postgres.log_rule import Rule, rule

START_RULES: tuple[Rule, ...] = (
    rule(
        "lower_setting",
        r"(?P<name>\w+) = (?P<ours>\d+) is a lower setting than on the (?:master|primary) server(?:,| \()"
        r"(?: where)? ?its value was (?P<theirs>\d+)",
        "{name} is {ours} on the standby, and {theirs} on the primary: a standby must not have less.",
        "Set {name} = {theirs} or more in the standby's configuration and start it again.",
    ),
    rule(
        "insufficient_settings",
        r"because of insufficient parameter settings",
        "A setting of the standby is lower than the primary's; the DETAIL line names it.",
        "Raise it in the standby's configuration and start it again.",
    ),
    rule(
        "primary_wal_level",
        r"hot standby is not possible because wal_level was not set|WAL was generated with \"?wal_level ?=",
        "The primary wrote WAL with a wal_level too low for a hot standby.",
        "Set wal_level = replica (hot_standby on 9.5 and older) on the primary, restart it, make a new base backup.",
    ),
    rule(
        "own_wal_level",
        r'WAL (?:streaming|archival) .*(?:requires|cannot be enabled when) "?wal_level"?',
        "The server does not start: max_wal_senders or archive_mode is on with wal_level = minimal.",
        "Set wal_level = replica (hot_standby on 9.5 and older), or max_wal_senders = 0 and archive_mode = off.",
    ),
    rule(
        "recovery_conf",
        r'using recovery command file "(?P<file>[^"]*)" is not supported',
        "There is a {file} in the data directory, and PostgreSQL 12 and newer refuse to start with one.",
        "Move it away; its settings belong into postgresql.auto.conf, and a file standby.signal makes a standby.",
    ),
    rule(
        "no_source_of_wal",
        r'specifie[sd] neither "?primary_conninfo"? nor "?restore_command"?',
        "The standby is not told where to get WAL from: primary_conninfo is not set.",
        "Set primary_conninfo, in recovery.conf up to 11 and in the configuration from 12 on.",
    ),
    rule(
        "recovery_paused",
        r"recovery has paused|pausing at the end of recovery",
        "The standby has paused its replay, because a setting is too low or a recovery target was reached.",
        "Remove leftover recovery_target settings, raise the lower setting, and restart the standby or resume replay.",
    ),
    rule(
        "data_directory_mode",
        r'data directory "(?P<path>[^"]*)" has (?:group or world access|invalid permissions)',
        "The mode of the data directory {path} lets others in, and the server refuses that.",
        "Run chmod 0700 on it (from 11 on 0750 will do as well).",
    ),
    rule(
        "data_directory_owner",
        r'data directory "(?P<path>[^"]*)" has wrong ownership',
        "The data directory {path} does not belong to the account that runs the server.",
        "Run chown on the whole directory so that it does.",
    ),
    rule(
        "data_directory_missing",
        r'data directory "(?P<path>[^"]*)" does not exist|"(?P<other>[^"]*)" is not a database cluster directory',
        "The data directory is not there, or is none.",
        "Check data_directory and the service's settings, and that its file system is mounted.",
    ),
    rule(
        "other_version",
        r"database files are incompatible with server"
        r"|data directory was initialized by PostgreSQL version (?P<theirs>[\d.]+)",
        "The data directory was made by another major version, or another build, of PostgreSQL.",
        "Start it with the programs of the primary's major version; streaming needs the same one on both sides.",
    ),
    rule(
        "backup_incomplete",
        r"could not locate (?:a valid|required) checkpoint record|could not find redo location"
        r"|WAL ends before (?:end of online backup|consistent recovery point)",
        "The copy is not whole: WAL that it needs to become consistent is missing.",
        "Make a new base backup; never remove backup_label from one.",
    ),
    rule(
        "address_in_use",
        r"could not (?:bind|create) .*Address already in use",
        "Another program already listens at the server's address and port.",
        "Stop it, or give this server another port; perhaps an old server of this cluster still runs.",
    ),
    rule(
        "cannot_listen",
        r"could not (?:bind \S+ (?:address|socket)|create listen socket|create any (?:TCP/IP|Unix-domain) sockets)",
        "The server cannot listen at an address of listen_addresses, or in a directory of unix_socket_directories.",
        "Check that the addresses are this host's, and that the socket directory exists and may be written to.",
    ),
    rule(
        "already_running",
        r'lock file "[^"]*" already exists|pre-existing shared memory block|is another postmaster .*running',
        "A server runs in this data directory already, or its remains do.",
        "Look for the process that the HINT names; never remove postmaster.pid while one lives.",
    ),
    rule(
        "not_enough_memory",
        r"could not (?:map anonymous|create) shared memory|Cannot allocate memory|out of memory",
        "The host has not enough memory (or huge pages) for the server's settings.",
        "Lower shared_buffers or huge_pages on this host, or give it more memory.",
    ),
    rule(
        "library_missing",
        r'could not (?:access file|load library) "(?P<library>[^"]*)"',
        'The library "{library}" is not installed for this version on this host.',
        "Install the extension's package here as on the primary, or take it out of shared_preload_libraries.",
    ),
    rule(
        "locale_missing",
        r"locale is incompatible with operating system|invalid value for parameter \"lc_\w+\"",
        "A locale that the cluster uses is not on this host.",
        "Install the primary's locales on this host (locale -a lists them).",
    ),
    rule(
        "tls_files",
        r"could not load (?:server certificate|private key) file|private key file .* (?:has group or world access|must "
        r"be owned)|could not access private key file",
        "The server cannot use its TLS certificate or key.",
        "Check ssl_cert_file and ssl_key_file: both there, the key's mode 0600, its owner the server's account.",
    ),
    rule(
        "hostssl_without_tls",
        r"hostssl (?:record cannot match because SSL is|requires SSL to be turned on)",
        "pg_hba.conf has a hostssl rule while ssl is off: it never matches (9.6 and older refuse the whole file).",
        "Set ssl = on with a certificate on that server (a restart on 9.6 and older), or make it a host rule.",
    ),
    rule(
        "hba_broken",
        r"could not load (?P<path>\S*pg_hba\.conf)|pg_hba\.conf was not reloaded",
        "The pg_hba.conf has a fault: a running server keeps its old rules, a starting one gives up.",
        "The lines before this one name the faulty line: correct it, then reload or start.",
    ),
    rule(
        "configuration_broken",
        r'configuration file "(?P<path>[^"]*)" contains errors|syntax error in file "|unrecognized '
        r'(?:configuration|recovery) parameter "|invalid value for parameter "|could not open configuration file "',
        "A configuration file has a fault: a running server keeps its old settings, a starting one gives up.",
        "The line names the file, line or parameter: correct it, then reload or start.",
    ),
)
"""Rules for servers that do not start, the more special first."""
