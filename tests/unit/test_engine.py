"""The engine: what it asks before it changes anything, and how a run ends, whatever happens."""

import asyncio

import pytest

from pgrepl_tui import engine as engine_module
from pgrepl_tui import events as ev
from pgrepl_tui.hosts.host import ConnectionLostError
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.postgres.managed_block import BlockError
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.questions import Answer
from pgrepl_tui.session.span import RecordingError
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.recorded import RecordedHost
from pgrepl_tui.steps.step import StepError, blocked, done, needed
from tests.unit.scripted_host import ScriptedHost
from tests.unit.scripted_pair import KeepingReporter
from tests.unit.scripted_run import ScriptedOperator, engine, failing, play, reading, step


async def test_all_that_is_needed_is_done_in_order_after_one_gate_a_stage() -> None:
    one, two = step("one", ev.Stage.PRIMARY), step("two", ev.Stage.STANDBY)
    played = await play(reading("reach", ev.Stage.CONNECT), one, two, gate=["run", "run"])
    assert (played.ended.outcome, played.ended.exit_code, played.ended.changes) == (ev.RunOutcome.DONE, 0, 2)
    assert [asked.stage for asked in played.operator.asked] == [ev.Stage.PRIMARY, ev.Stage.STANDBY]
    assert (one.runs, two.runs) == (["one"], ["two"])
    assert played.outcomes() == {
        "reach": [ev.Outcome.UNCHANGED],
        "one": [ev.Outcome.CHANGED],
        "two": [ev.Outcome.CHANGED],
    }


async def test_a_finished_set_up_changes_nothing_and_asks_nothing() -> None:
    there = step("one", ev.Stage.PRIMARY, done("there"))
    played = await play(there, reading("proof", ev.Stage.VERIFY))
    assert (played.ended.exit_code, played.ended.changes) == (0, 0)
    assert played.operator.asked == []
    assert there.runs == []
    assert played.outcomes()["one"] == [ev.Outcome.UNCHANGED]


async def test_a_stage_in_which_only_reading_is_left_is_not_gated() -> None:
    proof = reading("login", ev.Stage.PRIMARY)
    played = await play(step("one", ev.Stage.PRIMARY, done("there")), proof)
    assert played.operator.asked == []
    assert proof.runs == ["login"]


async def test_leaving_at_the_gate_changes_nothing() -> None:
    one = step("one", ev.Stage.PRIMARY)
    played = await play(one, gate=["quit"])
    assert (played.ended.outcome, played.ended.exit_code) == (ev.RunOutcome.REFUSED, 3)
    assert played.ended.changes == 0
    assert one.runs == []


async def test_the_previews_of_the_whole_stage_come_before_its_gate() -> None:
    played = await play(step("one", ev.Stage.PRIMARY), step("two", ev.Stage.PRIMARY), gate=["quit"])
    kinds = [type(event) for event in played.events]
    shown = [event.step for event in played.events if isinstance(event, ev.StepPreviewed)]
    assert shown == ["one", "two"]
    assert max(n for n, kind in enumerate(kinds) if kind is ev.StepPreviewed) < kinds.index(ev.Asked)


async def test_no_to_what_interrupts_ends_the_run_before_it_is_done() -> None:
    one = step("one", ev.Stage.PRIMARY, question="Restart now?")
    played = await play(one, gate=["run"], confirm=["no"])
    assert (played.ended.outcome, played.ended.exit_code) == (ev.RunOutcome.REFUSED, 3)
    assert one.runs == []
    assert played.outcomes() == {"one": [ev.Outcome.REFUSED]}
    assert played.operator.asked[1].choices[0] == "no", "the first choice is the safe one"


async def test_yes_to_what_interrupts() -> None:
    one = step("one", ev.Stage.PRIMARY, question="Restart now?")
    played = await play(one, gate=["run"], confirm=["yes"])
    assert played.ended.exit_code == 0
    assert one.runs == ["one"]
    answers = [(event.answer, event.by) for event in played.events if isinstance(event, ev.Answered)]
    assert answers == [("run", "script"), ("yes", "script")]


async def test_a_step_that_fails_and_is_given_up() -> None:
    one = failing(step("one", ev.Stage.PRIMARY, needed("not there")), StepError("it broke", "mend it"))
    later = step("later", ev.Stage.PRIMARY)
    played = await play(one, later, gate=["run"], failure=["quit"])
    assert (played.ended.outcome, played.ended.exit_code) == (ev.RunOutcome.FAILED, 1)
    assert (played.ended.message, played.ended.remedy) == ("the one: it broke", "mend it")
    assert played.outcomes() == {"one": [ev.Outcome.FAILED]}
    assert later.runs == []
    assert played.operator.asked[-1].choices[0] == "quit"


