"""Guards of the quoting functions: what is handed on is read as what was meant, or refused before any change."""

from tests.guards.mutant import Mutant, mutant

HBA_RULE = "pgrepl_tui/postgres/hba_rule.py"
QUERIES = "pgrepl_tui/postgres/queries.py"
CONNINFO = "pgrepl_tui/postgres/conninfo.py"

QUOTING: tuple[Mutant, ...] = (
    mutant(
        "a role called all lets everybody in",
        HBA_RULE,
        "name = Token(_checked_name(user), quoted=_needs_quotes(user))",
        "name = Token(_checked_name(user), quoted=False)",
        "unit/test_hba.py",
    ),
    mutant(
        "a role's name may break out of its line in pg_hba.conf",
        HBA_RULE,
        'if not user or any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in user):',
        "if not user:",
        "unit/test_hba.py",
    ),
    mutant(
        "a value of a connection string is not quoted",
        CONNINFO,
        """    return "'" + value.replace("\\\\", "\\\\\\\\").replace("'", "\\\\'") + "'\"""",
        "    return value",
        "unit/test_conninfo.py",
    ),
    mutant(
        "a quote in a value of a connection string is not escaped",
        CONNINFO,
        """.replace("'", "\\\\'")""",
        "",
        "unit/test_conninfo.py::test_a_value_cannot_change_another_keyword",
    ),
    mutant(
        "a connection string that the server would cut off is written",
        CONNINFO,
        "    if size > MAX_BYTES:",
        "    if size > MAX_BYTES + 1:",
        "unit/test_conninfo.py::test_the_limit_of_the_wal_receiver_is_counted_in_bytes",
    ),
    mutant(
        "a literal in SQL is not quoted",
        QUERIES,
        """    quoted = value.replace("'", "''")""",
        "    quoted = value",
        "unit/test_queries.py",
    ),
    mutant(
        "a backslash in a literal means something",
        QUERIES,
        """    return f" E'{quoted.replace(chr(92), chr(92) * 2)}'" if "\\\\" in value else f"'{quoted}'\"""",
        """    return f"'{quoted}'\"""",
        "unit/test_queries.py",
    ),
    mutant(
        "an identifier in SQL is not quoted",
        QUERIES,
        """    return '"' + name.replace('"', '""') + '"'""",
        "    return name",
        "unit/test_queries.py",
    ),
    mutant(
        "a quote in a setting ends its value",
        "pgrepl_tui/postgres/conf_lexer.py",
        """.replace("'", "''")""",
        "",
        "unit/test_conf_lexer.py",
    ),
    mutant(
        "a colon in a password ends it in the passfile",
        "pgrepl_tui/postgres/passfile.py",
        """.replace(":", "\\\\:")""",
        "",
        "unit/test_passfile.py",
    ),
    mutant(
        "a newline in a password is accepted",
        "pgrepl_tui/postgres/password_rules.py",
        """{"\\n": "a newline", "\\r\"""",
        """{"\\r\"""",
        "unit/test_password_rules.py",
    ),
    mutant(
        "a word for the shell is not quoted",
        "pgrepl_tui/hosts/shell.py",
        "    return shlex.quote(word)",
        "    return word",
        "unit/test_hosts_shell.py",
    ),
    mutant(
        "what is special between double quotes is not escaped",
        "pgrepl_tui/hosts/shell.py",
        """'"' + _SPECIAL_IN_DOUBLE.sub(r"\\\\\\g<0>", word) + '"'""",
        """'"' + word + '"'""",
        "unit/test_hosts_shell.py",
    ),
    mutant(
        "a destination may be an option of ssh",
        "pgrepl_tui/hosts/destination.py",
        "    if not _HOST.match(host):",
        "    if not host:",
        "unit/test_hosts_destination.py",
    ),
)
