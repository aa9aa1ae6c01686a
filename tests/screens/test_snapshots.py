"""Pictures of every stage's screen in each of its states, fed by the recordings of real runs of the lab.

A row of ``TABLE`` is a picture: a screen, a state, the run, the event of it that has just happened, and a text that
only this state shows. Live ones are drawn as a run under way, the others as a replay.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import (
    Asked,
    CheckDone,
    Event,
    Matched,
    Milestone,
    Progress,
    RunEnded,
    RunStarted,
    SenderSeen,
    Stage,
    StepStarted,
)
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from tests.screens.fake_app import text_of, until, until_still
from tests.screens.pictures import each, stands_in
from tests.screens.played import RUNS, SAME, Played, live_app

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
MAIN = ("preflight-question", "primary-question", "standby-copying", "verify-done")
"""The main screens, which are drawn in other colours and on a tiny terminal, too."""
FAILURES = ("standby-failed", "verify-failed")
"""Failures with their answers, which have to be read on a tiny terminal, too."""
LOOKS = ("light", "no-color", "50x20")
Pick = Callable[[Event], bool]


class Moment(NamedTuple):
    """A state worth a picture."""

    name: str
    stage: Stage
    after: Callable[[], Pick]
    text: str
    run: str = "setup"
    live: bool = True

    def row(self) -> tuple[str, str, str]:
        """Its screen and its state, which are its name, and its text."""
        screen, _, state = self.name.partition("-")
        return screen, state, self.text


def asked(kind: str, stage: Stage) -> Callable[[], Pick]:
    """A question of a kind is asked."""
    return lambda: lambda event: isinstance(event, Asked) and (event.kind, event.stage) == (kind, stage)


def begun(step: str = "") -> Callable[[], Pick]:
    """A step has begun, or the first of all."""
    return lambda: lambda event: isinstance(event, StepStarted) and step in {"", event.step}


def kind(event_type: type[Event]) -> Callable[[], Pick]:
    """The first event of a type."""
    return lambda: lambda event: isinstance(event, event_type)


def nth(event_type: type[Event], count: int) -> Callable[[], Pick]:
    """So many events of a type have come."""

    def counting() -> Pick:
        seen = [0]

        def pick(event: Event) -> bool:
            seen[0] += isinstance(event, event_type)
            return seen[0] == count

        return pick

    return counting


def copying() -> Pick:
    return lambda event: isinstance(event, Progress) and 0 < event.done < event.total


def streaming() -> Pick:
    return lambda event: isinstance(event, Milestone) and event.name == "streaming"


def matched(*, matching: bool) -> Callable[[], Pick]:
    return lambda: lambda event: isinstance(event, Matched) and event.matching is matching


def no_longer(count: int) -> Callable[[], Pick]:
    """After so many readings that did not match, in a pair that is watched."""

    def counting() -> Pick:
        seen = [0]

        def pick(event: Event) -> bool:
            seen[0] += isinstance(event, Matched) and not event.matching
            return seen[0] == count

        return pick

    return counting


CONNECT, PREFLIGHT, PRIMARY, STANDBY, VERIFY = Stage
ENDED = kind(RunEnded)

TABLE = (
    Moment("connect-empty", CONNECT, kind(RunStarted), "Looking at the hosts"),
    Moment("connect-running", CONNECT, begun("find-primary"), "▶ find the primary"),
    Moment("connect-question", CONNECT, asked("host-key", CONNECT), "type yes to accept", "unknown-key"),
    Moment("connect-failed", CONNECT, asked("failure", CONNECT), "Edit hosts (e)", "unknown-key"),
    Moment("connect-done", CONNECT, begun("lock"), "▶ lock both sides"),
    Moment("connect-replay", CONNECT, begun("find-standby"), "▶ REPLAY", live=False),
    Moment("preflight-empty", PREFLIGHT, begun("reach-primary"), "no checks yet"),
    Moment("preflight-running", PREFLIGHT, nth(CheckDone, 9), "● REC … ▶ preflight checks"),
    Moment("preflight-question", PREFLIGHT, asked("gate", PRIMARY), "? run the primary stage?"),
    Moment("preflight-failed", PREFLIGHT, asked("failure", PREFLIGHT), "1 stop", "unknown-password"),
    Moment("preflight-done", PREFLIGHT, begun("login"), "▶ a real replication login"),
    Moment("preflight-replay", PREFLIGHT, nth(CheckDone, 9), "▶ REPLAY", live=False),
    Moment("primary-empty", PRIMARY, begun("lock"), "▶ lock both sides"),
    Moment("primary-running", PRIMARY, begun("settings"), "▶ server settings"),
    Moment("primary-question", PRIMARY, asked("gate", PRIMARY), "Run (Enter)"),
    Moment("primary-confirm", PRIMARY, asked("confirm", PRIMARY), "Yes (y)"),
    Moment("primary-failed", PRIMARY, asked("failure", PRIMARY), "Retry (r)", "primary-fails"),
    Moment("primary-done", PRIMARY, begun("basebackup"), "▶ base backup"),
    Moment("primary-replay", PRIMARY, asked("gate", PRIMARY), "▶ REPLAY", live=False),
    Moment("standby-empty", STANDBY, begun("role"), "▶ replication role"),
    Moment("standby-question", STANDBY, asked("gate", STANDBY), "Run (Enter)"),
    Moment("standby-copying", STANDBY, copying, "▶ copying"),
    Moment("standby-confirm", STANDBY, asked("confirm", STANDBY), "Yes (y)"),
    Moment("standby-log", STANDBY, streaming, "● REC … ▶ follow the log"),
    Moment("standby-failed", STANDBY, asked("failure", STANDBY), "Retry (r)", "copy-fails"),
    Moment("standby-done", STANDBY, begun("streaming"), "▶ sender and receiver"),
    Moment("standby-replay", STANDBY, streaming, "▶ REPLAY", live=False),
    Moment("verify-empty", VERIFY, begun("follow"), "▶ follow the log"),
    Moment("verify-running", VERIFY, kind(SenderSeen), "▶ sender and receiver"),
    Moment("verify-matched", VERIFY, matched(matching=True), "● REC … ▶ matching WAL positions"),
    Moment("verify-failed", VERIFY, asked("failure", VERIFY), "Retry (r)", "paused"),
    Moment("verify-done", VERIFY, ENDED, "✓ Done: 11 changes"),
    Moment("verify-nothing-to-do", VERIFY, ENDED, "✓ Done: 0 changes", "again"),
    Moment("verify-no-longer", VERIFY, no_longer(8), "! It matched when the run ended", "watched"),
    Moment("verify-replay", VERIFY, matched(matching=True), "▶ REPLAY", live=False),
    Moment("undo-standby", STANDBY, asked("gate", STANDBY), "? run the standby stage?", "undo"),
    Moment("undo-primary", PRIMARY, asked("gate", PRIMARY), "? run the primary stage?", "undo"),
    Moment("undo-done", VERIFY, ENDED, "✓ Done", "undo"),
)
MAINS = [moment for moment in TABLE if moment.name in MAIN]
TINY = [moment for moment in TABLE if moment.name in FAILURES]
PICTURES = [
    *each(__name__, map(Moment.row, TABLE), SIZES),
    *each(__name__, map(Moment.row, MAINS), LOOKS, test="test_picture_of_a_main_screen"),
    *each(__name__, map(Moment.row, TINY), ("50x20",), test="test_picture_of_a_failure"),
]


class SameReplay(Replay):
    """A replay whose recording is named alike on every machine."""

    recording = SAME


def path_of(moment: Moment) -> Path:
    return RUNS / f"{moment.run}.jsonl"


def time_after(moment: Moment) -> float:
    """The time of the first event that is picked."""
    pick = moment.after()
    with Recording.open(path_of(moment)) as recording:
        return next(event.t for event, _ in recording.events() if pick(event))


def app_at(moment: Moment) -> PgReplApp:
    if moment.live:
        return live_app(Played(path_of(moment), moment.after()))
    return PgReplApp(source=SameReplay.open(path_of(moment), at=time_after(moment), playing=False))


def settled(moment: Moment, theme: str = "") -> Callable[[Pilot[int]], object]:
    """Wait until the moment is there and its screen drawn."""

    async def settle(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, PgReplApp)
        if theme:
            app.theme = theme
        await until(pilot, lambda: getattr(app.source, "arrived", True))
        await until(pilot, lambda: not app.drawing)
        if stage_of(app) is not moment.stage:
            app.action_stage(moment.stage.value)
        await until_still(pilot, lambda: not app.drawing and stands_in(moment.text, text_of(app.screen)))
        assert stage_of(app) is moment.stage

    return settle


def stage_of(app: PgReplApp) -> Stage:
    """The stage whose screen is seen, a dialog over it or not."""
    return next(screen.stage for screen in reversed(app.screen_stack) if isinstance(screen, StageScreen))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("moment", TABLE, ids=[moment.name for moment in TABLE])
def test_picture(moment: Moment, size: tuple[int, int], snap_compare: Any) -> None:
    assert snap_compare(app_at(moment), terminal_size=size, run_before=settled(moment))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", MAIN)
def test_picture_of_a_main_screen(name: str, look: str, snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = next(moment for moment in TABLE if moment.name == name)
    if look == "no-color":
        monkeypatch.setenv("NO_COLOR", "1")
    size = (50, 20) if look == "50x20" else SIZES["80x24"]
    theme = "pgrepl-light" if look == "light" else ""
    assert snap_compare(app_at(moment), terminal_size=size, run_before=settled(moment, theme))


@pytest.mark.parametrize("look", ["50x20"])
@pytest.mark.parametrize("name", FAILURES)
def test_picture_of_a_failure(name: str, look: str, snap_compare: Any) -> None:
    moment = next(moment for moment in TABLE if moment.name == name)
    width, height = map(int, look.split("x"))
    assert snap_compare(app_at(moment), terminal_size=(width, height), run_before=settled(moment))
