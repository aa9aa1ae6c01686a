"""Pictures of a replay in each of its states, fed by the recordings of real runs of the lab."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Event, Progress, RunEnded, StepStarted
from pgrepl_tui.screens.reasons import ONLY_REPLAY
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from tests.screens.fake_app import text_of, until, until_still
from tests.screens.pictures import each, stands_in

RUNS = Path(__file__).parents[1] / "data" / "runs"
SIZES = {"80x24": (80, 24), "120x40": (120, 40), "50x20": (50, 20)}
SLOWER = 20.0
"""The lab is fast: its run is drawn as if all had taken so many times as long, with pauses that can be skipped."""


class SameReplay(Replay):
    """A replay whose recording is named alike on every machine."""

    recording = "/recordings/lab.jsonl"


class State(NamedTuple):
    """A state worth a picture.

    The run; the event it follows, or None for the beginning; whether it plays; the keys pressed; texts of which only
    this state shows one (narrow screens have fewer words).
    """

    name: str
    run: str
    after: Callable[[Event], bool] | None
    playing: bool
    keys: tuple[str, ...]
    texts: tuple[str, ...]

    def is_seen(self, words: str) -> bool:
        """Whether one of its texts is there."""
        return stands_in(self.texts, words)


def copying(event: Event) -> bool:
    return isinstance(event, Progress) and 0 < event.done < event.total


def restarts(event: Event) -> bool:
    return isinstance(event, StepStarted) and event.step == "restart"


def ended(event: Event) -> bool:
    return isinstance(event, RunEnded)


TABLE = (
    State("playing", "slow", copying, True, ("plus",), ("▶ playing > - 2x +", "▶ -2x+")),
    State("paused", "slow", copying, False, (), ("copying … · paused > - 1x + {time}", "copying … · -1x+ {time}")),
    State("skip-idle", "slow", restarts, False, ("i",), ("✓ skip idle", "skip idle {time}")),
    State("error", "unknown-password", None, False, ("}",), ("existing role … ✗ error", "existing role … ✗ -1x+")),
    State("warning", "unknown-password", None, False, ("}", "}"), ("! warning", "! -1x+")),
    State(
        "failed-step",
        "paused",
        None,
        False,
        ("}",),
        ("not run again. … ✗ error", "not run again. … ✗ -1x+"),
    ),
    State("no-further", "paused", ended, False, ("}",), ("There is no error after this.",)),
    State("not-here", "slow", restarts, False, ("r",), (ONLY_REPLAY,)),
    State("under-way", "cut", copying, True, (), ("▶ waiting", "{time}+ space")),
    State("go-to", "slow", copying, False, ("g",), ("Now at {time} of {time}.",)),
    State("go-to-mistake", "slow", copying, False, ("g", *"1:75", "enter"), ("behind a colon",)),
)
PICTURES = each(__name__, (("replay", state.name, state.texts) for state in TABLE), SIZES)


def slower(line: str) -> str:
    """The line of an event, later."""
    event = json.loads(line)
    return json.dumps(event | {"t": event["t"] * SLOWER})


@pytest.fixture
def made(tmp_path: Path) -> Callable[[str], Path]:
    """A recording by name: one of the lab's, a slow one, or that as it was while the base backup was copied."""

    def path(name: str) -> Path:
        if name not in {"slow", "cut"}:
            return RUNS / f"{name}.jsonl"
        header, *lines = (RUNS / "setup.jsonl").read_text().splitlines()
        slow = tmp_path / "slow.jsonl"
        slow.write_text("\n".join([header, *map(slower, lines), ""]))
        if name == "cut":
            with Recording.open(slow) as recording:
                end = next(span.offset + span.length for event, span in recording.events() if copying(event))
            slow.write_bytes(slow.read_bytes()[: end + 1])
        return slow

    return path


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("state", TABLE, ids=[f"replay-{state.name}" for state in TABLE])
def test_picture(state: State, size: tuple[int, int], made: Callable[[str], Path], snap_compare: Any) -> None:
    with Recording.open(made(state.run)) as recording:
        at = next((event.t for event, _ in recording.events() if state.after and state.after(event)), 0.0)
        source = SameReplay(recording, at=at, playing=state.playing, clock=lambda: 0.0)
        app = PgReplApp(source=source)

        async def settle(pilot: Pilot[int]) -> None:
            await until(pilot, lambda: not app.drawing and "REPLAY" in text_of(app.screen))
            await pilot.press(*state.keys)
            await until_still(pilot, lambda: not app.drawing and state.is_seen(text_of(app.screen)))

        assert snap_compare(app, terminal_size=size, run_before=settle)
