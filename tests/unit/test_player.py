"""Any place of a recording gives the session that the live run had there, also where the recording still grows."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui import events as ev
from pgrepl_tui.session import player as module
from pgrepl_tui.session.player import Player
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.span import Span
from tests.unit.recorded import PLAN, RUNS, at, live, looks, recording, write

MADE = st.lists(st.tuples(st.integers(0, 8).map(float), st.integers(0, 8)), max_size=14)


@settings(max_examples=80, deadline=None)
@given(made=MADE, t=st.floats(-1, 10))
def test_a_seek_gives_the_session_of_the_live_run(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[float, int]], t: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "seek.jsonl"
    with recording(path, [PLAN, *(at(*one) for one in made)]) as source:
        player = Player(source)
        count = player.count_at(t)
        assert looks(player.session_after(count), source) == looks(live(source, count), source)


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_every_place_of_a_real_run_gives_the_session_of_the_live_run(path: Path) -> None:
    with Recording.open(path) as source:
        player = Player(source)
        for count in {*range(0, len(player), 37), len(player)}:
            assert looks(player.session_after(count), source) == looks(live(source, count), source)


def test_kept_places_give_the_same_session_and_stay_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [PLAN, *(at(number / 10, number) for number in range(400))]
    with recording(tmp_path / "r.jsonl", events) as source:
        plain = Player(source)
        monkeypatch.setattr(module, "EVERY", 7)
        monkeypatch.setattr(module, "KEPT", 8)
        kept = Player(source)
        assert 4 <= len(kept._kept) <= 8
        for count in (0, 1, 57, 200, 399, 401, 999):
            assert looks(kept.session_after(count), source) == looks(plain.session_after(count), source)
        kept.session_after(300).add(*kept.read(0))
        assert looks(kept.session_after(300), source) == looks(plain.session_after(300), source)


def test_a_seek_reads_only_what_lies_behind_the_nearest_kept_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recording(tmp_path / "r.jsonl", [at(number / 10, number) for number in range(2000)]) as source:
        player = Player(source)
        reads: list[int] = []

        def read(number: int) -> tuple[ev.Event, Span]:
            reads.append(number)
            return Player.read(player, number)

        monkeypatch.setattr(player, "read", read)
        for count in (300, 1999, 2000):
            reads.clear()
            player.session_after(count)
            assert len(reads) < module.EVERY


def test_times_never_go_back(tmp_path: Path) -> None:
    with recording(tmp_path / "r.jsonl", [at(t, 8) for t in (0.0, 3.0, 1.0, 2.0, 4.0)]) as source:
        player = Player(source)
        assert [player.time_of(number) for number in range(len(player))] == [0.0, 3.0, 3.0, 3.0, 4.0]
        assert (player.count_at(2.9), player.count_at(3.0), player.duration) == (1, 4, 4.0)


def test_pauses_are_longer_than_a_second(tmp_path: Path) -> None:
    with recording(tmp_path / "r.jsonl", [at(t, 8) for t in (1.5, 2.5, 4.0, 1.0, 9.0)]) as source:
        assert Player(source).pauses == [(0.0, 1.5), (2.5, 4.0), (4.0, 9.0)]


def test_a_recording_without_events_has_a_beginning_only(tmp_path: Path) -> None:
    with recording(tmp_path / "r.jsonl", []) as source:
        player = Player(source)
        assert (len(player), player.duration, player.pauses, player.ended) == (0, 0.0, [], False)
        assert player.session_after(5).state.t == 0.0


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    with recording(tmp_path / "r.jsonl", [at(number / 10, 8) for number in range(2000)]) as source:
        told: list[float] = []
        Player(source, told.append)
        assert len(told) == 2000 // module.TOLD
        assert told == sorted(told)
        assert 0.2 < told[0] < 0.3
        assert 0.9 < told[-1] <= 1.0


@settings(max_examples=60, deadline=None)
@given(made=MADE, cuts=st.lists(st.integers(0, 3000), max_size=6), most=st.integers(1, 4))
def test_a_recording_that_grows_is_the_same_as_one_that_was_whole(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[float, int]], cuts: list[int], most: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    end = ev.RunEnded(t=9.0, outcome=ev.RunOutcome.DONE, exit_code=0, changes=1)
    write(folder / "whole.jsonl", [PLAN, *(at(*one) for one in made), end])
    data = (folder / "whole.jsonl").read_bytes()
    header = data.index(b"\n") + 1
    path = folder / "grows.jsonl"
    path.write_bytes(data[:header])
    with Recording.open(path) as source, Recording.open(folder / "whole.jsonl") as whole, path.open("ab") as file:
        player = Player(source)
        for cut in sorted({min(header + cut, len(data)) for cut in cuts} | {len(data)}):
            file.write(data[file.tell() : cut])
            file.flush()
            while player.grow(most):
                pass
        once = Player(whole)
        assert [player.time_of(number) for number in range(len(player))] == list(once._times)
        assert (player.pauses, player.ended) == (once.pauses, True)
        assert vars(player.marks) == vars(once.marks)
        assert looks(player.session_after(99), source) == looks(live(whole), whole)
        assert player.problems == ""


def test_what_is_damaged_is_counted_once_while_the_recording_grows(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    write(path, [PLAN])
    with Recording.open(path) as source, path.open("ab") as file:
        player = Player(source)
        file.write(b"garbage\n{")
        file.flush()
        assert [player.grow(9), player.grow(9)] == [0, 0]
        assert player.problems.startswith("1 damaged line")
        assert player.problems.endswith("1 byte torn off at the end: the program was cut off while it wrote")
        file.write(b'"e":"note","t":1,"level":"info","text":"n"}\n')
        file.flush()
        assert player.grow(9) == 1
        assert player.problems.startswith("1 damaged line")
        assert "torn" not in player.problems
