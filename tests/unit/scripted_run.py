"""A run of the engine with steps and an operator that go by a script."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pgrepl_tui import events as ev
from pgrepl_tui.engine import Engine
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.questions import AGAIN, Answer
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.plan import Plan
from pgrepl_tui.steps.step import Look, Preview, Step, done, needed
from pgrepl_tui.topology import Node, Topology
from tests.unit.scripted_pair import KeepingReporter, no_connection

if TYPE_CHECKING:
    from collections.abc import Callable

TOPOLOGY = Topology("app", Node("root@db1"), (Node("db2"),))


class ScriptedStep(Step):
    """A step whose looks and runs are given; the last look stays."""

    why = "because"
    host = "primary"

    def __init__(self, *looks: Look | Exception, question: str = "", word: str = "") -> None:
        self.looks = deque(looks or (needed("not there"), needed("not there"), done("there")))
        self.question, self.word = question, word
        self.runs: list[str] = []
        self.work: Callable[[Context], object] | None = None

    async def inspect(self, ctx: Context) -> Look:
        """The next look."""
        del ctx
        look = self.looks.popleft() if len(self.looks) > 1 else self.looks[0]
        if isinstance(look, Exception):
            raise look
        return look

    async def preview(self, ctx: Context) -> Preview:
        """A question, where there is one."""
        del ctx
        return Preview(question=self.question, word=self.word)

    async def run(self, ctx: Context) -> str:
        """Count, and do the work that was given."""
        self.runs.append(ctx.step)
        result = self.work(ctx) if self.work else None
        if asyncio.iscoroutine(result):
            await result
        return "it was done"


def step(name: str, stage: ev.Stage, *looks: Look | Exception, question: str = "", word: str = "") -> ScriptedStep:
    """A step that changes something; without looks it is needed until it has run."""
    kind = type(name, (ScriptedStep,), {"id": name, "title": f"the {name}", "stage": stage})
    made: ScriptedStep = kind(*looks, question=question, word=word)
    return made


def reading(name: str, stage: ev.Stage) -> ScriptedStep:
    """A step that only reads."""
    kind = type(name, (ScriptedStep,), {"id": name, "title": f"the {name}", "stage": stage, "readonly": True})
    made: ScriptedStep = kind()
    return made


def failing(made: ScriptedStep, *errors: Exception) -> ScriptedStep:
    """Fail with one error after the other, then succeed."""
    waiting = deque(errors)

    def work(_ctx: Context) -> None:
        if waiting:
            raise waiting.popleft()

    made.work = work
    return made


@dataclass
class ScriptedOperator:
    """Answers by kind of question; what is not in the script is an error."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    asked: list[ev.Asked] = field(default_factory=list)
    password: Secret | None = None

    async def ask(self, asked: ev.Asked) -> Answer:
        """The next answer for this kind."""
        self.asked.append(asked)
        answer = self.answers[asked.kind].pop(0)
        assert answer in asked.choices or answer.startswith(AGAIN)
        return Answer(answer, "script")

    async def secret(self, asked: ev.Asked) -> Secret | None:
        """The password, where there is one."""
        self.asked.append(asked)
        return self.password

    @property
    def kinds(self) -> list[str]:
        """The kinds of questions, in order."""
        return [asked.kind for asked in self.asked]


@dataclass
class Played:
    """A run that ended."""

    ended: ev.RunEnded
    events: list[ev.Event]
    operator: ScriptedOperator

    def outcomes(self) -> dict[str, list[ev.Outcome]]:
        """How each step ended, attempt by attempt."""
        found: dict[str, list[ev.Outcome]] = {}
        for event in self.events:
            if isinstance(event, ev.StepEnded):
                found.setdefault(event.step, []).append(event.outcome)
        return found


def engine(*steps: Step, plan_only: bool = False, **answers: list[str]) -> tuple[Engine, KeepingReporter]:
    """An engine with these steps and answers."""
    told = KeepingReporter()
    operator = ScriptedOperator(answers)
    plan = Plan("run", steps, "{standby} follows {primary}")
    return Engine(TOPOLOGY, told, operator, no_connection, plan_only, plan), told


async def play(*steps: Step, plan_only: bool = False, **answers: list[str]) -> Played:
    """Run the steps to the end; the last event is always the end, and the only one of its kind."""
    made, told = engine(*steps, plan_only=plan_only, **answers)
    ended = await made.run()
    assert told.events[-1] is ended
    assert [type(event) for event in told.events[:2]] == [ev.RunStarted, ev.PlanMade]
    assert sum(isinstance(event, ev.RunEnded) for event in told.events) == 1
    assert isinstance(made.operator, ScriptedOperator)
    return Played(ended, told.events, made.operator)