async def test_a_step_that_fails_and_is_tried_again() -> None:
    one = failing(step("one", ev.Stage.PRIMARY, *[needed("not there")] * 3, done("there")), StepError("it broke"))
    played = await play(one, gate=["run"], failure=["retry"])
    assert (played.ended.exit_code, played.ended.changes) == (0, 1)
    assert one.runs == ["one", "one"]
    assert played.outcomes() == {"one": [ev.Outcome.FAILED, ev.Outcome.CHANGED]}


async def test_what_was_mended_by_hand_is_not_run_again() -> None:
    one = failing(step("one", ev.Stage.PRIMARY, needed("no"), needed("no"), done("mended")), StepError("it broke"))
    played = await play(one, gate=["run"], failure=["retry"])
    assert one.runs == ["one"]
    assert played.outcomes() == {"one": [ev.Outcome.FAILED, ev.Outcome.UNCHANGED]}
    assert played.ended.changes == 0


async def test_what_cannot_be_done_is_refused() -> None:
    one = step("one", ev.Stage.PRIMARY, blocked("the password is wrong", "give the right one"))
    played = await play(one, failure=["quit"])
    assert (played.ended.outcome, played.ended.exit_code) == (ev.RunOutcome.REFUSED, 3)
    assert played.ended.message == "the one: the password is wrong"
    assert played.ended.remedy == "give the right one"
    assert one.runs == []


async def test_preflight_that_refuses_is_a_refusal() -> None:
    check = failing(reading("preflight", ev.Stage.PREFLIGHT), StepError("no room", "make room", refused=True))
    later = step("later", ev.Stage.PRIMARY)
    played = await play(check, later, failure=["quit"])
    assert played.ended.exit_code == 3
    assert later.runs == []


async def test_done_and_still_not_right_is_a_failure() -> None:
    one = step("one", ev.Stage.PRIMARY, needed("not there"))
    played = await play(one, gate=["run"], failure=["quit"])
    assert played.ended.exit_code == 1
    assert "still not right: not there" in played.ended.message
    assert played.ended.changes == 0


@pytest.mark.parametrize(
    ("error", "what", "remedy"),
    [
        (ConnectionLostError("db1 is gone", "run again"), "db1 is gone", "run again"),
        (SqlError("42501", "permission denied"), "the server refused: 42501: permission denied", "log"),
        (SqlError("", "no such file"), "the server refused: no such file", "log"),
        (BlockError("the block in the file is torn"), "the block in the file is torn", "mend"),
    ],
    ids=["host", "sql", "no server", "text"],
)
@pytest.mark.parametrize("stage", [ev.Stage.CONNECT, ev.Stage.PRIMARY])
async def test_trouble_of_any_kind_is_told(error: Exception, what: str, remedy: str, stage: ev.Stage) -> None:
    one = reading("one", stage) if stage is ev.Stage.CONNECT else step("one", stage, needed("not there"))
    played = await play(failing(one, error), gate=["run"], failure=["quit"])
    assert played.ended.exit_code == 1
    assert what in played.ended.message
    assert remedy in played.ended.remedy
    (end,) = [event for event in played.events if isinstance(event, ev.StepEnded)]
    assert (end.outcome, end.message) == (ev.Outcome.FAILED, what)


@pytest.mark.parametrize(
    "error", [ConnectionLostError("gone", "again"), SqlError("", "gone"), StepError("gone"), BlockError("gone")]
)
async def test_a_look_that_fails_is_told_and_blocks(error: Exception) -> None:
    one = step("one", ev.Stage.PRIMARY, error)
    played = await play(one, failure=["quit"])
    looks = [event for event in played.events if isinstance(event, ev.StepInspected)]
    assert {look.finding for look in looks} == {ev.Finding.BLOCKED}
    assert "gone" in looks[0].reason
    assert one.runs == []


