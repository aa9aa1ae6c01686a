"""The places that one goes to are found: stages, steps, and what went wrong."""

from pgrepl_tui import events as ev
from pgrepl_tui.session.marks import Kind, Mark, Marks
from pgrepl_tui.session.recording import Recording
from tests.unit.recorded import PLAN, RUNS


def marks_of(*events: ev.Event) -> Marks:
    """The marks of events, one a second."""
    marks = Marks()
    for number, event in enumerate(events):
        marks.take(number, float(number), event)
    return marks


def run(name: str) -> Marks:
    path = next(path for path in RUNS if path.stem == name)
    with Recording.open(path) as recording:
        return marks_of(*(event for event, _ in recording.events()))


def brief(marks: list[Mark]) -> list[tuple[int, Kind, str]]:
    return [(mark.number, mark.kind, mark.text) for mark in marks]


def check(verdict: ev.Verdict) -> ev.CheckDone:
    return ev.CheckDone(id="x", title="disk", verdict=verdict, primary="", standby="", why="full")


def command(number: int, status: int | None, step: str = "a") -> tuple[ev.Event, ev.Event]:
    started = ev.CommandStarted(number=number, step=step, host="h", line=f"do {number}")
    return started, ev.CommandEnded(number=number, step=step, status=status, seconds=0.1)


def ended(outcome: ev.Outcome, message: str = "") -> ev.StepEnded:
    return ev.StepEnded(step="a", outcome=outcome, message=message)


def test_a_stage_begins_with_its_question_or_its_first_step() -> None:
    asked = ev.Asked(question=1, kind="gate", stage=ev.Stage.PRIMARY, step="", text="?", choices=("run",))
    done = ev.StepEnded(step="b", outcome=ev.Outcome.UNCHANGED)
    marks = marks_of(PLAN, ev.Note(level="info", text="n"), asked, ev.StepStarted(step="a"), done)
    assert [(mark.t, mark.stage) for mark in marks.stages] == [
        (0.0, ev.Stage.CONNECT),
        (2.0, ev.Stage.PRIMARY),
        (4.0, ev.Stage.STANDBY),
    ]


def test_each_try_of_a_step_is_a_step_and_so_is_one_that_was_done_already() -> None:
    done = ev.StepEnded(step="b", outcome=ev.Outcome.UNCHANGED)
    tried = (ev.StepStarted(step="a"), ended(ev.Outcome.FAILED))
    assert brief(marks_of(PLAN, *tried, *tried, done).steps) == [
        (1, Kind.STEP, "role"),
        (3, Kind.STEP, "role"),
        (5, Kind.STEP, "copy"),
    ]


def test_the_last_command_of_a_failed_step_is_to_blame_where_it_failed() -> None:
    begun = (PLAN, ev.StepStarted(step="a"))
    failed = ended(ev.Outcome.FAILED, "no")
    assert brief(marks_of(*begun, *command(1, 3), failed).troubles) == [
        (3, Kind.ERROR, "status 3: do 1"),
        (4, Kind.ERROR, "role: no"),
    ]
    assert brief(marks_of(*begun, *command(1, None), failed).troubles)[0][2] == "the connection was lost: do 1"
    for harmless in ((*command(1, 3), *command(2, 0)), command(1, 3, "b")):
        assert brief(marks_of(*begun, *harmless, failed).troubles) == [(len(harmless) + 2, Kind.ERROR, "role: no")]
    assert marks_of(*begun, *command(1, 3), ended(ev.Outcome.CHANGED)).troubles == []


def test_checks_remarks_and_a_bad_end_are_troubles() -> None:
    end = ev.RunEnded(outcome=ev.RunOutcome.INTERRUPTED, exit_code=4, changes=0)
    marks = marks_of(
        PLAN,
        *map(check, ev.Verdict),
        *(ev.Note(level=level, text=level) for level in ("info", "warning", "error")),
        ended(ev.Outcome.REFUSED),
        end,
    )
    assert brief(marks.troubles) == [
        (2, Kind.WARNING, "disk: full"),
        (3, Kind.ERROR, "disk: full"),
        (5, Kind.WARNING, "warning"),
        (6, Kind.ERROR, "error"),
        (7, Kind.ERROR, "role: refused"),
        (8, Kind.ERROR, "interrupted"),
    ]


def test_marks_of_real_runs() -> None:
    for name in ("setup", "again"):
        marks = run(name)
        assert [mark.stage for mark in marks.stages] == list(ev.Stage)
        assert len(marks.steps) > 20
        assert marks.troubles == []
    assert [mark.text.split(":")[0] for mark in run("paused").troubles] == ["matching WAL positions"] * 2
    kinds = [mark.kind for mark in run("unknown-password").troubles]
    assert kinds == [Kind.ERROR, Kind.WARNING, Kind.ERROR, Kind.ERROR]
