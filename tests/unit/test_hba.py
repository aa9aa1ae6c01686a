import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui.postgres.hba import (
    BlockError,
    Match,
    Rule,
    Token,
    first_match,
    grants,
    insert,
    match,
    parse,
    render,
    standby_rule,
    without,
)
from pgrepl_tui.postgres.managed_block import split_lines

MARK = "pgrepl-tui standby db2"
HOSTILE = ["x 0.0.0.0/0 trust #", "all", "replication", "sameuser", "+x", "@f", 'a"b', '"', "a,b", " ", "we ird'R\\ole",
           "ALL", "x\\", "é", "#", "0.0.0.0/0", "$(touch x)", "*"]  # fmt: skip

NAMES = st.sampled_from(
    ["all", "replication", '"all"', "repl", '"a b"', "a,b", "a, b", "+g", '"+g"', "@f", "samerole", '"q""q"', "é"]
)
ADDRESSES = st.sampled_from(["10.0.0.5/32", "10.0.0.0/8", "0.0.0.0/0", "all", "samenet", "host.example", ".example",
                             "::/0", "10.0.0.0\t255.255.0.0", "10.1.0.0/16", "10.0.0.0/33", "fe80::1/128"])  # fmt: skip
METHODS = st.sampled_from(["md5", "reject", "trust", "scram-sha-256", "cert clientcert=1", "nonsense", "md5 # why"])
USERS = st.sampled_from(["repl", *HOSTILE])


@st.composite
def files(draw: st.DrawFn) -> str:
    """A pg_hba.conf as one meets them: tabs, quotes, comments, continuations, includes, faults, any line ends."""
    gap = st.sampled_from([" ", "\t", "   ", " \\\n  "])
    kinds = st.sampled_from(["host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"])
    parts = st.tuples(kinds, gap, NAMES, gap, NAMES, gap, ADDRESSES, gap, METHODS).map("".join)
    local = st.tuples(st.just("local"), gap, NAMES, gap, NAMES, gap, METHODS).map("".join)
    other = st.sampled_from(["", "# host all all all trust", "include x", "oops", "# comment \\", "  ", "host all \\"])
    lines = draw(st.lists(st.tuples(parts | local | other, st.sampled_from(["\n", "\n", "\r\n"])), max_size=7))
    text = "".join(line + end for line, end in lines)
    return text[:-1] if draw(st.booleans()) and text.endswith("\n") else text


@settings(max_examples=300)
@given(text=files(), user=USERS, tls=st.booleans(), address=st.sampled_from(["10.0.0.5", "fe80::1"]))
def test_the_inserted_rule_decides_and_every_other_byte_stays(text: str, user: str, tls: bool, address: str) -> None:
    rule = standby_rule(user, address, tls=tls, method="scram-sha-256")
    edited = insert(text, rule, mark=MARK)
    assert first_match(parse(edited), user=user, address=address, tls=tls) == rule
    assert without(edited, MARK) == text
    assert insert(edited, rule, mark=MARK) == edited
    added = [line for line in split_lines(edited) if MARK in line or line.rstrip("\r\n") == render(rule)]
    assert len(split_lines(edited)) == len(split_lines(text)) + 3 <= len(split_lines(text)) + len(added)


@settings(max_examples=200)
@given(text=files(), user=USERS)
def test_the_other_rules_stay_in_order(text: str, user: str) -> None:
    rule = standby_rule(user, "10.0.0.5", tls=False, method="md5")
    before, after = parse(text), parse(insert(text, rule, mark=MARK))
    others = [other for other in after if other != rule]
    assert [other.error.partition(": ")[2] for other in others] == [old.error.partition(": ")[2] for old in before]
    assert [render(other) for other in others if not other.error] == [render(old) for old in before if not old.error]


@pytest.mark.parametrize("user", HOSTILE)
def test_a_hostile_role_name_makes_one_rule_for_one_role_from_one_address(user: str) -> None:
    rule = standby_rule(user, "10.0.0.5", tls=True, method="scram-sha-256")
    rules = parse(render(rule) + "\n")
    assert rules == [rule]
    assert match(rule, user=user, address="10.0.0.5", tls=True) is Match.YES
    assert first_match(rules, user="someone", address="10.0.0.5", tls=True) is None
    assert first_match(rules, user=user, address="10.0.0.6", tls=True) is None
    assert first_match(rules, user=user, address="10.0.0.5", tls=False) is None
    assert first_match(rules, database="app", user=user, address="10.0.0.5", tls=True) is None