async def test_a_plan_looks_at_everything_changes_nothing_and_asks_nothing() -> None:
    one = step("one", ev.Stage.PRIMARY, question="Restart now?")
    two = step("two", ev.Stage.STANDBY, blocked("no", "r"))
    read, verify = reading("reach", ev.Stage.CONNECT), reading("proof", ev.Stage.VERIFY)
    played = await play(read, one, two, verify, plan_only=True)
    assert (played.ended.exit_code, played.ended.changes) == (0, 0)
    assert played.operator.asked == []
    assert (read.runs, one.runs, two.runs, verify.runs) == (["reach"], [], [], [])
    looks = [event.step for event in played.events if isinstance(event, ev.StepInspected)]
    assert looks == ["one", "two"]
    begun = played.events[0]
    assert isinstance(begun, ev.RunStarted)
    assert begun.mode == "plan"


async def test_step_by_step_asks_before_each_one_until_told_to_run_on() -> None:
    names = ("one", "two", "three")
    steps = [step(name, ev.Stage.PRIMARY) for name in names]
    played = await play(*steps, gate=["step", "step", "run"])
    assert [asked.step for asked in played.operator.asked] == ["", "the one", "the two"]
    assert [made.runs for made in steps] == [[name] for name in names]


async def test_step_by_step_may_be_left_in_the_middle() -> None:
    one, two = step("one", ev.Stage.PRIMARY), step("two", ev.Stage.PRIMARY)
    played = await play(one, two, gate=["step", "run", "quit"])
    assert (one.runs, two.runs) == (["one"], ["two"]), "run at the first step is for the rest of the stage"
    one, two = step("one", ev.Stage.PRIMARY), step("two", ev.Stage.PRIMARY)
    played = await play(one, two, gate=["step", "step", "quit"])
    assert (one.runs, two.runs) == (["one"], [])
    assert (played.ended.exit_code, played.ended.changes) == (3, 1)


async def test_step_by_step_passes_over_what_is_done_or_only_reads() -> None:
    there, proof = step("there", ev.Stage.PRIMARY, done("there")), reading("proof", ev.Stage.PRIMARY)
    played = await play(there, proof, step("one", ev.Stage.PRIMARY), gate=["step", "run"])
    assert [asked.step for asked in played.operator.asked] == ["", "the one"]


async def test_cancelling_ends_the_run_as_interrupted_and_closes_the_hosts() -> None:
    host, reached = ScriptedHost(), asyncio.Event()
    one, later = step("one", ev.Stage.PRIMARY), step("later", ev.Stage.PRIMARY)

    async def wait(ctx: Context) -> None:
        ctx.hosts["primary"] = RecordedHost(host, ctx)
        reached.set()
        await asyncio.Event().wait()

    one.work = wait
    made, told = engine(one, later, gate=["run"])
    task = asyncio.create_task(made.run())
    await asyncio.wait_for(reached.wait(), 60)
    task.cancel()
    ended = await task
    assert (ended.outcome, ended.exit_code) == (ev.RunOutcome.INTERRUPTED, 4)
    assert told.events[-1] is ended
    ends = [event.outcome for event in told.events if isinstance(event, ev.StepEnded)]
    assert ends == [ev.Outcome.INTERRUPTED]
    assert host.closed == 1
    assert later.runs == []


async def test_a_host_that_hangs_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    host, reached, gone = ScriptedHost(), asyncio.Event(), asyncio.Event()
    one = step("one", ev.Stage.PRIMARY)
    monkeypatch.setattr(engine_module, "RELEASE_SECONDS", 0.05)

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()

    async def wait(ctx: Context) -> None:
        ctx.hosts["primary"] = RecordedHost(host, ctx)
        ctx.held.push_async_callback(hang)
        reached.set()
        await asyncio.Event().wait()

    one.work = wait
    made, told = engine(one, gate=["run"])
    task = asyncio.create_task(made.run())
    await asyncio.wait_for(reached.wait(), 60)
    task.cancel()
    ended = await asyncio.wait_for(task, 20)
    assert ended.outcome is ev.RunOutcome.INTERRUPTED
    assert told.events[-1] is ended
    assert host.closed == 1
    await asyncio.wait_for(gone.wait(), 60)


@pytest.mark.parametrize("leaving", ["the locks go", "a connection ends"])
async def test_a_stop_that_comes_while_the_run_leaves_takes_nothing_from_its_end(leaving: str) -> None:
    reached, go_on, watched = asyncio.Event(), asyncio.Event(), reading("watched", ev.Stage.VERIFY)

    async def slow() -> None:
        reached.set()
        await go_on.wait()

    class Closing(ScriptedHost):
        async def close(self) -> None:
            await slow()
            await super().close()

    host = Closing() if leaving == "a connection ends" else ScriptedHost()

    async def reach(ctx: Context) -> None:
        ctx.hosts["primary"] = RecordedHost(host, ctx)
        if leaving == "the locks go":
            ctx.held.push_async_callback(slow)

    watched.work = reach
    made, told = engine(watched)
    made.stays = leaving == "the locks go"
    task = asyncio.create_task(made.run())
    await asyncio.wait_for(reached.wait(), 60)
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    go_on.set()
    ended = await asyncio.wait_for(task, 60)
    assert ended.outcome is ev.RunOutcome.DONE
    assert told.events[-1] is ended
    assert host.closed == 1


