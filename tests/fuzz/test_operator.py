"""Operators who answer as they like: nothing is changed that they did not agree to, however the hosts behave."""

import asyncio
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui import events as ev
from pgrepl_tui.hosts.host import Result
from pgrepl_tui.questions import AGAIN
from tests.fuzz.agreement import changing, objections
from tests.fuzz.counts import count
from tests.fuzz.garble import GARBLES, garbled
from tests.fuzz.profile import examples
from tests.fuzz.tape import Change, Site
from tests.fuzz.taped_run import Choosing, Taped, agree
from tests.fuzz.test_outputs_of_hosts import assert_in_order

MOST = 60
"""Questions after which a careless operator leaves: a retry can be asked for without an end."""
SLIPS = ("", "x", "YES", "Run", "yes", "run", "no", "quit", "retry", "skip", "given", "\n", "y", "check:", "check:none")


class Careless:
    """Answers by lot, mostly so that it goes on; may press what is no answer, and may stop the run anywhere.

    Attributes:
        answers: what was answered, in order.
    """

    def __init__(self, seed: int, *, willing: float, slips: float = 0.0, stops: float = 0.0) -> None:
        self.seed, self.slips = seed, slips
        self._random = Random(seed)  # noqa: S311 - the same in every run
        self._willing, self._stops = willing, stops
        self.answers: list[tuple[str, str]] = []

    def __call__(self, asked: ev.Asked) -> str:
        """Choose."""
        answer = self._choose(asked)
        self.answers.append((asked.kind, answer))
        return answer

    def _choose(self, asked: ev.Asked) -> str:
        lot = self._random.random
        if len(self.answers) > MOST:
            return "quit" if "quit" in asked.choices else asked.choices[0]
        if lot() < self._stops:
            self._stop()
        if lot() < self.slips:
            return self._random.choice(SLIPS)
        if asked.stage is ev.Stage.PREFLIGHT and lot() < 0.2:
            return f"{AGAIN}{self._random.choice(('disk', 'walsenders', 'nothing', ''))}"
        if lot() < self._willing:
            last = asked.choices[-1:]
            wanted = {"gate": ("run", "step"), "confirm": last, "typed": last, "failure": ("retry",)}.get(
                asked.kind, ()
            )
            there = [choice for choice in wanted if choice in asked.choices]
            if there:
                return self._random.choice(there)
        return self._random.choice(asked.choices)

    def _stop(self) -> None:
        """As ``LiveRun.stop`` does."""
        for task in asyncio.all_tasks():
            if "Engine.run" in repr(task.get_coro()):
                task.cancel()


def moody(share: float, seed: int) -> Change | None:
    """Hosts of which some answers are garbled."""
    random, hows = Random(seed), sorted(GARBLES)  # noqa: S311 - the same in every run

    def change(_site: Site, result: Result) -> Result:
        return garbled(result, random.choice(hows), random) if random.random() < share else result

    return change if share else None


OPERATORS = st.builds(
    Careless,
    st.integers(0, 2**32),
    willing=st.sampled_from((0.3, 0.8, 0.95)),
    slips=st.sampled_from((0.0, 0.0, 0.1)),
    stops=st.sampled_from((0.0, 0.0, 0.1)),
)


@examples(100, shrink=False)
@given(operator=OPERATORS, share=st.sampled_from((0.0, 0.0, 0.005, 0.02)))
def test_nothing_is_changed_without_its_confirmation(taped: Taped, operator: Careless, share: float) -> None:
    change = moody(share, operator.seed)
    ended, events = taped.play(Choosing(operator), change, slips=operator.slips > 0)
    assert_in_order(taped, ended, events, harm=f"{operator.answers}")
    count("sequences of an operator's answers (model)")
    count("answers in them", len(operator.answers))
    count("changing commands in them, each agreed to", changing(events))
    count("sequences in which something was changed", bool(changing(events)))


@pytest.mark.parametrize("kind", ["gate", "confirm"])
@pytest.mark.parametrize("slip", ["", "x", "YES", "Run ", "y", "\n", "retry", "given"])
def test_an_answer_that_is_none_of_the_choices_agrees_to_nothing(taped: Taped, kind: str, slip: str) -> None:
    slipped = []

    def once(asked: ev.Asked) -> str:
        if asked.kind == kind:
            slipped.append(asked)
            return slip
        return agree(asked)

    with pytest.raises(LookupError, match="none of the choices"):
        taped.play(Choosing(once))
    assert len(slipped) == 1


@pytest.mark.parametrize("kind", ["gate", "confirm"])
def test_a_broken_guard_is_seen(taped: Taped, kind: str) -> None:
    """The check itself: a run in which one no was taken for a yes."""
    events: list[ev.Event] = []
    for event in taped.events:
        if isinstance(event, ev.Answered) and event.answer == {"gate": "run", "confirm": "yes"}[kind]:
            answer = {"gate": "quit", "confirm": "no"}[kind]
            events.append(ev.Answered(question=event.question, answer=answer, by=event.by))
        else:
            events.append(event)
    assert objections(taped.events, taped.confirmed) == []
    assert objections(events, taped.confirmed)
    assert changing(taped.events) > 20
    assert taped.confirmed >= {"restart", "stop", "set-aside"}


@pytest.mark.parametrize(("typed", "agreed"), [("db2", True), ("no", False), ("yes", False)])
def test_a_word_that_has_to_be_typed_agrees_and_no_other_answer_does(taped: Taped, typed: str, *, agreed: bool) -> None:
    """The check itself, where a step asks for a word instead of a yes."""
    events: list[ev.Event] = []
    number = 0
    for event in taped.events:
        if isinstance(event, ev.Asked) and (event.kind, event.step) == ("confirm", "set-aside"):
            number = event.question
            events.append(replace(event, kind="typed", choices=("no", "db2")))
        elif isinstance(event, ev.Answered) and number and event.question == number:
            events.append(replace(event, answer=typed))
        else:
            events.append(event)
    assert number
    assert (objections(events, taped.confirmed) == []) is agreed
