"""The screens go with the run, unless the operator went elsewhere."""

import pytest

from pgrepl_tui.events import CheckDone, Outcome, PlanMade, Stage, StepEnded, StepStarted, Verdict
from pgrepl_tui.screens.ascii import to_ascii
from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.screens.widgets.big_text import FIGURES, big_rows
from pgrepl_tui.screens.widgets.stage_bar import StageTab
from pgrepl_tui.screens.widgets.step_list import StepList
from tests.screens.fake_app import opened, text_of, until
from tests.screens.fake_run import GATE, START, FakeRun, lines

SIZES = [(50, 20), (80, 24), (120, 40)]


def stage_of(app: object) -> Stage | None:
    screen = getattr(app, "screen", None)
    return screen.stage if isinstance(screen, StageScreen) else None


async def test_the_screen_goes_with_the_run_until_another_is_chosen_and_f_goes_with_it_again() -> None:
    run = FakeRun(START)
    async with opened(run) as (app, pilot):
        assert stage_of(app) is Stage.CONNECT
        run.feed(StepStarted(step="check"))
        await until(pilot, lambda: stage_of(app) is Stage.PREFLIGHT)
        await pilot.press("5")
        await until(pilot, lambda: stage_of(app) is Stage.VERIFY)
        run.feed(StepStarted(step="role"))
        await until(pilot, lambda: app.session.state.stage is Stage.PRIMARY and not app.drawing)
        assert stage_of(app) is Stage.VERIFY
        await pilot.press("f")
        await until(pilot, lambda: stage_of(app) is Stage.PRIMARY)


async def test_a_click_on_a_stage_opens_it() -> None:
    async with opened(FakeRun(START)) as (app, pilot):
        tab = next(tab for tab in app.screen.query(StageTab) if tab.stage is Stage.STANDBY)
        await pilot.click(tab)
        await until(pilot, lambda: stage_of(app) is Stage.STANDBY)


async def test_help_stays_open_while_the_run_goes_on_and_lists_the_keys() -> None:
    run = FakeRun(START)
    async with opened(run) as (app, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        assert "One step" in text_of(app.screen)
        run.feed(StepStarted(step="role"))
        await until(pilot, lambda: app.session.state.stage is Stage.PRIMARY and not app.drawing)
        assert isinstance(app.screen, NoticeScreen)
        await pilot.press("escape")
        run.feed(StepEnded(step="role", outcome=Outcome.CHANGED))
        await until(pilot, lambda: stage_of(app) is Stage.PRIMARY)


async def test_the_cursor_goes_with_the_running_step_until_it_is_moved() -> None:
    run = FakeRun((*START, GATE, StepStarted(step="role")))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: stage_of(app) is Stage.PRIMARY)
        steps = app.screen.query_one(StepList)
        await until(pilot, lambda: steps.chosen is not None and steps.chosen.running)
        await pilot.press("down")
        assert steps.cursor == 1
        run.feed(StepEnded(step="role", outcome=Outcome.CHANGED), StepStarted(step="role"))
        await until(pilot, lambda: not app.drawing)
        assert steps.cursor == 1
        await pilot.press("f")
        await until(pilot, lambda: steps.cursor == 0)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_live_output_of_a_step_is_followed(size: tuple[int, int]) -> None:
    run = FakeRun((*START, GATE, *lines("role", 0, 100)))
    async with opened(run, size) as (app, pilot):
        await until(pilot, lambda: "line 99" in text_of(app.screen))
        run.feed(*lines("role", 100, 5))
        await until(pilot, lambda: "line 104" in text_of(app.screen))


async def test_on_a_short_screen_d_turns_from_the_output_to_what_the_step_does() -> None:
    run = FakeRun((*START, GATE, *lines("role", 0, 3)))
    async with opened(run, (80, 24)) as (app, pilot):
        await until(pilot, lambda: "line 2" in text_of(app.screen))
        assert "a role of its own" not in text_of(app.screen)
        await pilot.press("d")
        await until(pilot, lambda: "a role of its" in text_of(app.screen) and "line 2" not in text_of(app.screen))


async def test_preflight_opens_the_worst_row_and_the_one_that_is_chosen() -> None:
    checks = [
        CheckDone(id="a", title="first", verdict=Verdict.PASS, primary="p", standby="s"),
        CheckDone(id="b", title="second", verdict=Verdict.STOP, primary="p", standby="s", why="Why.", remedy="Mend."),
    ]
    run = FakeRun((*START, StepStarted(step="check"), *checks))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: "✗ stop: Why." in text_of(app.screen))
        assert "What to do: Mend." in text_of(app.screen)
        await pilot.press("up")
        await until(pilot, lambda: "Why." not in text_of(app.screen))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stage", list(Stage))
async def test_every_screen_opens_empty_at_every_size(stage: Stage, size: tuple[int, int]) -> None:
    async with opened(FakeRun(()), size) as (app, pilot):
        app.action_stage(stage.value)
        await until(pilot, lambda: stage_of(app) is stage)
        assert f"[{stage.value.capitalize()}]" in text_of(app.screen)


async def test_an_empty_plan_breaks_nothing() -> None:
    async with opened(FakeRun((START[0], PlanMade(steps=())))) as (app, pilot):
        await pilot.press("3", "down", "up", "d")
        await until(pilot, lambda: stage_of(app) is Stage.PRIMARY)


def test_ascii_keeps_the_width_and_leaves_nothing_else() -> None:
    for text in ("╭─╮│✓ ✗ ▶ ○ ● →", "▁▂▃▄▅▆▇█", "日本", "é…", "a"):
        assert to_ascii(text).isascii()
    assert to_ascii("日本") == "????"
    assert to_ascii("✓ ✗ ▶ ○") == "+ x > o"


def test_large_figures_can_be_told_apart_in_ascii() -> None:
    figures = {figure: tuple(map(to_ascii, big_rows(figure))) for figure in FIGURES}
    assert figures["3"] == (" _ ", " _|", " _|")
    alike = {(one, other) for one in figures for other in figures if one < other and figures[one] == figures[other]}
    assert alike == set()


async def test_with_an_ascii_terminal_every_line_that_is_drawn_is_ascii() -> None:
    run = FakeRun((*START, GATE, *lines("role", 0, 3)))
    async with opened(run) as (app, pilot):
        app._ascii.enabled = True
        app.refresh(layout=True)
        await until(pilot, lambda: text_of(app.screen).isascii())
