"""A step: the smallest thing that can be shown, run and checked."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pgrepl_tui.events import Activation, Danger, FileDiff, Finding, ShownCommand, Stage, StepInfo

if TYPE_CHECKING:
    from pgrepl_tui.steps.context import Context


class StepError(Exception):
    """A step could not do what it is for.

    Attributes:
        what: what happened, in a sentence that an operator understands.
        remedy: what to do next.
        refused: True where nothing was tried because it must not be done; False where it was tried and failed.
    """

    def __init__(self, what: str, remedy: str = "", *, refused: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.refused = refused


@dataclass(frozen=True)
class Look:
    """What a read-only look found; ``failed`` where the look itself went wrong."""

    finding: Finding
    reason: str = ""
    remedy: str = ""
    failed: bool = False


@dataclass(frozen=True)
class Preview:
    """What a step would change now; ``question`` is asked before it runs, where it interrupts or replaces.

    A yes to the question is enough, or, where ``word`` is given, that has to be typed.
    """

    commands: tuple[ShownCommand, ...] = ()
    diffs: tuple[FileDiff, ...] = ()
    activation: Activation = Activation.NONE
    danger: Danger = Danger.NONE
    notes: tuple[str, ...] = ()
    question: str = ""
    word: str = ""


def done(reason: str) -> Look:
    """There is nothing to do."""
    return Look(Finding.DONE, reason)


def needed(reason: str) -> Look:
    """There is something to do."""
    return Look(Finding.NEEDED, reason)


def blocked(reason: str, remedy: str) -> Look:
    """It cannot be done as things are."""
    return Look(Finding.BLOCKED, reason, remedy)


class Step(ABC):
    """A step of a set-up.

    ``inspect`` and ``confirm`` only read. ``run`` may be cut off anywhere: a later ``inspect`` finds what is left.
    A step with ``readonly`` changes nothing on any host, so it runs in every run; one without ``plans`` is left out
    where nothing is to be changed at all. One that can be left out after it failed, without harm, says in ``unproved``
    what is then not known.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    stage: ClassVar[Stage]
    host: ClassVar[str]
    why: ClassVar[str]
    readonly: ClassVar[bool] = False
    plans: ClassVar[bool] = True
    unproved: ClassVar[str] = ""

    @property
    def info(self) -> StepInfo:
        """What is always true of this step."""
        return StepInfo(self.id, self.title, self.stage, self.host, self.why)

    async def inspect(self, ctx: "Context") -> Look:  # noqa: ARG002 - readonly steps have nothing to look at first
        """Look, without changing anything, whether there is something to do."""
        return needed("is looked at in every run")

    async def preview(self, ctx: "Context") -> Preview:  # noqa: ARG002 - readonly steps have nothing to preview
        """Say exactly what ``run`` would do now."""
        return Preview()

    @abstractmethod
    async def run(self, ctx: "Context") -> str:
        """Do it; says in a sentence what was done.

        Raises:
            StepError: it could not be done.
        """

    async def confirm(self, ctx: "Context") -> Look:
        """Look, without changing anything, whether it really happened."""
        return await self.inspect(ctx)
