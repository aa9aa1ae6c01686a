import pytest

from pgrepl_tui.postgres.hba import Rule, Token, parse, render


def test_a_rule_is_read_with_its_quotes_options_and_line() -> None:
    (rule,) = parse(
        '\n# c\n hostssl\treplication,app, "all"  "a b" 10.0.0.0/8 cert clientcert="verify full" map=m # why\r\n'
    )
    assert rule == Rule(
        "hostssl",
        (Token("replication"), Token("app"), Token("all", quoted=True)),
        (Token("a b", quoted=True),),
        "10.0.0.0/8",
        "cert",
        ("clientcert=verify full", "map=m"),
    )
    assert rule.line == 3


def test_a_netmask_is_a_column_of_its_own() -> None:
    (rule,) = parse("host all all 10.0.0.0 255.0.0.0 md5")
    assert (rule.address, rule.method) == ("10.0.0.0/255.0.0.0", "md5")
    assert render(rule) == "host all all 10.0.0.0 255.0.0.0 md5"


@pytest.mark.parametrize(
    ("written", "text", "quoted"),
    [('"x"', "x", True), ('x"y z"w', "xy zw", False), ('"q""q"', 'q"q', True), ('""', "", True),
     ('+"g h"', "+g h", False), ('"#x"', "#x", True), ('"a,b"', "a,b", True), ("é", "é", False)],
)  # fmt: skip
def test_quotes_are_read_as_the_server_reads_them(written: str, text: str, quoted: bool) -> None:
    (rule,) = parse(f"local {written} all md5")
    assert rule.databases == (Token(text, quoted),)
    assert parse(render(rule)) == [rule]


def test_a_comment_begins_anywhere_outside_quotes() -> None:
    (rule,) = parse("local all all trust#really")
    assert (rule.method, rule.options) == ("trust", ())


def test_a_backslash_joins_lines_from_14_on() -> None:
    text = "local all \\\n  all \\\r\n trust\nlocal x x md5\n"
    assert [(rule.line, rule.method) for rule in parse(text)] == [(1, "trust"), (4, "md5")]
    assert [bool(rule.error) for rule in parse(text, continued=False)] == [True, True, True, False]


def test_a_comment_that_ends_in_a_backslash_hides_the_next_line() -> None:
    text = "# path C:\\\nlocal all all trust\n"
    assert parse(text) == []
    assert [rule.method for rule in parse(text, continued=False)] == ["trust"]


def test_files_and_includes_are_noticed() -> None:
    rules = parse('include "x y"\ninclude_if_exists z\ninclude_dir d\nlocal @dbs a,@users md5\nlocal "@dbs" @ md5\n')
    assert [rule.files for rule in rules] == [("x y",), ("z",), ("d",), ("dbs", "users"), ()]
    assert [rule.is_include for rule in rules] == [True, True, True, False, False]
    assert render(rules[0]) == 'include "x y"'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("hots all all all md5", "unknown connection type 'hots'"),
        ("local", "before the database and user"),
        ("local all all", "before the authentication method"),
        ("host all all", "before the address"),
        ("host all all all", "before the authentication method"),
        ("host all all 10.0.0.0/33 md5", "no prefix length"),
        ("host all all 10.0.0.0/-1 md5", "no prefix length"),
        ("host all all db2/32 md5", "a host name takes no /32"),
        ("host all all 10.0.0.1 md5", "no netmask"),
        ("host all all 10.0.0.1 ::1 md5", "no netmask"),
        ("host all all all,samenet md5", "more than one address"),
        ("host all all all md6", "unknown authentication method 'md6'"),
        ("host all all all md5 option", "not of the form name=value"),
        ("include a b", "unknown connection type 'include'"),
    ],
)
def test_a_line_that_the_server_refuses_says_where_and_why(line: str, reason: str) -> None:
    (rule,) = parse(f"# one\n{line}\n")
    assert rule.error.startswith("line 2: ")
    assert reason in rule.error
