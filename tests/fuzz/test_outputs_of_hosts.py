"""Whatever a host answers, a run goes on rightly or ends with an error of ours: no accident, and no unasked step."""

import re
from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui import events as ev
from pgrepl_tui.hosts.host import Result
from tests.fuzz.agreement import objections
from tests.fuzz.counts import count
from tests.fuzz.garble import GARBLES, garbled
from tests.fuzz.profile import examples
from tests.fuzz.tape import Site
from tests.fuzz.taped_run import NO_CHOICE, Choosing, Taped, agree

ACCIDENT = re.compile(
    r"a mistake in this program|invalid literal|codec can't|to unpack|could not convert|index out of range|unhashable"
    r"|not supported between|object has no|NoneType|subscript|Exceeds the limit|Traceback|[a-z]Error\b|is not in "
    r"list|substring not found|base \d+:|too large to convert|embedded null"
)
"""Words of Python's own exceptions: an operator cannot do anything with them."""


def said(events: list[ev.Event]) -> list[str]:
    """All that is told about trouble."""
    found = []
    for event in events:
        if isinstance(event, ev.StepEnded | ev.RunEnded):
            found.append(event.message)
        elif isinstance(event, ev.StepInspected):
            found.append(event.reason)
        elif isinstance(event, ev.CheckDone):
            found += [event.why, event.primary, event.standby]
        elif isinstance(event, ev.Note):
            found.append(event.text)
    return found


def assert_in_order(taped: Taped, ended: ev.RunEnded, events: list[ev.Event], *, harm: str) -> None:
    """It ended with words of ours, and did nothing that was not agreed to."""
    assert ended.message, harm
    bad = [text for text in said(events) if ACCIDENT.search(text) and NO_CHOICE not in text]
    assert not bad, (harm, bad)
    assert objections(events, taped.confirmed) == []


def test_the_run_on_the_tape_ends_as_the_real_one(taped: Taped) -> None:
    ended, events = taped.play(Choosing(agree))
    assert ended.outcome is ev.RunOutcome.DONE
    assert [(event.step, event.outcome) for event in events if isinstance(event, ev.StepEnded)] == [
        (event.step, event.outcome) for event in taped.events if isinstance(event, ev.StepEnded)
    ]
    assert len(taped.tape.sites) > 80


@examples(100, shrink=False)
@given(data=st.data(), how=st.sampled_from(sorted(GARBLES)), seed=st.integers(0, 2**32))
def test_one_answer_that_nobody_planned(taped: Taped, data: st.DataObject, how: str, seed: int) -> None:
    site = data.draw(st.sampled_from(taped.tape.sites), label="site")
    turn = data.draw(st.integers(0, 2), label="turn")
    turns: Counter[Site] = Counter()

    def change(at: Site, result: Result) -> Result:
        turns[at] += 1
        return garbled(result, how, Random(seed)) if at == site and turns[at] > turn else result  # noqa: S311 - repeatable

    ended, events = taped.play(Choosing(agree), change)
    assert_in_order(taped, ended, events, harm=f"{how} at {site.role}: {site.words}")
    count("runs with one garbled answer")


@examples(40, shrink=False)
@given(share=st.sampled_from((0.01, 0.03, 0.1, 0.5)), seed=st.integers(0, 2**32))
def test_a_host_that_answers_as_it_likes(taped: Taped, share: float, seed: int) -> None:
    random, hows = Random(seed), sorted(GARBLES)  # noqa: S311 - repeatable

    def change(_at: Site, result: Result) -> Result:
        return garbled(result, random.choice(hows), random) if random.random() < share else result

    ended, events = taped.play(Choosing(agree), change)
    assert_in_order(taped, ended, events, harm=f"seed {seed}")
    count("runs with many garbled answers")
