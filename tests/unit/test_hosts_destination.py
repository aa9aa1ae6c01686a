"""Destinations, as an operator writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.hosts.destination import Destination, DestinationError, parse

NAMES = st.from_regex(r"[a-z0-9][a-z0-9.-]{0,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("db1", Destination("db1")),
        ("ops@db1.example.com:2222", Destination("db1.example.com", "ops", 2222)),
        ("192.0.2.7:22", Destination("192.0.2.7", "", 22)),
        ("[::1]:22", Destination("::1", "", 22)),
        ("ops@[fe80::1%eth0]", Destination("fe80::1%eth0", "ops")),
        ("2001:db8::7", Destination("2001:db8::7")),
        ("DOM\\ops@db_1", Destination("db_1", "DOM\\ops")),
    ],
)
def test_a_destination_is_read(text: str, expected: Destination) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "-oProxyCommand=id", "ops@-x", "-x@db1", "db 1", "db1;id", "db1\n", "db\x001", "\u0085db1", "$(id)", "@db1",
     "a@b@db1", "a:b@db1", "db1:", "db1:0", "db1:65536", "db1:22x", "db1:²", "db1:999999999999", "[::1", "[::1]x",
     "[db1]:22", "[]:22", "[::1]:", "::1::x", "x" * 300, "user@"],
)  # fmt: skip
def test_what_is_no_destination_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(DestinationError) as caught:
        parse(text)
    assert "user@host:port" in caught.value.remedy


@given(NAMES, st.one_of(st.just(""), NAMES), st.one_of(st.none(), st.integers(1, 65535)))
def test_a_destination_is_written_as_it_is_read(host: str, user: str, port: int | None) -> None:
    assert parse(str(Destination(host, user, port))) == Destination(host, user, port)


def test_an_ipv6_address_is_written_in_brackets() -> None:
    assert str(Destination("::1", "ops", 22)) == "ops@[::1]:22"


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except DestinationError:
        return
    assert found.host
    assert not found.host.startswith("-")
    assert not any(character.isspace() for character in found.host + found.user)
