"""Recordings for tests: made of events, or those of real runs; and all that a session shows, to be compared."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pgrepl_tui import events as ev
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.session import Session

RUNS = sorted((Path(__file__).parents[1] / "data" / "runs").glob("*.jsonl"))
PLAN = ev.PlanMade(
    steps=(
        ev.StepInfo("a", "role", ev.Stage.PRIMARY, "primary", "why"),
        ev.StepInfo("b", "copy", ev.Stage.STANDBY, "standby", "why"),
    )
)
KINDS: tuple[ev.Event, ...] = (
    ev.StepStarted(step="a"),
    ev.Output(number=1, step="a", host="h", stream="out", text="50%\r"),
    ev.Output(number=1, step="a", host="h", stream="out", text="x\ny"),
    ev.Output(number=2, step="a", host="h", stream="log", text="log\n"),
    ev.Output(number=3, step="b", host="h", stream="log", text="lo"),
    ev.Progress(step="b", phase="copy", done=1, total=2),
    ev.StepEnded(step="a", outcome=ev.Outcome.CHANGED),
    ev.StepEnded(step="b", outcome=ev.Outcome.FAILED, message="no"),
    ev.Note(level="warning", text="n"),
)


def at(t: float, kind: int) -> ev.Event:
    """An event of some kind at a time."""
    return replace(KINDS[kind % len(KINDS)], t=t)


def write(path: Path, events: Iterable[ev.Event]) -> None:
    """Make a recording of events; one that is there is replaced."""
    path.unlink(missing_ok=True)
    with Recorder(path, topology={}, started=datetime(2026, 1, 1, tzinfo=UTC)) as recorder:
        for event in events:
            recorder.write(event)


def recording(path: Path, events: Iterable[ev.Event]) -> Recording:
    """A recording of events, open."""
    write(path, events)
    return Recording.open(path)


def looks(session: Session, source: Recording) -> object:
    """All that the screens can draw of a session: its state, and every line of every output."""
    outputs = {step: index.lines(0, 9999, source.read_output) for step, index in session.outputs.items()}
    logs = {step: index.lines(0, 9999, source.read_output) for step, index in session.logs.items()}
    return session.state, outputs, logs


def live(source: Recording, count: int | None = None) -> Session:
    """The session as the live run had it after so many events: each added as it came."""
    session = Session()
    for number, (event, span) in enumerate(source.events()):
        if number == count:
            break
        session.add(event, span)
    return session