class FullDisk(KeepingReporter):
    """What a step began can be recorded no more."""

    def emit(self, event: ev.Event) -> object:
        """Refuse from the first step on."""
        if isinstance(event, ev.StepStarted) or any(isinstance(one, ev.StepInspected) for one in self.events):
            raise RecordingError("no space left on device")
        return super().emit(event)


async def test_where_nothing_can_be_recorded_nothing_is_done() -> None:
    one = step("one", ev.Stage.PRIMARY)
    made, _ = engine(one, gate=["run"])
    made.reporter = FullDisk()
    with pytest.raises(RecordingError):
        await made.run()
    assert one.runs == []


async def test_cancelling_while_a_question_waits() -> None:
    made, told = engine(step("one", ev.Stage.PRIMARY))
    asked = asyncio.Event()

    class Waiting(ScriptedOperator):
        async def ask(self, asked_event: ev.Asked) -> Answer:
            del asked_event
            asked.set()
            await asyncio.Event().wait()
            raise AssertionError("nobody answers")

    made.operator = Waiting()
    task = asyncio.create_task(made.run())
    await asyncio.wait_for(asked.wait(), 60)
    task.cancel()
    assert (await task).exit_code == 4
    assert isinstance(told.events[-1], ev.RunEnded)


async def test_the_hosts_are_closed_at_every_end() -> None:
    for error in (None, StepError("it broke"), StepError("no", refused=True)):
        host = ScriptedHost()

        def reach(ctx: Context, host: ScriptedHost = host, error: Exception | None = error) -> None:
            ctx.hosts["primary"] = RecordedHost(host, ctx)
            if error:
                raise error

        one = reading("reach", ev.Stage.CONNECT)
        one.work = reach
        await play(one, failure=["quit"])
        assert host.closed == 1


async def test_a_mistake_in_the_program_is_an_end_as_well_and_is_not_hidden() -> None:
    host = ScriptedHost()

    def breaks(ctx: Context) -> None:
        ctx.hosts["primary"] = RecordedHost(host, ctx)
        raise KeyError("column")

    one = reading("reach", ev.Stage.CONNECT)
    one.work = breaks
    made, told = engine(one)
    with pytest.raises(KeyError, match="column"):
        await made.run()
    end = told.events[-1]
    assert isinstance(end, ev.RunEnded)
    assert (end.outcome, end.exit_code) == (ev.RunOutcome.FAILED, 1)
    assert "column" in end.message
    assert host.closed == 1


@pytest.mark.parametrize(("password", "answer"), [(Secret("hidden"), "given"), (None, "none")])
async def test_a_password_is_asked_for_and_never_told(password: Secret | None, answer: str) -> None:
    one = step("one", ev.Stage.STANDBY)
    got: list[Secret | None] = []

    async def ask(ctx: Context) -> None:
        got.append(await ctx.ask_secret("Password of r"))

    one.work = ask
    made, told = engine(one, gate=["run"])
    assert isinstance(made.operator, ScriptedOperator)
    made.operator.password = password
    await made.run()
    assert got == [password]
    asked = made.operator.asked[-1]
    assert (asked.kind, asked.step, asked.stage, asked.text) == ("secret", "one", ev.Stage.STANDBY, "Password of r")
    assert [event.answer for event in told.events if isinstance(event, ev.Answered)] == ["run", answer]
    assert not any("hidden" in repr(event) for event in told.events)


async def test_questions_are_numbered_and_each_has_its_answer() -> None:
    played = await play(step("one", ev.Stage.PRIMARY, question="q?"), gate=["run"], confirm=["yes"])
    asked = [event.question for event in played.events if isinstance(event, ev.Asked)]
    assert asked == [1, 2]
    assert asked == [event.question for event in played.events if isinstance(event, ev.Answered)]


async def test_the_hosts_are_called_by_their_names_without_the_login() -> None:
    begun = (await play()).events[0]
    assert isinstance(begun, ev.RunStarted)
    assert (begun.primary, begun.standby, begun.topology) == ("db1", "db2", "app")
