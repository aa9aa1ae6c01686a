"""The scripts that move and remove on the standby's host, run by a real shell on temporary folders."""

import atexit
import functools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pgrepl_tui.steps.standby.configure import KEEP_OWN
from pgrepl_tui.steps.standby.swap import SWAP

PRIMARY = "7123456789012345678"
TOOL = """\
#!/bin/sh
[ -f "$1/global/pg_control" ] || { echo "could not open $1" >&2; exit 1; }
[ "$LC_ALL" = C ] || { echo "Kennung: 1"; exit; }
read -r id state < "$1/global/pg_control"
echo "pg_control version number:            1300"
echo "Database system identifier:           $id"
echo "Database cluster state:               ${state% at *}"
echo "Latest checkpoint location:           ${state##* at }"
"""


@functools.cache
def without_sync() -> str:
    """A folder whose ``sync`` does nothing: the real one waits for all that other tests write to this disk."""
    folder = tempfile.mkdtemp(prefix="pgrepl-no-sync-")
    atexit.register(shutil.rmtree, folder)
    tool = Path(folder, "sync")
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    return folder


def run(script: str, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script as the host's shell would."""
    env = {"PATH": path or f"{without_sync()}:{os.environ['PATH']}"}
    command = ["/bin/sh", "-c", script, "sh", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=300, cwd="/")


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder, and what is in it."""
    return {str(p.relative_to(folder)): p.read_text() if p.is_file() else "" for p in sorted(folder.rglob("*"))}


def data_directory(folder: Path, identifier: str, state: str) -> Path:
    """A data directory as far as the scripts look at it."""
    (folder / "global").mkdir(parents=True)
    (folder / "PG_VERSION").write_text("15\n")
    (folder / "global/pg_control").write_text(f"{identifier} {state}\n")
    return folder


@dataclass
class Place:
    """A stopped old cluster, a complete copy beside it, and the arguments that fit them."""

    root: Path
    data: Path = field(init=False)
    new: Path = field(init=False)
    old: Path = field(init=False)

    def __post_init__(self) -> None:
        self.data = data_directory(self.root / "da ta", "42", "shut down")
        self.new = data_directory(self.root / "da ta.pgrepl-new", PRIMARY, "in production")
        self.old = self.root / "da ta.pgrepl-old-1"
        (self.new / "standby.signal").touch()
        (self.data / "own").write_text("old")
        tool = self.root / "pg_controldata"
        tool.write_text(TOOL)
        tool.chmod(0o755)

    @property
    def inode(self) -> str:
        """The data directory's identity, as stat printed it before."""
        facts = self.data.stat()
        return f"{facts.st_dev}:{facts.st_ino}"

    def arguments(self, inode: str | None = None) -> list[str]:
        """The script's arguments."""
        known = inode or (self.inode if self.data.exists() else "none")
        tool = str(self.root / "pg_controldata")
        return [str(self.data), str(self.new), str(self.old), known, tool, PRIMARY, "0123456789ab"]

    def swap(self, inode: str | None = None, path: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return run(SWAP, *self.arguments(inode), path=path)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """All is well: the swap may go on."""
    return Place(tmp_path.resolve())


def test_the_old_cluster_is_set_aside_and_the_copy_takes_its_name(place: Place) -> None:
    old, new = contents(place.data), contents(place.new)
    ended = place.swap()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert contents(place.old) == old
    assert contents(place.data) == new
    assert not place.new.exists()


def test_a_standby_that_was_shut_down_is_set_aside_as_well(place: Place) -> None:
    (place.data / "global/pg_control").write_text(f"{PRIMARY} shut down in recovery\n")
    assert place.swap().returncode == 0


def test_recovery_conf_is_a_signal_too(place: Place) -> None:
    (place.new / "standby.signal").rename(place.new / "recovery.conf")
    assert place.swap().returncode == 0


@pytest.mark.parametrize("there", [True, False])
def test_with_nothing_or_an_empty_folder_in_its_place(place: Place, *, there: bool) -> None:
    place.data.rename(place.root / "elsewhere")
    if there:
        place.data.mkdir()
    new = contents(place.new)
    ended = place.swap()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert contents(place.data) == new
    assert not place.old.exists()


def _link(place: Place) -> None:
    place.data.rename(place.root / "real")
    place.data.symlink_to(place.root / "real")


def _linked_copy(place: Place) -> None:
    place.new.rename(place.root / "real")
    place.new.symlink_to(place.root / "real")


SPOILT: dict[str, tuple[Callable[[Place], object], str]] = {
    "another server's copy": (
        lambda p: (p.new / "global/pg_control").write_text("42 in production\n"), "not a copy of the primary"),
    "no copy at all": (lambda p: p.new.rename(p.root / "gone"), "not a copy of the primary"),
    "an unfinished copy": (lambda p: (p.new / "global/pg_control").unlink(), "not a copy of the primary"),
    "a server in the copy": (lambda p: (p.new / "postmaster.pid").write_text("1\n"), "a server runs in"),
    "no signal": (lambda p: (p.new / "standby.signal").unlink(), "would start as a server of its own"),
    "old name taken": (lambda p: p.old.mkdir(), "is there already"),
    "not a data directory": (lambda p: (p.data / "PG_VERSION").unlink(), "is not a data directory"),
    "no control file": (lambda p: (p.data / "global/pg_control").unlink(), "is not a data directory"),
    "a postmaster's file": (lambda p: (p.data / "postmaster.pid").write_text("1\n"), "a server runs in"),
    "not shut down": (lambda p: (p.data / "global/pg_control").write_text("42 in production\n"), "was not shut down"),
    "recovering": (lambda p: (p.data / "global/pg_control").write_text("42 in archive recovery\n"), "not shut down"),
    "a link": (_link, "is a link now"),
    "a link in the copy's place": (_linked_copy, "is a link"),
}  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILT)
def test_it_refuses_and_moves_nothing(place: Place, spoil: str) -> None:
    change, words = SPOILT[spoil]
    inode = place.inode
    change(place)
    before = contents(place.root)
    ended = place.swap(inode)
    assert ended.returncode == 97
    assert words in ended.stderr
    assert ended.stderr.rstrip().endswith("nothing was moved")
    assert contents(place.root) == before


def test_it_refuses_a_directory_that_took_the_name_of_the_one_that_was_looked_at(place: Place) -> None:
    inode = place.inode
    place.data.rename(place.root / "away")
    data_directory(place.data, "42", "shut down")
    before = contents(place.root)
    ended = place.swap(inode)
    assert ended.returncode == 97
    assert "is not the directory that was looked at" in ended.stderr
    assert contents(place.root) == before


def test_it_refuses_while_a_process_works_there(place: Place) -> None:
    before = contents(place.root)
    with subprocess.Popen(["sleep", "60"], cwd=place.data) as process:
        try:
            ended = place.swap()
        finally:
            process.kill()
    assert ended.returncode == 97
    assert f"process {process.pid} works in" in ended.stderr
    assert contents(place.root) == before
    assert place.swap().returncode == 0


def test_cut_off_between_the_two_renames_it_is_finished_by_running_it_again(place: Place) -> None:
    old, new = contents(place.data), contents(place.new)
    stops_at_second = place.root / "bin"
    stops_at_second.mkdir()
    fake = stops_at_second / "mv"
    fake.write_text('#!/bin/sh\n[ "${3%.pgrepl-new}" = "$3" ] || { kill -KILL $PPID; exit 1; }\nexec /bin/mv "$@"\n')
    fake.chmod(0o755)
    inode = place.inode
    ended = place.swap(path=f"{stops_at_second}:{os.environ['PATH']}")
    assert ended.returncode == -signal.SIGKILL
    assert contents(place.old) == old
    assert contents(place.new) == new
    assert not place.data.exists()

    again = place.swap(inode)
    assert (again.returncode, again.stderr) == (0, "")
    assert contents(place.data) == new
    assert contents(place.old) == old


def test_run_twice_it_refuses_the_second_time_and_the_standby_stays(place: Place) -> None:
    new = contents(place.new)
    inode = place.inode
    assert place.swap().returncode == 0
    assert place.swap(inode).returncode == 97
    assert contents(place.data) == new


OWN = ("postgresql.conf", "pg_hba.conf", "pg_ident.conf", "server.crt", "server.key", ".hidden", "with space")
THE_SERVERS = (
    "PG_VERSION", "postmaster.pid", "postmaster.opts", "backup_label", "backup_label.old", "backup_manifest",
    "tablespace_map", "recovery.conf", "recovery.done", "recovery.signal", "standby.signal", "current_logfiles",
)  # fmt: skip


@dataclass
class Copy:
    """An old data directory with every kind of file, and the primary's copy with the same names."""

    old: Path
    new: Path

    def keep(self, confs: str, *included: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return run(KEEP_OWN, str(self.old), str(self.new), confs, *included)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """An old cluster and a copy, both complete."""
    made = Copy(tmp_path / "old", tmp_path / "new")
    for folder in (made.old, made.new):
        folder.mkdir()
        for name in (*OWN, *THE_SERVERS, "postgresql.auto.conf"):
            (folder / name).write_text(folder.name)
        (folder / "base").mkdir()
        (folder / "base/1").write_text(folder.name)
    (made.old / "server.key").chmod(0o600)
    os.utime(made.old / "server.key", (1, 1))
    return made


def test_the_standbys_own_files_are_taken_over_and_the_servers_are_the_primarys(copy: Copy) -> None:
    ended = copy.keep("yes")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert {name for name in (*OWN, "postgresql.auto.conf") if (copy.new / name).read_text() == "old"} == {
        *OWN, "postgresql.auto.conf",
    }  # fmt: skip
    assert {name for name in THE_SERVERS if (copy.new / name).read_text() == "old"} == set()
    assert (copy.new / "base/1").read_text() == "new"
    assert all(text == "old" for text in contents(copy.old).values() if text), "the old cluster is only read"


def test_a_key_keeps_its_mode_and_time(copy: Copy) -> None:
    copy.keep("yes")
    facts = (copy.new / "server.key").stat()
    assert facts.st_mode & 0o777 == 0o600
    assert facts.st_mtime == 1


def test_a_link_stays_a_link(copy: Copy) -> None:
    (copy.old / "postgresql.conf").unlink()
    (copy.old / "postgresql.conf").symlink_to("/etc/own.conf")
    (copy.old / "server.crt").unlink()
    (copy.old / "server.crt").symlink_to("pg_hba.conf")
    assert copy.keep("yes").returncode == 0
    assert not (copy.new / "postgresql.conf").is_symlink(), "one that leads nowhere is not copied"
    assert str((copy.new / "server.crt").readlink()) == "pg_hba.conf"


def test_with_the_configuration_elsewhere_only_alter_systems_file_is_taken_over(copy: Copy) -> None:
    assert copy.keep("no").returncode == 0
    taken = {path.name for path in copy.new.iterdir() if path.is_file() and path.read_text() == "old"}
    assert taken == {"postgresql.auto.conf"}


@pytest.mark.parametrize(("confs", "expected"), [("yes", {"own.conf"}), ("no", {"primarys.conf"})])
def test_a_folder_of_configuration_is_taken_over_whole(copy: Copy, confs: str, expected: set[str]) -> None:
    (copy.old / "conf.d").mkdir()
    (copy.old / "conf.d/own.conf").touch()
    (copy.new / "conf.d").mkdir()
    (copy.new / "conf.d/primarys.conf").touch()
    assert copy.keep(confs).returncode == 0
    assert {path.name for path in (copy.new / "conf.d").iterdir()} == expected


def test_what_its_configuration_includes_is_taken_over_too(copy: Copy) -> None:
    for folder in (copy.old, copy.new):
        for name in ("my.d/a.conf", "deep/er/b.conf", "deep/er/other"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(folder.name)
    (copy.new / "my.d/primarys.conf").touch()
    assert copy.keep("yes", "my.d", "deep/er/b.conf", "not there").returncode == 0
    assert contents(copy.new / "my.d") == {"a.conf": "old"}
    assert (copy.new / "deep/er/b.conf").read_text() == "old"
    assert (copy.new / "deep/er/other").read_text() == "new"


@pytest.mark.parametrize("gone", ["nothing", "empty"])
def test_without_an_old_cluster_there_is_nothing_to_take_over(copy: Copy, gone: str) -> None:
    copy.old.rename(copy.old.with_name("elsewhere"))
    if gone == "empty":
        copy.old.mkdir()
    before = contents(copy.new)
    assert copy.keep("yes").returncode == 0
    assert contents(copy.new) == before


def test_what_cannot_be_copied_is_an_error(copy: Copy) -> None:
    copy.new.rename(copy.new.with_name("elsewhere"))
    assert copy.keep("yes").returncode != 0
