"""The list of recordings: what each holds, without reading all of it, whatever state it is in."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgrepl_tui import events as ev
from pgrepl_tui.session import library
from pgrepl_tui.session.codec import Unknown, decode
from pgrepl_tui.session.library import Library, summary, topology_of
from pgrepl_tui.session.recorder import Recorder, default_path

NOW = datetime(2026, 11, 23, 3, 4, 5, tzinfo=UTC)
BEGIN = ev.RunStarted(topology="app-db", started="2026-11-23T03:04:05+00:00", primary="db1", standby="db2")
END = ev.RunEnded(t=192.0, outcome=ev.RunOutcome.DONE, exit_code=0, changes=7)
TOPOLOGY: dict[str, object] = {"name": "app-db", "primary": {"ssh": "db1"}, "standbys": [{"ssh": "db2"}]}


def recorded(path: Path, *events: ev.Event, topology: dict[str, object] | None = None) -> Path:
    with Recorder(path, topology=topology or TOPOLOGY, started=NOW) as recorder:
        for event in events:
            recorder.write(event)
    return path


def output(t: float, size: int) -> ev.Output:
    return ev.Output(t=t, number=1, step="s", host="db1", stream="out", text="x" * size)


def test_a_summary_says_what_ran_how_it_ended_and_how_long_it_took(tmp_path: Path) -> None:
    found = summary(recorded(tmp_path / "a.jsonl", BEGIN, END))
    assert (found.topology, found.primary, found.standby) == ("app-db", "db1", "db2")
    assert (found.started, found.outcome, found.changes, found.seconds) == (
        "2026-11-23T03:04:05Z",
        ev.RunOutcome.DONE,
        7,
        192.0,
    )
    assert found.damage == ""


def test_a_run_that_was_cut_off_has_no_outcome_but_a_length(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.jsonl", BEGIN, output(9.5, 10))
    with path.open("ab") as file:
        file.write(b'{"e":"run_ended","t":10.0,"outc')
    found = summary(path)
    assert (found.outcome, found.seconds, found.damage) == (None, 9.5, "")


def test_the_middle_of_a_long_recording_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [output(float(n), 30_000) for n in range(100)]
    path = recorded(tmp_path / "a.jsonl", BEGIN, *pieces, END)
    decoded: list[bytes] = []

    def counting(line: bytes) -> ev.Event | Unknown:
        decoded.append(line)
        return decode(line)

    monkeypatch.setattr(library, "decode", counting)
    assert summary(path).seconds == 192.0
    assert len(decoded) < 5


def test_an_event_longer_than_the_first_look_is_found(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.jsonl", BEGIN, output(3.0, 32_000))
    assert summary(path).seconds == 3.0


@pytest.mark.parametrize(
    "content", [b"", b"nonsense\n", b"\0" * 50_000, b'{"format":"pgrepl-tui recording","version":99}']
)
def test_a_damaged_one_is_named_and_hides_no_other(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.jsonl").write_bytes(content)
    recorded(tmp_path / "good.jsonl", BEGIN, END)
    found = {each.path.name: each for each in Library(tmp_path).summaries(Library(tmp_path).paths())}
    assert found["bad.jsonl"].damage.startswith(str(tmp_path / "bad.jsonl"))
    assert found["good.jsonl"].outcome is ev.RunOutcome.DONE


def test_the_newest_is_first_by_its_name_else_by_its_time(tmp_path: Path) -> None:
    names = ["b-20260101T000000.000Z.jsonl", "a-20260301T000000.000Z.jsonl", "own-name.jsonl"]
    for name in names:
        (tmp_path / name).write_text("")
    moment = datetime(2026, 2, 1, tzinfo=UTC).timestamp()
    os.utime(tmp_path / "own-name.jsonl", (moment, moment))
    (tmp_path / "notes.txt").write_text("")
    assert [path.name for path in Library(tmp_path).paths()] == [names[1], names[2], names[0]]


def test_a_folder_that_is_not_there_holds_none(tmp_path: Path) -> None:
    assert Library(tmp_path / "nowhere").paths() == []
    assert Library(tmp_path / "nowhere").last() is None


def test_runs_are_listed_from_where_they_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = recorded(default_path("app-db", NOW), BEGIN, END)
    assert Library().paths() == [path]


def test_the_last_set_up_that_can_still_be_continued_is_found(tmp_path: Path) -> None:
    recorded(tmp_path / "a-20260101T000000.000Z.jsonl", BEGIN, END)
    gone: dict[str, object] = {**TOPOLOGY, "ssh_config": str(tmp_path / "lab" / "ssh_config")}
    demo = recorded(tmp_path / "lab-20260201T000000.000Z.jsonl", BEGIN, END, topology=gone)
    (tmp_path / "c-20260301T000000.000Z.jsonl").write_text("damaged\n")
    assert topology_of(demo) is None
    last = Library(tmp_path).last()
    assert last is not None
    assert (last[0].path.name, last[1].primary.ssh, last[1].source) == ("a-20260101T000000.000Z.jsonl", "db1", None)


def test_a_run_that_was_watched_afterwards_still_has_its_outcome(tmp_path: Path) -> None:
    seen = [ev.PrimaryPosition(t=193.0 + n, lsn="0/3000000", via="psycopg") for n in range(400)]
    found = summary(recorded(tmp_path / "a.jsonl", BEGIN, END, *seen))
    assert (found.outcome, found.changes, found.seconds) == (ev.RunOutcome.DONE, 7, 592.0)


def test_an_end_that_only_stands_in_some_output_is_none(tmp_path: Path) -> None:
    fake = ev.Output(t=2.0, number=1, step="s", host="db1", stream="out", text='\n{"e":"run_ended","outcome":"done"}')
    found = summary(recorded(tmp_path / "a.jsonl", BEGIN, fake, ev.PrimaryPosition(t=3.0, lsn="0/1", via="psql")))
    assert found.outcome is None
