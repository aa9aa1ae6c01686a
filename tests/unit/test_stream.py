"""Nothing leaves the stream that is not stamped, harmless, free of secrets and recorded."""

import base64
import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui import events as ev
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.redact import MASK
from pgrepl_tui.session.span import RecordingError, Span
from pgrepl_tui.session.stream import MAX_PIECE, Stream


class Kept:
    """Keeps events in place of a file."""

    def __init__(self) -> None:
        self.events: list[ev.Event] = []

    def write(self, event: ev.Event) -> Span:
        self.events.append(event)
        return Span(len(self.events), 1)

    def text(self, number: int, stream: str = "out") -> str:
        return "".join(
            event.text
            for event in self.events
            if isinstance(event, ev.Output) and (event.number, event.stream) == (number, stream)
        )


class Clock:
    """A clock that is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _stream() -> tuple[Stream, Kept, Clock]:
    kept, clock = Kept(), Clock()
    return Stream(kept, clock), kept, clock


def test_an_event_is_stamped_recorded_and_handed_on() -> None:
    stream, kept, clock = _stream()
    seen: list[tuple[ev.Event, Span]] = []
    stream.listen(lambda event, span: seen.append((event, span)))
    clock.now += 1.5000004
    event = stream.emit(ev.Note(t=99.0, level="info", text="n"))
    assert event == ev.Note(t=1.5, level="info", text="n")
    assert kept.events == [event]
    assert seen == [(event, Span(1, 1))]


def test_every_text_of_an_event_is_cleaned_however_deep() -> None:
    stream, _, _ = _stream()
    stream.add_secret("hunter22")
    event = stream.emit(
        ev.StepPreviewed(
            step="s",
            commands=(ev.ShownCommand("primary", "psql 'password=hunter22'"),),
            diffs=(ev.FileDiff("primary", "/f", "+hunter22\x1b[2J"),),
            notes=("hunter22", "\x07"),
            danger=ev.Danger.REPLACES,
        )
    )
    assert event == ev.StepPreviewed(
        step="s",
        commands=(ev.ShownCommand("primary", f"psql 'password={MASK}'"),),
        diffs=(ev.FileDiff("primary", "/f", f"+{MASK}␛[2J"),),
        notes=(MASK, "␇"),
        danger=ev.Danger.REPLACES,
    )


def test_a_secret_that_is_a_word_of_the_program_changes_no_id() -> None:
    stream, _, _ = _stream()
    stream.add_secret("standby")
    plan = stream.emit(
        ev.PlanMade(steps=(ev.StepInfo("standby.stop", "stop", ev.Stage.STANDBY, "standby", "the standby"),))
    )
    assert plan.steps == (ev.StepInfo("standby.stop", "stop", ev.Stage.STANDBY, "standby", f"the {MASK}"),)
    ended = stream.emit(ev.StepEnded(step="standby.stop", outcome=ev.Outcome.CHANGED))
    assert ended.step == "standby.stop"


def test_output_comes_in_pieces_of_at_most_32_kib() -> None:
    stream, kept, _ = _stream()
    for number, text in enumerate(("x" * 100_000, "密" * 40_000)):
        stream.output(number, "s", "h", "out", text.encode())
        stream.end_output(number)
        assert kept.text(number) == text
    assert all(len(event.text.encode()) <= MAX_PIECE for event in kept.events if isinstance(event, ev.Output))
    assert len(kept.events) < 10


def test_streams_of_a_command_do_not_mix() -> None:
    stream, kept, _ = _stream()
    stream.output(1, "s", "h", "out", "é".encode()[:1])
    stream.output(1, "s", "h", "err", b"e")
    stream.output(2, "s", "h", "out", b"z")
    stream.output(1, "s", "h", "out", "é".encode()[1:])
    stream.end_output(1)
    assert (kept.text(1), kept.text(1, "err"), kept.text(2)) == ("é", "e", "z")


def test_the_end_of_output_brings_what_was_held() -> None:
    stream, kept, _ = _stream()
    stream.add_secret("hunter22")
    stream.output(1, "s", "h", "out", b"hunter")
    stream.output(1, "s", "h", "err", b"\xe2\x82")
    assert kept.text(1) == kept.text(1, "err") == ""
    stream.end_output(1)
    assert (kept.text(1), kept.text(1, "err")) == ("hunter", r"\xe2\x82")
    stream.end_output(1)
    assert len(kept.events) == 2


FORMS = {
    "raw": "se'cr\\et:42",
    "sql": "se''cr\\et:42",
    "conninfo": "se\\'cr\\\\et:42",
    "passfile": "se'cr\\\\et\\:42",
    "json": json.dumps("se'cr\\et:42")[1:-1],
    "base64": base64.b64encode(b"se'cr\\et:42").decode(),
    "hex": b"se'cr\\et:42".hex(),
}


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(FORMS)),
    st.binary(max_size=20),
    st.binary(max_size=20),
    st.lists(st.integers(0, 60), max_size=5),
)
def test_a_secret_in_output_is_hidden_however_it_is_cut(
    form: str, before: bytes, after: bytes, cuts: list[int]
) -> None:
    stream, kept, _ = _stream()
    stream.add_secret("se'cr\\et:42")
    data = before + FORMS[form].encode() + after
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for begin, end in pairwise(edges):
        stream.output(1, "s", "h", "out", data[begin:end])
    stream.end_output(1)
    assert MASK in kept.text(1)
    assert FORMS[form] not in kept.text(1)


HOSTILE = st.sampled_from(
    [b"\x1b[2J", b"\x1b]52;c;eA==\x07", b"\x9b2J", "\x9b\u202e\u200b".encode(), b"\x00\x7f", b"\xff", b"a\r\n"]
)


@settings(max_examples=150)
@given(st.lists(HOSTILE | st.binary(max_size=6), max_size=8))
def test_no_output_reaches_a_terminal_as_more_than_text(pieces: list[bytes]) -> None:
    stream, kept, _ = _stream()
    for piece in pieces:
        stream.output(1, "s", "h", "out", piece)
    stream.end_output(1)
    assert all(char in "\n\r\t" or char >= " " for char in kept.text(1))
    assert not set(kept.text(1)) & {*map(chr, range(0x7F, 0xA0)), "\u202e", "\u200b"}


def test_what_cannot_be_recorded_is_not_handed_on() -> None:
    class Full:
        def write(self, event: ev.Event) -> Span:
            raise RecordingError(f"no room for {event}")

    stream = Stream(Full(), Clock())
    seen: list[ev.Event] = []
    stream.listen(lambda event, _span: seen.append(event))
    with pytest.raises(RecordingError):
        stream.emit(ev.StepStarted(step="wipe"))
    with pytest.raises(RecordingError):
        stream.output(1, "s", "h", "out", b"x")
    assert seen == []


def test_a_recording_has_no_secret_and_reads_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    seen: list[tuple[ev.Event, Span]] = []
    with Recorder(path, topology={}, started=datetime(2026, 1, 1, tzinfo=UTC)) as recorder:
        stream = Stream(recorder, Clock())
        stream.add_secret("se'cr\\et:42")
        stream.listen(lambda event, span: seen.append((event, span)))
        for form in FORMS.values():
            stream.emit(ev.Note(level="info", text=f"<{form}>"))
            for byte in f"<{form}>\n".encode():
                stream.output(1, "s", "h", "out", bytes([byte]))
        stream.end_output(1)
    text = path.read_text()
    assert not any(form in text or json.dumps(form)[1:-1] in text for form in FORMS.values())
    with Recording.open(path) as recording:
        assert list(recording.events()) == seen
