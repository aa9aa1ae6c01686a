"""The clusters that a test found: listed, chosen, filled in, and what is odd about the one that is meant."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.postgres.found import FoundCluster, Standing
from pgrepl_tui.screens.widgets.found_list import FoundList
from pgrepl_tui.screens.widgets.tick_box import TickBox
from pgrepl_tui.session.prober import Hear, Questions, Reached
from pgrepl_tui.topology import Topology, loads
from tests.screens.fake_app import text_of, until, until_still
from tests.screens.fake_prober import FOLLOWER, MAIN, OLD, OWN, ROOM, FakeProber, hangs, reached
from tests.screens.fake_run import START, FakeRun

PAIR = "name: app-db\nprimary:\n  ssh: db1\nstandbys:\n- ssh: db2\n"
SECOND = replace(MAIN, name="15/second", data="/var/lib/postgresql/15/second", port=5433)
FIELDS = ("cluster", "bin", "data", "port", "os_user", "unit", "log", "config")


def wizard(given: str = PAIR, made: list[Topology] | None = None, **hosts: Reached) -> PgReplApp:
    def make(chosen: Topology) -> FakeRun:
        if made is not None:
            made.append(chosen)
        return FakeRun(START)

    return PgReplApp(loads(given, Path("/topologies/app.yaml")), make_source=make, prober=FakeProber(**hosts))


async def lists_shown(pilot: Pilot[int], *sides: str) -> None:
    """Test both hosts, and wait for these sides' lists."""
    await until(pilot, lambda: "Not tested yet" in text_of(pilot.app.screen))
    await pilot.press("t")
    lists = [the_list(pilot, side) for side in sides]
    await until_still(pilot, lambda: all(found.display and text_of(found).strip() for found in lists))


def the_list(pilot: Pilot[int], side: str) -> FoundList:
    return pilot.app.screen.query_one(f"#{side}-found", FoundList)


def values(pilot: Pilot[int], side: str) -> dict[str, str]:
    """What stands in the fields of a side, but for the empty ones."""
    read = {key: pilot.app.screen.query_one(f"#{side}-{key}", Input).value for key in FIELDS}
    return {key: value for key, value in read.items() if value}


def said(pilot: Pilot[int], side: str) -> str:
    return " ".join(text_of(pilot.app.screen.query_one(f"#{side}-probe")).split())


async def test_a_row_says_version_port_role_size_and_place() -> None:
    app = wizard(db1=reached(MAIN, OWN, OLD, ROOM))
    async with app.run_test(size=(180, 40)) as pilot:
        await lists_shown(pilot, "primary")
        rows = [" ".join(row.split()) for row in text_of(the_list(pilot, "primary")).splitlines()]
        assert rows == [
            "▸ 15/main 5432 primary 48.3 GB /var/lib/postgresql/15/main",
            "17 6000 primary 512.0 MB /srv/pg/shop data",
            "9.6/reports 5433 down 7.1 GB /var/lib/postgresql/9.6/reports",
            "15 5432 empty /var/lib/pgsql/15/data",
        ]


async def test_a_debian_cluster_is_taken_with_the_keys_and_what_stood_there_goes() -> None:
    given = PAIR.replace("ssh: db1\n", "ssh: db1\n  bin: /opt/bin\n  data: /opt/data\n  config: /opt\n  unit: mine\n")
    app = wizard(given, db1=reached(MAIN, OLD))
    async with app.run_test(size=(120, 40)) as pilot:
        await lists_shown(pilot, "primary")
        before = values(pilot, "primary")
        assert before["data"] == "/opt/data"
        the_list(pilot, "primary").focus()
        await pilot.press("down")
        assert values(pilot, "primary") == before
        await pilot.press("enter")
        await until(pilot, lambda: "cluster" in values(pilot, "primary"))
        assert values(pilot, "primary") == {"cluster": "9.6/reports", "port": "5433", "os_user": "postgres"}
        assert "▸✓ 9.6/reports" in text_of(the_list(pilot, "primary"))


async def test_a_cluster_with_no_name_is_taken_with_the_mouse() -> None:
    app = wizard(db1=reached(MAIN, OWN))
    async with app.run_test(size=(120, 40)) as pilot:
        await lists_shown(pilot, "primary")
        await pilot.click(the_list(pilot, "primary"), offset=(5, 1))
        await until(pilot, lambda: "data" in values(pilot, "primary"))
        assert values(pilot, "primary") == {
            "bin": "/opt/pgsql/bin",
            "data": "/srv/pg/shop data",
            "port": "6000",
            "os_user": "shop",
        }


async def test_taking_the_cluster_that_is_named_already_keeps_what_is_said_about_it() -> None:
    given = PAIR.replace("ssh: db1\n", "ssh: db1\n  cluster: 15/main\n  unit: mine\n  log: /var/log/own.log\n")
    app = wizard(given, db1=reached(MAIN, OLD))
    async with app.run_test(size=(120, 40)) as pilot:
        await lists_shown(pilot, "primary")
        assert "✓ 15/main" in text_of(the_list(pilot, "primary"))
        assert "2 clusters found" in said(pilot, "primary")
        assert "choose" not in said(pilot, "primary")
        the_list(pilot, "primary").focus()
        await pilot.press("enter")
        await until(pilot, lambda: values(pilot, "primary").get("port") == "5432")
        assert values(pilot, "primary")["unit"] == "mine"
        assert values(pilot, "primary")["log"] == "/var/log/own.log"


