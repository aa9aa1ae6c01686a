"""A replay ends in the live run's last state, however it is played; going about in it is the same as playing."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui import events as ev
from pgrepl_tui.session.moves import BEGINNING, END, SPEEDS, move
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from tests.unit import virtual_time
from tests.unit.recorded import PLAN, RUNS, at, live, looks, recording

MADE = st.lists(st.tuples(st.integers(0, 30).map(float), st.integers(0, 8)), max_size=14)
MOVES = (
    "toggle", "event", "event_back", "back", "forward", "to_start", "to_end", "next_stage", "previous_stage",
    "next_step", "previous_step", "next_error", "previous_error", "slower", "faster", "skip_idle",
)  # fmt: skip
DOINGS = st.lists(st.tuples(st.floats(0, 20), st.sampled_from(MOVES) | st.floats(-5, 40)), max_size=10)
FAST = settings(max_examples=40, deadline=None)


def none(_event: ev.Event, _span: object) -> None:
    """Take an event and do nothing with it."""


@asynccontextmanager
async def playing(replay: Replay) -> Any:
    """The replay, running in the loop of the test."""
    running = asyncio.ensure_future(replay.run(none))
    await asyncio.sleep(0)
    yield running
    replay.stop()
    assert await running == 0


async def to_the_end(replay: Replay) -> None:
    """Wait until it has played to the end."""
    while replay.playing:
        await asyncio.sleep(1.0)


def do(replay: Replay, doing: str | float) -> None:
    """Move, or seek."""
    if isinstance(doing, float):
        replay.seek(doing)
    else:
        move(replay, doing)


def is_as_live(replay: Replay, source: Recording) -> bool:
    """Whether what it shows is what the live run showed after as many events."""
    return looks(replay.session, source) == looks(live(source, replay.count), source)


def ended(made: list[tuple[float, int]]) -> list[ev.Event]:
    end = ev.RunEnded(t=31.0, outcome=ev.RunOutcome.FAILED, exit_code=1, changes=0)
    return [PLAN, *(at(*one) for one in made), end]


def good_end(t: float) -> ev.Event:
    return ev.RunEnded(t=t, outcome=ev.RunOutcome.DONE, exit_code=0, changes=0)


async def played(source: Recording, speed: float, doings: list[tuple[float, str | float]], *, skip_idle: bool) -> None:
    """Play, do this and that meanwhile, then play on to the end; all is as it was live, at every place."""
    replay = Replay(source, speed=speed, skip_idle=skip_idle, clock=virtual_time.clock)
    async with playing(replay):
        for delay, doing in doings:
            await asyncio.sleep(delay)
            do(replay, doing)
            assert is_as_live(replay, source)
        replay.play(playing=True)
        await to_the_end(replay)
        assert (replay.position, replay.count) == (replay.duration, replay.events)
        assert is_as_live(replay, source)


@FAST
@given(made=MADE, speed=st.sampled_from(SPEEDS), doings=DOINGS, skip_idle=st.booleans())
def test_a_made_recording_ends_as_live_however_it_is_played(
    tmp_path_factory: pytest.TempPathFactory,
    made: list[tuple[float, int]],
    speed: float,
    doings: list[tuple[float, str | float]],
    skip_idle: bool,
) -> None:
    path = tmp_path_factory.getbasetemp() / "made.jsonl"
    with recording(path, ended(made)) as source:
        virtual_time.run(played(source, speed, doings, skip_idle=skip_idle))


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
@settings(max_examples=5, deadline=None)
@given(speed=st.sampled_from(SPEEDS), doings=DOINGS, skip_idle=st.booleans())
def test_a_real_recording_ends_as_live_however_it_is_played(
    path: Path, speed: float, doings: list[tuple[float, str | float]], skip_idle: bool
) -> None:
    with Recording.open(path) as source:
        virtual_time.run(played(source, speed, doings, skip_idle=skip_idle))


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
@settings(max_examples=8, deadline=None)
@given(speed=st.sampled_from(SPEEDS), skip_idle=st.booleans(), share=st.floats(0, 1))
def test_a_seek_is_the_same_as_playing_up_to_it(path: Path, speed: float, skip_idle: bool, share: float) -> None:
    async def compare(source: Recording) -> None:
        player, seeker = (
            Replay(source, speed=speed, skip_idle=skip_idle, clock=virtual_time.clock, playing=plays)
            for plays in (True, False)
        )
        async with playing(player):
            await asyncio.sleep(player._head.until(share * player.duration))
            player.play(playing=False)
        assert player.position == pytest.approx(share * player.duration, abs=2e-3 * speed)
        seeker.seek(player.position)
        assert (player.count, player.position) == (seeker.count, seeker.position)
        assert looks(player.session, source) == looks(seeker.session, source)

    with Recording.open(path) as source:
        virtual_time.run(compare(source))


@FAST
@given(made=MADE, begin=st.integers(0, 16), there=st.lists(st.sampled_from(("event", "event_back")), max_size=6))
def test_a_step_back_takes_a_step_on_back(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[float, int]], begin: int, there: list[str]
) -> None:
    with recording(tmp_path_factory.getbasetemp() / "steps.jsonl", ended(made)) as source:
        replay = Replay(source, playing=False)
        replay.go(begin)
        before = [replay.count]
        moved = []
        for name in there:
            if not move(replay, name):
                moved.append(name)
                before.append(replay.count)
        for name in reversed(moved):
            assert replay.count == before.pop()
            assert move(replay, {"event": "event_back", "event_back": "event"}[name]) == ""
            assert is_as_live(replay, source)
        assert replay.count == min(begin, replay.events)


def test_events_come_at_their_pace(tmp_path: Path) -> None:
    async def times(speed: float, *, skip_idle: bool) -> list[float]:
        seen: list[float] = []
        replay = Replay(source, speed=speed, skip_idle=skip_idle, clock=virtual_time.clock)
        begun = virtual_time.clock()
        running = asyncio.ensure_future(replay.run(lambda *_: seen.append(virtual_time.clock() - begun)))
        await asyncio.sleep(0)
        await to_the_end(replay)
        replay.stop()
        await running
        return seen

    with recording(tmp_path / "r.jsonl", [*(at(t, 8) for t in (1.0, 1.0)), good_end(5.0)]) as source:
        for speed, skip_idle, due in ((1, False, [1, 1, 5]), (4, False, [0.25, 0.25, 1.25]),
                                      (1, True, [1, 1, 1.5]), (16, True, [0.0625, 0.0625, 0.3125])):  # fmt: skip
            assert virtual_time.run(times(speed, skip_idle=skip_idle)) == pytest.approx(due, abs=2e-3)


def test_a_replay_that_was_opened_long_ago_begins_when_it_is_run(tmp_path: Path) -> None:
    async def begun() -> None:
        replay = Replay(source, clock=virtual_time.clock)
        await asyncio.sleep(20)
        async with playing(replay):
            assert replay.position == 0.0
            await asyncio.sleep(2)
            assert replay.position == 2.0

    with recording(tmp_path / "r.jsonl", ended([])) as source:
        virtual_time.run(begun())


def test_moves_that_cannot_be_made_say_why(tmp_path: Path) -> None:
    with recording(tmp_path / "r.jsonl", [at(1.0, 3), good_end(2.0)]) as source:
        replay = Replay(source, playing=False, speed=0.25)
        for name in ("event_back", "back", "to_start"):
            assert move(replay, name) == BEGINNING
        assert move(replay, "slower") == "0.25x is the slowest."
        for what in ("error", "step"):
            for way in ("next", "previous"):
                assert move(replay, f"{way}_{what}") == f"There is no {what} in this recording."
        assert [move(replay, "next_stage"), move(replay, "next_stage")] == ["", "There is no stage after this."]
        assert move(replay, "previous_stage") == "There is no stage before this."
        replay.seek(9.0)
        for name in ("event", "forward", "to_end"):
            assert move(replay, name) == END
        replay.change(speed=64.0)
        assert move(replay, "faster") == "64x is the fastest."
