"""Runs a plan step by step, asks before what interrupts or replaces, and tells all that happens."""

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pgrepl_tui import events as ev
from pgrepl_tui.hosts.host import ConnectionLostError, HostError
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.questions import Operator, Place, Questions
from pgrepl_tui.steps.context import Connector, Context, Reporter
from pgrepl_tui.steps.lock import Lock
from pgrepl_tui.steps.plan import Plan, set_up
from pgrepl_tui.steps.preflight.step import again
from pgrepl_tui.steps.primary.slot import left_behind
from pgrepl_tui.steps.step import Look, Preview, Step, StepError
from pgrepl_tui.steps.trouble import TROUBLE, as_step_error
from pgrepl_tui.steps.verify.watch import watch
from pgrepl_tui.topology import Topology

EXIT_CODES = {
    ev.RunOutcome.DONE: 0,
    ev.RunOutcome.FAILED: 1,
    ev.RunOutcome.REFUSED: 3,
    ev.RunOutcome.INTERRUPTED: 4,
}
READ_ONLY_STAGES = {ev.Stage.CONNECT, ev.Stage.PREFLIGHT, ev.Stage.VERIFY}

RELEASE_SECONDS = 2.0
"""How long the end of a run waits for the locks to go."""


class Ended(Exception):  # noqa: N818 - not an error: it carries the end of a run out of its depth
    """The run ends here, before its last step."""

    def __init__(self, outcome: ev.RunOutcome, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.remedy = remedy


@dataclass
class Engine:
    """One run of a topology.

    Attributes:
        topology: what to set up.
        reporter: takes the events.
        operator: answers the questions.
        connect: opens the connections.
        plan_only: look at everything, change nothing.
        plan: what is to be done.
        stays: after a good end of a set-up, watch the pair until this is cancelled.
        password: the replication role's, where the operator gave it beforehand.
        nobody_to_ask: nobody can type a word that agrees, and none was given beforehand.
    """

    topology: Topology
    reporter: Reporter
    operator: Operator
    connect: Connector
    plan_only: bool = False
    plan: Plan = field(default_factory=set_up)
    stays: bool = False
    password: Secret | None = None
    nobody_to_ask: bool = False
    _changes: int = 0
    _left_out: list[str] = field(default_factory=list)
    _questions: Questions = field(init=False)

    async def run(self) -> ev.RunEnded:
        """Run to the end; whatever happens, an event says how it ended. Only what is watched afterwards follows it."""
        run_id = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        ctx = Context(self.topology, self.reporter, self.connect, self._ask_secret, run_id, ask=self._ask_in_step)
        self._ctx, ctx.given, ctx.nobody_to_ask = ctx, self.password, self.nobody_to_ask
        self._questions = Questions(self.reporter, self.operator, self._look_again)
        self._begin(run_id)
        try:
            ended = await self._outcome(ctx)
            if ended.outcome is not ev.RunOutcome.DONE and not self.plan_only and left_behind(ctx):
                self.reporter.emit(ev.Note(level="warning", text=left_behind(ctx)))
            stopped = await _to_its_end(_release(ctx))
            self.reporter.emit(ended)
            stays = self.stays and self.plan.mode == "run" and not self.plan_only and not stopped
            if stays and ended.outcome is ev.RunOutcome.DONE:
                await self._watch(ctx)
        finally:
            await _to_its_end(_close(ctx))
        return ended

    async def _outcome(self, ctx: Context) -> ev.RunEnded:
        try:
            return await self._stages(ctx)
        except Ended as end:
            return self._end(end.outcome, end.message, end.remedy)
        except asyncio.CancelledError:
            return self._end(ev.RunOutcome.INTERRUPTED, "stopped by the operator", "run again: it goes on from here")
        except Exception as error:
            what = f"a mistake in this program: {error!r}"
            self.reporter.emit(self._end(ev.RunOutcome.FAILED, what, "report it; a later run goes on from here"))
            raise

    async def _watch(self, ctx: Context) -> None:
        """Read both positions again and again, until the operator leaves."""
        ctx.step = "positions"
        try:
            await watch(ctx)
        except asyncio.CancelledError:
            return
        except TROUBLE as error:
            text = f"the pair is watched no more: {as_step_error(error, ctx).what}"
            self.reporter.emit(ev.Note(level="warning", text=text))

    @property
    def _names(self) -> tuple[str, str]:
        """How the primary and the standby are called on screen."""
        nodes = (self.topology.primary, self.topology.standbys[0])
        primary, standby = (node.ssh.rsplit("@", 1)[-1] for node in nodes)
        return primary, standby

    def _begin(self, run_id: str) -> None:
        primary, standby = self._names
        self.reporter.emit(
            ev.RunStarted(
                topology=self.topology.name,
                started=datetime.now(UTC).isoformat(timespec="seconds"),
                primary=primary,
                standby=standby,
                mode="plan" if self.plan_only else self.plan.mode,
                run_id=run_id,
            )
        )
        self.reporter.emit(ev.PlanMade(steps=tuple(step.info for step in self.plan.steps)))

    def _end(self, outcome: ev.RunOutcome, message: str, remedy: str = "") -> ev.RunEnded:
        code = EXIT_CODES[outcome]
        return ev.RunEnded(outcome=outcome, exit_code=code, changes=self._changes, message=message, remedy=remedy)

    async def _stages(self, ctx: Context) -> ev.RunEnded:
        for stage in dict.fromkeys(step.stage for step in self.plan.steps):
            steps = [step for step in self.plan.steps if step.stage is stage and (step.plans or not self.plan_only)]
            if self.plan_only and stage is ev.Stage.VERIFY:
                continue
            if stage in READ_ONLY_STAGES:
                for step in steps:
                    await self._step(ctx, step)
            else:
                await self._changing_stage(ctx, stage, steps)
        if self.plan_only:
            return self._end(ev.RunOutcome.DONE, "planned; nothing was changed")
        primary, standby = self._names
        said = self.plan.done.format(primary=primary, standby=standby)
        return self._end(ev.RunOutcome.DONE, "; left out: ".join([said, *self._left_out]))

    async def _changing_stage(self, ctx: Context, stage: ev.Stage, steps: Sequence[Step]) -> None:
        """Show what the whole stage would change, ask once, then go step by step."""
        looks = [await self._look(ctx, step) for step in steps if not step.readonly]
        if self.plan_only:
            return
        choice = "run"
        if any(look.finding is ev.Finding.NEEDED for look in looks):
            choice = await self._gate(stage, "")
        for step in steps:
            one_by_one = await self._step(ctx, step, ask=choice == "step")
            choice = "step" if one_by_one else "run"

    async def _gate(self, stage: ev.Stage, step: str) -> str:
        text = f"run the {stage} stage?" if not step else f"run the step {step}?"
        answer = await self._questions.ask("gate", Place(stage, step), text, ("run", "step", "quit"))
        if answer == "quit":
            raise Ended(ev.RunOutcome.REFUSED, f"the operator did not run the {stage} stage", "run again when ready")
        return answer

    async def _look(self, ctx: Context, step: Step) -> Look:
        """Inspect a step and, where there is something to do, preview it; a failed look blocks."""
        ctx.step = step.id
        try:
            look = await step.inspect(ctx)
            preview = await step.preview(ctx) if look.finding is ev.Finding.NEEDED else Preview()
        except TROUBLE as error:
            trouble = as_step_error(error, self._ctx)
            look, preview = (
                Look(ev.Finding.BLOCKED, trouble.what, trouble.remedy, failed=not trouble.refused),
                Preview(),
            )
        self.reporter.emit(ev.StepInspected(step=step.id, finding=look.finding, reason=look.reason, remedy=look.remedy))
        if look.finding is ev.Finding.NEEDED and not step.readonly:
            self._tell_preview(step, preview)
        self._preview = preview
        return look

    def _tell_preview(self, step: Step, preview: Preview) -> None:
        self.reporter.emit(
            ev.StepPreviewed(
                step=step.id,
                commands=preview.commands,
                diffs=preview.diffs,
                activation=preview.activation,
                danger=preview.danger,
                notes=preview.notes,
            )
        )

    async def _step(self, ctx: Context, step: Step, *, ask: bool = False) -> bool:
        """Run one step until it is done or the operator gives up; True where one-by-one was asked for again."""
        one_by_one = lost = False
        while True:
            try:
                if lost:
                    await self._reconnect(ctx)
                lost = False
                one_by_one = await self._attempt(ctx, step, ask=ask)
            except TROUBLE as error:
                trouble = as_step_error(error, self._ctx)
                lost = lost or bool(ctx.lock_lost) or _is_lost(error)
                if await self._failed(step, trouble) == "skip":
                    return ask
            else:
                return one_by_one

    async def _reconnect(self, ctx: Context) -> None:
        """Reach both hosts again, and take the locks again, before a step that lost its connection is tried again."""
        await _release(ctx)
        ctx.locks.clear()
        ctx.lock_lost = ""
        for step in self.plan.steps:
            if step.stage is ev.Stage.CONNECT or step.id == Lock.id:
                ctx.step = step.id
                await self._do(ctx, step)

    async def _attempt(self, ctx: Context, step: Step, *, ask: bool) -> bool:
        ctx.step = step.id
        look = Look(ev.Finding.NEEDED) if step.readonly else await self._look(ctx, step)
        if look.finding is ev.Finding.DONE:
            self._ended(step, ev.Outcome.UNCHANGED, look.reason, time.monotonic())
            return ask
        if look.finding is ev.Finding.BLOCKED:
            raise StepError(look.reason, look.remedy, refused=not look.failed)
        again = ask and not step.readonly and await self._gate(step.stage, step.title) == "step"
        if not step.readonly and self._preview.question:
            await self._confirm(step, self._preview)
        await self._do(ctx, step)
        return again if not step.readonly else ask

    async def _do(self, ctx: Context, step: Step) -> None:
        if ctx.lock_lost and not step.readonly:
            raise StepError(ctx.lock_lost, "another run may have taken it: leave, and run again", refused=True)
        self.reporter.emit(ev.StepStarted(step=step.id))
        started = time.monotonic()
        try:
            said = await step.run(ctx)
            if not step.readonly:
                look = await step.confirm(ctx)
                if look.finding is not ev.Finding.DONE:
                    raise StepError(
                        f"it was done, and is still not right: {look.reason}", look.remedy or "look, then retry"
                    )
        except asyncio.CancelledError:
            self._ended(step, ev.Outcome.INTERRUPTED, "stopped by the operator", started)
            raise
        self._changes += not step.readonly
        self._ended(step, ev.Outcome.UNCHANGED if step.readonly else ev.Outcome.CHANGED, said, started)

    def _ended(self, step: Step, outcome: ev.Outcome, message: str, started: float) -> None:
        seconds = time.monotonic() - started
        self.reporter.emit(ev.StepEnded(step=step.id, outcome=outcome, message=message, seconds=seconds))

    async def _confirm(self, step: Step, preview: Preview) -> None:
        """Ask for a yes, or for the word that stands for it."""
        kind, yes = ("typed", preview.word) if preview.word else ("confirm", "yes")
        if await self._questions.ask(kind, Place(step.stage, step.id), preview.question, ("no", yes)) != yes:
            self.reporter.emit(ev.StepEnded(step=step.id, outcome=ev.Outcome.REFUSED, message="the operator said no"))
            raise Ended(ev.RunOutcome.REFUSED, f"{step.title}: the operator said no", "run again when it may be done")

    async def _failed(self, step: Step, trouble: StepError) -> str:
        """Tell a failure and ask what now; returns retry, or skip where the step can be left out.

        Raises:
            Ended: the operator goes no further.
        """
        outcome = ev.Outcome.REFUSED if trouble.refused else ev.Outcome.FAILED
        self.reporter.emit(ev.StepEnded(step=step.id, outcome=outcome, message=trouble.what, remedy=trouble.remedy))
        answer = await self._questions.ask("failure", Place(step.stage, step.id), trouble.what, self._ways_on(step))
        if answer == "skip":
            self._ended(step, ev.Outcome.SKIPPED, f"left out: {step.unproved}", time.monotonic())
            self._left_out.append(f"{step.title} ({step.unproved})")
        if answer in {"retry", "skip"}:
            return answer
        refused = ev.RunOutcome.REFUSED if trouble.refused else ev.RunOutcome.FAILED
        raise Ended(refused, f"{step.title}: {trouble.what}", trouble.remedy)

    def _ways_on(self, step: Step) -> tuple[str, ...]:
        """What can be chosen after a failure; edit and undo end the run, and the screens do the rest."""
        ways = ["quit", "retry"]
        ways += ["skip"] if step.unproved else []
        if self.plan.mode == "run":
            ways += ["edit", "undo"] if self._changes or not step.readonly else ["edit"]
        return tuple(ways)

    async def _look_again(self, check: str) -> None:
        """Look at one preflight row once more; what keeps it from being looked at is a remark, no failure."""
        try:
            await again(self._ctx, check)
        except TROUBLE as error:
            trouble = as_step_error(error, self._ctx)
            text = f"the check could not be made again: {trouble.what}; {trouble.remedy}"
            self.reporter.emit(ev.Note(level="warning", text=text))

    @property
    def _stage_now(self) -> ev.Stage:
        return next((known.stage for known in self.plan.steps if known.id == self._ctx.step), ev.Stage.PRIMARY)

    async def _ask_in_step(self, kind: str, text: str, choices: tuple[str, ...]) -> str:
        return await self._questions.ask(kind, Place(self._stage_now, self._ctx.step), text, choices)

    async def _ask_secret(self, text: str) -> Secret | None:
        return await self._questions.secret(Place(self._stage_now, self._ctx.step), text)


def _is_lost(error: BaseException | None) -> bool:
    """Whether a lost connection is at the bottom of an error."""
    while error is not None and not isinstance(error, ConnectionLostError):
        error = error.__cause__ or error.__context__
    return error is not None


async def _to_its_end(leaving: Coroutine[Any, Any, None]) -> bool:
    """Wait for what takes seconds at most; True where a stop came meanwhile: the run has ended, and only leaves."""
    task, stopped = asyncio.ensure_future(leaving), False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            stopped = True
    task.result()
    return stopped


async def _release(ctx: Context) -> None:
    """Let the locks go; a host that hangs is not waited for: its locks go with its connection."""
    held, ctx.held = ctx.held, contextlib.AsyncExitStack()
    going = asyncio.create_task(_let_go(held))
    done, waiting = await asyncio.wait({going}, timeout=RELEASE_SECONDS)
    ctx.releasing |= waiting
    for task in done:
        task.result()


async def _let_go(held: contextlib.AsyncExitStack) -> None:
    with contextlib.suppress(HostError):  # a lost connection has let them go already
        await held.aclose()


async def _close(ctx: Context) -> None:
    """Let the locks go and end the connections; what is still in the way of that then is ended."""
    await _release(ctx)
    await asyncio.gather(*(host.close() for host in ctx.hosts.values()))
    if ctx.releasing:
        _, ctx.releasing = await asyncio.wait(ctx.releasing, timeout=RELEASE_SECONDS)
    for task in ctx.releasing:
        task.cancel()