async def test_with_several_clusters_and_none_named_connect_leads_to_the_list() -> None:
    made: list[Topology] = []
    app = wizard(made=made, db1=reached(MAIN, SECOND), db2=reached(MAIN, alone=True, machine="two"))
    async with app.run_test(size=(120, 40)) as pilot:
        await lists_shown(pilot, "primary", "standby")
        await pilot.press("c")
        await until_still(pilot, lambda: app.focused is the_list(pilot, "primary"))
        assert "✗ Primary: choose the cluster that is meant." in text_of(app.screen)
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.focused is app.screen.query_one("#connect"))
        await until(pilot, lambda: "choose the cluster" not in text_of(app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: len(made) == 1)
        assert (made[0].primary.cluster, made[0].primary.port) == ("15/second", 5433)
        assert made[0].standbys[0].cluster is None


async def test_the_only_cluster_is_left_to_the_run_and_nothing_is_filled_in() -> None:
    made: list[Topology] = []
    app = wizard(
        made=made, db1=reached(MAIN, alone=True), db2=reached(replace(MAIN, port=5440), alone=True, machine="two")
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await lists_shown(pilot, "primary", "standby")
        assert values(pilot, "primary") == {"os_user": "postgres"}
        assert "✓ 15/main" in text_of(the_list(pilot, "primary"))
        await pilot.press("c")
        await until(pilot, lambda: len(made) == 1)
        assert made[0].primary.cluster is None


async def test_the_only_cluster_that_a_run_would_not_find_by_itself_has_to_be_chosen() -> None:
    made: list[Topology] = []
    app = wizard(made=made, db1=reached(OWN))
    async with app.run_test(size=(120, 40)) as pilot:
        await lists_shown(pilot, "primary")
        assert "1 cluster found: choose it" in said(pilot, "primary")
        await pilot.press("c")
        await until(pilot, lambda: app.focused is the_list(pilot, "primary"))
        assert made == []


async def test_both_hosts_on_one_machine_is_said_before_anything_is_connected() -> None:
    made: list[Topology] = []
    app = wizard(made=made, db1=reached(MAIN, alone=True), db2=reached(SECOND, alone=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await lists_shown(pilot, "primary", "standby")
        await pilot.press("c")
        await until(pilot, lambda: "Both destinations lead to one machine" in text_of(app.screen))
        assert app.focused is app.screen.query_one("#same-machine")
        assert made == []
        await pilot.press("space")
        await until(pilot, lambda: app.screen.query_one("#same-machine", TickBox).value)
        await pilot.press("c")
        await until(pilot, lambda: len(made) == 1)


@pytest.mark.parametrize(
    ("primary", "standby", "side", "words"),
    [
        (FOLLOWER, MAIN, "primary", "the cluster on port 5432 is in recovery: a standby. Are the two swapped?"),
        (FOLLOWER, MAIN, "standby", "15/main takes writes. A run sets its data aside. Are the two swapped?"),
        (OLD, ROOM, "primary", "9.6/reports is down: a primary has to run."),
        (ROOM, ROOM, "primary", "the cluster on port 5432 is empty: a primary has to be there already."),
    ],
)  # fmt: skip
async def test_what_is_odd_about_the_cluster_that_is_meant_is_said_at_once(
    primary: FoundCluster, standby: FoundCluster, side: str, words: str
) -> None:
    app = wizard(db1=reached(primary, alone=True), db2=reached(standby, alone=True, machine="two"))
    async with app.run_test(size=(240, 40)) as pilot:
        await lists_shown(pilot, "primary", "standby")
        await until(pilot, lambda: f"! {words}" in said(pilot, side))


async def test_what_is_as_it_should_be_gets_no_remark() -> None:
    app = wizard(db1=reached(MAIN, alone=True), db2=reached(ROOM, alone=True, machine="two"))
    async with app.run_test(size=(240, 40)) as pilot:
        await lists_shown(pilot, "primary", "standby")
        assert said(pilot, "primary").endswith("it is taken")
        assert said(pilot, "standby").endswith("it is taken")


async def test_the_remark_goes_with_what_is_typed() -> None:
    app = wizard(db1=reached(MAIN, OLD))
    async with app.run_test(size=(240, 40)) as pilot:
        await lists_shown(pilot, "primary")
        app.screen.query_one("#primary-cluster").focus()
        await pilot.press(*"9.6/reports")
        await until(pilot, lambda: "9.6/reports is down" in said(pilot, "primary"))
        await pilot.press("backspace")
        await until(pilot, lambda: "is down" not in said(pilot, "primary"))


async def test_a_cluster_that_cannot_be_looked_at_is_listed_with_the_reason() -> None:
    shut = replace(MAIN, standing=Standing.UNKNOWN, size=None, note="db1: [dba] may not run commands as postgres")
    app = wizard(db1=reached(OWN, shut))
    async with app.run_test(size=(180, 40)) as pilot:
        await lists_shown(pilot, "primary")
        rows = [" ".join(row.split()) for row in text_of(the_list(pilot, "primary")).splitlines()]
        assert rows[1].startswith("15/main 5432 ? ? /var/lib/postgresql/15/main (db1: [dba]")
        the_list(pilot, "primary").focus()
        await pilot.press("down", "enter")
        await until(pilot, lambda: "! 15/main: db1: [dba] may not run" in said(pilot, "primary"))


async def test_a_size_that_takes_long_never_holds_up_the_list() -> None:
    measured = asyncio.Event()
    unknown = replace(MAIN, size=None)

    async def slow(hear: Hear, questions: Questions) -> None:
        hear(reached(unknown, replace(OLD, size=None), complete=False))
        await measured.wait()
        hear(reached(unknown, OLD, complete=True))
        await hangs(hear, questions)

    app = PgReplApp(loads(PAIR, Path("/t.yaml")), make_source=lambda _: FakeRun(), prober=FakeProber(db1=slow))
    async with app.run_test(size=(180, 40)) as pilot:
        await lists_shown(pilot, "primary")
        rows = text_of(the_list(pilot, "primary")).splitlines()
        assert [row.split()[-2] for row in rows] == ["…", "…"]
        measured.set()
        await until(pilot, lambda: "7.1 GB" in text_of(the_list(pilot, "primary")))
        assert text_of(the_list(pilot, "primary")).splitlines()[0].split()[-2] == "?"


async def test_the_cursor_stays_on_its_cluster_when_another_one_comes_before_it() -> None:
    started = asyncio.Event()

    async def starting(hear: Hear, questions: Questions) -> None:
        hear(reached(MAIN, OLD, complete=False))
        await started.wait()
        hear(reached(SECOND, MAIN, OLD, complete=False))
        await hangs(hear, questions)

    app = PgReplApp(loads(PAIR, Path("/t.yaml")), make_source=lambda _: FakeRun(), prober=FakeProber(db1=starting))
    async with app.run_test(size=(180, 40)) as pilot:
        await lists_shown(pilot, "primary")
        the_list(pilot, "primary").focus()
        await pilot.press("down")
        await until(pilot, lambda: the_list(pilot, "primary").cursor == 1)
        started.set()
        await until(pilot, lambda: "15/second" in text_of(the_list(pilot, "primary")))
        await pilot.press("enter")
        await until(pilot, lambda: values(pilot, "primary").get("cluster") == "9.6/reports")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (50, 20)])
async def test_many_clusters_are_scrolled_and_the_one_below_is_clicked(size: tuple[int, int]) -> None:
    many = [replace(MAIN, name=f"15/c{n:02}", data=f"/d/{n}", port=6000 + n) for n in range(30)]
    app = wizard(db1=reached(*many))
    async with app.run_test(size=size) as pilot:
        await lists_shown(pilot, "primary")
        found = the_list(pilot, "primary")
        found.focus()
        await pilot.press(*["pagedown"] * 2, "down")
        await until_still(pilot, lambda: "▸  15/c21" in text_of(found))
        assert 3 <= found.size.height <= 8
        rows = text_of(found).splitlines()
        below = rows.index(next(row for row in rows if "15/c20" in row))
        await pilot.click(found, offset=(4, below))
        await until(pilot, lambda: values(pilot, "primary").get("cluster") == "15/c20")


async def test_what_a_host_names_its_clusters_is_no_markup_and_no_escape_sequence() -> None:
    wild = replace(MAIN, name="", data="/d/[/oops]\x1b[31m\u202e", version="15\x07", note="[b]\x9b2J")
    app = wizard(db1=reached(wild, MAIN))
    async with app.run_test(size=(180, 40)) as pilot:
        await lists_shown(pilot, "primary")
        assert "15� " in text_of(the_list(pilot, "primary"))
        assert "/d/[/oops]�[31m� ([b]�2J)" in text_of(the_list(pilot, "primary"))


@pytest.mark.parametrize("side", ["primary", "standby"])
async def test_a_list_that_gets_the_focus_is_seen_with_its_host(side: str) -> None:
    app = wizard(db1=reached(MAIN, OWN, OLD, ROOM), db2=reached(MAIN, OWN, OLD, ROOM))
    async with app.run_test(size=(80, 24)) as pilot:
        await lists_shown(pilot, "primary", "standby")
        view = app.screen.query_one("#form-fields")
        found, host = the_list(pilot, side), app.screen.query_one(f"#{side}-ssh")
        for edge in (0, view.max_scroll_y):
            app.screen.query_one("#connect").focus()
            view.scroll_to(y=edge, animate=False)
            await until(pilot, lambda edge=edge: view.scroll_y == edge)  # type: ignore[misc] # bound
            found.scroll_visible(animate=False)
            await until(pilot, lambda: view.can_view_entire(found))
            found.focus()
            await until(pilot, lambda: view.can_view_entire(found) and view.can_view_entire(host))
