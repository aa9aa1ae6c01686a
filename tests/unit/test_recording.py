"""Whatever a file holds, opening it is safe, bounded and says what is wrong."""

import os
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui import events as ev
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.span import MAX_LINE, RecordingError, Span

HEADER = b'{"format":"pgrepl-tui recording","version":1,"program":"0.1.0","topology":{},"started":"x","meta":{}}\n'
NOTE = b'{"e":"note","t":1.0,"level":"info","text":"n"}\n'
EVENTS: list[ev.Event] = [
    ev.RunStarted(t=0.0, topology="t", started="2026-01-01T00:00:00Z", primary="a", standby="b"),
    ev.Output(t=0.5, number=1, step="s", host="a", stream="out", text="line 1\nlïne 2\n"),
    ev.StepEnded(t=1.0, step="s", outcome=ev.Outcome.CHANGED),
]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "run.jsonl"
    with Recorder(path, topology={"name": "a"}, started=datetime(2026, 1, 1, tzinfo=UTC)) as recorder:
        for event in EVENTS:
            recorder.write(event)
    return path


def _file(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "file.jsonl"
    path.write_bytes(data)
    return path


def _events(path: Path) -> tuple[list[ev.Event], str]:
    with Recording.open(path) as recording:
        return [event for event, _ in recording.events()], recording.problems


def test_what_was_recorded_is_read(made: Path) -> None:
    with Recording.open(made) as recording:
        assert recording.header.topology == {"name": "a"}
        assert recording.header.started == "2026-01-01T00:00:00Z"
        found = list(recording.events())
        assert [event for event, _ in found] == EVENTS
        assert recording.problems == ""
        assert recording.read_output(found[1][1]) == "line 1\nlïne 2\n"
        assert recording.read_event(found[2][1]) == EVENTS[2]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty; nothing was recorded in it"),
        (b"hello\n", "is not a recording of pgrepl-tui; name a file"),
        (b"\n", "is not a recording"),
        (b"{}\n", "is not a recording"),
        (b"\x7fELF\x00\xff\n", "is not a recording"),
        (b'{"version": 2, "width": 80}\n', "is not a recording"),
        (b"[" * 100_000, "is not a recording"),
        (b"x" * (MAX_LINE + 5), "is not a recording"),
        (
            HEADER.replace(b':1,"p', b':2,"p'),
            "its format, 2, is newer than 1: it was recorded by pgrepl-tui 0.1.0; replay it",
        ),
        (HEADER.replace(b':1,"p', b':"1","p'), "its header has no format version"),
        (HEADER.replace(b"{}", b"[]"), "its header is damaged"),
        (HEADER.replace(b"{}", b'{"a":' * 400 + b"1" + b"}" * 400), ""),
    ],
)
def test_a_file_that_is_no_recording_says_so(tmp_path: Path, data: bytes, message: str) -> None:
    path = _file(tmp_path, data)
    if message:
        with pytest.raises(RecordingError, match="file.jsonl: .*" + message):
            Recording.open(path)
    else:
        Recording.open(path).close()


def test_missing_files_directories_and_pipes_say_so(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, message in (("nowhere", "No such file"), (".", "is a directory"), ("pipe", "is not a file")):
        with pytest.raises(RecordingError, match=message):
            Recording.open(tmp_path / name)


def test_texts_of_a_hostile_header_are_made_harmless(tmp_path: Path) -> None:
    path = _file(tmp_path, HEADER.replace(b'"meta":{}', b'"meta":{"a\\u001b[2J":["\\u202e"]}'))
    with Recording.open(path) as recording:
        assert recording.header.meta == {"a␛[2J": ["\\u202e"]}


def test_damaged_and_newer_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    newer = b'{"e":"promoted","t":1}\n{"e":"note","t":2,"level":"info","text":"x","colour":1}\n'
    events, problems = _events(_file(tmp_path, HEADER + NOTE + b"garbage\n\xff\n\n" + newer + NOTE))
    assert [event.t for event in events] == [1, 2, 1]
    assert problems == (
        f"3 damaged lines, skipped (the first: at byte {len(HEADER + NOTE)}, not JSON: JSONDecodeError); "
        "1 event of a newer version, skipped; 1 field of a newer version, skipped"
    )


def test_a_torn_last_line_is_reported(tmp_path: Path) -> None:
    events, problems = _events(_file(tmp_path, HEADER + NOTE + NOTE[:-9]))
    assert len(events) == 1
    assert problems == f"{len(NOTE) - 9} bytes torn off at the end: the program was cut off while it wrote"


def test_a_cut_at_every_byte_loses_at_most_one_event(made: Path, tmp_path: Path) -> None:
    data = made.read_bytes()
    begin = data.index(b"\n") + 1
    ends = [at for at, byte in enumerate(data) if byte == ord("\n")]
    for cut in range(begin, len(data)):
        events, problems = _events(_file(tmp_path, data[:cut]))
        whole = sum(end <= cut for end in ends) - 1
        assert events == EVENTS[:whole]
        assert bool(problems) is (cut not in ends and data[cut - 1] != ord("\n"))


@settings(max_examples=150)
@given(st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_never_crashes(tmp_path_factory: pytest.TempPathFactory, place: int, bit: int) -> None:
    data = bytearray(HEADER + NOTE * 3)
    data[place % len(data)] ^= 1 << bit
    path = tmp_path_factory.getbasetemp() / "flipped.jsonl"
    path.write_bytes(data)
    try:
        events, _ = _events(path)
    except RecordingError:
        return
    assert len(events) <= 3


def test_a_line_that_is_too_long_is_damaged_and_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(HEADER + NOTE)
        for _ in range(60):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + NOTE)
    tracemalloc.start()
    events, problems = _events(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(events) == 2
    assert (
        problems == f"1 damaged line, skipped (the first: at byte {len(HEADER + NOTE)}, longer than {MAX_LINE} bytes)"
    )
    assert peak < 25_000_000


def test_lines_around_the_longest_are_read_or_not(tmp_path: Path) -> None:
    room = MAX_LINE - len(NOTE) + 1
    fits, over = (NOTE.replace(b'"n"', b'"n' + b"x" * size + b'"') for size in (room, room + 1))
    path = _file(tmp_path, HEADER + fits + over + NOTE)
    with Recording.open(path) as recording:
        spans = [span for _, span in recording.events()]
        assert [span.length for span in spans] == [MAX_LINE, len(NOTE) - 1]
        assert all(isinstance(recording.read_event(span), ev.Note) for span in spans)


def test_events_come_lazily(tmp_path: Path) -> None:
    path = _file(tmp_path, HEADER + NOTE * 40_000)
    with Recording.open(path) as recording:
        tracemalloc.start()
        assert sum(1 for _ in recording.events()) == 40_000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 5_000_000


def test_a_place_that_holds_no_output_is_an_error(made: Path) -> None:
    with Recording.open(made) as recording:
        first = next(recording.events())[1]
        with pytest.raises(RecordingError, match="no output at byte"):
            recording.read_output(first)
        with pytest.raises(RecordingError, match="cannot be read"):
            recording.read_output(Span(3, 17))
        with pytest.raises(RecordingError, match="cannot be read"):
            recording.read_output(Span(10_000_000, 17))


def test_opening_changes_nothing(made: Path) -> None:
    before = (made.read_bytes(), made.stat().st_mtime_ns, sorted(made.parent.iterdir()))
    made.chmod(0o400)
    _events(made)
    assert (made.read_bytes(), made.stat().st_mtime_ns, sorted(made.parent.iterdir())) == before
