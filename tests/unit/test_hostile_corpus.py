"""The hostile corpus through stream, recording, session and log index, cut in four ways."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgrepl_tui.events import Output
from pgrepl_tui.screens.plain import plain, plain_line
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.sanitise import harmless
from pgrepl_tui.session.session import Session
from pgrepl_tui.session.stream import Stream
from tests.hostile import Sequence, assert_harmless, chunkings, corpus
from tests.make_hostile import entries

CORPUS = corpus()


def test_the_file_is_what_the_script_makes_and_large_enough() -> None:
    assert [(row.group, row.name, row.data) for row in CORPUS] == list(entries())
    assert len({row.data for row in CORPUS}) >= 300
    assert len({(row.group, row.name) for row in CORPUS}) == len(CORPUS)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of each sequence in each cutting, an output of its own each."""
    path = tmp_path_factory.mktemp("hostile") / "r.jsonl"
    with Recorder(path, topology={}, started=datetime.now(UTC)) as recorder:
        stream = Stream(recorder, time.monotonic)
        for row in CORPUS:
            for way, chunks in enumerate(chunkings(row.marked)):
                number = row.number * 4 + way
                for chunk in chunks:
                    stream.output(number, f"{row.number}-{way}", "db1", "out", chunk)
                stream.end_output(number)
    return path


def test_no_control_byte_is_in_the_recording(recorded: Path) -> None:
    data = recorded.read_bytes()
    assert_harmless(data.decode())
    assert b"\x1b" not in data


def test_every_cutting_shows_the_same_harmless_lines(recorded: Path) -> None:
    with Recording.open(recorded) as recording:
        session = Session()
        for event, span in recording.events():
            assert isinstance(event, Output)
            session.add(event, span)
        assert recording.problems == ""
        for row in CORPUS:
            ways = [session.outputs[f"{row.number}-{way}"] for way in range(4)]
            shown = [index.lines(0, 10_000, recording.read_output) for index in ways]
            assert shown[0] == shown[1] == shown[2] == shown[3], row
            assert_harmless("\n".join(shown[0]).replace("\t", " "))
            assert row.seen_in("\n".join(shown[0])), row


@pytest.mark.parametrize("row", CORPUS[:: len(CORPUS) // 40], ids=lambda row: f"{row.group} {row.name}")
def test_what_a_terminal_obeys_is_shown_not_dropped(row: Sequence) -> None:
    text = harmless(row.text)
    assert len(text) >= len(row.text)


def test_the_last_guard_before_drawing_is_as_strict_as_the_first() -> None:
    for code in (*range(0x11_0000),):
        char = chr(code)
        if harmless(char) != char or char == "\r":
            assert plain(char) != char, hex(code)
    for row in CORPUS:
        assert_harmless(plain(row.text))
        assert_harmless(plain_line(row.text))
