"""The name of a standby on its primary, which is also its slot's: no two hosts share one."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.steps.context import Context
from tests.unit.scripted_pair import two

HOST = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,90}[a-z0-9])?", fullmatch=True)


def named(name: str) -> Context:
    pair = two()
    pair.standby.name = name
    return pair.ctx


def test_addresses_and_domains_are_told_apart() -> None:
    for one, two_ in (("10.0.0.12", "10.0.0.13"), ("db1.east.example.org", "db1.west.example.org")):
        assert named(one).application != named(two_).application
    assert named("db2").application == "pgrepl_db2"


def test_long_names_that_begin_alike_are_told_apart() -> None:
    long = "a" * 80
    assert named(f"{long}.one").application != named(f"{long}.two").application


@given(HOST)
def test_every_name_is_one_that_a_server_takes_whole(host: str) -> None:
    ctx = named(host)
    for name in (ctx.application, ctx.copier, ctx.slot):
        assert re.fullmatch(r"[a-z0-9_]{1,63}", name)
    assert ctx.copier != ctx.application
