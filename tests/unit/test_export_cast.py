"""The asciicast: the rules of its version 3, the lines of the run in their time, and no escape sequence but ours."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgrepl_tui import events as ev
from pgrepl_tui.export.cast import COLUMNS, INDENT, cast
from pgrepl_tui.lines import TITLES, Lines
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.span import RecordingError
from tests.unit.hostile_run import HOSTILE, hostile_events, write_recording

RUNS = sorted((Path(__file__).parents[1] / "data" / "runs").glob("*.jsonl"))
TOOK = re.compile(r" \(\d+\.\d s\)\Z")
"""What a step of a second and more is followed by."""
OURS = re.compile("\x1b\\[[0-9;]+m")


def read(path: Path) -> tuple[dict[str, Any], list[tuple[float, str, str]]]:
    """The header and the events of an export; fails where a rule of the format is broken."""
    with Recording.open(path) as recording:
        text = cast(recording)
    assert text.endswith("\n")
    header, *events = [json.loads(line) for line in text.removesuffix("\n").split("\n")]
    for interval, code, data in events:
        assert isinstance(interval, float)
        assert interval >= 0
        assert code in {"o", "m", "x"}
        assert isinstance(data, str)
    return header, [tuple(event) for event in events]


def plain(events: list[tuple[float, str, str]]) -> str:
    return OURS.sub("", "".join(data for _, code, data in events if code == "o"))


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_the_header_says_version_terminal_time_and_hosts(path: Path) -> None:
    header, _ = read(path)
    with Recording.open(path) as recording:
        started = datetime.fromisoformat(recording.header.started).timestamp()
    assert header["version"] == 3
    assert header["term"] == {"cols": COLUMNS, "rows": 30, "type": "xterm-256color"}
    assert header["timestamp"] == started
    assert header["title"] == "pgrepl-tui: lab, db1 → db2"
    assert "idle_time_limit" not in header


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_it_has_the_lines_of_the_run_and_its_length(path: Path) -> None:
    expected: list[str] = []
    lines = Lines(expected.append)
    with Recording.open(path) as recording:
        took = [event for event, _ in recording.events() if lines.take(event) is None]
    _, events = read(path)
    said = plain(events)
    assert " ".join("\n".join(expected).split()) in " ".join(said.split())
    assert sum(interval for interval, _, _ in events) == pytest.approx(took[-1].t, abs=1e-6)
    assert max(len(line) for line in said.split("\r\n")) <= COLUMNS
    assert said.count("\n") == said.count("\r\n")


def test_each_line_comes_when_it_came() -> None:
    (path,) = (path for path in RUNS if path.stem == "setup")
    with Recording.open(path) as recording:
        said = [event for event, _ in recording.events()]
    (plan,) = [event for event in said if isinstance(event, ev.PlanMade)]
    titles = {step.id: step.title for step in plan.steps}
    ended = [(f"{titles[event.step]}: {event.message}", event.t) for event in said if isinstance(event, ev.StepEnded)]
    whole = [(line, t) for line, t in ended if len(INDENT) + len(line) + len(" (999.9 s)") <= COLUMNS]
    assert whole
    _, events = read(path)
    came: dict[str, list[float]] = {line: [] for line, _ in whole}
    now = 0.0
    for interval, code, data in events:
        now += interval
        line = TOOK.sub("", OURS.sub("", data)[len(INDENT) :].removesuffix("\r\n"))
        if code == "o" and line in came:
            came[line].append(now)
    for line, t in whole:
        assert came[line] == [pytest.approx(t, abs=1e-6)], line


def test_markers_stand_where_the_stages_begin_and_the_exit_code_at_the_end() -> None:
    (path,) = (path for path in RUNS if path.stem == "setup")
    _, events = read(path)
    marks = [number for number, (_, code, _) in enumerate(events) if code == "m"]
    assert [events[number][2] for number in marks] == list(TITLES.values())
    for number in marks:
        assert OURS.sub("", events[number + 1][2]) == f"{events[number][2]}\r\n"
    assert events[-1][1:] == ("x", "0")
    assert [code for _, code, _ in events].count("x") == 1


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_it_exits_with_the_code_of_the_run(path: Path) -> None:
    with Recording.open(path) as recording:
        codes = [str(event.exit_code) for event, _ in recording.events() if isinstance(event, ev.RunEnded)]
    _, events = read(path)
    assert [data for _, code, data in events if code == "x"] == codes
    assert (codes == ["0"]) == (path.stem in {"setup", "again", "undo", "watched"})


def test_a_run_that_was_cut_off_has_no_exit_code(tmp_path: Path) -> None:
    _, events = read(write_recording(tmp_path / "r.jsonl", hostile_events("text")[:-1]))
    assert "x" not in [code for _, code, _ in events]
    assert "the run has not ended" in plain(events)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_of_a_recording_reaches_the_terminal_as_an_escape(text: str, tmp_path: Path) -> None:
    header, events = read(write_recording(tmp_path / "r.jsonl", hostile_events(text)))
    harmless(plain(events))
    harmless(header["title"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=250))
def test_whatever_the_text_is(tmp_path: Path, text: str) -> None:
    header, events = read(write_recording(tmp_path / "r.jsonl", hostile_events(text)))
    harmless(plain(events))
    harmless(header["title"])


def test_a_text_of_two_lines_cannot_pass_for_a_line_of_ours(tmp_path: Path) -> None:
    forged = "all is well\nVerify\r\n  ok       matching WAL positions: match\rdone: 12 changes"
    _, events = read(write_recording(tmp_path / "r.jsonl", hostile_events(forged)))
    lines = plain(events).split("\r\n")
    assert "           | Verify" in lines
    assert [line for line in lines if line.startswith(("Verify", "  ok       matching", "done: 12"))] == []


def harmless(text: str) -> None:
    rest = text.replace("\r\n", "")
    assert [char for char in rest if ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or char in "\u2028\u2029\u202e"] == []


@pytest.mark.parametrize("started", ["", "yesterday", "99999-01-01", "2026-13-01T00:00:00Z"])
def test_a_start_that_is_no_time_is_left_out(started: str, tmp_path: Path) -> None:
    header, events = read(write_recording(tmp_path / "r.jsonl", hostile_events("text"), started))
    assert "timestamp" not in header
    assert events


def test_a_recording_without_events_is_refused(tmp_path: Path) -> None:
    with (
        Recording.open(write_recording(tmp_path / "empty.jsonl", [])) as recording,
        pytest.raises(RecordingError, match=r"empty\.jsonl: no event could be read"),
    ):
        cast(recording)