@settings(max_examples=200)
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=15).filter(
        lambda n: n[0] != "/"
    )
)
def test_any_role_name_is_read_back_as_itself(user: str) -> None:
    rule = standby_rule(user, "10.0.0.5", tls=True, method="scram-sha-256")
    assert parse(render(rule)) == [rule]
    assert match(rule, user=user, address="10.0.0.5", tls=True) is Match.YES
    assert match(rule, user=user + "x", address="10.0.0.5", tls=True) is Match.NO


@pytest.mark.parametrize("user", ["", "a\nb", "a\rb", "a\tb", "a\x00b", "a\x7fb", "a\x85b", "a\u2028b", "/x", "x" * 64])
def test_a_role_name_that_the_file_cannot_hold_is_refused(user: str) -> None:
    with pytest.raises(ValueError, match="role name"):
        standby_rule(user, "10.0.0.5", tls=True, method="md5")


@pytest.mark.parametrize("address", ["", "host", "10.0.0.5/32", "10.0.0.5 trust", "10.0.0", "0.0.0.0/0", "all"])
def test_what_is_no_ip_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no IP address"):
        standby_rule("repl", address, tls=True, method="md5")


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="no authentication method"):
        standby_rule("repl", "10.0.0.5", tls=True, method="trust\nhost all all all trust")


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("10.0.0.5", "10.0.0.5/32"),
        ("::1", "::1/128"),
        ("::ffff:10.0.0.5", "10.0.0.5/32"),
        ("fe80::1%eth0", "fe80::1/128"),
    ],
)
def test_the_rule_is_for_one_address(address: str, written: str) -> None:
    rule = standby_rule("repl", address, tls=False, method="md5")
    assert render(rule) == f"host replication repl {written} md5"


def test_the_rule_comes_before_a_reject_and_before_a_broader_rule() -> None:
    reject, broad = "host replication all 10.0.0.0/8 reject\n", "host replication all all md5\n"
    text = "local all all peer\nhost all all all md5\n" + reject + broad
    edited = insert(text, standby_rule("repl", "10.0.0.5", tls=True, method="scram-sha-256"), mark=MARK)
    assert [rule.line for rule in parse(edited)] == [1, 2, 4, 6, 7]
    assert split_lines(edited)[2:5] == [
        f"# begin: {MARK}\n",
        "hostssl replication repl 10.0.0.5/32 scram-sha-256\n",
        f"# end: {MARK}\n",
    ]


def test_a_host_rule_comes_before_what_matches_without_tls_too() -> None:
    text = "hostnossl replication all all reject\nhostssl replication all all reject\n"
    rule = standby_rule("repl", "10.0.0.5", tls=False, method="md5")
    assert parse(insert(text, rule, mark=MARK))[0] == rule


def test_a_changed_rule_replaces_the_old_one() -> None:
    old = insert("host all all all md5\n", standby_rule("repl", "10.0.0.5", tls=True, method="md5"), mark=MARK)
    new = standby_rule("repl", "10.0.0.6", tls=True, method="scram-sha-256")
    assert parse(insert(old, new, mark=MARK))[1:] == [new]


def test_two_standbys_have_a_rule_each_and_either_can_go() -> None:
    text = "# rules\nhost replication all 10.0.0.0/8 reject\n"
    one = standby_rule("repl", "10.0.0.5", tls=True, method="md5")
    two = standby_rule("repl", "10.0.0.5", tls=False, method="md5")
    both = insert(insert(text, one, mark="one"), two, mark="two")
    assert without(both, "one") == insert(text, two, mark="two")
    assert without(both, "two") == insert(text, one, mark="one")


def test_13_and_older_know_no_continuation() -> None:
    text = "# comment \\\nhost replication all all reject\n"
    rule = standby_rule("repl", "10.0.0.5", tls=True, method="md5")
    assert parse(insert(text, rule, mark=MARK, continued=False), continued=False)[0] == rule
    assert parse(insert(text, rule, mark=MARK)) == [rule]


def test_a_torn_block_is_refused() -> None:
    with pytest.raises(BlockError, match="line 1"):
        insert(f"# begin: {MARK}\n", standby_rule("repl", "10.0.0.5", tls=True, method="md5"), mark=MARK)


def test_only_a_rule_for_one_user_can_be_inserted() -> None:
    with pytest.raises(ValueError, match="2 users"):
        insert("", Rule("host", (Token("replication"),), (Token("a"), Token("b")), "10.0.0.5/32", "md5"), mark=MARK)


@pytest.mark.parametrize(
    ("line", "granted"),
    [
        ("host all all all md5", True),
        ("host all all all reject", False),
        ("include x", False),
        ("host all all all nope", False),
    ],
)
def test_a_reject_an_include_and_a_fault_grant_nothing(line: str, granted: bool) -> None:
    assert grants(parse(line)[0]) is granted
