"""The fold of events into a state: what each event changes, and that nothing depends on where the fold was cut."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui import events as ev
from pgrepl_tui.session.state import LAG_SAMPLES, CommandState, Question, SessionState, apply, fold

PLAN = ev.PlanMade(
    steps=(
        ev.StepInfo("reach", "reach", ev.Stage.CONNECT, "primary", "why"),
        ev.StepInfo("role", "role", ev.Stage.PRIMARY, "primary", "why"),
        ev.StepInfo("copy", "copy", ev.Stage.STANDBY, "standby", "why"),
    )
)
STARTED = ev.RunStarted(topology="app", started="2026-01-01T00:00:00+00:00", primary="db1", standby="db2")
ASKED = ev.Asked(question=7, kind="gate", stage=ev.Stage.STANDBY, step="", text="run?", choices=("run", "quit"))


def made_of(kind: type[ev.Event]) -> st.SearchStrategy[ev.Event]:
    """Any event of a type, with a step that is in the plan more often than not."""
    names = {field for field in kind.__dataclass_fields__ if field == "step"}
    steps = st.sampled_from(["reach", "role", "copy", "other"])
    numbers = {field: st.integers(1, 3) for field in ("number", "question") if field in kind.__dataclass_fields__}
    times = st.floats(0, 1e6)
    built: st.SearchStrategy[ev.Event] = st.builds(kind, t=times, **dict.fromkeys(names, steps), **numbers)
    return built


events = st.lists(st.one_of(st.just(PLAN), *map(made_of, ev.EVENT_TYPES)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(events, events)
def test_a_fold_may_be_cut_anywhere(first: list[ev.Event], second: list[ev.Event]) -> None:
    assert fold(first + second) == fold(second, fold(first))


@settings(max_examples=60, deadline=None)
@given(events)
def test_a_fold_changes_no_state_that_it_was_given(given_events: list[ev.Event]) -> None:
    states = [SessionState()]
    for event in given_events:
        states.append(apply(states[-1], event))
    again = SessionState()
    for event, state in zip(given_events, states[1:], strict=True):
        again = apply(again, event)
        assert again == state


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_the_time_is_the_latest_one(times: list[float]) -> None:
    assert fold(ev.Note(t=t, level="info", text="x") for t in times).t == max(times)


def test_a_state_cannot_be_changed_in_place() -> None:
    state = fold([STARTED, PLAN])
    with pytest.raises(TypeError):
        state.steps["role"] = state.steps["copy"]  # type: ignore[index]


@pytest.mark.parametrize(
    "event",
    [
        ev.StepInspected(step="other", finding=ev.Finding.DONE),
        ev.StepPreviewed(step="other"),
        ev.Progress(step="other", phase="copying"),
        ev.Milestone(step="other", name="redo", line="x"),
        ev.CommandEnded(number=9, step="role", status=0, seconds=1.0),
        ev.Answered(question=9, answer="yes", by="operator"),
        ev.Output(number=1, step="role", host="db1", stream="out", text="bulk"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_refers_to_nothing_known_changes_nothing(event: ev.Event) -> None:
    before = fold([PLAN])
    assert apply(before, event) == before


def test_steps_that_are_not_in_the_plan_are_not_added() -> None:
    state = fold([PLAN, ev.StepStarted(step="other"), ev.StepEnded(step="other", outcome=ev.Outcome.FAILED)])
    assert list(state.steps) == ["reach", "role", "copy"]
    assert state.stage is ev.Stage.CONNECT


def test_a_run_its_plan_and_its_hosts() -> None:
    host = ev.HostDescribed(role="primary", name="db1", facts=(ev.Row("port", "5432"),))
    state = fold([STARTED, PLAN, host])
    assert state.run == STARTED
    assert [step.info.id for step in state.stage_steps(ev.Stage.PRIMARY)] == ["role"]
    assert state.hosts == {"primary": host}


def test_a_second_plan_keeps_what_is_known_of_the_steps_that_stay() -> None:
    state = fold([PLAN, ev.StepEnded(step="role", outcome=ev.Outcome.CHANGED), replace(PLAN, steps=PLAN.steps[1:2])])
    assert list(state.steps) == ["role"]
    assert state.steps["role"].outcome is ev.Outcome.CHANGED


def test_a_check_that_is_repeated_replaces_its_row() -> None:
    first = ev.CheckDone(id="libc", title="C library", verdict=ev.Verdict.WARN, primary="1", standby="2")
    other = replace(first, id="clocks")
    again = replace(first, verdict=ev.Verdict.PASS)
    assert fold([first, other, again]).checks == (again, other)


def test_the_life_of_a_step() -> None:
    look = ev.StepInspected(step="copy", finding=ev.Finding.NEEDED, reason="nothing is there", remedy="r")
    shown = ev.StepPreviewed(step="copy", notes=("n",))
    state = fold([PLAN, look, shown])
    step = state.steps["copy"]
    assert (step.finding, step.reason, step.remedy, step.preview) == (ev.Finding.NEEDED, "nothing is there", "r", shown)
    assert not step.running

    progress = ev.Progress(step="copy", phase="copying", done=1, total=2)
    mile = ev.Milestone(step="copy", name="redo", line="redo starts")
    state = fold([ev.StepStarted(step="copy", t=3.0), progress, mile, mile], state)
    step = state.steps["copy"]
    assert (step.started, step.progress, step.milestones) == (3.0, progress, (mile, mile))
    assert step.running
    assert (state.current, state.stage) == ("copy", ev.Stage.STANDBY)

    state = apply(state, ev.StepEnded(step="copy", outcome=ev.Outcome.FAILED, message="m", remedy="r2", t=5.0))
    step = state.steps["copy"]
    assert (step.ended, step.outcome, step.message, step.remedy) == (5.0, ev.Outcome.FAILED, "m", "r2")
    assert not step.running

    step = apply(state, ev.StepStarted(step="copy", t=6.0)).steps["copy"]
    assert step.running
    assert (step.ended, step.outcome, step.message, step.progress, step.milestones) == (None, None, "", None, ())
    assert step.preview == shown


def test_a_command_from_its_start_to_its_end() -> None:
    begun = ev.CommandStarted(number=1, step="role", host="db1", line="psql", changes=True, t=1.0)
    state = apply(SessionState(), begun)
    assert state.commands[1] == CommandState(1, "role", "db1", "psql", changes=True, started=1.0)
    state = apply(state, ev.CommandEnded(number=1, step="role", status=None, seconds=2.0))
    assert (state.commands[1].ended, state.commands[1].status, state.commands[1].seconds) == (True, None, 2.0)


def test_a_question_sets_the_stage_until_a_step_begins() -> None:
    state = fold([PLAN, ev.StepStarted(step="role"), ASKED])
    assert state.question == Question(ASKED)
    assert state.stage is ev.Stage.STANDBY
    state = apply(state, ev.Answered(question=7, answer="run", by="operator"))
    assert state.question == Question(ASKED, "run", "operator")
    assert state.stage is ev.Stage.STANDBY, "its first step is looked at now"
    assert apply(state, ev.StepStarted(step="role")).stage is ev.Stage.PRIMARY


@pytest.mark.parametrize(
    ("primary", "replayed", "lag"),
    [
        ("0/3000100", "0/3000000", ((2.0, 256),)),
        ("0/3000000", "0/3000000", ((2.0, 0),)),
        ("0/3000000", "0/3000100", ((2.0, 0),)),
        ("1/0", "0/FFFFFFFF", ((2.0, 1),)),
        ("0/3000000", "", ()),
        ("damaged", "0/3000000", ()),
    ],
)
def test_lag_is_what_replay_is_behind_the_newest_position_of_the_primary(
    primary: str, replayed: str, lag: tuple[tuple[float, int], ...]
) -> None:
    read = ev.StandbyPosition(received=replayed, replayed=replayed, via="v", t=2.0)
    state = fold([ev.PrimaryPosition(lsn=primary, via="v", t=1.0), read])
    assert state.lag == lag
    assert state.standby_position == read


def test_no_lag_without_a_position_of_the_primary() -> None:
    assert fold([ev.StandbyPosition(received="0/1", replayed="0/1", via="v")]).lag == ()


def test_the_samples_of_lag_are_bounded_and_the_newest_stay() -> None:
    reads = [ev.StandbyPosition(received="0/1", replayed="0/1", via="v", t=float(n)) for n in range(3 * LAG_SAMPLES)]
    lag = fold([ev.PrimaryPosition(lsn="0/1", via="v"), *reads]).lag
    assert LAG_SAMPLES <= len(lag) <= LAG_SAMPLES + 1
    assert lag[-1][0] == 3 * LAG_SAMPLES - 1


def test_the_marks_of_another_record_replace_the_old_ones() -> None:
    first = [ev.MarkReached(lsn="0/1", point=point, seconds=0.1, seen_on="db1") for point in ("made", "sent")]
    second = ev.MarkReached(lsn="0/2", point="made", seconds=0.0, seen_on="db1")
    assert fold(first).marks == tuple(first)
    assert fold([*first, second]).marks == (second,)


def test_the_views_the_verdict_the_notes_and_the_end() -> None:
    sender = ev.SenderSeen(rows=(ev.Row("pid", "1"),))
    receiver = ev.ReceiverSeen(rows=(ev.Row("pid", "2"),))
    match = ev.Matched(matching=True, lsn="0/1", received="0/1", replayed="0/1")
    notes = [ev.Note(level="info", text=text) for text in ("a", "b")]
    end = ev.RunEnded(outcome=ev.RunOutcome.DONE, exit_code=0, changes=3)
    state = fold([sender, receiver, match, *notes, end])
    assert (state.sender, state.receiver) == (sender, receiver)
    assert (state.matched, state.notes, state.ended) == (match, tuple(notes), end)


def test_every_event_type_but_bulk_output_changes_the_state() -> None:
    from pgrepl_tui.session import state as module  # noqa: PLC0415 - the registry is what is looked at

    handled = set(module._apply.registry)
    assert set(ev.EVENT_TYPES) - handled == {ev.Output}
