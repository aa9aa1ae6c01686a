"""Tablespaces and WAL outside the data directory take their places, by a real shell on temporary folders."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from pgrepl_tui.steps.standby.outside_scripts import FUNCTIONS, LINKS, TAKE_BACK
from pgrepl_tui.steps.standby.swap import SWAP
from pgrepl_tui.steps.tag import tag_of
from tests.unit.test_standby_scripts import PRIMARY, TOOL, contents, data_directory, run, without_sync

V = "PG_15_202209061"
UNDO = f"""
set -eu
data=$1 undone=$2 aside=$3
{FUNCTIONS}{TAKE_BACK}
if [ -e "$data" ] && [ -e "$aside" ]; then mv -T -- "$data" "$undone"; fi
if [ -e "$aside" ]; then
    take_back "$aside"
    mv -T -- "$aside" "$data"
fi
"""
"""As undo puts it back: the copy gets another name, the old cluster its own."""


class Pair:
    """A stopped old cluster and a copy beside it, both with a shared and an own tablespace and a WAL directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = data_directory(root / "da ta", "42", "shut down")
        self.new = data_directory(root / "da ta.pgrepl-new", PRIMARY, "in production")
        self.tag = tag_of(str(self.data))
        (self.new / "standby.signal").touch()
        self.shared, self.alone, self.wal = root / "ts 1", root / "ts=2", root / "w/wal"
        for cluster, word in ((self.data, "old"), (self.new, "new")):
            (cluster / "own").write_text(word)
            (cluster / "pg_tblspc").mkdir()
        self.tablespace(self.data, "16384", self.shared, "old")
        self.tablespace(self.data, "16385", root / "elsewhere", "old")
        self.tablespace(self.new, "24576", self.shared / f"pgrepl-new-{self.tag}", "new")
        self.tablespace(self.new, "24577", self.alone / f"pgrepl-new-{self.tag}", "new")
        for cluster, wal, word in ((self.data, self.wal, "old"), (self.new, root / "w/wal.pgrepl-new", "new")):
            wal.mkdir(parents=True)
            (wal / "000000010000000000000001").write_text(word)
            (cluster / "pg_wal").symlink_to(wal)
        tool = root / "pg_controldata"
        tool.write_text(TOOL)
        tool.chmod(0o755)

    def tablespace(self, cluster: Path, number: str, folder: Path, word: str) -> None:
        """Make a tablespace with a file, and the link to it."""
        (folder / V).mkdir(parents=True)
        (folder / V / "1").write_text(word)
        (cluster / "pg_tblspc" / number).symlink_to(folder)

    def old(self, run_id: str = "1") -> Path:
        """The name that the old cluster gets."""
        return Path(f"{self.data}.pgrepl-old-{run_id}")

    def swap(self, run_id: str = "1", *, path: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        facts = self.data.stat() if self.data.exists() else None
        inode = f"{facts.st_dev}:{facts.st_ino}" if facts else "none"
        tool = str(self.root / "pg_controldata")
        arguments = (str(self.data), str(self.new), str(self.old(run_id)), inode, tool, PRIMARY, self.tag)
        return run(SWAP, *arguments, path=f"{without_sync()}:{path or os.environ['PATH']}")

    def undo(self, *, path: str | None = None) -> subprocess.CompletedProcess[str]:
        """Put the old cluster back."""
        return run(UNDO, str(self.data), f"{self.data}.pgrepl-undone-1", str(self.old()), path=path)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """All is well: the swap may go on."""
    return Pair(tmp_path.resolve())


def whole(cluster: Path, word: str) -> bool:
    """All that the cluster's links lead to is there, and its own."""
    files = [*cluster.glob(f"pg_tblspc/*/{V}/1"), *cluster.glob("pg_wal/0*")]
    return len(files) == 3 and {path.read_text() for path in (*files, cluster / "own")} == {word}


def never_mixed(pair: Pair) -> None:
    """What could be started is of one piece: in the data directory's place, and among what was set aside."""
    word = {"42": "old", PRIMARY: "new"}
    for cluster in pair.root.glob("da ta*"):
        if not cluster.name.endswith(".pgrepl-new"):
            expected = word[(cluster / "global/pg_control").read_text().split()[0]]
            through = [path for link in (cluster / "pg_tblspc").iterdir() for path in link.glob(f"{V}/1")]
            assert {path.read_text() for path in through} <= {expected}, cluster


def settled(pair: Pair, old: Path) -> None:
    """The copy is in its place with all its parts, and so is what was set aside; nothing is left over."""
    assert whole(pair.data, "new")
    assert whole(old, "old")
    assert (pair.shared / V / "1").read_text() == "new"
    assert (pair.alone / V / "1").read_text() == "new"
    assert {path.name for path in (pair.data / "pg_tblspc").iterdir()} == {"24576", "24577"}
    assert (pair.data / "pg_tblspc/24576").readlink() == pair.shared
    assert (pair.data / "pg_wal").readlink() == pair.wal
    assert not list(pair.root.rglob("*pgrepl-new*"))
    assert not list(pair.root.rglob("*.pgrepl"))


def test_both_clusters_keep_their_tablespaces_and_their_wal(pair: Pair) -> None:
    ended = pair.swap()
    assert (ended.returncode, ended.stderr) == (0, "")
    settled(pair, pair.old())
    assert {path.name for path in pair.shared.iterdir()} == {V, "pgrepl-old-1"}
    assert (pair.root / "elsewhere" / V / "1").read_text() == "old", "what is in nobody's way stays"
    assert (pair.shared / "pgrepl-old-1").stat().st_mode & 0o777 == 0o700


def test_the_files_of_another_version_in_the_same_folder_stay(pair: Pair) -> None:
    (pair.shared / "PG_14_202107181").mkdir()
    assert pair.swap().returncode == 0
    assert (pair.shared / "PG_14_202107181").is_dir()
    assert (pair.shared / V / "1").read_text() == "new"


def test_a_tablespace_that_is_a_mount_points_root_or_behind_a_link_is_no_trouble(pair: Pair) -> None:
    """Nothing is renamed but inside of it: its parent need not be writable."""
    real = pair.root / "mnt/disk"
    real.parent.mkdir()
    pair.shared.rename(real)
    pair.shared.symlink_to(real)
    assert pair.swap().returncode == 0
    settled(pair, pair.old())
    assert pair.shared.is_symlink()


def _foreign(pair: Pair) -> None:
    (pair.data / "pg_tblspc/16384").unlink()


def _gone(pair: Pair) -> None:
    shutil.rmtree(pair.alone)


def _foreign_wal(pair: Pair) -> None:
    (pair.data / "pg_wal").unlink()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(_foreign, "is no part of the old cluster"), (_foreign_wal, "is no part of the old"), (_gone, "is gone")],
)
def test_it_refuses_and_moves_nothing(pair: Pair, spoil: "object", words: str) -> None:
    assert callable(spoil)
    spoil(pair)
    before = contents(pair.root)
    ended = pair.swap()
    assert ended.returncode == 97
    assert words in ended.stderr
    assert contents(pair.root) == before


