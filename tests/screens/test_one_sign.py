"""One thing has one sign and is told once; a key stands in the footer only where it does what its word says."""

from dataclasses import replace

import pytest

from pgrepl_tui.events import (
    CheckDone,
    Event,
    Outcome,
    RunEnded,
    RunOutcome,
    Stage,
    StepEnded,
    StepStarted,
    Verdict,
)
from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.widgets.question_bar import QuestionBar
from pgrepl_tui.screens.widgets.stage_bar import StageBar
from pgrepl_tui.screens.widgets.step_list import StepList
from pgrepl_tui.screens.widgets.wrapping import KeysFooter
from tests.screens.fake_app import opened, text_of, until
from tests.screens.fake_run import FAILURE, GATE, START, FakeRun

ENTER, ONE = "enter Run", "o One step"
RETRY = "Retry (r)"
ROW = CheckDone(
    id="disk",
    title="free disk",
    verdict=Verdict.STOP,
    primary="9 GB",
    standby="1 GB",
    why="too little",
    remedy="make room",
)


def failed(step: str, stage: Stage, outcome: Outcome, what: str) -> tuple[Event, ...]:
    """A step that ends so, and the question about it."""
    ended = StepEnded(step=step, outcome=outcome, message=what, remedy="make room")
    return StepStarted(step=step), ended, replace(FAILURE, stage=stage, step=step, text=what)


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED])
@pytest.mark.parametrize(("step", "stage"), [("reach", Stage.CONNECT), ("role", Stage.PRIMARY)])
async def test_a_step_that_stands_in_the_way_has_one_sign_wherever_it_is_told(
    outcome: Outcome, step: str, stage: Stage
) -> None:
    async with opened(FakeRun((*START, *failed(step, stage, outcome, "no way")))) as (app, pilot):
        await until(pilot, lambda: RETRY in text_of(app.screen))
        title = app.session.state.steps[step].info.title
        assert f"✗ {title}" in text_of(app.screen.query_one(StepList))
        assert f"[{stage.value.capitalize()}] ✗" in text_of(app.screen.query_one(StageBar))
        assert f"✗ {title}: no way" in text_of(app.screen.query_one(QuestionBar))
        assert "✗ no way" in text_of(app.screen)
        assert "!" not in text_of(app.screen)


async def test_a_refused_run_has_the_sign_of_its_refused_step() -> None:
    end = RunEnded(outcome=RunOutcome.REFUSED, exit_code=3, changes=0, message="no way")
    async with opened(FakeRun((*START, *failed("role", Stage.PRIMARY, Outcome.REFUSED, "no way")[:2], end))) as (
        app,
        pilot,
    ):
        await until(pilot, lambda: "✗ Refused: 0 changes; no way" in text_of(app.screen))
        assert "!" not in text_of(app.screen)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (50, 20)])
async def test_a_row_that_stops_tells_its_remedy_once(size: tuple[int, int]) -> None:
    run = FakeRun((*START, ROW, *failed("check", Stage.PREFLIGHT, Outcome.REFUSED, "free disk: too little")))
    async with opened(run, size) as (app, pilot):
        await until(pilot, lambda: RETRY in text_of(app.screen))
        assert "✗ stop: too little" in text_of(app.screen)
        assert text_of(app.screen).count("make room") == 1
        assert "!" not in text_of(app.screen)


async def test_what_no_row_tells_is_told_above_the_rows() -> None:
    run = FakeRun((*START, ROW, *failed("check", Stage.PREFLIGHT, Outcome.FAILED, "db1: the connection was lost")))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: RETRY in text_of(app.screen))
        assert "✗ db1: the connection was lost" in text_of(app.screen)


RUNS: dict[str, tuple[Event, ...]] = {
    "at a gate": (GATE,),
    "after a failure": failed("role", Stage.PRIMARY, Outcome.FAILED, "no way"),
    "while a step runs": (StepStarted(step="role"),),
}


@pytest.mark.parametrize("when", RUNS)
async def test_run_and_one_step_stand_in_the_footer_only_where_they_run_something(when: str) -> None:
    async with opened(FakeRun((*START, *RUNS[when]))) as (app, pilot):
        offered = when == "at a gate"
        footer = app.screen.query_one(KeysFooter)
        await until(pilot, lambda: "^s Stop" in text_of(footer) and (ENTER in text_of(footer)) is offered)
        assert (ONE in text_of(footer)) is offered


async def test_the_footer_goes_from_a_failure_to_a_gate() -> None:
    run = FakeRun((*START, *RUNS["after a failure"]))
    async with opened(run) as (app, pilot):
        footer = app.screen.query_one(KeysFooter)
        await until(pilot, lambda: RETRY in text_of(app.screen) and ENTER not in text_of(footer))
        await pilot.press("enter")
        await until(pilot, lambda: "press r to try it again" in text_of(app.screen))
        assert run.answers == []


async def test_a_key_in_the_footer_stays_itself_while_a_dialog_comes_and_goes() -> None:
    """The mouse that was on its way to it meets it: it was taken away and made anew at each return from a dialog."""
    run = FakeRun((*START, *RUNS["while a step runs"]))
    async with opened(run) as (app, pilot):
        footer = app.screen.query_one(KeysFooter)
        await until(pilot, lambda: "? Help" in text_of(footer))
        before = list(footer.children)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        await pilot.press("escape")
        await until(pilot, lambda: "? Help" in text_of(app.screen) and not isinstance(app.screen, NoticeScreen))
        await pilot.click(next(key for key in before if "Help" in getattr(key, "description", "")))
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        assert list(footer.children) == before
        await pilot.press("escape")
        run.feed(StepEnded(step="role", outcome=Outcome.CHANGED, message="made"), GATE)
        await until(pilot, lambda: ENTER in text_of(footer))
        assert list(footer.children) != before


@pytest.mark.parametrize("stage", Stage)
async def test_detail_stands_in_the_footer_where_there_is_something_to_turn_to(stage: Stage) -> None:
    async with opened(FakeRun((*START, StepStarted(step="role")))) as (app, pilot):
        await pilot.press(str(list(Stage).index(stage) + 1))
        await until(pilot, lambda: f"[{stage.value.capitalize()}]" in text_of(app.screen))
        turns = stage in {Stage.PRIMARY, Stage.STANDBY}
        await until(pilot, lambda: ("d Detail" in text_of(app.screen.query_one(KeysFooter))) is turns)
        await pilot.press("d")
        await until(pilot, lambda: ("All is in view here" in text_of(app.screen)) is not turns)
