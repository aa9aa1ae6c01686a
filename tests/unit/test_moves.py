"""The keys of a replay go where they say, and one that cannot says why."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgrepl_tui.session.moves import BEGINNING, END, move
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from tests.unit import virtual_time
from tests.unit.recorded import PLAN, at, recording
from tests.unit.test_replay import good_end, playing

STARTED, OUTPUT, ENDED, FAILED, WARNED = 0, 2, 6, 7, 8
EVENTS = [
    PLAN,
    at(1.0, STARTED),
    at(2.0, OUTPUT),
    at(3.0, ENDED),
    at(10.0, WARNED),
    at(20.0, STARTED),
    at(30.0, FAILED),
    good_end(40.0),
]


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Recording]:
    with recording(tmp_path / "r.jsonl", EVENTS) as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("next_step", [1.0, 20.0, 30.0]),
        ("next_stage", [1.0, 30.0]),
        ("next_error", [10.0, 30.0]),
    ],
)
def test_there_and_back_over_all_there_are(source: Recording, name: str, places: list[float]) -> None:
    replay = Replay(source, playing=False)
    for place in places:
        assert move(replay, name) == ""
        assert replay.position == place
    what = name.removeprefix("next_")
    assert move(replay, name) == f"There is no {what} after this."
    assert replay.position == places[-1]
    back = f"previous_{what}"
    for place in [*reversed(places[:-1]), *([0.0] if what == "stage" else [])]:
        assert move(replay, back) == ""
        assert replay.position == place
    assert move(replay, back) == f"There is no {what} before this."


def test_between_two_steps_the_one_before_is_where_this_one_began(source: Recording) -> None:
    replay = Replay(source, playing=False, at=25.0)
    assert (move(replay, "previous_step"), replay.position) == ("", 20.0)


def test_an_error_is_stood_upon_and_a_step_is_played_on(source: Recording) -> None:
    replay = Replay(source)
    move(replay, "next_step")
    assert (replay.playing, replay.trouble) == (True, None)
    move(replay, "next_error")
    assert (replay.playing, replay.trouble) == (False, replay.marks.troubles[0])
    move(replay, "event")
    assert replay.trouble is None


def test_events_one_by_one_stop_the_film(source: Recording) -> None:
    replay = Replay(source)
    for name, place in (("event", 1.0), ("event", 2.0), ("event_back", 1.0), ("event_back", 0.0), ("event_back", 0.0)):
        assert move(replay, name) == ""
        assert (replay.position, replay.playing) == (place, False)
    assert replay.count == 0
    assert move(replay, "event_back") == BEGINNING


def test_while_it_plays_before_means_before_what_has_just_begun(source: Recording) -> None:
    async def play() -> None:
        replay = Replay(source, at=20.0, clock=virtual_time.clock)
        async with playing(replay):
            await asyncio.sleep(0.5)
            move(replay, "previous_step")
            assert replay.position == 1.0
            replay.seek(20.0)
            await asyncio.sleep(1.5)
            move(replay, "previous_step")
            assert replay.position == 20.0
            move(replay, "to_start")
            await asyncio.sleep(1.5)
            move(replay, "previous_step")
            assert replay.position == 1.0

    virtual_time.run(play())


def test_five_seconds_on_and_back_end_at_both_ends(source: Recording) -> None:
    replay = Replay(source, playing=False, at=37.0)
    assert [move(replay, "forward"), replay.position, move(replay, "forward")] == ["", 40.0, END]
    replay.seek(4.0)
    assert [move(replay, "back"), replay.position, move(replay, "back")] == ["", 0.0, BEGINNING]


def test_playing_at_the_end_begins_anew(source: Recording) -> None:
    replay = Replay(source, playing=False, at=99.0)
    move(replay, "toggle")
    assert (replay.position < 1.0, replay.playing) == (True, True)
    move(replay, "toggle")
    assert not replay.playing


def test_skipping_and_speed_leave_the_place_as_it_is(source: Recording) -> None:
    async def play() -> None:
        replay = Replay(source, at=12.0, clock=virtual_time.clock)
        async with playing(replay):
            await asyncio.sleep(1)
            for name in ("skip_idle", "faster", "skip_idle", "slower"):
                move(replay, name)
                assert replay.position == pytest.approx(13.0)
            move(replay, "skip_idle")
            await asyncio.sleep(0.125)
            assert replay.position == pytest.approx(13.0 + 10.0 / 4)
            assert replay.duration == 40.0

    virtual_time.run(play())
