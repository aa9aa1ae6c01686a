"""The commands undo and discard: what they take, and what they are told is to be undone."""

import argparse
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pgrepl_tui import cli, headless, undo_commands
from pgrepl_tui.commands import CommandError
from pgrepl_tui.events import RunStarted
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.span import RecordingError
from pgrepl_tui.session.undo_target import target
from pgrepl_tui.steps.undo.work import UndoStep
from pgrepl_tui.topology import TopologyError, as_mapping, load

YAML = "name: app\nprimary: {ssh: db1}\nstandbys: [{ssh: db2}]\n"


def recording(path: Path, mode: str = "run", run: str = "20260101T000000Z", topology: str = YAML) -> Path:
    """A recording that was cut off after its first event."""
    source = path.parent / "source.yaml"
    source.write_text(topology)
    recorder = Recorder(path, topology=as_mapping(load(source)), started=datetime.now(UTC))
    started = RunStarted(topology="app", started="2026", primary="db1", standby="db2", mode=mode, run_id=run)
    recorder.write(started)
    recorder.sync()
    return path


def test_a_topology_is_undone_whatever_the_runs_were(tmp_path: Path) -> None:
    path = tmp_path / "app.yaml"
    path.write_text(YAML)
    found = target(path)
    assert (found.topology, found.run, found.mode) == (load(path), "", "")


def test_a_recording_says_which_run_it_was_whatever_it_is_called(tmp_path: Path) -> None:
    for name in ("r.jsonl", "r.txt"):
        found = target(recording(tmp_path / name))
        assert (found.topology.standbys[0].ssh, found.run, found.mode) == ("db2", "20260101T000000Z", "run")
        assert found.topology == replace(load(tmp_path / "source.yaml"), source=None)


def test_an_older_recording_has_no_run(tmp_path: Path) -> None:
    assert target(recording(tmp_path / "r.jsonl", run="")).run == ""


def test_a_topology_file_that_looks_like_json_is_a_topology(tmp_path: Path) -> None:
    path = tmp_path / "app.yaml"
    path.write_text('{"name": "app", "primary": {"ssh": "db1"}, "standbys": [{"ssh": "db2"}]}')
    assert target(path).topology.name == "app"


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("not a recording\n")
    with pytest.raises(RecordingError, match="is not a recording"):
        target(tmp_path / "bad.jsonl")
    with pytest.raises(TopologyError):
        target(tmp_path / "missing.yaml")
    (tmp_path / "ssh_config").touch()
    moved = recording(tmp_path / "moved.jsonl", topology=f"{YAML}ssh_config: ssh_config\n")
    assert target(moved).topology.ssh_config == tmp_path / "ssh_config"
    (tmp_path / "ssh_config").unlink()
    with pytest.raises(TopologyError, match="ssh_config"):
        target(moved)


def test_a_relative_ssh_config_is_found_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recording lies elsewhere than the topology, and the command is given elsewhere than the run was."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    (tmp_path / "here/ssh_config").touch()
    (tmp_path / "here/app.yaml").write_text(f"{YAML}ssh_config: ssh_config\n")
    monkeypatch.chdir(tmp_path / "here")
    made = Recorder(tmp_path / "there/r.jsonl", topology=as_mapping(load(Path("app.yaml"))), started=datetime.now(UTC))
    made.sync()
    monkeypatch.chdir(tmp_path / "there")
    assert target(Path("r.jsonl")).topology.ssh_config == tmp_path / "here/ssh_config"


@pytest.mark.parametrize("mode", ["plan", "undo", "discard"])
def test_only_the_recording_of_a_set_up_is_undone(mode: str, tmp_path: Path) -> None:
    given = argparse.Namespace(what=recording(tmp_path / "r.jsonl", mode=mode))
    with pytest.raises(CommandError, match=f"is the recording of {mode}"):
        undo_commands.undo(given)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was to be run."""
    seen: list[dict[str, Any]] = []

    async def run(topology: object, **given: Any) -> int:
        seen.append({"topology": topology, **given})
        return 0

    monkeypatch.setattr(headless, "run", run)
    return seen


def test_undo_goes_by_the_recordings_run(tmp_path: Path, ran: list[dict[str, Any]]) -> None:
    path = str(recording(tmp_path / "r.jsonl"))
    assert cli.main(["undo", path, "--yes", "--plan", "--json", "--recording", "/x"]) == 0
    (given,) = ran
    assert (given["plan"], given["yes"], given["json"], given["path"]) == (True, True, True, Path("/x"))
    assert given["what"].mode == "undo"
    assert {step.work.run for step in given["what"].steps if isinstance(step, UndoStep)} == {"20260101T000000Z"}


def test_discard_agrees_to_nothing_but_the_name(tmp_path: Path, ran: list[dict[str, Any]]) -> None:
    path = tmp_path / "app.yaml"
    path.write_text(YAML)
    assert cli.main(["discard", str(path), "--host", "db2"]) == 0
    assert cli.main(["discard", str(path)]) == 0
    assert [(given["what"].mode, given["yes"], given["host"]) for given in ran] == [
        ("discard", False, "db2"),
        ("discard", False, ""),
    ]
    with pytest.raises(SystemExit):
        cli.main(["discard", str(path), "--yes"])


@pytest.mark.parametrize("command", ["undo", "discard"])
def test_what_is_wrong_with_what_was_given_is_said(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], ran: list[dict[str, Any]]
) -> None:
    assert cli.main([command, str(tmp_path / "nothing.yaml")]) == 2
    assert "nothing.yaml" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main([command])
    assert ran == []
