"""The state of a session: a pure fold of its events, and all that the screens draw from.

The bulk of a long output does not live here: see ``session/outputs.py``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce, singledispatch
from types import MappingProxyType

from pgrepl_tui import events as ev
from pgrepl_tui.postgres.lsn import Lsn

LAG_SAMPLES = 600

EMPTY: Mapping[str, "StepState"] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CommandState:
    """One remote command: the line as shown and as it ran, and how it ended (``ended`` False while it runs)."""

    number: int
    step: str
    host: str
    line: str
    changes: bool
    started: float
    ended: bool = False
    status: int | None = None
    seconds: float = 0.0
    paste: str = ""


@dataclass(frozen=True, slots=True)
class StepState:
    """A step and all that is known of it. ``started`` and ``ended`` are session seconds, None before."""

    info: ev.StepInfo
    finding: ev.Finding | None = None
    reason: str = ""
    remedy: str = ""
    preview: ev.StepPreviewed | None = None
    started: float | None = None
    ended: float | None = None
    outcome: ev.Outcome | None = None
    message: str = ""
    progress: ev.Progress | None = None
    milestones: tuple[ev.Milestone, ...] = ()

    @property
    def running(self) -> bool:
        """True between its start and its end."""
        return self.started is not None and self.outcome is None


@dataclass(frozen=True, slots=True)
class Question:
    """A question that waits for the operator, or its answer."""

    asked: ev.Asked
    answer: str | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class SessionState:
    """All that a screen needs to draw a run at one moment."""

    t: float = 0.0
    run: ev.RunStarted | None = None
    steps: Mapping[str, StepState] = field(default_factory=lambda: EMPTY)
    hosts: Mapping[str, ev.HostDescribed] = field(default_factory=lambda: MappingProxyType({}))
    checks: tuple[ev.CheckDone, ...] = ()
    commands: Mapping[int, CommandState] = field(default_factory=lambda: MappingProxyType({}))
    question: Question | None = None
    current: str = ""
    asked_last: bool = False
    primary_position: ev.PrimaryPosition | None = None
    standby_position: ev.StandbyPosition | None = None
    sender: ev.SenderSeen | None = None
    receiver: ev.ReceiverSeen | None = None
    marks: tuple[ev.MarkReached, ...] = ()
    matched: ev.Matched | None = None
    lag: tuple[tuple[float, int], ...] = ()
    notes: tuple[ev.Note, ...] = ()
    ended: ev.RunEnded | None = None

    def stage_steps(self, stage: ev.Stage) -> tuple[StepState, ...]:
        """The steps of a stage, in the plan's order."""
        return tuple(step for step in self.steps.values() if step.info.stage is stage)

    @property
    def stage(self) -> ev.Stage:
        """The stage that the run is in: that of the last question or step, whichever came last.

        After a gate the first step is looked at before it begins: that belongs to the stage that was agreed to.
        """
        if self.question is not None and self.asked_last:
            return self.question.asked.stage
        if self.current in self.steps:
            return self.steps[self.current].info.stage
        return ev.Stage.CONNECT


def fold(events: Iterable[ev.Event], state: SessionState | None = None) -> SessionState:
    """Fold events, in order, into a state; from ``state`` on where it is given."""
    return reduce(apply, events, state or SessionState())


def apply(state: SessionState, event: ev.Event) -> SessionState:
    """The state after one more event."""
    return replace(_apply(event, state), t=max(state.t, event.t))


@singledispatch
def _apply(_event: ev.Event, state: SessionState) -> SessionState:
    return state


def _step(state: SessionState, step: str, **changes: object) -> SessionState:
    """Change one step of the plan; an event about a step that is not in the plan changes nothing."""
    old = state.steps.get(step)
    if old is None:
        return state
    steps = {**state.steps, step: replace(old, **changes)}  # type: ignore[arg-type]
    return replace(state, steps=MappingProxyType(steps))


@_apply.register
def _(event: ev.RunStarted, state: SessionState) -> SessionState:
    return replace(state, run=event)


@_apply.register
def _(event: ev.PlanMade, state: SessionState) -> SessionState:
    steps = {info.id: state.steps.get(info.id, StepState(info)) for info in event.steps}
    return replace(state, steps=MappingProxyType(steps))


