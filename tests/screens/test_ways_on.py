"""After a failure, and after the end: skip, edit, undo, look again at a check, and a pair that is watched."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import (
    Answered,
    Asked,
    CheckDone,
    Event,
    Matched,
    Note,
    Outcome,
    PlanMade,
    PrimaryPosition,
    RunEnded,
    RunOutcome,
    RunStarted,
    Stage,
    StandbyPosition,
    StepEnded,
    StepStarted,
    Verdict,
)
from pgrepl_tui.screens.hosts import HostsScreen
from pgrepl_tui.screens.preflight import PreflightScreen
from pgrepl_tui.screens.typed_word import DeleteScreen
from pgrepl_tui.screens.verify import VerifyScreen
from pgrepl_tui.screens.widgets.question_bar import ChoiceButton
from pgrepl_tui.screens.widgets.topology_form import TopologyForm
from pgrepl_tui.steps.undo.plan import discard
from pgrepl_tui.topology import Node, Topology
from tests.screens.fake_app import opened, text_of, until
from tests.screens.fake_run import FAILURE, START, FakeRun

BEGIN = RunStarted(topology="app-db", started="2026-01-02T03:04:05Z", primary="db1", standby="db2")
ALL = ("quit", "retry", "skip", "edit", "undo")
STOP = Asked(question=5, kind="failure", stage=Stage.PREFLIGHT, step="check", text="disk: full", choices=ALL)
DISK = CheckDone(id="disk", title="free disk", verdict=Verdict.STOP, primary="9 GB", standby="1 GB", why="too little")
CLOCK = replace(DISK, id="clock", title="clocks", verdict=Verdict.PASS, why="")
STOPPED: tuple[Event, ...] = (
    *START,
    StepStarted(step="check"),
    CLOCK,
    DISK,
    StepEnded(step="check", outcome=Outcome.REFUSED, message="disk: full", remedy="make room"),
    STOP,
)
DISCARDING: tuple[Event, ...] = (
    RunStarted(topology="app-db", started="2026-01-02T03:04:05Z", primary="db1", standby="db2", mode="discard"),
    PlanMade(steps=tuple(step.info for step in discard().steps)),
    *START[2:],
    Asked(question=9, kind="typed", stage=Stage.STANDBY, step="discard", text="Delete 3 GB?", choices=("no", "db2")),
)
FAILED = RunEnded(outcome=RunOutcome.FAILED, exit_code=1, changes=2, message="the copy failed")
DONE = RunEnded(outcome=RunOutcome.DONE, exit_code=0, changes=5, message="db2 follows db1")
TOPOLOGY = Topology("app-db", Node("root@db1"), (Node("db2"),))
WATCHED: tuple[Event, ...] = (
    *START,
    StepStarted(step="match"),
    DONE,
    PrimaryPosition(lsn="0/3000000", via="psycopg"),
    StandbyPosition(received="0/3000000", replayed="0/3000000", via="psycopg"),
    Matched(matching=True, lsn="0/3000000", received="0/3000000", replayed="0/3000000"),
)


@pytest.mark.parametrize(("key", "choice"), [("x", "skip"), ("e", "edit"), ("u", "undo"), ("r", "retry")])
async def test_a_key_answers_a_failure(key: str, choice: str) -> None:
    run = FakeRun((*START, replace(FAILURE, choices=ALL)))
    app = PgReplApp(source=run, afterwards={"undo": lambda _: FakeRun()})
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(app.screen.query(ChoiceButton)) == len(ALL))
        assert all(f"({shown})" in text_of(app.screen) for shown in ("q", "r", "x", "e", "u")), text_of(app.screen)
        await pilot.press(key)
        await until(pilot, lambda: run.answers == [(3, choice)])


async def test_every_choice_after_a_failure_can_be_clicked() -> None:
    run = FakeRun((*START, replace(FAILURE, choices=ALL)))
    app = PgReplApp(source=run, afterwards={"undo": lambda _: FakeRun()})
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(app.screen.query(ChoiceButton)) == len(ALL))
        for choice in ALL[1:]:
            await pilot.click(next(button for button in app.screen.query(ChoiceButton) if button.choice == choice))
        await until(pilot, lambda: run.answers == [(3, choice) for choice in ALL[1:]])


async def test_what_is_not_offered_says_what_is() -> None:
    run = FakeRun((*START, FAILURE))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: len(app.screen.query(ChoiceButton)) == 2)
        await pilot.press("x")
        await until(pilot, lambda: "The answer is one of: quit, retry" in text_of(app.screen))
        assert run.answers == []


async def test_a_check_is_looked_at_again_by_key_and_by_mouse() -> None:
    run = FakeRun(STOPPED)
    async with opened(run, (80, 24)) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, PreflightScreen) and "look again (a)" in text_of(app.screen))
        await pilot.press("a")
        await until(pilot, lambda: run.answers == [(5, "check:disk")])
        x, y = place_of(app, "look again")
        await pilot.click(offset=(x, y))
        await until(pilot, lambda: run.answers == [(5, "check:disk")] * 2)
        run.feed(Answered(question=5, answer="check:disk", by="operator"), replace(DISK, verdict=Verdict.PASS, why=""))
        run.feed(replace(STOP, question=6))
        await until(pilot, lambda: "2 pass" in text_of(app.screen))


async def test_a_check_cannot_be_looked_at_again_while_the_run_works() -> None:
    run = FakeRun(STOPPED[:-2])
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: "free disk" in text_of(app.screen))
        await pilot.press("a")
        await until(pilot, lambda: "while the run waits" in text_of(app.screen))
        assert run.answers == []


async def test_edit_brings_the_form_back_with_what_was_entered() -> None:
    runs: list[FakeRun] = []

    def begin(_topology: Topology) -> FakeRun:
        runs.append(FakeRun((*START, StepStarted(step="copy"), replace(FAILURE, stage=Stage.STANDBY, choices=ALL))))
        return runs[-1]

    app = PgReplApp(TOPOLOGY, begin)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, HostsScreen))
        await pilot.press("enter")
        await until(pilot, lambda: bool(runs) and app.scene().open_question is not None)
        await pilot.press("e")
        runs[0].feed(Answered(question=3, answer="edit", by="operator"), FAILED)
        runs[0].end(1)
        await until(pilot, lambda: isinstance(app.screen, HostsScreen) and app.screen.query_one(TopologyForm).display)
        assert "root@db1" in text_of(app.screen)
        await pilot.press("enter")
        await until(pilot, lambda: len(runs) == 2)


async def undone(run: FakeRun, act: Callable[[PgReplApp, Pilot[int]], object]) -> list[str]:
    """Open the app on a run, act, and say which topologies were undone."""
    begun: list[str] = []

    def undo(topology: Topology) -> FakeRun:
        begun.append(topology.name)
        return FakeRun((replace(BEGIN, mode="undo"), *START[1:]))

    app = PgReplApp(TOPOLOGY, lambda _: run, afterwards={"undo": undo, "discard": undo})
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, HostsScreen))
        await pilot.press("enter")
        await until(pilot, lambda: app.session.state.run is not None)
        result = act(app, pilot)
        if hasattr(result, "__await__"):
            await result
        await until(pilot, lambda: not app.drawing)
    return begun


async def test_undo_in_place_of_a_retry_ends_the_run_and_then_undoes_it() -> None:
    run = FakeRun((*START, replace(FAILURE, choices=ALL)))

    async def act(app: PgReplApp, pilot: Pilot[int]) -> None:
        await until(pilot, lambda: app.scene().open_question is not None)
        await pilot.press("u")
        await until(pilot, lambda: run.answers == [(3, "undo")])
        run.feed(Answered(question=3, answer="undo", by="operator"), FAILED)
        run.end(1)
        await until(pilot, lambda: app.session.state.run is not None and app.session.state.run.mode == "undo")

    assert await undone(run, act) == ["app-db"]


async def test_undo_after_the_end_and_while_the_pair_is_watched() -> None:
    run = FakeRun(WATCHED)

    async def act(app: PgReplApp, pilot: Pilot[int]) -> None:
        await until(pilot, lambda: app.watching)
        await pilot.press("u")
        await until(pilot, lambda: app.session.state.run is not None and app.session.state.run.mode == "undo")

    assert await undone(run, act) == ["app-db"]


async def test_an_undo_that_was_refused_half_way_is_taken_up_by_the_same_key() -> None:
    run = FakeRun((replace(BEGIN, mode="undo"), *START[1:], replace(FAILED, outcome=RunOutcome.REFUSED)))

    async def act(app: PgReplApp, pilot: Pilot[int]) -> None:
        run.end(3)
        await until(pilot, lambda: app.session.state.ended is not None and not app.under_way)
        await until(pilot, lambda: "u Undo" in text_of(app.screen))
        await pilot.press("u")
        await until(pilot, lambda: app.under_way and app.session.state.ended is None)

    assert await undone(run, act) == ["app-db"]


async def test_an_undo_that_is_done_is_not_begun_again() -> None:
    run = FakeRun((replace(BEGIN, mode="undo"), *START[1:], DONE))

    async def act(app: PgReplApp, pilot: Pilot[int]) -> None:
        run.end(0)
        await until(pilot, lambda: app.session.state.ended is not None and not app.under_way)
        await pilot.press("u")
        await until(pilot, lambda: "This was no set-up" in text_of(app.screen))

    assert await undone(run, act) == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_lag_of_many_minutes_is_one_line(size: tuple[int, int]) -> None:
    run = FakeRun(WATCHED)
    async with opened(run, size) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, VerifyScreen))
        for _ in range(130):
            run.feed(StandbyPosition(received="0/3000000", replayed="0/3000000", via="psycopg"))
        lag = app.screen.query_one("#lag")
        await until(pilot, lambda: text_of(lag).count("▁") > size[0] // 2 - 10)
        assert [row for row in text_of(lag).splitlines() if "▁" in row] == text_of(lag).splitlines()[1:2]


async def test_undo_is_refused_with_its_reason_while_the_run_works_and_in_an_undo() -> None:
    run = FakeRun((*START, StepStarted(step="copy")))

    async def act(app: PgReplApp, pilot: Pilot[int]) -> None:
        await pilot.press("u")
        await until(pilot, lambda: "stop it first" in text_of(app.screen))

    assert await undone(run, act) == []


async def test_the_old_data_is_deleted_only_after_a_good_end() -> None:
    failed, done = FakeRun((*START, FAILED)), FakeRun(WATCHED)

    async def refused(app: PgReplApp, pilot: Pilot[int]) -> None:
        failed.end(1)
        await until(pilot, lambda: app.session.state.ended is not None and not app.watching)
        await pilot.press("X")
        await until(pilot, lambda: "only once the standby streams" in text_of(app.screen))

    async def begun(app: PgReplApp, pilot: Pilot[int]) -> None:
        await until(pilot, lambda: app.watching)
        await pilot.press("X")
        await until(pilot, lambda: app.session.state.run is not None and app.session.state.run.mode == "undo")

    assert await undone(failed, refused) == []
    assert await undone(done, begun) == ["app-db"]


async def test_a_watched_pair_is_shown_live_and_leaving_asks_nothing() -> None:
    run = FakeRun(WATCHED)
    async with opened(run) as (app, pilot):
        await until(
            pilot, lambda: isinstance(app.screen, VerifyScreen) and "watched every second" in text_of(app.screen)
        )
        assert "✓ match" in text_of(app.screen)
        run.feed(
            PrimaryPosition(lsn="0/3F00000", via="psycopg"),
            StandbyPosition(received="0/3F00000", replayed="0/3000000", via="psycopg"),
            Matched(matching=False, lsn="0/3F00000", received="0/3F00000", replayed="0/3000000"),
        )
        await until(pilot, lambda: "! 15.7 MB behind" in text_of(app.screen))
        run.feed(Matched(matching=False, lsn="0/3F00000", received="", replayed="0/3000000", reason="no sender"))
        await until(pilot, lambda: "✗ 15.7 MB behind" in text_of(app.screen) and "no sender" in text_of(app.screen))
        assert not app.under_way
        await pilot.press("q")
        await until(pilot, lambda: run.stopped == 1)
    assert app.return_code == 0


async def test_what_the_run_left_to_be_known_is_shown_at_the_end() -> None:
    run = FakeRun((*START, StepStarted(step="match"), Note(level="warning", text="[b]the slot[/b] keeps WAL"), DONE))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: "! [b]the slot[/b] keeps WAL" in text_of(app.screen))


async def test_deleting_needs_the_hosts_name_typed() -> None:
    run = FakeRun(DISCARDING)
    async with opened(run, (80, 24)) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, DeleteScreen))
        assert "type db2 to delete this" in text_of(app.screen)
        await pilot.press("enter")
        await pilot.press(*"yes", "enter")
        assert isinstance(app.screen, DeleteScreen)
        assert run.answers == []
        await pilot.press("backspace", "backspace", "backspace", *"db2", "enter")
        await until(pilot, lambda: run.answers == [(9, "db2")])


async def test_escape_deletes_nothing() -> None:
    run = FakeRun(DISCARDING)
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, DeleteScreen))
        await pilot.press("escape")
        await until(pilot, lambda: run.answers == [(9, "no")])


def place_of(app: PgReplApp, text: str) -> tuple[int, int]:
    """Where a text stands on the screen: column and line."""
    lines = text_of(app.screen).splitlines()
    y = next(index for index, line in enumerate(lines) if text in line)
    return lines[y].index(text) + 2, y
