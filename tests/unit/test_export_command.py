"""The export command: where it writes, what it never writes over, what it says of damage, its exit codes."""

import io
import os
import stat
from pathlib import Path

import pytest

from pgrepl_tui.cli import main
from pgrepl_tui.export import FORMATS, export
from pgrepl_tui.session.recording import Recording
from tests.unit.hostile_run import hostile_events, write_recording
from tests.unit.test_cli import loaded_after

RUNS = Path(__file__).parents[1] / "data" / "runs"
RUN = RUNS / "unknown-key.jsonl"


class Bytes(io.TextIOWrapper):
    """A standard output that knows no Unicode."""

    def __init__(self) -> None:
        self.data = io.BytesIO()
        super().__init__(self.data, "ascii")


@pytest.mark.parametrize("to", FORMATS)
def test_each_format_is_written_to_a_new_file(to: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"run.{to}"
    assert main(["export", str(RUN), "--to", to, "--output", str(path)]) == 0
    with Recording.open(RUN) as recording:
        assert path.read_text(encoding="utf-8") == export(recording, to)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_the_mode_of_the_file_is_the_operators_choice(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        assert main(["export", str(RUN), "--to", "cast", "--output", str(tmp_path / "a.cast")]) == 0
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a.cast").stat().st_mode) == 0o640


def test_without_a_file_it_goes_to_standard_output_in_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Bytes()
    monkeypatch.setattr("sys.stdout", out)
    assert main(["export", str(RUN), "--to", "cast"]) == 0
    assert "db1 → db2".encode() in out.data.getvalue()


def test_a_file_that_is_there_is_kept_unless_forced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.md"
    path.write_text("mine")
    assert main(["export", str(RUN), "--to", "markdown", "--output", str(path)]) == 2
    assert path.read_text() == "mine"
    assert f"{path}: is there already; name another file, or give --force" in capsys.readouterr().err
    assert main(["export", str(RUN), "--to", "markdown", "--output", str(path), "--force"]) == 0
    assert path.read_text(encoding="utf-8").startswith("# Runbook: lab: db1 → db2\n")


def test_a_recording_is_never_written_over_without_force(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "r.jsonl", hostile_events("text"))
    before = path.read_bytes()
    assert main(["export", str(path), "--to", "cast", "--output", str(path)]) == 2
    assert path.read_bytes() == before


def test_a_damaged_recording_is_exported_with_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "torn.jsonl"
    data = (RUNS / "setup.jsonl").read_bytes()
    path.write_bytes(data[: len(data) // 2].replace(b'{"e":"step_ended"', b'{"e":"step_ended",', 1))
    for to in ("cast", "markdown"):
        output = tmp_path / to
        assert main(["export", str(path), "--to", to, "--output", str(output)]) == 0
        warning = capsys.readouterr().err
        assert f"warning: {path}: 1 damaged line, skipped" in warning
        assert "bytes torn off at the end" in warning
        assert "Preflight" in output.read_text(encoding="utf-8")
    assert "- warning: not all of the recording could be read" in (tmp_path / "markdown").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"no recording\n", b"\x00\xff" * 50])
def test_a_file_that_is_no_recording(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    assert main(["export", str(path), "--to", "svg", "--output", str(tmp_path / "x.svg")]) == 2
    assert str(path) in capsys.readouterr().err
    assert not (tmp_path / "x.svg").exists()


@pytest.mark.parametrize("to", FORMATS)
def test_a_recording_of_nothing(to: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_recording(tmp_path / "empty.jsonl", [])
    assert main(["export", str(path), "--to", to, "--output", str(tmp_path / "x")]) == 2
    assert "there is nothing to export" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(RUN), "--to", "cast", "--output", str(tmp_path / "no" / "x.cast")]) == 1
    assert "the export cannot be written" in capsys.readouterr().err


def test_a_full_disk_leaves_no_half_of_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full")
    assert main(["export", str(RUN), "--to", "cast", "--output", str(full), "--force"]) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert full.exists()


@pytest.mark.parametrize("arguments", [[], ["--to", "pdf"], ["--to", "cast", "x"]], ids=str)
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["export", str(RUN), *arguments])
    assert caught.value.code == 2
    assert "usage: pgrepl-tui" in capsys.readouterr().err


@pytest.mark.parametrize("to", ["cast", "markdown"])
def test_text_is_exported_without_loading_the_screens(to: str) -> None:
    code, _, modules = loaded_after("export", str(RUN), "--to", to)
    assert code == 0
    assert modules & {"textual", "asyncssh", "psycopg", "yaml"} == set()
