"""The scripts that make and remove the folders of a copy, run by a real shell on temporary folders."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pgrepl_tui.steps.standby.copy_place import MAKE, REMOVE
from tests.unit.test_standby_scripts import contents, run


def removed(root: Path, *paths: object) -> subprocess.CompletedProcess[str]:
    """Remove what is ours, by the mark in a folder."""
    return run(REMOVE, str(root / "mark"), *map(str, paths))


def made(root: Path, *paths: object, mode: str = "700", path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Make folders for a copy."""
    return run(MAKE, mode, str(root / "mark"), *map(str, paths), path=path)


def test_an_unfinished_copy_that_we_made_is_removed_with_its_parts(tmp_path: Path) -> None:
    copy, space = tmp_path / "da ta.pgrepl-new", tmp_path / "ts/pgrepl-new-0123456789ab"
    for _ in range(2):
        ended = made(tmp_path, copy, space, mode="750")
        assert (ended.returncode, ended.stderr) == (0, "")
        assert (copy.stat().st_mode & 0o777, space.stat().st_mode & 0o777) == (0o750, 0o700)
        (copy / "base").mkdir()
        (space / "PG_15_1").mkdir()
        assert removed(tmp_path, copy, space).returncode == 0
        assert not copy.exists()
        assert not space.exists()


def test_a_part_that_only_a_link_tells_of_is_removed_where_we_made_it(tmp_path: Path) -> None:
    copy, one, other = (tmp_path / name for name in ("d.pgrepl-new", "pgrepl-new-0123456789ab", "x.pgrepl-new"))
    assert made(tmp_path, copy, one).returncode == 0
    other.mkdir()
    (copy / "pg_tblspc").mkdir()
    for number, folder in enumerate((one, other)):
        (folder / "file").touch()
        (copy / f"pg_tblspc/{number}").symlink_to(folder)
    assert removed(tmp_path, copy).returncode == 0
    assert (copy.exists(), one.exists(), other.exists()) == (False, False, True)


def test_somebody_elses_folder_of_that_name_is_not_removed(tmp_path: Path) -> None:
    """Whether we never made one, or ours was taken away and another one put there."""
    copy, space = tmp_path / "data.pgrepl-new", tmp_path / "pgrepl-new-0123456789ab"
    for ours_was_there in (False, True):
        if ours_was_there:
            assert made(tmp_path, copy, space).returncode == 0
            (space / "ours").touch()
            copy.rmdir()
        copy.mkdir()
        (copy / "theirs").write_text("kept")
        before = contents(tmp_path)
        for ended in (removed(tmp_path, copy, space), made(tmp_path, copy, space)):
            assert (ended.returncode, ended.stderr) == (96, f"{copy}\n")
        assert contents(tmp_path) == before
        shutil.rmtree(copy)


def test_cut_off_before_the_mark_is_there_the_folders_are_empty_and_ours(tmp_path: Path) -> None:
    copy = tmp_path / "data.pgrepl-new"
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "mv").write_text("#!/bin/sh\nkill -KILL $PPID\n")
    (folder / "mv").chmod(0o755)
    assert made(tmp_path, copy, path=f"{folder}:{os.environ['PATH']}").returncode != 0
    assert copy.is_dir()
    assert not (tmp_path / "mark").exists()
    assert made(tmp_path, copy).returncode == 0
    (copy / "file").touch()
    assert removed(tmp_path, copy).returncode == 0


@pytest.mark.parametrize(
    "name",
    ["data", "data.pgrepl-old-1", "data.pgrepl-new/base", "data.pgrepl-new/", "data.pgrepl-newer", ".pgrepl-new2"],
)
def test_nothing_else_is_removed(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir(parents=True)
    (folder / "file").write_text("kept")
    facts = run('TZ=UTC0 stat -c "%i %w" -- "$1"', str(folder)).stdout.strip()
    (tmp_path / "mark").write_text(f"{facts} {tmp_path}/{name}\n")
    ended = removed(tmp_path, f"{tmp_path}/{name}")
    assert ended.returncode == 97
    assert "not ours" in ended.stderr
    assert (folder / "file").read_text() == "kept"


def test_a_relative_name_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "data.pgrepl-new").mkdir()
    assert removed(tmp_path, "data.pgrepl-new").returncode == 97
    assert removed(tmp_path, "").returncode == 97


def test_a_copy_in_which_a_server_runs_is_not_removed(tmp_path: Path) -> None:
    copy = tmp_path / "data.pgrepl-new"
    assert made(tmp_path, copy).returncode == 0
    (copy / "postmaster.pid").touch()
    ended = removed(tmp_path, copy)
    assert ended.returncode == 97
    assert "a server runs in" in ended.stderr
    assert (copy / "postmaster.pid").exists()


def test_a_link_of_that_name_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "data.pgrepl-new").symlink_to(tmp_path / "real")
    assert removed(tmp_path, tmp_path / "data.pgrepl-new").returncode == 96
    assert made(tmp_path, tmp_path / "data.pgrepl-new").returncode == 96
    assert (tmp_path / "data.pgrepl-new").is_symlink()
