"""Keys that do nothing now say why, the help is that of the screen, and jump mode reaches every part."""

from pathlib import Path

import pytest
from textual.widgets import Collapsible, Input

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import (
    Asked,
    Finding,
    Outcome,
    RunEnded,
    RunOutcome,
    Stage,
    StepEnded,
    StepInspected,
    StepStarted,
)
from pgrepl_tui.screens.host_key import HostKeyScreen
from pgrepl_tui.screens.jump import JumpScreen
from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.signs import LOOKED, NEEDED, OUTCOMES, READY, step_sign
from pgrepl_tui.screens.widgets.log_view import LogView
from pgrepl_tui.screens.widgets.name_suggester import NameSuggester
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.state import fold
from tests.screens.fake_app import opened, text_of, until
from tests.screens.fake_run import GATE, PLAN, START, FakeRun, lines

HOST_KEY = Asked(
    question=7,
    kind="host-key",
    stage=Stage.CONNECT,
    step="reach",
    text="The host key of db1, port 22 is not known.\nssh-ed25519\nSHA256:abc",
    choices=("no", "yes"),
)


@pytest.mark.parametrize(
    ("key", "words"),
    [("ctrl+s", "Nothing runs"), ("r", "Nothing runs"), ("o", "Nothing runs"), ("c", "hosts of this run were given")],
)
async def test_a_key_that_does_nothing_now_says_why(key: str, words: str) -> None:
    run = FakeRun((*START, RunEnded(outcome=RunOutcome.DONE, exit_code=0, changes=0)))
    run.end(0)
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: not app.under_way)
        await pilot.press(key)
        await until(pilot, lambda: words in text_of(app.screen))
        assert run.answers == []


async def test_connecting_twice_says_that_a_run_is_under_way() -> None:
    async with opened(FakeRun((*START, GATE))) as (app, pilot):
        await pilot.press("c", "escape")
        await until(pilot, lambda: "A run is under way already" in text_of(app.screen))
        await until(pilot, lambda: "was started on a topology" in text_of(app.screen))


async def test_the_help_lists_the_keys_of_the_screen_and_what_does_nothing_now() -> None:
    run = FakeRun((*START, RunEnded(outcome=RunOutcome.DONE, exit_code=0, changes=0)))
    run.end(0)
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: not app.under_way)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        shown = text_of(app.screen)
        assert "Not now" in shown
        assert "^s Stop" in shown.split("Not now")[1]
        assert "Leave a failed step out" in shown.split("Not now")[1]
        assert "Look again at a check" in shown.split("Not now")[1]
        assert "Every command" not in shown
        assert "Log" in shown.split("Not now")[0]


async def test_jump_mode_goes_to_the_part_with_the_letter() -> None:
    run = FakeRun((*START, *lines("role", 0, 40), GATE))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: "line 39" in text_of(app.screen))
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, JumpScreen))
        letters = {widget: letter for letter, widget in app.screen._targets.items()}  # type: ignore[attr-defined]
        log = next(widget for widget in letters if isinstance(widget, LogView))
        assert f" {letters[log]} " in text_of(app.screen)
        await pilot.press(letters[log])
        await until(pilot, lambda: app.focused is log)


@pytest.mark.parametrize("size", [(50, 20), (80, 24), (120, 60)])
async def test_jump_mode_has_a_letter_for_every_part_that_is_seen(size: tuple[int, int]) -> None:
    app = PgReplApp(None, make_source=lambda _: FakeRun())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.focused, Input))
        folds = list(app.screen.query(Collapsible))
        for fold in folds:
            fold.collapsed = False
        fields = app.screen.query_one("#form-fields")
        await until(pilot, lambda: not fields.is_scrolling and all(not fold.collapsed for fold in folds))
        await pilot.wait_for_scheduled_animations()
        fields.scroll_home(animate=False)
        await pilot.pause()
        below = app.screen
        parts = below.focus_chain
        seen = [part for part in parts if below.find_widget(part).visible_region.area]
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, JumpScreen))
        targets = app.screen._targets  # type: ignore[attr-defined]
        assert set(targets.values()) == set(seen)
        assert len(targets) == len(seen)
        if size[1] == 60:
            assert len(seen) == len(parts)
        shown = text_of(app.screen)
        assert all(f" {letter} " in shown for letter in targets)


