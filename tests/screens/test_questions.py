"""Questions: how they are answered, and how they are not."""

import asyncio

import pytest

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Answered, Asked, Outcome, Progress, RunEnded, RunOutcome, Stage, StepEnded, StepStarted
from pgrepl_tui.screens.confirm import ConfirmScreen
from pgrepl_tui.screens.leave import LeaveScreen
from pgrepl_tui.screens.primary import PrimaryScreen
from pgrepl_tui.screens.secret import SecretScreen
from pgrepl_tui.screens.typed_word import SetAsideScreen
from pgrepl_tui.screens.widgets.question_bar import ChoiceButton
from pgrepl_tui.screens.widgets.secret_input import SecretInput
from tests.screens.fake_app import PATIENCE, opened, text_of, until
from tests.screens.fake_run import CONFIRM, FAILURE, GATE, SECRET, START, FakeRun


@pytest.mark.parametrize(("key", "choice"), [("enter", "run"), ("r", "run"), ("o", "step")])
async def test_a_key_answers_an_open_gate(key: str, choice: str) -> None:
    run = FakeRun((*START, GATE))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, PrimaryScreen) and "Run Primary?" in text_of(app.screen))
        await pilot.press(key)
        assert run.answers == [(1, choice)]


async def test_a_button_answers_an_open_gate_with_the_mouse() -> None:
    run = FakeRun((*START, GATE))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: len(app.screen.query(ChoiceButton)) == 3)
        button = next(button for button in app.screen.query(ChoiceButton) if button.choice == "step")
        await pilot.click(button)
        await until(pilot, lambda: run.answers == [(1, "step")])


@pytest.mark.parametrize("asked", [GATE, FAILURE], ids=["gate", "failure"])
async def test_a_key_that_was_on_its_way_answers_no_question_that_is_not_shown_yet(asked: Asked) -> None:
    run = FakeRun(START)
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: not app.drawing)
        run.feed(asked)
        async with asyncio.timeout(PATIENCE):
            while app.session.state.question is None:
                await asyncio.sleep(0)
        assert app.drawing
        app.action_run_on(retry=True)
        app.action_choose(asked.choices[0])
        app.action_one_step()
        assert run.answers == []
        await until(pilot, lambda: "This question has just come up" in text_of(app.screen) and not app.drawing)
        app.action_run_on(retry=True)
        assert [choice for _, choice in run.answers] == ["run" if asked is GATE else "retry"]


async def test_with_no_question_open_a_key_says_so_and_answers_nothing() -> None:
    run = FakeRun(START)
    async with opened(run) as (app, pilot):
        await pilot.press("r")
        await until(pilot, lambda: "Nothing waits for an answer" in text_of(app.screen))
        assert run.answers == []


async def test_enter_alone_never_says_yes() -> None:
    run = FakeRun((*START, CONFIRM))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("enter")
        await until(pilot, lambda: run.answers == [(2, "no")])


async def test_a_confirmation_says_what_and_on_which_host_and_y_says_yes() -> None:
    run = FakeRun((*START, CONFIRM))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        shown = text_of(app.screen)
        assert "Restart the primary?" in shown
        assert "Host: db1 (primary)" in shown
        await pilot.press("y")
        await until(pilot, lambda: run.answers == [(2, "yes")])


async def test_a_confirmation_goes_away_when_its_question_is_gone() -> None:
    run = FakeRun((*START, StepStarted(step=CONFIRM.step), CONFIRM))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        run.feed(Answered(question=2, answer="no", by="--yes"))
        await until(pilot, lambda: isinstance(app.screen, PrimaryScreen))
        assert run.answers == []


async def test_a_failure_shows_its_words_and_only_r_retries() -> None:
    end = StepEnded(step="role", outcome=Outcome.FAILED, message="FATAL: no\nsecond line", remedy="Mend it.")
    run = FakeRun((*START, StepStarted(step="role"), end, FAILURE))
    async with opened(run, (80, 24)) as (app, pilot):
        await until(pilot, lambda: "Try again?" in text_of(app.screen))
        shown = text_of(app.screen)
        assert "FATAL: no" in shown
        assert "second line" in shown
        assert "Mend it." in shown
        await pilot.press("enter")
        assert run.answers == []
        await pilot.press("r")
        assert run.answers == [(3, "retry")]


async def test_a_secret_goes_to_the_source_and_leaves_the_field() -> None:
    run = FakeRun((*START, SECRET))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, SecretScreen))
        field = app.screen.query_one(SecretInput)
        await pilot.press(*"s3cret")
        assert "s3cret" not in text_of(app.screen)
        assert "s3cret" not in repr(field)
        await pilot.press("enter")
        await until(pilot, lambda: run.secrets == [(4, "s3cret")])
        assert field.value == ""


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+x"])
async def test_a_password_cannot_be_copied_out_of_its_field(key: str) -> None:
    run = FakeRun((*START, SECRET))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, SecretScreen))
        field = app.screen.query_one(SecretInput)
        await pilot.press(*"s3cret", "shift+home", key)
        assert app.clipboard == ""
        assert field.value == "s3cret"


