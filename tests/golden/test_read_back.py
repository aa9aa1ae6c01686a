"""What is written for 9.1 to 9.6 means there what was meant: read back by a parser made from PostgreSQL's own code."""

import ast
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pgrepl_tui.postgres import hba, passfile, recovery
from pgrepl_tui.postgres.conf import with_settings
from pgrepl_tui.postgres.conninfo import ConninfoError
from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.password_rules import problem
from pgrepl_tui.postgres.version import Major
from tests.golden import grammar
from tests.golden.golden_file import VERSIONS, content

NASTY = "'\"\\ #,:=;%$`@*+-/.\t{}[]()<>|&!?~éüß漢🐘"
words = st.text(st.sampled_from(NASTY + "abzAZ09_"), min_size=1, max_size=40)
hosts = st.text(st.sampled_from("abz019.:-_%éÜ"), min_size=1, max_size=30)
versions = st.sampled_from(VERSIONS)
role_names = st.text(st.sampled_from("'\"\\ #,:=;%$`@*+-.abAZ09_éü漢"), min_size=1, max_size=20)


def golden(version: str, name: str) -> bytes:
    return content(version, name).encode()


def test_the_parser_knows_nothing_of_the_program() -> None:
    tree = ast.parse(Path(grammar.__file__).read_text(encoding="utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert not any(name.startswith("pgrepl_tui") for name in names)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_golden_configuration_of_the_primary(version: str) -> None:
    read = grammar.conf(golden(version, "primary-postgresql.conf"))
    assert read["listen_addresses"] == b"localhost,192.0.2.1"
    assert read["log_line_prefix"] == b"%m [%p] %q%u@%d "
    assert read["wal_level"] == (b"replica" if version == "9.6" else b"hot_standby")
    assert read["max_wal_senders"] == b"10"
    assert ("max_replication_slots" in read) == (version >= "9.4")
    assert ("checkpoint_segments" in read) == (version < "9.5")
    assert read["wal_keep_segments"] == (b"32" if version == "9.6" else b"64")
    assert read["ssl"] == b"on"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_golden_recovery_conf_leads_to_the_primary(version: str) -> None:
    read = grammar.conf(golden(version, "recovery.conf"))
    assert read.pop("standby_mode") == b"on"
    assert read.pop("recovery_target_timeline") == b"latest"
    info = grammar.conninfo(read.pop("primary_conninfo"))
    assert info == {"host": b"192.0.2.1", "port": b"5432", "user": b"replicator", "sslmode": b"require",
                    "application_name": b"pgrepl_db2"}  # fmt: skip
    assert read == ({"primary_slot_name": b"pgrepl_db2"} if version >= "9.4" else {})


@pytest.mark.parametrize("version", VERSIONS)
def test_the_golden_rule_and_the_golden_password_let_the_standby_in(version: str) -> None:
    rules = golden(version, "primary-pg_hba.conf")
    for address, tls, user, method in (
        ("192.0.2.2", True, b"replicator", "md5"),
        ("192.0.2.2", False, b"replicator", None),
        ("192.0.2.3", True, b"replicator", None),
        ("192.0.2.2", True, b"postgres", None),
    ):
        assert grammar.method_for(rules, version, user=user, address=address, tls=tls) == method
    found = grammar.password(golden(version, "standby-pgpass"), version, host=b"192.0.2.1", port=b"5432",
                             database=b"replication", user=b"replicator")  # fmt: skip
    assert found == b"correct horse battery"


@given(st.dictionaries(st.sampled_from(["log_line_prefix", "listen_addresses", "archive_command"]), words), words)
def test_a_setting_is_read_as_it_was_meant(wanted: dict[str, str], comment: str) -> None:
    text = with_settings(f"# {comment}\nport = 5432 # {comment}\n", wanted, mark="pgrepl-tui")
    assert grammar.conf(text.encode()) == {"port": b"5432", **{name: value.encode() for name, value in wanted.items()}}


@given(versions, hosts, role_names, words)
@example("9.1", "db1", "it's \\ a 'role'", "/pfad mit leer/ü'\\.crt")
def test_recovery_conf_is_read_as_it_was_meant(version: str, host: str, user: str, certificate: str) -> None:
    major = Major.parse(version)
    try:
        info = recovery.primary_conninfo(
            major, host=host, port=6543, user=user, sslmode="verify-ca", sslrootcert=certificate,
            application_name="pgrepl_db2", passfile="/never/named",
        )  # fmt: skip
    except ConninfoError:
        assert "\r" in host + user + certificate or "\n" in host + user + certificate
        return
    read = grammar.conf((recovery.plan(major, conninfo=info, slot="s_1").recovery_conf or "").encode())
    assert grammar.conninfo(read["primary_conninfo"]) == {
        "host": host.encode(), "port": b"6543", "user": user.encode(), "sslmode": b"verify-ca",
        "sslrootcert": certificate.encode(), "application_name": b"pgrepl_db2",
    }  # fmt: skip
    assert ("primary_slot_name" in read) == (version >= "9.4")


@given(versions, role_names, st.sampled_from(["host", "hostssl"]))
@example("9.1", "a,b", "hostssl")
@example("9.1", "+a", "host")
@example("9.2", "a,b", "hostssl")
@example("9.6", '+a"b', "host")
@example("9.1", "all", "host")
@example("9.1", "replication", "hostssl")
def test_the_rule_is_for_that_role_or_it_is_refused_before(version: str, user: str, kind: str) -> None:
    quotes = facts(Major.parse(version)).hba_quotes_names
    wrong = hba.name_problem(user, quotes_names=quotes)
    assert bool(wrong) == (version == "9.1" and ("," in user or user.startswith("+")))
    assume(not wrong)
    rule = hba.standby_rule(user, "192.0.2.2", tls=kind == "hostssl", method="md5")
    old = "# nobody\nhost all all 0.0.0.0/0 reject\nhost replication all 0.0.0.0/0 reject\n"
    data = hba.insert(old, rule, mark="pgrepl-tui", continued=False).encode()
    assert grammar.method_for(data, version, user=user.encode(), address="192.0.2.2", tls=True) == "md5"
    assert grammar.method_for(data, version, user=user.encode(), address="192.0.2.3", tls=True) == "reject"
    assert grammar.method_for(data, version, user=b"other", address="192.0.2.2", tls=True) == "reject"


@given(versions, words, role_names, st.sampled_from(["192.0.2.1", "2001:db8::1", "db-1.example"]))
@example("9.1", "a:b", "replicator", "192.0.2.1")
@example("9.1", "*0", "replicator", "192.0.2.1")
@example("9.2", "a:b\\c", "*x", "192.0.2.1")
@example("9.6", "#", "#x", "192.0.2.1")
def test_the_password_is_found_as_it_was_meant_or_it_is_refused_before(
    version: str, secret: str, user: str, host: str
) -> None:
    major = Major.parse(version)
    wrong = problem(secret, major)
    assert bool(wrong) == (version == "9.1" and (":" in secret or "\\" in secret))
    assume(not wrong and user != "*")
    others = "# mine\nother:5432:*:someone:else\n"
    text = passfile.replace(others, passfile.Entry(host, "5432", "replication", user, secret))
    assert all(len(line.encode()) <= facts(major).passfile_line_bytes for line in text.splitlines())
    found = grammar.password(text.encode(), version, host=host.encode(), port=b"5432", database=b"replication",
                             user=user.encode())  # fmt: skip
    assert found == secret.encode()


def test_a_line_that_is_longer_than_the_limit_is_not_read_whole() -> None:
    limit = facts(Major(9, 6)).passfile_line_bytes
    for size, whole in ((limit, True), (limit + 1, False)):
        secret = "x" * (size - len("db1:5432:replication:r:"))
        line = f"db1:5432:replication:r:{secret}\n".encode()
        found = grammar.password(line, "9.6", host=b"db1", port=b"5432", database=b"replication", user=b"r")
        assert (found == secret.encode()) is whole
