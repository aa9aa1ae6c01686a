"""No changing command without its confirmation: read from the events of a run, which are all that it did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pgrepl_tui import events as ev

OWN = {"lock"}
"""The step that takes our own locks, before there is anything to agree to; it touches neither cluster."""
GO = {"run", "step"}
OF_THEIR_OWN = {"confirm", "typed"}
"""Kinds of questions before a step that interrupts or replaces: the last choice agrees, a yes or a word to be typed."""


@dataclass
class Agreement:
    """What the operator has agreed to so far.

    Args:
        confirmed: the steps that are asked about by themselves, as they interrupt or replace.
    """

    confirmed: frozenset[str]
    stages: dict[str, ev.Stage] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    asked: dict[int, ev.Asked] = field(default_factory=dict)
    open: set[ev.Stage] = field(default_factory=set)
    one_by_one: bool = False
    named: set[str] = field(default_factory=set)
    agreed: set[str] = field(default_factory=set)
    over: bool = False

    def take(self, event: ev.Event) -> str:
        """Take an event; what is wrong with it, or nothing."""
        if isinstance(event, ev.PlanMade):
            self.stages = {step.id: step.stage for step in event.steps}
            self.titles = {step.title: step.id for step in event.steps}
        elif isinstance(event, ev.Asked):
            self.asked[event.question] = event
        elif isinstance(event, ev.Answered):
            self._answered(self.asked[event.question], event.answer)
        elif isinstance(event, ev.StepEnded):
            self.agreed.discard(event.step)
            self.named.discard(event.step)
        elif isinstance(event, ev.CommandStarted) and event.changes:
            return self._objection(event)
        return ""

    def _answered(self, asked: ev.Asked, answer: str) -> None:
        if asked.kind == "gate" and answer in GO:
            self.open.add(asked.stage)
            if asked.step:
                self.named.add(self.titles[asked.step])
            self.one_by_one = answer == "step"
        elif asked.kind in OF_THEIR_OWN and answer == asked.choices[-1]:
            self.agreed.add(asked.step)
        elif answer in {"quit", "no"}:
            self.over = True

    def _objection(self, event: ev.CommandStarted) -> str:
        step = event.step
        if step in OWN:
            return ""
        if self.over:
            return f"{step}: after the operator said no: {event.line}"
        if self.stages[step] not in self.open:
            return f"{step}: before its stage was agreed to: {event.line}"
        if step in self.confirmed and step not in self.agreed:
            return f"{step}: without a yes of its own: {event.line}"
        return ""


def objections(events: Iterable[ev.Event], confirmed: frozenset[str]) -> list[str]:
    """Every changing command that nobody had agreed to."""
    agreement = Agreement(confirmed)
    return [said for event in events if (said := agreement.take(event))]


def changing(events: Sequence[ev.Event]) -> int:
    """How many changing commands there were, our own locks left out."""
    return sum(isinstance(event, ev.CommandStarted) and event.changes and event.step not in OWN for event in events)