@pytest.mark.parametrize("key", ["escape", "ctrl+o", "0"])
async def test_jump_mode_is_left_without_going_anywhere(key: str) -> None:
    run = FakeRun((*START, GATE))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: "Run Primary?" in text_of(app.screen))
        before = app.focused
        await pilot.press("ctrl+o", key)
        await until(pilot, lambda: not isinstance(app.screen, JumpScreen))
        assert app.focused is before
        assert run.answers == []


async def test_jump_mode_works_while_a_field_has_the_focus() -> None:
    app = PgReplApp(None, make_source=lambda _: FakeRun())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("ctrl+o", "s")
        await until(pilot, lambda: app.focused is app.screen.query_one("#primary-cluster"))


async def test_an_unknown_host_key_is_accepted_by_the_typed_word_only() -> None:
    run = FakeRun((*START, HOST_KEY))
    async with opened(run, (80, 24)) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, HostKeyScreen))
        assert "SHA256:abc" in text_of(app.screen)
        await pilot.press("enter", "y", "enter")
        await until(pilot, lambda: "Type the whole word yes" in text_of(app.screen))
        assert run.answers == []
        await pilot.press("e", "s", "enter")
        await until(pilot, lambda: run.answers == [(7, "yes")])


async def test_escape_says_no_to_an_unknown_host_key() -> None:
    run = FakeRun((*START, HOST_KEY))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, HostKeyScreen))
        await pilot.press("y", "e", "s", "escape")
        await until(pilot, lambda: run.answers == [(7, "no")])


async def test_a_replay_shows_the_question_about_a_key_but_opens_no_dialog() -> None:
    run = FakeRun((*START, HOST_KEY))
    run.live = False
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: "The host key of db1" in text_of(app.screen))
        assert not isinstance(app.screen, HostKeyScreen)


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [("d", "db1.example.org"), ("ops@DB", "ops@DB1.example.org"), ("", None), ("ops@", None), ("x", None)],
)
async def test_a_destination_is_completed_behind_its_user(typed: str, suggested: str | None) -> None:
    assert await NameSuggester(["db1.example.org", "db2"]).get_suggestion(typed) == suggested


async def test_the_right_arrow_takes_the_suggested_name() -> None:
    app = PgReplApp(None, make_source=lambda _: FakeRun(), names=["db1.example.org"])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("d", "b")
        await until(pilot, lambda: "db1.example.org" in text_of(app.screen))
        await pilot.press("right")
        assert app.screen.query_one("#primary-ssh", Input).value == "db1.example.org"


def test_a_step_that_only_looks_is_never_called_already_so() -> None:
    ended = StepEnded(t=2.0, step="role", outcome=Outcome.UNCHANGED)
    begun = (PLAN, StepStarted(t=1.0, step="role"))
    there = StepInspected(step="role", finding=Finding.DONE)
    missing = StepInspected(step="role", finding=Finding.NEEDED)
    assert step_sign(fold((*begun, ended)).steps["role"]) is LOOKED
    assert step_sign(fold((*begun, missing, ended)).steps["role"]) is LOOKED
    assert step_sign(fold((*begun, there, ended)).steps["role"]) is READY
    assert step_sign(fold((PLAN, missing)).steps["role"]) is NEEDED
    changed = replace_outcome(ended, Outcome.CHANGED)
    assert step_sign(fold((*begun, changed)).steps["role"]) is OUTCOMES[Outcome.CHANGED]


def replace_outcome(ended: StepEnded, outcome: Outcome) -> StepEnded:
    return StepEnded(t=ended.t, step=ended.step, outcome=outcome)


async def test_steps_that_only_looked_show_their_time() -> None:
    source = Replay.open(Path(__file__).parents[1] / "data" / "runs" / "setup.jsonl", playing=False)
    async with opened(source) as (app, pilot):
        await pilot.press("end", "1")
        await until(pilot, lambda: "reach the primary's host" in text_of(app.screen))
        line = next(line for line in text_of(app.screen).splitlines() if "reach the primary's host" in line)
        assert " ms" in line or " s" in line
        assert "already so" not in text_of(app.screen)
