"""The rule book, part one: a standby, pg_basebackup or psql cannot log in. Most texts measured on 10 to 18."""

from pgrepl_tui.postgres.log_rule import Rule, rule

LOGIN_RULES: tuple[Rule, ...] = (
    rule(
        "no_hba_entry",
        r'no pg_hba\.conf entry for (?:replication connection from )?host "(?P<host>[^"]*)", user "(?P<user>.*?)"'
        r"(?:, |$)(?P<rest>.*)",
        'The primary has no pg_hba.conf rule that lets role "{user}" in from {host} ({rest}).',
        'Add a rule for database "replication", role "{user}", address {host} to its pg_hba.conf and reload. '
        'The keyword "all" does not cover replication; a hostssl rule needs a login with TLS.',
    ),
    rule(
        "hba_reject",
        r'pg_hba\.conf rejects (?:replication )?connection for host "(?P<host>[^"]*)", user "(?P<user>.*?)"(?:, |$)',
        'A reject rule of the primary\'s pg_hba.conf turns role "{user}" away from {host}.',
        "Put the standby's rule above the reject rule in its pg_hba.conf and reload: the first match decides.",
    ),
    rule(
        "password_missing_in_role",
        r'(?:User|Role) "(?P<user>.*?)" (?:has no password assigned|does not have a valid SCRAM (?:secret|verifier))',
        'Role "{user}" has no password of the kind that the pg_hba.conf rule asks for.',
        "Set the role's password anew with the primary's password_encryption at what the rule's method needs.",
    ),
    rule(
        "password_expired",
        r'User "(?P<user>.*?)" has an expired password',
        'The password of role "{user}" has expired (VALID UNTIL).',
        "Set a later VALID UNTIL for the role on the primary.",
    ),
    rule(
        "wrong_password",
        r'password authentication failed for user "(?P<user>.*?)"(?:$|\s)',
        'The primary refused the password of role "{user}": it is wrong or expired, or the role does not exist.',
        "Compare the password in the standby's passfile with the role's; the primary's log has the reason as DETAIL.",
    ),
    rule(
        "no_password",
        r"fe_sendauth: no password supplied|empty password returned by client",
        "The primary asked for a password and the client had none.",
        "Check the passfile: its host, port, database (replication) and user must fit primary_conninfo, its mode must "
        "be 0600 and its owner the account that runs the standby.",
    ),
    rule(
        "passfile_mode",
        r'password file "(?P<file>[^"]*)" (?:has group or world access|is not a plain file)',
        "libpq ignores the passfile {file}: others can read it, or it is no plain file.",
        "Make it a plain file of mode 0600 (chmod 0600) that belongs to the account that runs the standby.",
    ),
    rule(
        "ident_failed",
        r'(?P<method>Ident|Peer|LDAP|GSSAPI|PAM|RADIUS|certificate) authentication failed for user "(?P<user>.*?)"',
        'The primary\'s pg_hba.conf sends role "{user}" to {method} authentication, which failed.',
        "Put a rule with scram-sha-256 (10 and newer) or md5 for the standby above the rule that matches now.",
    ),
    rule(
        "scram_unsupported",
        r"authentication method 10 not supported|SCRAM authentication requires libpq version 10",
        "The standby's libpq is older than 10 and cannot do scram-sha-256.",
        "Use the client programs of the server's own version, or an md5 rule and password for this role.",
    ),
    rule(
        "not_replication_role",
        r"must be superuser or replication role to start walsender|permission denied to start WAL sender"
        r"|Only roles with the REPLICATION attribute may start a WAL sender",
        "The role may log in but lacks the REPLICATION attribute.",
        "Run ALTER ROLE … REPLICATION for it on the primary.",
    ),
    rule(
        "role_cannot_login",
        r'role "(?P<user>.*?)" is not permitted to log in',
        'Role "{user}" has no LOGIN attribute.',
        "Run ALTER ROLE … LOGIN for it on the primary.",
    ),
    rule(
        "role_missing",
        r'[rR]ole "(?P<user>.*?)" does not exist',
        'There is no role "{user}" on the server.',
        "Create the role on the primary, or correct the user in primary_conninfo.",
    ),
    rule(
        "role_connection_limit",
        r'too many connections for role "(?P<user>.*?)"',
        'Role "{user}" has used up its CONNECTION LIMIT.',
        "Raise or remove the role's CONNECTION LIMIT on the primary: a copy needs two connections, a standby one.",
    ),
    rule(
        "max_wal_senders",
        r'number of requested standby connections exceeds "?max_wal_senders"?(?: \(currently (?P<now>\d+)\))?',
        "All WAL senders of the primary are taken (max_wal_senders = {now}).",
        "Raise max_wal_senders on the primary (restart needed), or end needless ones: see pg_stat_replication.",
    ),
    rule(
        "max_connections",
        r"sorry, too many clients already|remaining connection slots are reserved",
        "The primary has no free connection left.",
        "Free connections, or raise max_connections on every standby first and then on the primary (restart needed).",
    ),
    rule(
        "tls_not_offered",
        r"server does not support SSL, but SSL was required",
        "The client insists on TLS (sslmode) and the server has it switched off.",
        "Set ssl = on with a certificate on the primary (a restart on 9.6 and older), or choose another sslmode.",
    ),
    rule(
        "tls_certificate",
        r"certificate verify failed|server certificate for .* does not match host name|root certificate file .* does "
        r"not exist|self[- ]signed certificate|certificate has expired",
        "The client does not trust the primary's TLS certificate.",
        "Check sslrootcert, the certificate's names and its dates; sslmode=verify-full compares the host's name too.",
    ),
    rule(
        "tls_version",
        r"unsupported protocol|alert protocol version|no protocols available|wrong version number|(?:dh|ee) key too "
        r"small|unsafe legacy renegotiation|no shared cipher|handshake failure",
        "Client and server have no common version or cipher of TLS.",
        "Compare ssl_min_protocol_version, ssl_ciphers and the OpenSSL versions of both hosts.",
    ),
    rule(
        "conninfo_option",
        r'invalid connection option "(?P<option>[^"]*)"',
        'This version\'s libpq does not know the connection option "{option}".',
        "Remove it from primary_conninfo: pg_basebackup -R of a newer version wrote it, perhaps.",
    ),
    rule(
        "conninfo_syntax",
        r"invalid connection string syntax|in connection info string|could not parse connection string",
        "The connection string (primary_conninfo) is not well formed, or longer than 1023 bytes.",
        "Quote each value as 'value' with \\\\ and \\' inside, and keep the whole below 1024 bytes.",
    ),
    rule(
        "name_not_resolved",
        r'could not translate host name "(?P<host>.*?)" to address',
        'The host name "{host}" cannot be resolved here.',
        "Correct the name, DNS or /etc/hosts on the host that reports it, or use the IP address.",
    ),
    rule(
        "starting_up",
        r"the database system is (?:starting up|not yet accepting connections|in recovery mode)",
        "The server is starting and takes no sessions yet (up to 13 also: hot_standby is off).",
        "Wait while its log moves on; on a standby check hot_standby = on.",
    ),
    rule(
        "hot_standby_off",
        r"the database system is not accepting connections|Hot standby mode is disabled",
        "The standby runs with hot_standby = off and takes no sessions.",
        "Set hot_standby = on in the standby's configuration and restart it.",
    ),
    rule(
        "shutting_down",
        r"the database system is shutting down",
        "The server is being stopped.",
        "Find out who stops it; start it again when that is done.",
    ),
    rule(
        "socket_missing",
        r'(?:on socket "(?P<path>[^"]*)" failed|could not connect to server): No such file or directory',
        "No server listens on the local socket.",
        "Start the server, or compare unix_socket_directories and the port with those that the client uses.",
    ),
    rule(
        "refused",
        r"Connection refused",
        "Nothing listens at that address and port, or a firewall refuses the connection.",
        "Check that the primary runs, its listen_addresses and port, and the firewall between the hosts.",
    ),
    rule(
        "unreachable",
        r"Connection timed out|timeout expired|No route to host|Network is unreachable|Host is down",
        "The host does not answer: a firewall drops packets, or the address or route is wrong.",
        "Try the port from the standby's host; check the firewall, the address and the routes.",
    ),
)
"""Rules for logins, the more special first."""
