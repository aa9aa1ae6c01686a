"""Watched time and the session's go forward together, and a skipped pause takes half a second at most."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.session.playhead import Playhead
from pgrepl_tui.session.tempo import SHORT, Pause, Tempo

SPEEDS = st.sampled_from((0.25, 0.5, 1.0, 2.0, 8.0, 64.0))
TIMES = st.floats(0, 2000)


@st.composite
def pauses(draw: st.DrawFn) -> list[Pause]:
    steps = draw(st.lists(st.tuples(st.floats(0, 20), st.floats(1.001, 500)), max_size=5))
    found: list[Pause] = []
    t = 0.0
    for before, long in steps:
        found.append((t + before, t + before + long))
        t = found[-1][1]
    return found


@given(pauses(), SPEEDS, st.booleans(), TIMES)
def test_there_and_back_again(found: list[Pause], speed: float, skip: bool, t: float) -> None:
    tempo = Tempo(found, speed=speed, skip_idle=skip)
    assert tempo.recorded(tempo.watched(t)) == pytest.approx(t, abs=1e-6)


@given(pauses(), SPEEDS, st.booleans(), st.lists(TIMES, min_size=2))
def test_time_never_goes_back_nor_slower_than_the_speed(
    found: list[Pause], speed: float, skip: bool, times: list[float]
) -> None:
    tempo = Tempo(found, speed=speed, skip_idle=skip)
    for before, after in pairwise(sorted(times)):
        assert 0 <= tempo.watched(after) - tempo.watched(before) <= (after - before) / speed + 1e-6


@given(pauses(), SPEEDS)
def test_a_skipped_pause_takes_half_a_second_at_most_and_all_else_its_time(found: list[Pause], speed: float) -> None:
    tempo = Tempo(found, speed=speed, skip_idle=True)
    for begin, end in found:
        taken = tempo.watched(end) - tempo.watched(begin)
        assert taken == pytest.approx(min((end - begin) / speed, SHORT), abs=1e-6)
    for (_, end), (begin, _) in pairwise([(0.0, 0.0), *found]):
        assert tempo.watched(begin) - tempo.watched(end) == pytest.approx((begin - end) / speed, abs=1e-6)


def test_without_skipping_it_is_the_speed_alone() -> None:
    tempo = Tempo([(1.0, 100.0)], speed=4.0, skip_idle=False)
    assert (tempo.watched(200.0), tempo.recorded(50.0)) == (50.0, 200.0)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_must_be_above_nothing(speed: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Tempo([], speed=speed, skip_idle=False)


class Clock:
    """A clock that is set by hand."""

    now = 50.0

    def __call__(self) -> float:
        return self.now


def test_a_playhead_goes_on_while_it_plays() -> None:
    clock = Clock()
    head = Playhead(clock, 2.0)
    clock.now += 5
    assert head.position == 0.0
    head.stand(10.0, playing=True)
    clock.now += 5
    assert (head.position, head.until(24.0), head.until(20.0)) == (20.0, 2.0, 0.0)
    assert (head.since(18.0), head.since(22.0)) == (1.0, -1.0)
    head.change(speed=1.0)
    clock.now += 5
    assert head.position == 25.0
    head.stand(3.0, playing=False)
    clock.now += 5
    assert head.position == 3.0


def test_a_playhead_in_a_pause_hurries_through_the_rest_of_it() -> None:
    clock = Clock()
    head = Playhead(clock, 1.0)
    head.change(skip_idle=True, pauses=[(10.0, 110.0)])
    head.stand(60.0, playing=True)
    clock.now += 0.125
    assert head.position == pytest.approx(85.0)
    assert head.until(110.0) == pytest.approx(0.125)
    head.change(skip_idle=False)
    clock.now += 1
    assert head.position == pytest.approx(86.0)


def test_a_wait_is_never_shorter_than_a_moment() -> None:
    head = Playhead(Clock(), 1.0)
    head.stand(0.0, playing=True)
    assert head.until(1e-9) == 1e-3
