"""The questions of a run: each is told when it is asked, and again when the operator has answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from pgrepl_tui import events as ev
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.steps.context import Reporter

AGAIN = "check:"
"""Begins an answer that asks to look at one preflight row once more; the row's id follows."""


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


@dataclass(frozen=True)
class Place:
    """Where a question belongs: a stage, and a step of it (empty for the whole stage)."""

    stage: ev.Stage
    step: str = ""


class Questions:
    """Asks one question after another.

    Args:
        reporter: takes the questions and the answers.
        operator: answers.
        look_again: looks at a preflight row once more; a question that was answered by asking for that is asked again.
    """

    def __init__(self, reporter: Reporter, operator: Operator, look_again: Callable[[str], Awaitable[None]]) -> None:
        self._reporter = reporter
        self._operator = operator
        self._look_again = look_again
        self._count = 0

    async def ask(self, kind: str, place: Place, text: str, choices: tuple[str, ...]) -> str:
        """Ask; one of the choices, of which the first is the safe one.

        Raises:
            LookupError: the operator's side of the program gave what is none of them: that agrees to nothing.
        """
        while True:
            asked = self._asked(kind, place, text, choices)
            answer = await self._operator.ask(asked)
            self._answered(asked, answer.choice, answer.by)
            if answer.choice in choices:
                return answer.choice
            if not answer.choice.startswith(AGAIN):
                raise LookupError(f"{answer.choice!r} is none of the choices {', '.join(choices)}")
            await self._look_again(answer.choice.removeprefix(AGAIN))

    async def secret(self, place: Place, text: str) -> Secret | None:
        """Ask for a password; None where there is none. The answer that is told says only whether there is one."""
        asked = self._asked("secret", place, text, ("none", "given"))
        secret = await self._operator.secret(asked)
        self._answered(asked, "given" if secret else "none", "operator")
        return secret

    def _asked(self, kind: str, place: Place, text: str, choices: tuple[str, ...]) -> ev.Asked:
        self._count += 1
        asked = ev.Asked(
            question=self._count, kind=kind, stage=place.stage, step=place.step, text=text, choices=choices
        )
        self._reporter.emit(asked)
        return asked

    def _answered(self, asked: ev.Asked, answer: str, by: str) -> None:
        self._reporter.emit(ev.Answered(question=asked.question, answer=answer, by=by))
