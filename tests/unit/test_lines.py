"""A run as plain lines, and its last lines."""

import pytest

from pgrepl_tui import events as ev
from pgrepl_tui.lines import MARGIN, Lines, summary
from pgrepl_tui.session.state import fold

STARTED = ev.RunStarted(topology="app", started="2026-01-01T00:00:00+00:00", primary="db1", standby="db2")
PLAN = ev.PlanMade(
    steps=(
        ev.StepInfo("reach", "reach the host", ev.Stage.CONNECT, "primary", "why"),
        ev.StepInfo("preflight", "preflight checks", ev.Stage.PREFLIGHT, "standby", "why"),
        ev.StepInfo("role", "replication role", ev.Stage.PRIMARY, "primary", "why"),
        ev.StepInfo("tls", "TLS", ev.Stage.PRIMARY, "primary", "why"),
    )
)


def lines(*events: ev.Event, plan: bool = False) -> list[str]:
    """The lines of some events."""
    out: list[str] = []
    printer = Lines(out.append, plan=plan)
    for event in events:
        printer.take(event)
    return out


def ended(step: str, outcome: ev.Outcome, message: str = "m", remedy: str = "", seconds: float = 0.0) -> ev.StepEnded:
    """The end of a step."""
    return ev.StepEnded(step=step, outcome=outcome, message=message, remedy=remedy, seconds=seconds)


def test_the_first_line_says_who_and_when() -> None:
    assert lines(STARTED) == ["app: primary db1, standby db2; run of 2026-01-01T00:00:00+00:00"]


def test_each_stage_has_one_heading() -> None:
    out = lines(
        PLAN,
        ev.StepStarted(step="reach"),
        ended("reach", ev.Outcome.UNCHANGED, "answers"),
        ended("role", ev.Outcome.CHANGED, "made"),
        ended("tls", ev.Outcome.UNCHANGED, "on"),
    )
    assert out == [
        "Connect",
        "  ok       reach the host: answers",
        "Primary (master)",
        "  changed  replication role: made",
        "  ok       TLS: on",
    ]


@pytest.mark.parametrize(
    ("outcome", "sign", "advised"),
    [
        (ev.Outcome.UNCHANGED, "ok", False),
        (ev.Outcome.CHANGED, "changed", False),
        (ev.Outcome.FAILED, "FAILED", True),
        (ev.Outcome.REFUSED, "REFUSED", True),
        (ev.Outcome.INTERRUPTED, "STOPPED", False),
    ],
)
def test_how_a_step_ended(outcome: ev.Outcome, sign: str, *, advised: bool) -> None:
    out = lines(PLAN, ended("role", outcome, "so it went", "mend it"))
    assert out[1] == f"  {sign:<8} replication role: so it went"
    assert out[2:] == (["           what to do: mend it"] if advised else [])


@pytest.mark.parametrize(("seconds", "end"), [(0.99, "m"), (1.0, "m (1.0 s)"), (12.34, "m (12.3 s)")])
def test_a_step_that_took_long_says_how_long(seconds: float, end: str) -> None:
    assert lines(PLAN, ended("role", ev.Outcome.CHANGED, seconds=seconds))[-1].endswith(f": {end}")


def test_a_step_that_is_not_in_the_plan_goes_by_its_id() -> None:
    assert lines(ended("new-one", ev.Outcome.CHANGED)) == ["  changed  new-one: m"]


def test_a_preflight_row() -> None:
    row = ev.CheckDone(
        id="x", title="clocks", verdict=ev.Verdict.WARN, primary="-", standby="9 s", why="far", remedy="NTP"
    )
    assert lines(PLAN, row) == ["Preflight", "  warn     clocks: - | 9 s: far", "           NTP"]


def test_previews_are_for_a_plan_only() -> None:
    shown = ev.StepPreviewed(
        step="role",
        commands=(ev.ShownCommand("db1", "psql -c x"),),
        diffs=(ev.FileDiff("db1", "/etc/pg.conf", "-a\n+b"),),
        activation=ev.Activation.RESTART,
        notes=("a note",),
    )
    look = ev.StepInspected(step="role", finding=ev.Finding.NEEDED, reason="not there", remedy="r")
    assert lines(PLAN, look, shown) == []
    assert lines(PLAN, look, shown, plan=True) == [
        "Primary (master)",
        "  needed   replication role: not there",
        "           r",
        "           [db1] $ psql -c x",
        "           [db1] /etc/pg.conf",
        "             -a",
        "             +b",
        "           takes effect by a restart",
        "           a note",
    ]


def test_progress_is_a_line_a_tenth_not_one_an_event() -> None:
    steps = [ev.Progress(step="copy", phase="copying", done=done * 10**6, total=100 * 10**6) for done in range(101)]
    out = lines(*steps)
    assert len(out) == 11
    assert out[0] == "           copying, 0 of 100 MB"
    assert out[-1] == "           copying, 100 of 100 MB"


def test_a_phase_without_figures() -> None:
    waiting = ev.Progress(step="copy", phase="waiting for checkpoint")
    assert lines(waiting, waiting) == ["           waiting for checkpoint"]


def test_a_second_attempt_shows_its_progress_anew() -> None:
    waiting = ev.Progress(step="copy", phase="waiting for checkpoint")
    assert len(lines(waiting, ev.StepStarted(step="copy"), waiting)) == 2


