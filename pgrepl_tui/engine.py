"""Runs a plan step by step, asks before what interrupts or replaces, and tells all that happens."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from pgrepl_tui import events as ev
from pgrepl_tui.hosts.host import HostError
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.context import Connector, Context, Reporter
from pgrepl_tui.steps.plan import Plan, set_up
from pgrepl_tui.steps.step import Look, Preview, Step, StepError
from pgrepl_tui.topology import Topology

EXIT_CODES = {
    ev.RunOutcome.DONE: 0,
    ev.RunOutcome.FAILED: 1,
    ev.RunOutcome.REFUSED: 3,
    ev.RunOutcome.INTERRUPTED: 4,
}
READ_ONLY_STAGES = {ev.Stage.CONNECT, ev.Stage.PREFLIGHT, ev.Stage.VERIFY}

TROUBLE = (StepError, HostError, SqlError, ValueError, TimeoutError)
"""What may keep a step from being done; ValueErrors are those of postgres/, about texts that cannot be understood."""


def as_step_error(error: Exception) -> StepError:
    """Any trouble as what happened and what to do next."""
    if isinstance(error, StepError):
        return error
    if isinstance(error, HostError):
        return StepError(error.what, error.remedy)
    if isinstance(error, SqlError):
        return StepError(f"the server refused: {error}", "look at its log, then retry")
    return StepError(str(error), "mend what it names, then retry")


@dataclass(frozen=True)
class Answer:
    """One of a question's choices, and who chose it."""

    choice: str
    by: str = "operator"


class Operator(Protocol):
    """Who answers the questions of a run."""

    async def ask(self, asked: ev.Asked) -> Answer:
        """Choose one of the question's choices."""

    async def secret(self, asked: ev.Asked) -> Secret | None:
        """Give a password; None where there is none, or nobody to ask."""


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
    """

    topology: Topology
    reporter: Reporter
    operator: Operator
    connect: Connector
    plan_only: bool = False
    plan: Plan = field(default_factory=set_up)
    _questions: int = 0
    _changes: int = 0

    async def run(self) -> ev.RunEnded:
        """Run to the end; whatever happens, the last event says how it ended."""
        run_id = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        ctx = Context(self.topology, self.reporter, self.connect, self._ask_secret, run_id, ask=self._ask_in_step)
        self._ctx = ctx
        self._begin(run_id)
        try:
            ended = await self._stages(ctx)
        except Ended as end:
            ended = self._end(end.outcome, end.message, end.remedy)
        except asyncio.CancelledError:
            ended = self._end(ev.RunOutcome.INTERRUPTED, "stopped by the operator", "run again: it goes on from here")
        except Exception as error:
            what = f"a mistake in this program: {error!r}"
            self.reporter.emit(self._end(ev.RunOutcome.FAILED, what, "report it; a later run goes on from here"))
            raise
        finally:
            await _close(ctx)
        self.reporter.emit(ended)
        return ended

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
        return self._end(ev.RunOutcome.DONE, self.plan.done.format(primary=primary, standby=standby))

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
        answer = await self._ask("gate", stage, step, text, ("run", "step", "quit"))
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
            trouble = as_step_error(error)
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
        one_by_one = False
        while True:
            try:
                one_by_one = await self._attempt(ctx, step, ask=ask)
            except TROUBLE as error:
                trouble = as_step_error(error)
                outcome = ev.Outcome.REFUSED if trouble.refused else ev.Outcome.FAILED
                await self._failed(step, outcome, trouble.what, trouble.remedy)
            else:
                return one_by_one

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
            await self._confirm(step, self._preview.question)
        await self._do(ctx, step)
        return again if not step.readonly else ask

    async def _do(self, ctx: Context, step: Step) -> None:
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

    async def _confirm(self, step: Step, text: str) -> None:
        if await self._ask("confirm", step.stage, step.id, text, ("no", "yes")) != "yes":
            self.reporter.emit(ev.StepEnded(step=step.id, outcome=ev.Outcome.REFUSED, message="the operator said no"))
            raise Ended(ev.RunOutcome.REFUSED, f"{step.title}: the operator said no", "run again when it may be done")

    async def _failed(self, step: Step, outcome: ev.Outcome, what: str, remedy: str) -> None:
        """Tell a failure and ask what now; returns where it is to be tried again."""
        self.reporter.emit(ev.StepEnded(step=step.id, outcome=outcome, message=what, remedy=remedy))
        if await self._ask("failure", step.stage, step.id, what, ("quit", "retry")) == "retry":
            return
        refused = outcome is ev.Outcome.REFUSED
        raise Ended(ev.RunOutcome.REFUSED if refused else ev.RunOutcome.FAILED, f"{step.title}: {what}", remedy)

    def _question(self, kind: str, stage: ev.Stage, step: str, text: str, choices: tuple[str, ...]) -> ev.Asked:
        self._questions += 1
        asked = ev.Asked(question=self._questions, kind=kind, stage=stage, step=step, text=text, choices=choices)
        self.reporter.emit(asked)
        return asked

    async def _ask(self, kind: str, stage: ev.Stage, step: str, text: str, choices: tuple[str, ...]) -> str:
        asked = self._question(kind, stage, step, text, choices)
        answer = await self.operator.ask(asked)
        self.reporter.emit(ev.Answered(question=asked.question, answer=answer.choice, by=answer.by))
        return answer.choice

    @property
    def _stage_now(self) -> ev.Stage:
        return next((known.stage for known in self.plan.steps if known.id == self._ctx.step), ev.Stage.PRIMARY)

    async def _ask_in_step(self, kind: str, text: str, choices: tuple[str, ...]) -> str:
        return await self._ask(kind, self._stage_now, self._ctx.step, text, choices)

    async def _ask_secret(self, text: str) -> Secret | None:
        asked = self._question("secret", self._stage_now, self._ctx.step, text, ("none", "given"))
        secret = await self.operator.secret(asked)
        answer = "given" if secret else "none"
        self.reporter.emit(ev.Answered(question=asked.question, answer=answer, by="operator"))
        return secret


async def _close(ctx: Context) -> None:
    with contextlib.suppress(HostError):  # a lost connection has let the locks go already
        await ctx.held.aclose()
    for host in ctx.hosts.values():
        await host.close()
