"""A recording is private, complete, and says so when it cannot be written."""

import errno
import json
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pgrepl_tui import __version__
from pgrepl_tui import events as ev
from pgrepl_tui.session.codec import decode
from pgrepl_tui.session.recorder import Recorder, default_path
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.span import RecordingError

NOW = datetime(2026, 11, 23, 3, 4, 5, 678_900, tzinfo=UTC)
NOTE = ev.Note(t=1.0, level="info", text="größer\n")


def _output(text: str) -> ev.Output:
    return ev.Output(t=2.0, number=1, step="s", host="primary", stream="out", text=text)


def _recorder(path: Path) -> Recorder:
    return Recorder(path, topology={"name": "app-db"}, started=NOW, meta={"postgresql": "17"})


def test_the_header_says_what_ran_and_when(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    _recorder(path).close()
    assert json.loads(path.read_text()) == {
        "format": "pgrepl-tui recording",
        "version": 1,
        "program": __version__,
        "topology": {"name": "app-db"},
        "started": "2026-11-23T03:04:05Z",
        "meta": {"postgresql": "17"},
    }


def test_a_span_is_where_the_event_lies(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with _recorder(path) as recorder:
        spans = [recorder.write(event) for event in (NOTE, _output("a\n"), NOTE)]
    data = path.read_bytes()
    assert [decode(data[span.offset : span.offset + span.length]) for span in spans] == [NOTE, _output("a\n"), NOTE]
    assert data.endswith(b"}\n")


@pytest.mark.parametrize("umask", [0, 0o022, 0o777])
def test_only_the_owner_can_read_it(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "made" / "run.jsonl"
    old = os.umask(umask if umask != 0o777 else 0o077)
    try:
        _recorder(path).close()
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_every_folder_that_is_made_is_private(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c" / "run.jsonl"
    _recorder(path).close()
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in list(path.parents)[:3]} == {0o700}


def test_a_file_that_is_there_is_never_touched(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("precious")
    with pytest.raises(RecordingError, match="is there already; a recording is never overwritten"):
        _recorder(path)
    assert path.read_text() == "precious"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RecordingError):
        _recorder(tmp_path / "run.jsonl")
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match="cannot record: Not a directory; name another file"):
        _recorder(tmp_path / "file" / "run.jsonl")


def test_output_waits_for_flush_and_other_events_do_not(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with _recorder(path) as recorder:
        before = path.stat().st_size
        recorder.write(_output("a"))
        assert path.stat().st_size == before
        recorder.flush()
        flushed = path.stat().st_size
        assert flushed > before
        recorder.write(_output("b"))
        recorder.write(NOTE)
        assert len(path.read_bytes().splitlines()) == 4


def test_much_output_does_not_wait(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with _recorder(path) as recorder:
        for _ in range(20):
            recorder.write(_output("x" * 32_768))
        assert path.stat().st_size > 300_000


@pytest.mark.parametrize(
    ("event", "synced"),
    [
        (ev.StepStarted(step="s"), True),
        (ev.StepEnded(step="s", outcome=ev.Outcome.CHANGED), True),
        (ev.RunEnded(outcome=ev.RunOutcome.DONE, exit_code=0, changes=0), True),
        (NOTE, False),
    ],
)
def test_steps_are_on_the_disk_when_they_begin_and_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: ev.Event, *, synced: bool
) -> None:
    calls: list[int] = []
    with _recorder(tmp_path / "run.jsonl") as recorder:
        monkeypatch.setattr(os, "fdatasync", calls.append)
        recorder.write(event)
        assert bool(calls) is synced


def test_output_is_read_back_before_it_is_flushed(tmp_path: Path) -> None:
    with _recorder(tmp_path / "run.jsonl") as recorder:
        span = recorder.write(_output("abc\n"))
        assert recorder.read_output(span) == "abc\n"


def test_a_lone_surrogate_can_be_recorded(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with _recorder(path) as recorder:
        recorder.write(_output("a\ud800b"))
    with Recording.open(path) as recording:
        assert [event for event, _ in recording.events()] == [_output("a\\ud800b")]


@contextmanager
def _file_size_limit(size: int) -> Iterator[None]:
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_no_room_is_an_error_and_nothing_is_lost_when_room_is_made(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with _recorder(path) as recorder:
        with _file_size_limit(path.stat().st_size + 10):
            with pytest.raises(
                RecordingError, match=r"cannot record: the file may not grow further .*; make room there"
            ):
                recorder.write(ev.StepStarted(step="wipe"))
            with pytest.raises(RecordingError):
                recorder.flush()
        recorder.flush()
    with Recording.open(path) as recording:
        assert [event for event, _ in recording.events()] == [ev.StepStarted(step="wipe")]
        assert recording.problems == ""


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    recorder = _recorder(tmp_path / "run.jsonl")
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(
        RecordingError, match=r"run.jsonl: cannot record: the disk is full \(\d+ bytes written, \d+ waiting\)"
    ):
        recorder.write(NOTE)
    with pytest.raises(RecordingError):
        recorder.close()
    recorder.close()


def test_a_disk_that_fails_at_sync_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with _recorder(tmp_path / "run.jsonl") as recorder, monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fail)
        with pytest.raises(RecordingError, match="Input/output error"):
            recorder.write(ev.StepStarted(step="s"))


def test_the_default_place_is_the_state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_path("app-db", NOW) == tmp_path / "pgrepl-tui/recordings/app-db-20261123T030405.678Z.jsonl"
    monkeypatch.setenv("HOME", "/home/me")
    for unset in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", unset)
        assert default_path("a", NOW).parent == Path("/home/me/.local/state/pgrepl-tui/recordings")


def test_the_time_in_the_name_is_utc() -> None:
    local = NOW.astimezone(timezone(timedelta(hours=-5)))
    assert default_path("a", local).name == default_path("a", NOW).name


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..", ".", "/", "a/b", "a\x00b", "-rf", "x" * 500, "Größe", "a\nb", ".ssh"]
)
def test_no_name_leads_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = default_path(name, NOW)
    assert path.parent == tmp_path / "pgrepl-tui" / "recordings"
    assert path.resolve() == path
    assert path.name[0] not in ".-"
    assert len(path.name) < 120
    _recorder(path).close()
