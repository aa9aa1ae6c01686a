"""What can be done after a failure: skip, edit, undo, and one more look at a preflight row."""

from typing import ClassVar

import pytest

from pgrepl_tui import events as ev
from pgrepl_tui.hosts.host import ConnectionLostError
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.preflight import step as preflight
from pgrepl_tui.steps.step import StepError, done
from tests.unit.scripted_run import ScriptedStep, failing, play, reading, step

WRONG = StepError("it is wrong", "mend it")


class Provable(ScriptedStep):
    """A look that can be left out."""

    id: ClassVar[str] = "mark"
    title: ClassVar[str] = "the mark"
    stage: ClassVar[ev.Stage] = ev.Stage.VERIFY
    readonly: ClassVar[bool] = True
    unproved: ClassVar[str] = "no time was measured"


async def test_a_look_that_can_be_left_out_is_left_out_and_the_end_says_so() -> None:
    later = reading("report", ev.Stage.VERIFY)
    played = await play(failing(Provable(), WRONG), later, failure=["skip"])
    assert played.outcomes() == {"mark": [ev.Outcome.FAILED, ev.Outcome.SKIPPED], "report": [ev.Outcome.UNCHANGED]}
    assert played.ended.exit_code == 0
    assert played.ended.message.endswith("; left out: the mark (no time was measured)")


async def test_only_what_is_harmless_can_be_left_out() -> None:
    played = await play(failing(reading("proof", ev.Stage.VERIFY), WRONG), failure=["quit"])
    assert "skip" not in played.operator.asked[0].choices


async def test_the_hosts_can_be_edited_after_any_failure() -> None:
    played = await play(failing(reading("reach", ev.Stage.CONNECT), WRONG), failure=["edit"])
    assert (played.ended.outcome, played.ended.message) == (ev.RunOutcome.FAILED, "the reach: it is wrong")
    assert played.operator.asked[0].choices == ("quit", "retry", "edit")


async def test_undo_is_offered_once_something_may_have_changed() -> None:
    broken = failing(step("one", ev.Stage.PRIMARY), WRONG)
    played = await play(broken, gate=["run"], failure=["undo"])
    assert played.operator.asked[-1].choices == ("quit", "retry", "edit", "undo")
    assert played.ended.outcome is ev.RunOutcome.FAILED


async def test_undo_is_offered_when_a_look_fails_after_a_change() -> None:
    played = await play(
        step("one", ev.Stage.PRIMARY), failing(reading("proof", ev.Stage.VERIFY), WRONG), gate=["run"], failure=["undo"]
    )
    assert "undo" in played.operator.asked[-1].choices


@pytest.fixture
def looked_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rows that were looked at once more."""
    seen: list[str] = []

    async def again(ctx: Context, check: str) -> None:
        seen.append(check)
        if check == "nonsense":
            raise StepError("there is no such row", "choose another")
        ctx.reporter.emit(ev.CheckDone(id=check, title=check, verdict=ev.Verdict.PASS, primary="", standby=""))

    monkeypatch.setattr("pgrepl_tui.engine.again", again)
    return seen


async def test_a_row_is_looked_at_once_more_and_the_question_asked_again(looked_again: list[str]) -> None:
    one = step("one", ev.Stage.PRIMARY)
    played = await play(one, gate=["check:disk", "check:clock", "run"])
    assert looked_again == ["disk", "clock"]
    assert [asked.text for asked in played.operator.asked] == ["run the primary stage?"] * 3
    assert len({asked.question for asked in played.operator.asked}) == 3
    assert one.runs == ["one"]


async def test_a_row_that_cannot_be_looked_at_again_is_a_remark_and_loses_nothing(looked_again: list[str]) -> None:
    played = await play(step("one", ev.Stage.PRIMARY), gate=["check:nonsense", "run"])
    assert looked_again == ["nonsense"]
    (note,) = [event for event in played.events if isinstance(event, ev.Note)]
    assert "there is no such row" in note.text
    assert played.ended.exit_code == 0


async def test_after_a_stop_a_row_can_be_looked_at_again_before_the_retry(looked_again: list[str]) -> None:
    stopped = failing(reading("preflight", ev.Stage.PREFLIGHT), StepError("disk full", "make room", refused=True))
    played = await play(stopped, failure=["check:disk", "retry"])
    assert looked_again == ["disk"]
    assert played.ended.exit_code == 0


async def test_a_step_that_lost_its_connection_reaches_both_hosts_again_before_it_is_tried_again() -> None:
    reach, lost = reading("reach", ev.Stage.CONNECT), step("one", ev.Stage.PRIMARY)
    failing(lost, ConnectionLostError("db1: the connection was lost", "look at the network"))
    played = await play(reach, lost, gate=["run"], failure=["retry"])
    assert reach.runs == ["reach", "reach"]
    assert played.outcomes()["one"] == [ev.Outcome.FAILED, ev.Outcome.UNCHANGED]
    assert played.ended.exit_code == 0


async def test_a_host_that_cannot_be_reached_again_is_another_failure_of_the_same_step() -> None:
    reach, lost = reading("reach", ev.Stage.CONNECT), step("one", ev.Stage.PRIMARY)
    failing(lost, ConnectionLostError("db1: the connection was lost", "look at the network"))
    waiting = [None, ConnectionLostError("db1: no route to host", "look at the network")]

    def work(_ctx: Context) -> None:
        error = waiting.pop(0) if waiting else None
        if error is not None:
            raise error

    reach.work = work
    played = await play(reach, lost, gate=["run"], failure=["retry", "retry"])
    assert [asked.text for asked in played.operator.asked if asked.kind == "failure"] == [
        "db1: the connection was lost",
        "db1: no route to host",
    ]
    assert played.ended.exit_code == 0


async def test_another_failure_does_not_reach_the_hosts_again() -> None:
    reach = reading("reach", ev.Stage.CONNECT)
    await play(reach, failing(step("one", ev.Stage.PRIMARY), WRONG), gate=["run"], failure=["retry"])
    assert reach.runs == ["reach"]


async def test_nothing_is_changed_any_more_once_a_lock_is_lost() -> None:
    one = step("one", ev.Stage.PRIMARY)

    def lose(ctx: Context) -> None:
        ctx.lock_lost = "the lock on db1 is gone"

    first = reading("look", ev.Stage.PRIMARY)
    first.work = lose
    played = await play(first, one, gate=["run"], failure=["quit"])
    assert one.runs == []
    assert "the lock on db1 is gone" in played.ended.message


async def test_a_row_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="no preflight check called nonsense"):
        await preflight.again(None, "nonsense")  # type: ignore[arg-type]


async def test_a_finished_set_up_has_nothing_to_leave_out() -> None:
    played = await play(step("one", ev.Stage.PRIMARY, done("there")))
    assert "left out" not in played.ended.message


@pytest.mark.parametrize(("typed", "code"), [("no", 3), ("db2", 0)])
async def test_where_a_yes_is_not_enough_the_word_is_asked_for(typed: str, code: int) -> None:
    one = step("one", ev.Stage.PRIMARY, question="Set aside?", word="db2")
    played = await play(one, gate=["run"], typed=[typed])
    asked = played.operator.asked[1]
    assert (asked.kind, asked.choices) == ("typed", ("no", "db2"))
    assert played.ended.exit_code == code
    assert one.runs == ([] if code else ["one"])
