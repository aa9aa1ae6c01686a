"""Pictures of a replay in each of its states, fed by the recordings of real runs of the lab."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from tests.screens.fake_app import text_of, until

RUNS = Path(__file__).parents[1] / "data" / "runs"
SIZES = {"80x24": (80, 24), "120x40": (120, 40), "50x20": (50, 20)}
SLOWER = 20.0
"""The lab is fast: its run is drawn as if all had taken so many times as long, with pauses that can be skipped."""


class SameReplay(Replay):
    """A replay whose recording is named alike on every machine."""

    recording = "/recordings/lab.jsonl"


class State(NamedTuple):
    """A state worth a picture: the run, the time, whether it plays, the keys pressed, a text that only it shows."""

    name: str
    run: str
    at: float
    playing: bool
    keys: tuple[str, ...]
    text: str


TABLE = (
    State("playing", "slow", 90.0, True, ("plus",), "2x"),
    State("paused", "slow", 90.0, False, (), "·"),
    State("skip-idle", "slow", 60.0, False, ("i",), "skip idle"),
    State("error", "unknown-password", 0.0, False, ("}",), "✗"),
    State("warning", "unknown-password", 0.0, False, ("}", "}"), "!"),
    State("failed-step", "paused", 0.0, False, ("}",), "kB behind"),
    State("no-further", "paused", 99.0, False, ("}",), "There is no error after this."),
    State("not-here", "slow", 70.0, False, ("r",), "This is a replay: nothing can be run."),
    State("under-way", "cut", 99.0, True, (), "00:00:49+"),
    State("go-to", "slow", 90.0, False, ("g",), "Now at 00:01:30 of 00:02:28"),
    State("go-to-mistake", "slow", 90.0, False, ("g", *"1:75", "enter"), "behind a colon"),
)


@pytest.fixture
def source(tmp_path: Path) -> Callable[[str], Path]:
    """A recording by name: one of the lab's, a slow one, or one that is not at its end yet."""

    def path(name: str) -> Path:
        if name not in {"slow", "cut"}:
            return RUNS / f"{name}.jsonl"
        header, *lines = (RUNS / "setup.jsonl").read_text().splitlines()
        events = [json.loads(line) for line in lines[: 500 if name == "cut" else None]]
        slow = [json.dumps(event | {"t": event["t"] * SLOWER}) for event in events]
        made = tmp_path / f"{name}.jsonl"
        made.write_text("\n".join([header, *slow, ""]))
        return made

    return path


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("state", TABLE, ids=[state.name for state in TABLE])
def test_picture(state: State, size: tuple[int, int], source: Callable[[str], Path], snap_compare: Any) -> None:
    recording = Recording.open(source(state.run))
    app = PgReplApp(source=SameReplay(recording, at=state.at, playing=state.playing, clock=lambda: 0.0))

    async def settle(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: not app.drawing and "REPLAY" in text_of(app.screen))
        await pilot.press(*state.keys)
        await until(pilot, lambda: not app.drawing and state.text in " ".join(text_of(app.screen).split()))

    assert snap_compare(app, terminal_size=size, run_before=settle)
    recording.close()


def test_no_two_pictures_are_equal(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("update_snapshots"):
        pytest.skip("the pictures are written when all tests are done")
    pictures = sorted((Path(__file__).parents[2] / "snapshots" / "test_replay_snapshots").glob("*.svg"))
    texts = [picture.read_text() for picture in pictures]
    assert len(set(texts)) == len(texts) == len(TABLE) * len(SIZES)
