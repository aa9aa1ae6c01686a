"""The form of the Hosts screen: filled in, checked, and connected."""

from pathlib import Path

import pytest
from textual.widgets import Input

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Outcome, RunEnded, RunOutcome, StepEnded, StepStarted
from pgrepl_tui.screens.widgets.tick_box import TickBox
from pgrepl_tui.screens.widgets.topology_form import TopologyForm, field_at
from pgrepl_tui.topology import Topology, loads
from tests.screens.fake_app import text_of, until, until_still
from tests.screens.fake_run import GATE, START, FakeRun

GIVEN = loads(
    """
name: app-db
primary:
  ssh: db1
  cluster: 15/main
  unit: postgresql@15-main
standbys:
- ssh: dba@db2:2222
  port: 5433
replication:
  sslmode: verify-full
""",
    Path("/topologies/app.yaml"),
)


def wizard(made: list[Topology], topology: Topology | None = None) -> PgReplApp:
    def make(chosen: Topology) -> FakeRun:
        made.append(chosen)
        return FakeRun(START)

    return PgReplApp(topology, make_source=make)


async def test_a_given_topology_is_shown_and_enter_connects_with_all_of_it() -> None:
    made: list[Topology] = []
    app = wizard(made, GIVEN)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "dba@db2:2222" in text_of(app.screen))
        assert "verify-full" in text_of(app.screen)
        await pilot.press("enter")
        await until(pilot, lambda: made == [GIVEN])
        await until(pilot, lambda: "● REC" in text_of(app.screen))


async def test_typed_hosts_become_a_topology_and_nothing_runs_before_enter() -> None:
    made: list[Topology] = []
    app = wizard(made)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"db1")
        app.screen.query_one("#standby-ssh", Input).value = "db2"
        assert made == []
        await pilot.press("enter")
        await until(pilot, lambda: len(made) == 1)
        assert (made[0].primary.ssh, made[0].standbys[0].ssh, made[0].name) == ("db1", "db2", "db1 to db2")


async def test_a_mistake_is_said_with_its_remedy_and_the_cursor_goes_to_its_field() -> None:
    made: list[Topology] = []
    app = wizard(made, GIVEN)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "dba@db2:2222" in text_of(app.screen))
        app.screen.query_one("#standby-data", Input).value = "relative/path"
        await pilot.press("c")
        await until_still(pilot, lambda: app.focused is app.screen.query_one("#standby-data"))
        shown = " ".join(text_of(app.screen).split())
        assert "is not an absolute path" in shown
        assert "Write the whole path" in shown
        assert made == []


WRITE_IT = "Write it as host, user@host, user@host:port or user@[IPv6 address]:port."
KEPT = "is a name that PostgreSQL keeps for itself. Choose another, such as replicator."
ON_ONE = "Give the second server, or tick 'both clusters are on one machine' for two clusters on one."


@pytest.mark.parametrize(
    ("typed", "said", "field"),
    [
        ({}, "✗ Primary: type where this host is, as you would for ssh.", "primary-ssh"),
        ({"primary-ssh": "db1"}, "✗ Standby: type where this host is, as you would for ssh.", "standby-ssh"),
        (
            {"primary-ssh": "db 1", "standby-ssh": "db2"},
            f"✗ Primary, ssh: 'db 1' is not an SSH destination. {WRITE_IT}",
            "primary-ssh",
        ),
        ({"primary-ssh": "db1", "standby-ssh": "db2", "shared-user": "pg_x"}, f"✗ Role: 'pg_x' {KEPT}", "shared-user"),
        (
            {"primary-ssh": "db1", "standby-ssh": "db2", "standby-bin": "bin"},
            "✗ Standby, programs: 'bin' is not an absolute path. Write the whole path, from / on.",
            "standby-bin",
        ),
        (
            {"primary-ssh": "db1", "standby-ssh": "db2", "standby-port": "70000"},
            "✗ Standby, port: 'port' is '70000'. A port is a number from 1 to 65535.",
            "standby-port",
        ),
    ],
)
async def test_a_mistake_is_a_sentence_that_says_where_what_and_what_to_do(
    typed: dict[str, str], said: str, field: str
) -> None:
    app = wizard([])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.focused, Input))
        for name, value in typed.items():
            app.screen.query_one(f"#{name}", Input).value = value
        app.screen.query_one(TopologyForm).submit()
        await until(pilot, lambda: said in " ".join(text_of(app.screen).split()))
        await until(pilot, lambda: app.focused is app.screen.query_one(f"#{field}"))


async def test_one_host_twice_needs_the_switch_for_one_machine() -> None:
    made: list[Topology] = []
    app = wizard(made)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.focused, Input))
        for side, data in (("primary", "/pg/one"), ("standby", "/pg/two")):
            for key, value in (("ssh", "db1"), ("bin", "/usr/lib/postgresql/15/bin"), ("data", data)):
                app.screen.query_one(f"#{side}-{key}", Input).value = value
        await pilot.press("enter")
        await until(pilot, lambda: ON_ONE in " ".join(text_of(app.screen).split()))
        app.screen.query_one("#same-machine", TickBox).value = True
        await until(pilot, lambda: "[x] both clusters" in text_of(app.screen))
        app.screen.query_one(TopologyForm).submit()
        await until(pilot, lambda: len(made) == 1)
        assert made[0].same_machine


async def test_after_a_run_that_did_not_connect_the_form_is_there_again_with_the_reason() -> None:
    runs: list[FakeRun] = []

    def make(_: Topology) -> FakeRun:
        failed = StepEnded(step="reach", outcome=Outcome.FAILED, message="db1: unknown host key", remedy="Look at it.")
        ended = RunEnded(outcome=RunOutcome.FAILED, exit_code=3, changes=0)
        runs.append(FakeRun((*START, StepStarted(step="reach"), failed, ended)))
        runs[-1].end(3)
        return runs[-1]

    app = PgReplApp(GIVEN, make_source=make)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "dba@db2:2222" in text_of(app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: "db1: unknown host key" in text_of(app.screen) and not app.under_way)
        await until(pilot, lambda: "dba@db2:2222" in text_of(app.screen))
        assert "What to do: Look at it." in text_of(app.screen)
        app.screen.query_one(TopologyForm).submit()
        await until(pilot, lambda: len(runs) == 2)


async def test_after_a_run_that_was_refused_c_runs_the_same_set_up_again() -> None:
    made: list[Topology] = []

    def make(chosen: Topology) -> FakeRun:
        made.append(chosen)
        run = FakeRun((*START, GATE, RunEnded(outcome=RunOutcome.REFUSED, exit_code=3, changes=0, message="no")))
        run.end(3)
        return run

    app = PgReplApp(GIVEN, make_source=make)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "dba@db2:2222" in text_of(app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: "Refused" in text_of(app.screen) and not app.under_way)
        await pilot.press("c")
        await until(pilot, lambda: made == [GIVEN, GIVEN])


async def test_leaving_the_form_runs_nothing_and_exits_with_0() -> None:
    made: list[Topology] = []
    app = wizard(made)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.return_code == 0)
    assert made == []


def test_the_field_of_a_mistake_is_found_by_its_line() -> None:
    text = "name: x\nprimary:\n  ssh: a b\nstandbys:\n- ssh: c\n  data: d\nreplication:\n  user: pg_x\n"
    assert [field_at(text, line) for line in (1, 3, 5, 6, 8)] == [
        ("shared", "name"),
        ("primary", "ssh"),
        ("standby", "ssh"),
        ("standby", "data"),
        ("shared", "user"),
    ]
