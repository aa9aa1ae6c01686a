"""A recording made by hand for the screens' tests of a replay, with a failed step and a check that warns."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pgrepl_tui.events import (
    Answered,
    CheckDone,
    Event,
    Outcome,
    Output,
    RunEnded,
    RunOutcome,
    Stage,
    StepEnded,
    StepStarted,
    Verdict,
)
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.replay import Replay
from tests.screens.fake_run import CONFIRM, FAILURE, GATE, START

WARNED = CheckDone(
    t=5.0, id="disk", title="room", verdict=Verdict.WARN, primary="1 GB", standby="1 GB", why="[b]little[/b] room"
)
EVENTS: tuple[Event, ...] = (
    *START,
    StepStarted(t=2.0, step="check"),
    WARNED,
    StepEnded(t=6.0, step="check", outcome=Outcome.UNCHANGED),
    replace(GATE, t=10.0),
    Answered(t=12.0, question=1, answer="run", by="operator"),
    StepStarted(t=13.0, step="role"),
    Output(t=14.0, number=1, step="role", host="db1", stream="out", text="CREATE ROLE\n"),
    StepEnded(t=15.0, step="role", outcome=Outcome.CHANGED),
    replace(CONFIRM, t=16.0),
    Answered(t=17.0, question=2, answer="yes", by="operator"),
    StepStarted(t=20.0, step="copy"),
    StepEnded(t=40.0, step="copy", outcome=Outcome.FAILED, message="no room", remedy="make some"),
    replace(FAILURE, t=41.0, stage=Stage.STANDBY, step="copy"),
    Answered(t=45.0, question=3, answer="retry", by="operator"),
    StepStarted(t=46.0, step="copy"),
    StepEnded(t=50.0, step="copy", outcome=Outcome.CHANGED, message="copied"),
    RunEnded(t=60.0, outcome=RunOutcome.DONE, exit_code=0, changes=2, message="db2 follows db1."),
)
FAILED_AT, WARNED_AT = 40.0, 5.0


def recorder_of(path: Path) -> Recorder:
    """Begin a recording."""
    return Recorder(path, topology={"name": "app-db"}, started=datetime(2026, 1, 2, tzinfo=UTC))


def write(path: Path) -> Path:
    """Make the recording."""
    with recorder_of(path) as recorder:
        for event in EVENTS:
            recorder.write(event)
    return path


def replay(path: Path, at: float = 0.0) -> Replay:
    """The recording, paused at a time."""
    return Replay.open(path, at=at, playing=False)
