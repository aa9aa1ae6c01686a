"""Seeking is playing up to a time, and playing keeps the recorded pace."""

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui import events as ev
from pgrepl_tui.session.player import Player
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.session import Session

PLAN = ev.PlanMade(steps=(ev.StepInfo("a", "A", ev.Stage.PRIMARY, "primary", "why"),))
KINDS: list[ev.Event] = [
    ev.StepStarted(step="a"),
    ev.Output(number=1, step="a", host="h", stream="out", text="50%\r"),
    ev.Output(number=1, step="a", host="h", stream="out", text="x\ny"),
    ev.Output(number=2, step="a", host="h", stream="log", text="log\n"),
    ev.Progress(step="a", phase="copy", done=1, total=2),
    ev.StepEnded(step="a", outcome=ev.Outcome.CHANGED),
    ev.Note(level="info", text="n"),
]


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def _recording(path: Path, events: list[ev.Event]) -> Recording:
    path.unlink(missing_ok=True)
    with Recorder(path, topology={}, started=datetime(2026, 1, 1, tzinfo=UTC)) as recorder:
        for event in events:
            recorder.write(event)
    return Recording.open(path)


def _at(t: float, number: int) -> ev.Event:
    kind = KINDS[number % len(KINDS)]
    values = {name: getattr(kind, name) for name in kind.__dataclass_fields__}
    return type(kind)(**{**values, "t": t})


def _looks(session: Session, recording: Recording) -> object:
    lines = {step: index.lines(0, 999, recording.read_output) for step, index in session.outputs.items()}
    logs = {step: index.lines(0, 999, recording.read_output) for step, index in session.logs.items()}
    return session.state, lines, logs


TIMES = st.lists(st.tuples(st.integers(0, 8).map(float), st.integers(0, 6)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(TIMES, st.floats(-1, 10), st.floats(-1, 10))
async def test_seeking_is_playing_up_to_it(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[float, int]], first: float, then: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "seek.jsonl"
    with _recording(path, [PLAN, *(_at(t, number) for t, number in made)]) as recording:
        time = Time()
        player = Player(recording, clock=time.clock, sleep=time.sleep)
        session = player.session_at(first)
        target = player.count_at(max(first, then))
        count = player.count_at(first)
        async for event, span in player.play(from_t=first):
            if count == target:
                break
            session.add(event, span)
            count += 1
        assert _looks(session, recording) == _looks(player.session_at(max(first, then)), recording)


def test_kept_states_give_the_same_session_and_stay_few(tmp_path: Path) -> None:
    events = [PLAN, *(_at(number / 10, number) for number in range(400))]
    with _recording(tmp_path / "r.jsonl", events) as recording:
        plain = Player(recording)
        assert plain._kept == {}
        kept = Player.__new__(Player)
        kept.__dict__.update(plain.__dict__, _kept={}, _every=7)
        for name in ("_times", "_offsets", "_lengths"):
            setattr(kept, name, getattr(plain, name)[:0])
        kept._walk()
        assert 4 <= len(kept._kept) <= 8
        for count in (0, 1, 57, 200, 399, 401, 999):
            assert _looks(kept.session_after(count), recording) == _looks(plain.session_after(count), recording)
        kept.session_after(300).add(*kept.read(0))
        assert _looks(kept.session_after(300), recording) == _looks(plain.session_after(300), recording)


async def test_events_come_at_their_pace(tmp_path: Path) -> None:
    events = [_at(t, 6) for t in (0.0, 1.0, 1.0, 5.0)]
    with _recording(tmp_path / "r.jsonl", events) as recording:
        for speed, idle, due in (
            (1, math.inf, [0, 1, 1, 5]),
            (4, math.inf, [0, 0.25, 0.25, 1.25]),
            (2, 2, [0, 0.5, 0.5, 1.5]),
        ):
            time = Time()
            player = Player(recording, clock=time.clock, sleep=time.sleep)
            seen = [(event.t, time.now - 100) async for event, _ in player.play(speed, idle=idle)]
            assert seen == [(event.t, at) for event, at in zip(events, due, strict=True)]


async def test_playing_from_a_time_leaves_out_what_was_before(tmp_path: Path) -> None:
    with _recording(tmp_path / "r.jsonl", [_at(t, 6) for t in (0.0, 1.0, 2.0, 4.0)]) as recording:
        time = Time()
        player = Player(recording, clock=time.clock, sleep=time.sleep)
        assert [event.t async for event, _ in player.play(from_t=1.0)] == [2.0, 4.0]
        assert time.now == 103.0
        assert [event.t async for event, _ in player.play(math.inf, from_t=-1)] == [0.0, 1.0, 2.0, 4.0]
        assert time.now == 103.0


async def test_playing_as_fast_as_can_be_lets_others_run(tmp_path: Path) -> None:
    with _recording(tmp_path / "r.jsonl", [_at(0.0, 6)] * 50) as recording:
        slept: list[float] = []
        ticks = iter(range(10_000))

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        player = Player(recording, clock=lambda: next(ticks) / 100, sleep=sleep)
        assert len([event async for event, _ in player.play(math.inf)]) == 50
        assert slept
        assert max(slept) == 0.0


async def test_a_speed_must_be_above_nothing(tmp_path: Path) -> None:
    with _recording(tmp_path / "r.jsonl", []) as recording:
        for speed in (0.0, -1.0, math.nan):
            with pytest.raises(ValueError, match="above 0"):
                await anext(Player(recording).play(speed))


def test_times_never_go_back(tmp_path: Path) -> None:
    with _recording(tmp_path / "r.jsonl", [_at(t, 6) for t in (0.0, 3.0, 1.0, 2.0, 4.0)]) as recording:
        player = Player(recording)
        assert [player.time_of(number) for number in range(len(player))] == [0.0, 3.0, 3.0, 3.0, 4.0]
        assert (player.count_at(2.9), player.count_at(3.0), player.duration) == (1, 4, 4.0)


def test_stepping_is_reading_one_more(tmp_path: Path) -> None:
    with _recording(tmp_path / "r.jsonl", [PLAN, *(_at(float(n), n) for n in range(6))]) as recording:
        player = Player(recording)
        session = player.session_after(3)
        session.add(*player.read(3))
        assert _looks(session, recording) == _looks(player.session_after(4), recording)


def test_a_recording_without_events_plays_nothing(tmp_path: Path) -> None:
    with _recording(tmp_path / "r.jsonl", []) as recording:
        player = Player(recording)
        assert (len(player), player.duration, player.session_at(5).state.t) == (0, 0.0, 0.0)
