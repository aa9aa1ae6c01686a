"""A replay: the keys of its transport, what they tell, and the screens at each place."""

import os
from pathlib import Path

import pytest

from pgrepl_tui.events import Stage
from pgrepl_tui.screens.confirm import ConfirmScreen
from pgrepl_tui.screens.go_to import GoToScreen
from pgrepl_tui.screens.widgets.log_view import LogView
from pgrepl_tui.screens.widgets.question_bar import RECORDED, QuestionBar
from pgrepl_tui.session import replay as module
from pgrepl_tui.session.moves import BEGINNING, END
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.state import fold
from tests.screens.fake_app import opened, text_of, until
from tests.screens.replayed import EVENTS, FAILED_AT, recorder_of, replay, write


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    return write(tmp_path / "run.jsonl")


@pytest.mark.parametrize(
    ("key", "position"),
    [
        ("right", 19.0),
        ("left", 9.0),
        ("home", 0.0),
        ("end", 60.0),
        ("right_square_bracket", 20.0),
        ("left_square_bracket", 10.0),
        ("full_stop", 15.0),
        ("comma", 13.0),
        ("greater_than_sign", 20.0),
        ("less_than_sign", 13.0),
        ("right_curly_bracket", 40.0),
        ("left_curly_bracket", 5.0),
    ],
)
async def test_the_keys_of_the_transport_move_it(recorded: Path, key: str, position: float) -> None:
    source = replay(recorded, at=14.0)
    async with opened(source) as (_app, pilot):
        await pilot.press(key)
        assert source.position == position
        assert source.session.state == fold(event for event in EVENTS if event.t <= position)


@pytest.mark.parametrize(
    ("at", "key", "words"),
    [
        (0.0, "home", BEGINNING),
        (60.0, "full_stop", END),
        (60.0, "right_curly_bracket", "There is no error after this."),
        (0.0, "less_than_sign", "There is no step before this."),
    ],
)
async def test_a_key_that_leads_nowhere_says_so(recorded: Path, at: float, key: str, words: str) -> None:
    async with opened(replay(recorded, at=at)) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: words in text_of(app.screen))


async def test_the_speed_goes_up_and_down_within_its_bounds(recorded: Path) -> None:
    source = replay(recorded)
    async with opened(source) as (app, pilot):
        await pilot.press("plus")
        assert source.speed == 2.0
        await pilot.press(*["minus"] * 9)
        assert source.speed == 0.25
        await until(pilot, lambda: "0.25x" in text_of(app.screen))
        await until(pilot, lambda: "0.25x is the slowest." in text_of(app.screen))


async def test_space_plays_to_the_end_and_the_last_state_is_the_live_runs(recorded: Path) -> None:
    source = replay(recorded, at=59.9)
    async with opened(source) as (app, pilot):
        await pilot.press("space")
        await until(pilot, lambda: not source.playing and not app.drawing)
        assert source.session.state == fold(EVENTS)
        await until(pilot, lambda: "Done: 2 changes; db2 follows db1." in text_of(app.screen))


async def test_idle_time_is_skipped_and_the_clock_shows_the_sessions(recorded: Path) -> None:
    now = 0.0
    source = Replay(Recording.open(recorded), at=50.0, playing=False, clock=lambda: now)
    async with opened(source, (80, 24)) as (app, pilot):
        assert "skip idle" not in text_of(app.screen)
        await pilot.press("i")
        await until(pilot, lambda: "skip idle" in text_of(app.screen))
        await pilot.press("space")
        await until(pilot, lambda: source.playing)
        now += 0.25
        await until(pilot, lambda: source.position == 55.0 and "skip idle 00:00:55" in text_of(app.screen))
        now += 0.25
        await until(pilot, lambda: not source.playing and "skip idle 00:01:00" in text_of(app.screen))
        await pilot.press("i")
        await until(pilot, lambda: "skip idle" not in text_of(app.screen))


async def test_going_to_an_error_opens_the_screen_that_shows_it(recorded: Path) -> None:
    async with opened(replay(recorded, at=14.0)) as (app, pilot):
        await pilot.press("1")
        await until(pilot, lambda: "[Connect]" in text_of(app.screen))
        await pilot.press("right_curly_bracket")
        await until(pilot, lambda: "[Standby]" in text_of(app.screen) and "no room" in text_of(app.screen))
        assert "✗ error" in text_of(app.screen)
        await pilot.press("1", "right")
        await until(pilot, lambda: "[Connect]" in text_of(app.screen) and "00:00:45" in text_of(app.screen))


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


async def test_a_recording_that_cannot_be_read_any_more_is_told(recorded: Path) -> None:
    async with opened(replay(recorded, at=FAILED_AT)) as (app, pilot):
        os.truncate(recorded, 500)
        await pilot.press("full_stop")
        await until(pilot, lambda: "cannot be read" in text_of(app.screen))
        assert app.is_running


async def test_what_is_written_meanwhile_appears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK", 0.01)
    with recorder_of(tmp_path / "run.jsonl") as recorder:
        for event in EVENTS[:5]:
            recorder.write(event)
        source = Replay.open(recorder.path, at=99.0)
        async with opened(source) as (app, pilot):
            await until(pilot, lambda: "▶ waiting" in text_of(app.screen) and "00:00:05+" in text_of(app.screen))
            for event in EVENTS[5:]:
                recorder.write(event)
            await until(pilot, lambda: "Done: 2 changes" in text_of(app.screen))
            assert source.session.state == fold(EVENTS)


async def test_a_replay_is_left_at_once_with_0(recorded: Path) -> None:
    async with opened(replay(recorded)) as (app, pilot):
        await pilot.press("q")
        await until(pilot, lambda: app.return_code == 0)


def test_stages_say_when_each_begins(recorded: Path) -> None:
    assert replay(recorded).stages == (
        (0.0, Stage.CONNECT),
        (2.0, Stage.PREFLIGHT),
        (10.0, Stage.PRIMARY),
        (20.0, Stage.STANDBY),
    )


def test_a_speed_that_is_none_is_refused(recorded: Path) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Replay.open(recorded, speed=0)


async def test_the_keys_of_the_transport_count_in_a_focused_log_too(recorded: Path) -> None:
    async with opened(replay(recorded, at=20.0), (120, 40)) as (app, pilot):
        await pilot.press("3", "up")  # the step that has put something out
        log = app.screen.query_one(LogView)
        await until(pilot, lambda: bool(log.region.area))
        log.focus()
        for key, position in (("end", 60.0), ("home", 0.0)):
            await pilot.press(key)
            await until(pilot, lambda position=position: app.scene().now == position)  # type: ignore[misc] # bound at once
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, GoToScreen))


async def test_a_replay_that_stands_on_a_failed_step_speaks_of_it_and_of_why_nothing_can_be_run(recorded: Path) -> None:
    async with opened(replay(recorded, at=FAILED_AT)) as (app, pilot):
        bar = app.screen.query_one(QuestionBar)
        await until(pilot, lambda: "✗ base backup: no room" in text_of(bar))
        assert RECORDED in " ".join(text_of(bar).split())
        assert "Looking at the hosts" not in text_of(app.screen)
