"""The script that replaces a file on a host, run by the shell that there is."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from pgrepl_tui.hosts.file_scripts import WRITE

NEW = b"port = 6000\n"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write(
    path: Path, *, sent: bytes = NEW, mode: str = "", old: str = "", backups: str = ""
) -> subprocess.CompletedProcess[bytes]:
    """Replace a file by ``NEW``; ``sent`` is what arrives of it."""
    argv = ["/bin/sh", "-c", WRITE, "sh", str(path), mode, digest(NEW), old, backups]
    return subprocess.run(argv, input=sent, capture_output=True, check=False, timeout=300)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "postgresql.conf"
    path.write_bytes(b"port = 5432\n")
    path.chmod(0o640)
    return path


def names(path: Path) -> list[str]:
    return sorted(os.listdir(path.parent))


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_file_keeps_its_mode(path: Path, mode: int) -> None:
    path.chmod(mode)
    assert write(path, old=digest(b"port = 5432\n")).returncode == 0
    assert path.read_bytes() == NEW
    assert path.stat().st_mode & 0o7777 == mode
    assert names(path) == ["postgresql.conf"], "nothing is left beside it"


def test_what_somebody_else_changed_is_left_alone(path: Path) -> None:
    ended = write(path, old=digest(b"port = 5433\n"))
    assert (ended.returncode, ended.stderr) == (1, b"somebody else has changed it meanwhile\n")
    assert path.read_bytes() == b"port = 5432\n"
    assert names(path) == ["postgresql.conf"]


def test_half_of_the_content_never_takes_its_place(path: Path) -> None:
    ended = write(path, sent=NEW[:-5])
    assert (ended.returncode, ended.stderr) == (1, b"not all of the content arrived\n")
    assert path.read_bytes() == b"port = 5432\n"
    assert names(path) == ["postgresql.conf"]


def test_a_new_file_is_its_owners_alone_whatever_the_umask(path: Path) -> None:
    new = path.parent / "passfile"
    before = os.umask(0)
    try:
        assert write(new).returncode == 0
    finally:
        os.umask(before)
    assert new.stat().st_mode & 0o7777 == 0o600


def test_the_old_bytes_are_kept_before_the_new_ones_take_their_place(path: Path) -> None:
    backups = path.parent / "backups"
    backups.mkdir()
    assert write(path, backups=str(backups)).returncode == 0
    (kept,) = backups.iterdir()
    assert (kept.read_bytes(), kept.stat().st_mode & 0o7777) == (b"port = 5432\n", 0o640)
