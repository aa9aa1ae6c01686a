"""Scripts of ours on a disk that takes no more bytes: they say so, and leave nothing half-made behind.

A shell whose files may not grow (``ulimit -f 0``) stands for the full disk: writes fail with EFBIG in place of ENOSPC.
"""

import hashlib
import subprocess
from pathlib import Path

from pgrepl_tui.hosts import file_scripts, job_scripts

FULL = "ulimit -f 0; trap '' XFSZ; "


def run(script: str, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    argv = ("/bin/sh", "-c", FULL + script, "sh", *words)
    return subprocess.run(argv, input=stdin, capture_output=True, check=False, timeout=300)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_whose_backup_does_not_fit_is_untouched_and_no_half_backup_is_left(tmp_path: Path) -> None:
    conf, kept = tmp_path / "postgresql.conf", tmp_path / "kept"
    conf.write_bytes(b"port = 5432\n")
    kept.mkdir()
    new = b"port = 5433\n"
    ended = run(file_scripts.WRITE, str(conf), "", digest(new), digest(conf.read_bytes()), str(kept), stdin=new)
    assert ended.returncode != 0
    assert b"File too large" in ended.stderr
    assert conf.read_bytes() == b"port = 5432\n"
    assert list(kept.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] in (["kept", "postgresql.conf"], ["postgresql.conf", "kept"])


def test_a_new_file_that_does_not_fit_is_not_there(tmp_path: Path) -> None:
    new = b"standby_mode = on\n"
    ended = run(file_scripts.WRITE, str(tmp_path / "recovery.conf"), "", digest(new), "", "", stdin=new)
    assert ended.returncode != 0
    assert list(tmp_path.iterdir()) == []


def test_a_job_whose_folder_cannot_be_filled_leaves_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "state/restart-5432"
    ended = run(job_scripts.START, str(folder), "pg_ctl restart", job_scripts.RUNNER, "true")
    assert ended.returncode != 0
    assert not folder.exists()