def test_links_into_the_old_data_directory_itself_go_with_it(pair: Pair) -> None:
    (pair.data / "inner").mkdir()
    (pair.data / "inner/file").write_text("old")
    (pair.data / "pg_tblspc/16386").symlink_to(pair.data / "inner")
    assert pair.swap().returncode == 0
    assert (pair.old() / "pg_tblspc/16386/file").read_text() == "old"
    assert pair.undo().returncode == 0
    assert (pair.data / "pg_tblspc/16386").readlink() == pair.data / "inner"


def killer(root: Path, count: int, *, after: bool) -> str:
    """A PATH whose ``mv`` kills the script at the ``count``-th call, before or after it moved."""
    folder = root / "killer"
    folder.mkdir()
    end = "kill -KILL $PPID; exit 1"
    act = f'/bin/mv "$@"; {end}' if after else end
    script = (
        f'#!/bin/sh\nn=$(cat "{folder}/n" 2>/dev/null || echo 0)\necho $((n + 1)) > "{folder}/n"\n'
        f'[ "$n" != {count} ] || {{ {act}; }}\nexec /bin/mv "$@"\n'
    )
    (folder / "mv").write_text(script)
    (folder / "mv").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


SWAPPING, UNDOING = 12, 10
"""How many renames the scripts make for such a pair, the links' included."""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("count", range(SWAPPING + 1))
def test_killed_at_any_rename_nothing_is_mixed_and_the_next_run_finishes_it(
    pair: Pair, count: int, *, after: bool
) -> None:
    ended = pair.swap(path=killer(pair.root, count, after=after))
    assert ended.returncode == (0 if count == SWAPPING else -signal.SIGKILL), ended.stderr
    never_mixed(pair)
    if pair.new.exists():
        again = pair.swap("2")
        assert (again.returncode, again.stderr) == (0, "")
    settled(pair, pair.old() if pair.old().exists() else pair.old("2"))


def test_undone_the_old_cluster_is_as_it_was_and_the_copy_is_whole_under_its_new_name(pair: Pair) -> None:
    pair.swap()
    assert pair.undo().returncode == 0
    assert whole(pair.data, "old")
    assert (pair.data / "pg_tblspc/16384").readlink() == pair.shared
    assert (pair.data / "pg_wal").readlink() == pair.wal
    assert whole(Path(f"{pair.data}.pgrepl-undone-1"), "new")
    assert {path.name for path in pair.shared.iterdir()} == {V, "pgrepl-undone-1"}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("count", range(UNDOING + 1))
def test_undo_that_is_killed_at_any_rename_is_finished_by_the_next(pair: Pair, count: int, *, after: bool) -> None:
    pair.swap()
    ended = pair.undo(path=killer(pair.root, count, after=after))
    assert ended.returncode == (0 if count == UNDOING else -signal.SIGKILL), ended.stderr
    never_mixed(pair)
    assert pair.undo().returncode == 0
    assert whole(pair.data, "old")
    assert whole(Path(f"{pair.data}.pgrepl-undone-1"), "new")


def test_a_new_copy_after_an_undo_sets_both_aside(pair: Pair) -> None:
    pair.swap()
    pair.undo()
    again = data_directory(pair.new, PRIMARY, "in production")
    for name in ("standby.signal", "own"):
        (again / name).write_text("newer")
    (again / "pg_tblspc").mkdir()
    for number, home in (("24576", pair.shared), ("24577", pair.alone)):
        pair.tablespace(again, number, home / f"pgrepl-new-{pair.tag}", "newer")
    wal = pair.wal.with_name("wal.pgrepl-new")
    wal.mkdir()
    (wal / "000000010000000000000002").write_text("newer")
    (again / "pg_wal").symlink_to(wal)
    ended = pair.swap("3")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert whole(pair.data, "newer")
    assert whole(pair.old("3"), "old")
    assert whole(Path(f"{pair.data}.pgrepl-undone-1"), "new")


def test_where_the_links_of_a_data_directory_lead(pair: Pair) -> None:
    said = run(LINKS, str(pair.data)).stdout.splitlines()
    assert said == [str(pair.shared), str(pair.root / "elsewhere"), str(pair.wal)]
    assert run(LINKS, str(pair.root)).stdout == ""