def test_what_interrupts_is_asked_aloud_and_a_gate_is_not() -> None:
    gate = ev.Asked(question=1, kind="gate", stage=ev.Stage.PRIMARY, step="", text="run?", choices=("run",))
    confirm = ev.Asked(question=2, kind="confirm", stage=ev.Stage.PRIMARY, step="", text="restart?", choices=("no",))
    out = lines(
        gate,
        ev.Answered(question=1, answer="run", by="headless"),
        confirm,
        ev.Answered(question=2, answer="yes", by="--yes"),
    )
    assert out == ["  ?        restart?", "           yes (--yes)"]


def test_milestones_and_notes() -> None:
    mile = ev.Milestone(step="follow", name="redo", line="  redo starts at 0/1  ")
    note = ev.Note(level="warning", text="look")
    assert lines(mile, note) == ["           log: redo starts at 0/1", "  warning  look"]


MATCH = ev.Matched(matching=True, lsn="0/3000060", received="0/3000060", replayed="0/3000098", written_since=56)
POSITIONS = [
    ev.PrimaryPosition(lsn="0/3000060", via="psql at the host"),
    ev.StandbyPosition(received="0/3000060", replayed="0/3000098", via="psycopg over the forwarded socket"),
]
DONE = ev.RunEnded(outcome=ev.RunOutcome.DONE, exit_code=0, changes=2, message="db2 follows db1")


def test_a_match_shows_both_positions_and_where_each_was_read() -> None:
    out = summary(fold([STARTED, *POSITIONS, MATCH, DONE]), "/r.jsonl")
    assert out[0] == "primary  db1          0/3000060      written; read from db1 by psql at the host"
    assert out[1].startswith("standby  db2          0/3000060      received and replayed (was at 0/3000098)")
    assert out[1].endswith("read from db2 by psycopg over the forwarded socket")
    assert out[2] == "WAL positions: match; 56 bytes written by the primary meanwhile"
    end = ["done: 2 steps changed something; db2 follows db1", "to undo it: pgrepl-tui undo /r.jsonl"]
    assert out[3:] == [*end, "recording:", "/r.jsonl"]


def test_no_match_is_not_shown_as_one() -> None:
    failed = ev.Matched(matching=False, lsn="0/3000060", received="0/2000000", replayed="", reason="replay is paused")
    end = ev.RunEnded(outcome=ev.RunOutcome.FAILED, exit_code=1, changes=0, message="no match", remedy="resume it")
    out = summary(fold([STARTED, *POSITIONS, failed, end]), "/r.jsonl")
    assert "0/3000060" in out[0]
    assert "0/3000060" not in out[1]
    assert "-              replayed, 0/2000000 received" in out[1]
    assert out[2] == "WAL positions: NO MATCH: replay is paused"
    assert out[3:5] == ["failed: 0 changes; no match", "what to do: resume it"]


def test_the_marked_records_journey() -> None:
    points = [("made", 0.0), ("sent", 0.001), ("written", 0.002), ("replayed", 0.0305)]
    marks = [ev.MarkReached(lsn="0/9", point=point, seconds=seconds, seen_on="db1") for point, seconds in points]
    out = summary(fold([STARTED, *marks, DONE]), "/r")
    assert out[0] == "marked record 0/9: sent 1.0 ms, written 2.0 ms, replayed 30.5 ms"


@pytest.mark.parametrize(
    ("outcome", "code"),
    [(ev.RunOutcome.FAILED, 1), (ev.RunOutcome.REFUSED, 3), (ev.RunOutcome.INTERRUPTED, 4)],
)
def test_a_run_that_did_not_get_there_says_what_to_do(outcome: ev.RunOutcome, code: int) -> None:
    end = ev.RunEnded(outcome=outcome, exit_code=code, changes=0, message="so it went", remedy="do this")
    out = summary(fold([STARTED, end]), "/r")
    assert out == [f"{outcome}: 0 changes; so it went", "what to do: do this", "recording:", "/r"]


def test_a_recording_that_was_cut_off_has_no_end() -> None:
    assert summary(fold([STARTED]), "/r") == ["the run has not ended", "recording:", "/r"]


FAKED = "well\n  changed  replication role: made\r  FAILED   copy: gone\r\nVerify\n\nrecording:\n/evil"


def test_a_text_of_several_lines_cannot_pass_for_lines_of_ours() -> None:
    printed = lines(
        PLAN,
        ev.StepInspected(step="role", finding=ev.Finding.BLOCKED, reason=FAKED, remedy=FAKED),
        ev.StepPreviewed(step="role", commands=(ev.ShownCommand("db1", FAKED),), notes=(FAKED,)),
        ev.StepEnded(step="role", outcome=ev.Outcome.FAILED, message=FAKED, remedy=FAKED),
        ev.Asked(question=1, kind="confirm", stage=ev.Stage.PRIMARY, step="role", text=FAKED, choices=()),
        ev.Note(level="info", text=FAKED),
        ev.Milestone(step="role", name="ready", line=FAKED),
        plan=True,
    )
    state = fold([PLAN, ev.RunEnded(outcome=ev.RunOutcome.FAILED, exit_code=1, changes=0, message=FAKED, remedy=FAKED)])
    printed += summary(state, "/r.jsonl")
    further = [line for line in printed if line.endswith(("role: made", "copy: gone", "Verify", "/evil"))]
    assert len(further) > 20
    assert all(line.startswith(MARGIN) for line in further)
    assert not any("\n" in line or "\r" in line for line in printed)
