"""A recording that another program still writes is followed to where it is by now."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgrepl_tui import events as ev
from pgrepl_tui.session.moves import END, END_SO_FAR, move
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import LOOK, MOST, STILL, Replay
from tests.unit import virtual_time
from tests.unit.recorded import PLAN, at, live, looks
from tests.unit.test_replay import playing

END_OF_RUN = ev.RunEnded(t=60.0, outcome=ev.RunOutcome.DONE, exit_code=0, changes=0)
EVENTS = [PLAN, *(at(t, 3) for t in (1.0, 2.0, 40.0)), at(41.0, 7), END_OF_RUN]


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "run.jsonl", topology={}, started=datetime(2026, 1, 1, tzinfo=UTC))


@asynccontextmanager
async def opened(recorder: Recorder, events: list[ev.Event], *, plays: bool = True) -> AsyncIterator[Replay]:
    """A replay of a recording in which these events are so far."""
    put(recorder, events)
    with Recording.open(recorder.path) as source:
        replay = Replay(source, clock=virtual_time.clock, playing=plays)
        async with playing(replay):
            yield replay


def put(recorder: Recorder, events: list[ev.Event]) -> None:
    for event in events:
        recorder.write(event)
    recorder.flush()


def test_who_plays_at_the_end_stays_there(recorder: Recorder) -> None:
    async def follow() -> None:
        async with opened(recorder, EVENTS[:3]) as replay:
            await asyncio.sleep(10)
            assert (replay.position, replay.waiting, replay.open_end) == (2.0, True, True)
            put(recorder, EVENTS[3:5])
            await asyncio.sleep(2 * LOOK)
            assert (replay.position, replay.count, replay.waiting) == (41.0, 5, True)
            assert [mark.text for mark in replay.marks.troubles] == ["copy: no"]
            put(recorder, EVENTS[5:])
            await asyncio.sleep(2 * LOOK)
            assert (replay.position, replay.playing, replay.open_end) == (60.0, True, True)
            with Recording.open(recorder.path) as source:
                assert looks(replay.session, source) == looks(live(source), source)
            await asyncio.sleep(STILL)
            assert (replay.playing, replay.open_end) == (False, False)

    virtual_time.run(follow())


def test_who_stands_elsewhere_stays_there_and_the_end_moves_on(recorder: Recorder) -> None:
    async def stand() -> None:
        async with opened(recorder, EVENTS[:3], plays=False) as replay:
            replay.seek(1.0)
            put(recorder, EVENTS[3:])
            await asyncio.sleep(2 * LOOK)
            assert (replay.position, replay.count, replay.duration, replay.events) == (1.0, 2, 60.0, 6)
            assert replay.pauses == [(2.0, 40.0), (41.0, 60.0)]

    virtual_time.run(stand())


def test_who_plays_elsewhere_plays_on_at_the_pace(recorder: Recorder) -> None:
    async def play() -> None:
        async with opened(recorder, EVENTS[:4]) as replay:
            await asyncio.sleep(5)
            put(recorder, EVENTS[4:])
            await asyncio.sleep(5)
            assert replay.position == pytest.approx(10.0)
            move(replay, "skip_idle")
            await asyncio.sleep(0.25)
            assert replay.position == pytest.approx(10.0 + 38.0 / 2)

    virtual_time.run(play())


def test_the_end_key_follows_a_run_that_goes_on(recorder: Recorder) -> None:
    async def follow() -> None:
        async with opened(recorder, EVENTS[:3], plays=False) as replay:
            assert (move(replay, "to_end"), replay.waiting) == ("", True)
            assert move(replay, "forward") == END_SO_FAR
            put(recorder, EVENTS[3:4])
            await asyncio.sleep(2 * LOOK)
            assert replay.position == 40.0

    virtual_time.run(follow())


def test_what_comes_after_the_end_of_the_run_is_there_too(recorder: Recorder) -> None:
    async def watch() -> None:
        async with opened(recorder, EVENTS, plays=False) as replay:
            replay.seek(99.0)
            assert (replay.open_end, move(replay, "forward")) == (False, END)
            put(recorder, [ev.PrimaryPosition(t=61.0, lsn="0/1", via="v")])
            await asyncio.sleep(2 * LOOK)
            assert (replay.position, replay.duration, replay.open_end) == (60.0, 61.0, True)

    virtual_time.run(watch())


def test_much_that_comes_at_once_is_taken_in_pieces(recorder: Recorder) -> None:
    async def follow() -> None:
        async with opened(recorder, EVENTS[:3]) as replay:
            await asyncio.sleep(5)
            put(recorder, [at(3.0 + number / 1000, 3) for number in range(3 * MOST + 5)])
            await asyncio.sleep(2 * LOOK)
            assert replay.count == replay.events == 3 * MOST + 8

    virtual_time.run(follow())
