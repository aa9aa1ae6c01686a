"""Nothing can be run in a replay: every key, palette entry and button of a run says why, or is not there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Static

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Asked
from pgrepl_tui.screens import keys
from pgrepl_tui.screens.key_file import OwnKeys
from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.reasons import ONLY_REPLAY
from pgrepl_tui.screens.widgets.topology_form import TopologyForm
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from tests.screens.fake_app import opened, text_of, until
from tests.screens.replayed import replay, write

RUNS = sorted((Path(__file__).parents[1] / "data" / "runs").glob("*.jsonl"))
LIVE = [key for binding in keys.LIVE for key in binding.key.split(",")]


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    return write(tmp_path / "run.jsonl")


def test_no_key_of_a_run_has_another_meaning_in_a_replay() -> None:
    others = {key for binding in (*keys.REPLAY, *keys.COMMON) for key in binding.key.split(",")}
    assert set(LIVE) & others == set()


async def test_a_key_that_would_run_something_says_why_it_does_not(recorded: Path) -> None:
    source = replay(recorded, at=10.0)
    async with opened(source) as (app, pilot):
        for key in LIVE:
            await says_why(app, pilot, lambda key=key: pilot.press(key))  # type: ignore[misc] # its own key
            assert (source.position, source.playing, len(app.screen_stack)) == (10.0, False, 2)


async def says_why(app: PgReplApp, pilot: Pilot[int], do: Callable[[], Any]) -> None:
    """Do it, and see the reason, which no doing before has left there."""
    app.clear_notifications()
    await until(pilot, lambda: ONLY_REPLAY not in text_of(app.screen))
    await do()
    await until(pilot, lambda: ONLY_REPLAY in text_of(app.screen))


async def test_an_entry_of_the_palette_says_why_too(recorded: Path) -> None:
    titles = {binding.description for binding in keys.LIVE}
    async with opened(replay(recorded, at=10.0)) as (app, pilot):
        entries = [entry for entry in app.get_system_commands(app.screen) if entry.title in titles]
        assert {entry.title for entry in entries} == titles
        for entry in entries:
            await says_why(app, pilot, entry.callback)


async def test_the_help_says_so(recorded: Path) -> None:
    async with opened(replay(recorded)) as (app, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        usual, not_now = str(app.screen.query_one("#dialog-text", Static).content).split("Not now")
        assert "Skip idle time" in usual
        assert ONLY_REPLAY in not_now
        assert "^s Stop" in not_now


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
async def test_no_question_of_a_real_run_has_a_button(path: Path) -> None:
    with Recording.open(path) as recording:
        asked = [event.t for event, _ in recording.events() if isinstance(event, Asked)]
    source = Replay.open(path, playing=False)
    async with opened(source) as (app, pilot):
        for t in (0.0, *asked, source.duration):
            app.action_transport("seek", t)
            app.action_follow()
            await until(pilot, lambda: not app.drawing)
            assert not app.screen.query(Button)
            assert not app.screen.query(TopologyForm)


async def test_own_keys_of_a_run_say_it_too_and_take_no_key_of_the_replay_away(recorded: Path) -> None:
    source = replay(recorded, at=10.0)
    app = PgReplApp(source=source, own_keys=OwnKeys({"stop": "f9", "run": "space,z"}))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: "Run Primary?" in text_of(app.screen))
        for key in ("f9", "z"):
            await says_why(app, pilot, lambda key=key: pilot.press(key))  # type: ignore[misc] # its own key
        await pilot.press("space")
        assert source.playing