@_apply.register
def _(event: ev.HostDescribed, state: SessionState) -> SessionState:
    return replace(state, hosts=MappingProxyType({**state.hosts, event.role: event}))


@_apply.register
def _(event: ev.CheckDone, state: SessionState) -> SessionState:
    if event.id not in {check.id for check in state.checks}:
        return replace(state, checks=(*state.checks, event))
    return replace(state, checks=tuple(event if check.id == event.id else check for check in state.checks))


@_apply.register
def _(event: ev.StepInspected, state: SessionState) -> SessionState:
    return _step(state, event.step, finding=event.finding, reason=event.reason, remedy=event.remedy)


@_apply.register
def _(event: ev.StepPreviewed, state: SessionState) -> SessionState:
    return _step(state, event.step, preview=event)


@_apply.register
def _(event: ev.StepStarted, state: SessionState) -> SessionState:
    fresh = _step(
        state, event.step, started=event.t, ended=None, outcome=None, message="", progress=None, milestones=()
    )
    return replace(fresh, current=event.step, asked_last=False)


@_apply.register
def _(event: ev.StepEnded, state: SessionState) -> SessionState:
    ended = _step(state, event.step, ended=event.t, outcome=event.outcome, message=event.message, remedy=event.remedy)
    return replace(ended, current=event.step, asked_last=False)


@_apply.register
def _(event: ev.CommandStarted, state: SessionState) -> SessionState:
    command = CommandState(event.number, event.step, event.host, event.line, event.changes, event.t, paste=event.paste)
    return replace(state, commands=MappingProxyType({**state.commands, event.number: command}))


@_apply.register
def _(event: ev.CommandEnded, state: SessionState) -> SessionState:
    old = state.commands.get(event.number)
    if old is None:
        return state
    command = replace(old, ended=True, status=event.status, seconds=event.seconds)
    return replace(state, commands=MappingProxyType({**state.commands, event.number: command}))


@_apply.register
def _(event: ev.Progress, state: SessionState) -> SessionState:
    return _step(state, event.step, progress=event)


@_apply.register
def _(event: ev.Milestone, state: SessionState) -> SessionState:
    old = state.steps.get(event.step)
    return _step(state, event.step, milestones=(*old.milestones, event)) if old else state


@_apply.register
def _(event: ev.Asked, state: SessionState) -> SessionState:
    return replace(state, question=Question(event), asked_last=True)


@_apply.register
def _(event: ev.Answered, state: SessionState) -> SessionState:
    if state.question is None or state.question.asked.question != event.question:
        return state
    return replace(state, question=replace(state.question, answer=event.answer, by=event.by))


@_apply.register
def _(event: ev.PrimaryPosition, state: SessionState) -> SessionState:
    return replace(state, primary_position=event)


@_apply.register
def _(event: ev.StandbyPosition, state: SessionState) -> SessionState:
    return replace(state, standby_position=event, lag=(*state.lag[1 - LAG_SAMPLES :], *_lag(event, state)))


def _lag(event: ev.StandbyPosition, state: SessionState) -> tuple[tuple[float, int], ...]:
    """How many bytes the standby's replay was behind the newest position read from the primary."""
    if state.primary_position is None or not event.replayed:
        return ()
    try:
        behind = Lsn.parse(state.primary_position.lsn) - Lsn.parse(event.replayed)
    except ValueError:  # a damaged recording: no figure is better than a wrong one
        return ()
    return ((event.t, max(0, behind)),)


@_apply.register
def _(event: ev.SenderSeen, state: SessionState) -> SessionState:
    return replace(state, sender=event)


@_apply.register
def _(event: ev.ReceiverSeen, state: SessionState) -> SessionState:
    return replace(state, receiver=event)


@_apply.register
def _(event: ev.MarkReached, state: SessionState) -> SessionState:
    marks = state.marks if not state.marks or state.marks[-1].lsn == event.lsn else ()
    return replace(state, marks=(*marks, event))


@_apply.register
def _(event: ev.Matched, state: SessionState) -> SessionState:
    return replace(state, matched=event)


@_apply.register
def _(event: ev.Note, state: SessionState) -> SessionState:
    return replace(state, notes=(*state.notes, event))


@_apply.register
def _(event: ev.RunEnded, state: SessionState) -> SessionState:
    return replace(state, ended=event)