async def test_escape_says_that_there_is_no_secret() -> None:
    run = FakeRun((*START, SECRET))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, SecretScreen))
        await pilot.press("escape")
        await until(pilot, lambda: run.secrets == [(4, None)])


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_leaving_while_a_run_is_under_way_asks_and_stays_by_default(key: str) -> None:
    run = FakeRun((*START, GATE))
    async with opened(run) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, LeaveScreen))
        assert run.stopped == 0
        assert app.is_running


async def test_leaving_a_run_stops_it_and_exits_with_4() -> None:
    run = FakeRun((*START, GATE))
    async with opened(run) as (app, pilot):
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        await pilot.press("l")
        await until(pilot, lambda: app.return_code == 4)
    assert run.stopped == 1


async def test_a_run_that_does_not_stop_is_not_waited_for_for_ever() -> None:
    run = FakeRun((*START, GATE))
    run.stop = lambda: None  # type: ignore[method-assign] # a host that is gone
    async with opened(run) as (app, pilot):
        app.stop_patience = 0.05
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        await pilot.press("l")
        await until(pilot, lambda: app.return_code == 4)


async def test_after_its_end_a_run_is_left_at_once_with_its_own_exit_code() -> None:
    run = FakeRun((*START, RunEnded(outcome=RunOutcome.FAILED, exit_code=3, changes=1, message="It failed.")))
    run.end(3)
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: not app.under_way and "It failed." in text_of(app.screen))
        await pilot.press("q")
        await until(pilot, lambda: app.return_code == 3)


async def test_an_error_of_the_program_is_shown_whole_and_exits_with_1() -> None:
    run = FakeRun(START)
    run.end(ValueError("[/oops] a mistake of ours"))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: "ValueError: [/oops] a mistake of ours" in text_of(app.screen))
        assert "/recordings/app-db.jsonl" in text_of(app.screen)
        await pilot.press("enter")
        await until(pilot, lambda: app.return_code == 1)


async def test_stop_stops_the_run_and_stays() -> None:
    run = FakeRun((*START, GATE))
    async with opened(run) as (app, pilot):
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not app.under_way)
        assert run.stopped == 1
        assert app.is_running
        assert app.session.state.stage is Stage.PRIMARY


async def test_a_password_cannot_be_selected_undone_or_read_out_of_its_field() -> None:
    run = FakeRun((*START, SECRET))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, SecretScreen))
        field = app.screen.query_one(SecretInput)
        await pilot.press(*"s3cret")
        app.screen.text_select_all()
        selected = app.screen.get_selected_text() or ""
        assert "s3cret" not in selected
        await pilot.mouse_down(field, offset=(1, 0))
        await pilot.hover(field, offset=(8, 0))
        await pilot.mouse_up(field, offset=(8, 0))
        await pilot.press("ctrl+c", "super+c", "ctrl+x")
        assert app.clipboard == ""
        assert "s3cret" not in app.export_screenshot()
        assert "s3cret" not in repr(app.screen.tree)
        await pilot.press("escape")
        await until(pilot, lambda: run.secrets == [(4, None)])
        assert field.value == ""


ASIDE = (
    "Set the old data directory on db2 aside? /srv/data is renamed to /srv/data.pgrepl-old-1; nothing is deleted. It "
    "has unique data: the record at 0/5000028 is another one than on db1. To agree, type the name of the host: db2"
)


@pytest.mark.parametrize("typed", ["y", "db1", "db"])
async def test_unique_data_is_set_aside_only_when_the_hosts_name_was_typed(typed: str) -> None:
    question = Asked(question=2, kind="typed", stage=Stage.STANDBY, step="set-aside", text=ASIDE, choices=("no", "db2"))
    run = FakeRun((*START, question))
    async with opened(run, (80, 24)) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, SetAsideScreen))
        shown = " ".join(text_of(app.screen).replace("│", " ").split())
        for words in ("Data that nobody else has", "unique data: the record at 0/5000028", "type db2 to agree"):
            assert words in shown
        await pilot.press("enter", *typed, "enter")
        await pilot.pause()
        assert run.answers == []
        await pilot.press(*["backspace"] * len(typed), *"db2", "enter")
        await until(pilot, lambda: run.answers == [(2, "db2")])


async def test_what_a_check_waits_for_is_in_the_bar_and_for_how_long() -> None:
    """Preflight's screen is a table of checks: it has no pane that tells how far a step is."""
    wait = "db2 has not heard [b]yet"
    run = FakeRun((*START, StepStarted(step="check"), Progress(step="check", phase=wait)))
    app = PgReplApp(source=run, clock=lambda: 9.0)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: f"check both sides: {wait} · 00:00:0" in text_of(app.screen))
