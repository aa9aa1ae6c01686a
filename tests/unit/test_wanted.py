"""The primary's settings: nothing is touched that is good enough, and what is not gets a value that a standby needs."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from pgrepl_tui.events import Finding
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.primary.settings import Settings
from pgrepl_tui.steps.primary.wanted import wanted
from pgrepl_tui.steps.settings import read_settings
from pgrepl_tui.topology import Replication
from tests.unit.scripted_pair import CONTROL, Shown, show, two

MB = 1 << 20
OLD, NEW = Major(9, 1), Major(15)


def settings(major: Major) -> dict[str, Shown]:
    """A primary on which all is good enough, with the names of its time."""
    restart = Shown("10", context="postmaster")
    table = {
        "listen_addresses": replace(restart, value="*"),
        "log_line_prefix": Shown("%m [%p] "),
        "wal_level": replace(restart, value="replica" if major >= Major(9, 6) else "hot_standby"),
        "max_wal_senders": restart,
        "max_connections": replace(restart, value="100"),
        "superuser_reserved_connections": replace(restart, value="3"),
        "ssl": Shown("off"),
    }
    if major >= Major(9, 4):
        table["max_replication_slots"] = restart
    if major >= Major(9, 5):
        table["max_wal_size"] = Shown("1024", "MB") if major >= Major(10) else Shown("64", "16MB")
    else:
        table["checkpoint_segments"] = Shown("32")
        table["ssl_renegotiation_limit"] = Shown("524288", "kB", "user")
    if major >= Major(13):
        table["wal_keep_size"] = Shown("1024", "MB")
    else:
        table["wal_keep_segments"] = Shown("64")
    return table


async def asked_for(  # noqa: PLR0913 - each of them is a fact about the primary
    major: Major = NEW,
    shown: Mapping[str, str] | None = None,
    *,
    sslmode: str = "prefer",
    slot: bool = True,
    used: tuple[int, int] = (0, 0),
    size: int = 1 << 30,
    copied: bool = False,
) -> dict[str, str]:
    """What is wanted of a primary on which all but what is shown is good enough.

    ``used``: senders, slots; ``size``: of all databases, in bytes; ``copied``: the standby is a copy of it already.
    """
    pair = two(major, replication=Replication(sslmode=sslmode, slot=slot))
    table = settings(major)
    for name, value in (shown or {}).items():
        table[name] = replace(table[name], value=value)
    show(pair.primary, table).on("cat /srv/pg/data/postgresql.auto.conf", "")
    pair.primary.rows("select current_setting('max_wal_senders')", (table["max_wal_senders"].value, str(used[0])))
    pair.primary.rows("from pg_replication_slots", (str(used[1]),))
    if major < Major(9, 2):
        pair.primary.rows("pg_database_size", (str(size),))
        if copied:
            pair.ctx.sides["standby"].control = replace(CONTROL, state="in archive recovery")
            pair.standby.on("stat", b"81a4 postgres postgres 1 1 1 1 9 9 0\0/srv/pg/data/recovery.conf\0")
    values, found = await wanted(pair.ctx)
    assert set(values) <= set(found), "what is wanted was looked at"
    assert pair.primary.changes == []
    return values


VERSIONS = [Major(9, minor) for minor in range(1, 7)] + [Major(first) for first in range(10, 19)]


@pytest.mark.parametrize("major", VERSIONS, ids=str)
@pytest.mark.parametrize("slot", [True, False])
async def test_what_is_good_enough_is_left_alone(major: Major, *, slot: bool) -> None:
    assert await asked_for(major, slot=slot) == {}


@pytest.mark.parametrize("major", VERSIONS, ids=str)
async def test_a_server_fresh_from_initdb_gets_what_it_lacks(major: Major) -> None:
    fresh = {"listen_addresses": "localhost", "log_line_prefix": "", "wal_level": "minimal", "max_wal_senders": "0"}
    if major >= Major(9, 4):
        fresh["max_replication_slots"] = "0"
    keep = "wal_keep_size" if major >= Major(13) else "wal_keep_segments"
    values = await asked_for(major, {**fresh, keep: "0"})
    assert values["listen_addresses"] == "localhost,192.0.2.1"
    assert values["wal_level"] == ("replica" if major >= Major(9, 6) else "hot_standby")
    assert values["max_wal_senders"] == "10"
    assert ("max_replication_slots" in values) == (major >= Major(9, 4))
    assert keep in values


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("*", None),
        ("0.0.0.0", None),  # noqa: S104 - compared, not bound
        ("localhost, 192.0.2.1", None),
        ("localhost", "localhost,192.0.2.1"),
        ("", "192.0.2.1"),
        ("::", "::,192.0.2.1"),
        ("192.0.2.10", "192.0.2.10,192.0.2.1"),
    ],
)
async def test_it_listens_where_the_standby_reaches_it_and_where_it_did_before(now: str, then: str | None) -> None:
    assert (await asked_for(shown={"listen_addresses": now})).get("listen_addresses") == then


@pytest.mark.parametrize("major", VERSIONS, ids=str)
async def test_a_base_backup_over_tls_is_not_broken_off_by_a_renegotiation(major: Major) -> None:
    wants = {"ssl_renegotiation_limit": "0"} if major < Major(9, 5) else {}
    values = await asked_for(major, sslmode="require")
    assert {name: values[name] for name in values if name != "ssl"} == wants
    assert await asked_for(major, {"ssl": "on"}) == wants
    if wants:
        assert await asked_for(major, {"ssl": "on", "ssl_renegotiation_limit": "0"}, sslmode="require") == {}


@pytest.mark.parametrize(("minor", "altered"), [(3, False), (4, True)])
async def test_what_alter_system_set_on_9_4_is_read_in_its_file(minor: int, *, altered: bool) -> None:
    """There pg_settings does not show it before the restart."""
    pair = two(Major(9, minor))
    show(pair.primary, settings(Major(9, minor))).on("cat /srv/pg/data/postgresql.auto.conf", "max_wal_senders = '1'\n")
    found = await read_settings(pair.ctx.primary, ["max_wal_senders", "wal_level"])
    assert (found["max_wal_senders"].altered, found["wal_level"].altered) == (altered, False)
    assert found["max_wal_senders"].value == "10"


@pytest.mark.parametrize(
    ("now", "good"), [("%m [%p] ", True), ("%t:%p", True), ("%n %p", True), ("%m", False), ("[%p]", False), ("", False)]
)
async def test_a_log_line_needs_time_and_process(now: str, *, good: bool) -> None:
    values = await asked_for(shown={"log_line_prefix": now})
    assert ("log_line_prefix" not in values) is good
    if not good:
        assert {"%m", "%p"} <= {values["log_line_prefix"][n : n + 2] for n in range(len(values["log_line_prefix"]))}


@pytest.mark.parametrize(
    ("major", "now", "then"),
    [
        (Major(9, 1), "archive", "hot_standby"),
        (Major(9, 4), "logical", None),
        (Major(9, 5), "archive", "hot_standby"),
        (Major(9, 6), "logical", None),
        (NEW, "logical", None),
        (NEW, "minimal", "replica"),
    ],
)
async def test_the_wal_has_to_hold_enough(major: Major, now: str, then: str | None) -> None:
    assert (await asked_for(major, {"wal_level": now})).get("wal_level") == then


@pytest.mark.parametrize(
    ("limit", "used", "then"), [("3", 0, None), ("2", 0, "10"), ("5", 2, None), ("5", 3, "10"), ("10", 9, "12")]
)
async def test_senders_for_the_copy_and_for_those_that_stream(limit: str, used: int, then: str | None) -> None:
    assert (await asked_for(shown={"max_wal_senders": limit}, used=(used, 0))).get("max_wal_senders") == then


@pytest.mark.parametrize(
    ("major", "connections", "then"),
    [
        (Major(9, 6), "100", {"max_wal_senders": "10"}),
        (Major(11), "14", {"max_wal_senders": "10"}),
        (Major(11), "13", {"max_wal_senders": "9"}),
        (Major(11), "7", {"max_wal_senders": "3"}),
        (Major(11), "6", {"max_wal_senders": "3", "max_connections": "9"}),
        (Major(12), "4", {"max_wal_senders": "10"}),
    ],
)
async def test_below_12_senders_stay_below_the_connections_that_are_not_reserved_or_it_would_not_start(
    major: Major, connections: str, then: dict[str, str]
) -> None:
    assert await asked_for(major, {"max_wal_senders": "0", "max_connections": connections}) == then


@pytest.mark.parametrize(("limit", "used", "then"), [("1", 0, None), ("0", 0, "10"), ("10", 10, "11")])
async def test_a_slot_of_its_own(limit: str, used: int, then: str | None) -> None:
    shown = {"max_replication_slots": limit}
    assert (await asked_for(shown=shown, used=(0, used))).get("max_replication_slots") == then
    assert "max_replication_slots" not in await asked_for(shown=shown, used=(0, used), slot=False)


@pytest.mark.parametrize(
    ("major", "sslmode", "now", "then"),
    [
        (Major(9, 6), "require", "off", "on"),
        (Major(9, 6), "verify-full", "off", "on"),
        (Major(9, 6), "require", "on", None),
        (Major(9, 6), "prefer", "off", None),
        (Major(10), "require", "off", None),
    ],
)
async def test_tls_that_comes_with_a_restart_waits_with_the_others(
    major: Major, sslmode: str, now: str, then: str | None
) -> None:
    assert (await asked_for(major, {"ssl": now}, sslmode=sslmode)).get("ssl") == then


@pytest.mark.parametrize(
    ("major", "name", "now", "then"),
    [
        (NEW, "max_wal_size", "1023", "1GB"),
        (NEW, "max_wal_size", "1024", None),
        (Major(9, 5), "max_wal_size", "63", "1GB"),
        (Major(9, 5), "max_wal_size", "64", None),
        (Major(9, 4), "checkpoint_segments", "31", "32"),
        (Major(9, 4), "checkpoint_segments", "32", None),
    ],
)
async def test_checkpoints_are_not_too_close(major: Major, name: str, now: str, then: str | None) -> None:
    assert await asked_for(major, {name: now}) == ({name: then} if then else {})


@pytest.mark.parametrize(
    ("major", "slot", "name", "least"),
    [
        (NEW, True, "wal_keep_size", 512),
        (NEW, False, "wal_keep_size", 1024),
        (Major(13), True, "wal_keep_size", 512),
        (Major(12), True, "wal_keep_segments", 32),
        (Major(12), False, "wal_keep_segments", 64),
        (Major(9, 6), True, "wal_keep_segments", 32),
        (Major(9, 5), True, "wal_keep_segments", 64),
        (Major(9, 1), True, "wal_keep_segments", 64),
    ],
)
async def test_kept_wal_lasts_for_the_copy_where_no_slot_does(
    major: Major, name: str, least: int, *, slot: bool
) -> None:
    assert await asked_for(major, {name: str(least)}, slot=slot) == {}
    short = await asked_for(major, {name: str(least - 1)}, slot=slot)
    assert short == {name: f"{least}MB" if name == "wal_keep_size" else str(least)}


GB = 1 << 30


@pytest.mark.parametrize(
    ("size", "segments"), [(1 * GB, "64"), (10 * GB, "64"), (100 * GB, "640"), (1000 * GB, "1024"), (0, "64")]
)
async def test_in_9_1_kept_wal_grows_with_the_copy_that_fetches_it_at_its_end(size: int, segments: str) -> None:
    values = await asked_for(OLD, {"wal_keep_segments": "0"}, size=size)
    assert values == {"wal_keep_segments": segments}


async def test_once_the_copy_is_in_place_the_kept_wal_does_not_grow_with_the_databases() -> None:
    assert await asked_for(OLD, {"wal_keep_segments": "64"}, size=1000 * GB, copied=True) == {}


async def test_an_address_of_ip_version_6() -> None:
    pair = two()
    pair.ctx.sides["primary"].address = "2001:db8::1"
    table = settings(NEW)
    pair.primary.rows("max_wal_senders')", ("10", "0")).rows("from pg_replication_slots", ("0",))
    for now, then in (("192.0.2.1", "192.0.2.1,2001:db8::1"), ("::", None)):
        show(pair.primary, {**table, "listen_addresses": Shown(now)})
        assert (await wanted(pair.ctx))[0].get("listen_addresses") == then


async def test_on_9_4_a_setting_that_alter_system_changed_waits_for_the_restart_and_is_not_set_again() -> None:
    """There the server does not say what waits (pg_settings.pending_restart is of 9.5): its file does."""
    pair = two(Major(9, 4))
    table = settings(Major(9, 4)) | {"max_wal_senders": Shown("1", context="postmaster")}
    show(pair.primary, table).rows("select current_setting('max_wal_senders')", ("1", "0"))
    pair.primary.rows("from pg_replication_slots where slot_name <>", ("0",))
    pair.primary.on("postgresql.conf", "")
    pair.primary.on("postgresql.auto.conf", err="cat: No such file or directory", status=1)
    _, found = await wanted(pair.ctx)
    assert not found["max_wal_senders"].altered
    pair.primary.on("postgresql.auto.conf", "max_wal_senders = '10'\n")
    values, found = await wanted(pair.ctx)
    assert found["max_wal_senders"].altered, "postgresql.conf would lose"
    assert values == {"max_wal_senders": "10"}
    look = await Settings().inspect(pair.ctx)
    assert (look.finding, look.reason) == (Finding.DONE, "the files hold what is needed")
    pair.primary.on("postgresql.auto.conf", "max_wal_senders = '2'\n")
    assert (await Settings().inspect(pair.ctx)).finding is Finding.NEEDED
