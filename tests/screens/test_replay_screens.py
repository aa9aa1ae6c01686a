"""A replay: the transport, and that nothing can be run in it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgrepl_tui.events import Answered, Event, Outcome, Output, RunEnded, RunOutcome, Stage, StepEnded, StepStarted
from pgrepl_tui.screens.confirm import ConfirmScreen
from pgrepl_tui.screens.widgets.transport_bar import TransportBar
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.state import fold
from tests.screens.fake_app import opened, text_of, until
from tests.screens.fake_run import CONFIRM, GATE, START

LATER: tuple[Event, ...] = (
    replace(GATE, t=10.0),
    Answered(t=12.0, question=1, answer="run", by="operator"),
    StepStarted(t=13.0, step="role"),
    Output(t=14.0, number=1, step="role", host="db1", stream="out", text="CREATE ROLE\n"),
    StepEnded(t=15.0, step="role", outcome=Outcome.CHANGED),
    replace(CONFIRM, t=16.0),
    Answered(t=17.0, question=2, answer="yes", by="operator"),
    StepStarted(t=20.0, step="copy"),
    StepEnded(t=50.0, step="copy", outcome=Outcome.CHANGED, message="copied"),
    RunEnded(t=60.0, outcome=RunOutcome.DONE, exit_code=0, changes=2, message="db2 follows db1."),
)
EVENTS = (*START, *LATER)


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "run.jsonl"
    with Recorder(path, topology={"name": "app-db"}, started=datetime(2026, 1, 2, tzinfo=UTC)) as recorder:
        for event in EVENTS:
            recorder.write(event)
    return path


def replay(path: Path, at: float = 0.0) -> Replay:
    return Replay.open(path, at=at, playing=False)


@pytest.mark.parametrize(
    ("key", "position"),
    [("right", 19.0), ("left", 9.0), ("home", 0.0), ("end", 60.0), ("]", 20.0), ("[", 10.0), (".", 15.0)],
)
async def test_the_keys_of_the_transport_move_it(recorded: Path, key: str, position: float) -> None:
    source = replay(recorded, at=14.0)
    async with opened(source) as (_app, pilot):
        await pilot.press({"]": "right_square_bracket", "[": "left_square_bracket", ".": "full_stop"}.get(key, key))
        assert source.position == position
        assert source.session.state == fold(event for event in EVENTS if event.t <= position)


async def test_the_speed_goes_up_and_down_within_its_bounds(recorded: Path) -> None:
    source = replay(recorded)
    async with opened(source) as (app, pilot):
        await pilot.press("plus")
        assert source.speed == 2.0
        await pilot.press(*["minus"] * 9)
        assert source.speed == 0.25
        await until(pilot, lambda: "0.25x" in text_of(app.screen))


async def test_space_plays_to_the_end_and_the_last_state_is_the_live_runs(recorded: Path) -> None:
    source = replay(recorded, at=59.9)
    async with opened(source) as (app, pilot):
        await pilot.press("space")
        await until(pilot, lambda: not source.playing and not app.drawing)
        assert source.session.state == fold(EVENTS)
        await until(pilot, lambda: "Done: 2 changes. db2 follows db1." in text_of(app.screen))


async def test_a_click_on_the_line_goes_there(recorded: Path) -> None:
    source = replay(recorded)
    async with opened(source) as (app, pilot):
        await pilot.click(app.screen.query_one(TransportBar), offset=(100, 0))
        assert 40.0 < source.position < 60.0


@pytest.mark.parametrize("key", ["enter", "r", "o", "ctrl+s"])
async def test_a_key_that_would_run_something_says_why_it_does_not(recorded: Path, key: str) -> None:
    source = replay(recorded, at=10.0)
    async with opened(source) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: "This is a replay: nothing can be run." in text_of(app.screen))
        assert source.position == 10.0


async def test_a_question_of_the_past_is_shown_but_opens_no_dialog(recorded: Path) -> None:
    async with opened(replay(recorded, at=16.5)) as (app, pilot):
        await until(pilot, lambda: "Restart the primary?" in text_of(app.screen))
        assert not isinstance(app.screen, ConfirmScreen)


async def test_output_is_read_back_and_a_seek_backwards_forgets_it(recorded: Path) -> None:
    source = replay(recorded, at=14.0)
    async with opened(source) as (app, pilot):
        await until(pilot, lambda: "CREATE ROLE" in text_of(app.screen))
        source.seek(13.0)
        app.action_transport("to_start")
        await until(pilot, lambda: app.session.state.stage is Stage.CONNECT and not app.drawing)
        assert "CREATE ROLE" not in text_of(app.screen)


async def test_a_replay_is_left_at_once_with_0(recorded: Path) -> None:
    async with opened(replay(recorded)) as (app, pilot):
        await pilot.press("q")
        await until(pilot, lambda: app.return_code == 0)


def test_stages_say_when_each_begins(recorded: Path) -> None:
    assert replay(recorded).stages == ((0.0, Stage.CONNECT), (10.0, Stage.PRIMARY), (20.0, Stage.STANDBY))


def test_a_speed_that_is_none_is_refused(recorded: Path) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Replay.open(recorded, speed=0)
