import pytest

from pgrepl_tui.postgres.hba import Match, first_match, match, parse


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("host replication repl 10.0.0.5/32 md5", Match.YES),
        ("hostssl replication repl 10.0.0.5/32 md5", Match.YES),
        ("hostnossl replication repl 10.0.0.5/32 md5", Match.NO),
        ("hostnogssenc replication repl 10.0.0.5/32 md5", Match.YES),
        ("hostgssenc replication repl 10.0.0.5/32 md5", Match.MAYBE),
        ("local replication repl md5", Match.NO),
        ("host all repl 10.0.0.5/32 md5", Match.NO),
        ('host "replication" repl 10.0.0.5/32 md5', Match.NO),
        ("host REPLICATION repl 10.0.0.5/32 md5", Match.NO),
        ("host app,replication repl 10.0.0.5/32 md5", Match.YES),
        ("host sameuser repl 10.0.0.5/32 md5", Match.NO),
        ("host @dbs repl 10.0.0.5/32 md5", Match.MAYBE),
        ("host replication all 10.0.0.5/32 md5", Match.YES),
        ('host replication "all" 10.0.0.5/32 md5', Match.NO),
        ("host replication Repl 10.0.0.5/32 md5", Match.NO),
        ("host replication a,repl 10.0.0.5/32 md5", Match.YES),
        ("host replication +dba 10.0.0.5/32 md5", Match.MAYBE),
        ("host replication +repl 10.0.0.5/32 md5", Match.YES),
        ('host replication "+dba" 10.0.0.5/32 md5', Match.NO),
        ("host replication @users 10.0.0.5/32 md5", Match.MAYBE),
        ('host replication "/^re" 10.0.0.5/32 md5', Match.MAYBE),
        ("host replication repl 10.0.0.0/24 md5", Match.YES),
        ("host replication repl 10.0.1.0/24 md5", Match.NO),
        ("host replication repl 10.0.0.99/24 md5", Match.YES),
        ("host replication repl 0.0.0.0/0 md5", Match.YES),
        ("host replication repl ::/0 md5", Match.NO),
        ("host replication repl ::ffff:10.0.0.0/104 md5", Match.NO),
        ("host replication repl 10.0.0.0 255.255.255.0 md5", Match.YES),
        ("host replication repl 10.9.0.5 255.0.255.255 md5", Match.YES),
        ("host replication repl 10.9.0.6 255.0.255.255 md5", Match.NO),
        ("host replication repl all md5", Match.YES),
        ("host replication repl samenet md5", Match.MAYBE),
        ("host replication repl samehost md5", Match.MAYBE),
        ("host replication repl db2.example.com md5", Match.MAYBE),
        ("host replication repl .example.com md5", Match.MAYBE),
        ("host replication repl 10/8 md5", Match.MAYBE),
        ("include more.conf", Match.MAYBE),
        ("host replication repl 10.0.0.5/32 no-such-method", Match.NO),
    ],
)
def test_a_replication_login_with_tls_is_matched_as_the_server_matches_it(line: str, expected: Match) -> None:
    (rule,) = parse(line)
    assert match(rule, user="repl", address="10.0.0.5", tls=True) is expected


@pytest.mark.parametrize(
    ("database", "expected"),
    [("all", Match.YES), ("app", Match.YES), ("other", Match.NO), ("replication", Match.NO), ("samerole", Match.MAYBE),
     ("sameuser", Match.NO), ("@f", Match.MAYBE), ("/^a", Match.MAYBE), ("app,other", Match.YES), ('"all"', Match.NO)],
)  # fmt: skip
def test_a_login_to_a_database_is_matched_as_the_server_matches_it(database: str, expected: Match) -> None:
    (rule,) = parse(f"host {database} all all md5")
    assert match(rule, database="app", user="repl", address="10.0.0.5", tls=False) is expected


def test_the_first_match_decides() -> None:
    rules = parse("host all all all trust\nhost replication all 10.0.0.0/8 reject\nhost replication repl all md5\n")
    found = first_match(rules, user="repl", address="10.0.0.5", tls=True)
    assert found is not None
    assert (found.line, found.method) == (2, "reject")
    assert first_match(rules, user="other", address="192.168.0.1", tls=True) is None


def test_an_ipv4_address_in_ipv6_clothes_is_ipv4() -> None:
    (rule,) = parse("host replication repl 10.0.0.0/8 md5")
    assert match(rule, user="repl", address="::ffff:10.0.0.5", tls=True) is Match.YES


def test_ipv6_networks_match_by_their_prefix() -> None:
    (rule,) = parse("host replication repl 2001:db8::/32 md5")
    assert match(rule, user="repl", address="2001:db8:1::5", tls=True) is Match.YES
    assert match(rule, user="repl", address="2001:db9::5", tls=True) is Match.NO


def test_a_text_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="no IP address"):
        first_match(parse("host all all all md5"), user="repl", address="db2", tls=True)
