"""Places of a recording that one goes to: where stages and steps begin, and what went wrong."""

from bisect import insort
from dataclasses import dataclass
from enum import StrEnum

from pgrepl_tui.events import (
    Asked,
    CheckDone,
    CommandEnded,
    CommandStarted,
    Event,
    Note,
    Outcome,
    Output,
    PlanMade,
    Progress,
    RunEnded,
    RunOutcome,
    Stage,
    StepEnded,
    StepInfo,
    StepStarted,
    Verdict,
)

BAD = {Outcome.FAILED, Outcome.REFUSED, Outcome.INTERRUPTED}


class Kind(StrEnum):
    """What is there."""

    STAGE = "stage"
    STEP = "step"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place: the event (counted from 0), its time in seconds, the stage it is in, and what is there, in words."""

    number: int
    t: float
    kind: Kind
    stage: Stage
    text: str


class Marks:
    """Finds the marks while a recording is walked through.

    Attributes:
        stages: where each stage begins; one that is come back to begins again.
        steps: where each step begins, one that turns out to be done already included.
        troubles: failed steps and the command that made them fail, checks that warn or stop, warnings, a bad end.
    """

    def __init__(self) -> None:
        self.stages: list[Mark] = []
        self.steps: list[Mark] = []
        self.troubles: list[Mark] = []
        self._plan: dict[str, StepInfo] = {}
        self._begun: set[str] = set()
        self._lines: dict[int, str] = {}
        self._failed: dict[str, Mark] = {}  # by step, its last command, where that failed

    @property
    def stage(self) -> Stage:
        """The stage so far."""
        return self.stages[-1].stage if self.stages else Stage.CONNECT

    def take(self, number: int, t: float, event: Event) -> None:
        """Take the next event: which it is, counted from 0, and its time in seconds."""
        if not self.stages:
            self._stage(Mark(number, t, Kind.STAGE, Stage.CONNECT, ""))
        match event:
            case Output() | Progress():
                return
            case PlanMade():
                self._plan = {step.id: step for step in event.steps}
            case Asked():
                self._stage(Mark(number, t, Kind.STAGE, event.stage, ""))
            case StepStarted() | StepEnded():
                self._step(number, t, event)
            case CommandStarted():
                self._lines[event.number] = event.line
            case CommandEnded():
                self._command(number, t, event)
            case _:
                self._remark(number, t, event)

    def _stage(self, mark: Mark) -> None:
        if not self.stages or self.stages[-1].stage is not mark.stage:
            self.stages.append(mark)

    def _step(self, number: int, t: float, event: StepStarted | StepEnded) -> None:
        planned = self._plan.get(event.step)
        title = planned.title if planned is not None else event.step
        if planned is not None:
            self._stage(Mark(number, t, Kind.STAGE, planned.stage, ""))
        if isinstance(event, StepStarted) or event.step not in self._begun:
            self.steps.append(Mark(number, t, Kind.STEP, self.stage, title))
        if isinstance(event, StepStarted):
            self._begun.add(event.step)
            self._failed.pop(event.step, None)
            return
        self._begun.discard(event.step)
        if event.outcome in BAD:
            self._trouble(number, t, Kind.ERROR, f"{title}: {event.message or event.outcome}")
            if event.outcome is Outcome.FAILED and event.step in self._failed:
                insort(self.troubles, self._failed[event.step], key=lambda mark: mark.number)

    def _command(self, number: int, t: float, event: CommandEnded) -> None:
        line = self._lines.pop(event.number, "")
        self._failed.pop(event.step, None)
        if event.status != 0:
            ended = "the connection was lost" if event.status is None else f"status {event.status}"
            self._failed[event.step] = Mark(number, t, Kind.ERROR, self.stage, f"{ended}: {line}")

    def _remark(self, number: int, t: float, event: Event) -> None:
        match event:
            case CheckDone(verdict=Verdict.WARN | Verdict.STOP as verdict):
                kind = Kind.ERROR if verdict is Verdict.STOP else Kind.WARNING
                self._trouble(number, t, kind, f"{event.title}: {event.why}")
            case Note(level="warning" | "error" as level):
                self._trouble(number, t, Kind(level), event.text)
            case RunEnded() if event.outcome is not RunOutcome.DONE:
                self._trouble(number, t, Kind.ERROR, event.message or event.outcome)

    def _trouble(self, number: int, t: float, kind: Kind, text: str) -> None:
        self.troubles.append(Mark(number, t, kind, self.stage, text))
