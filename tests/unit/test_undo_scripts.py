"""The scripts of an undo that move on the standby's host, run by a real shell on temporary folders."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pgrepl_tui.steps.identity import SCRIPT as IDENTITY
from pgrepl_tui.steps.undo.close import RENAME
from pgrepl_tui.steps.undo.copy import SET_ASIDE
from pgrepl_tui.steps.undo.put_back import PUT_BACK
from tests.unit.test_standby_scripts import PRIMARY, TOOL, contents, data_directory, run

OWN = "42"


def identity(folder: Path) -> str:
    return run(IDENTITY, str(folder)).stdout.strip()


@dataclass
class Place:
    """A stopped standby in place, the old cluster set aside, and the arguments that fit them."""

    root: Path
    data: Path = field(init=False)
    aside: Path = field(init=False)
    undone: Path = field(init=False)
    here: str = field(init=False)
    old: str = field(init=False)

    def __post_init__(self) -> None:
        self.data = data_directory(self.root / "da ta", PRIMARY, "shut down in recovery")
        self.aside = data_directory(self.root / "da ta.pgrepl-old-1", OWN, "shut down")
        self.undone = self.root / "da ta.pgrepl-undone-1"
        (self.data / "standby.signal").touch()
        (self.aside / "own").write_text("old")
        tool = self.root / "pg_controldata"
        tool.write_text(TOOL)
        tool.chmod(0o755)
        self.look()

    def look(self) -> None:
        """What stands there now is what was looked at."""
        self.here, self.old = identity(self.data), identity(self.aside)

    def put_back(
        self,
        *guards: str,
        aside: str | None = None,
        undone: str | None = None,
        mode: str = "0",
        path: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run the script; without an old cluster where ``aside`` is empty."""
        old = str(self.aside) if aside is None else aside
        known = (self.here, self.old if old else "", str(self.root / "pg_controldata"), PRIMARY, OWN if old else "")
        return run(PUT_BACK, str(self.data), undone or str(self.undone), old, *known, mode, *guards, path=path)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """All is well: the old one may come back."""
    return Place(tmp_path.resolve())


def test_the_old_directory_comes_back_and_the_copy_is_kept(place: Place) -> None:
    old, new = contents(place.aside), contents(place.data)
    ended = place.put_back()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert contents(place.data) == old
    assert contents(place.undone) == new
    assert not place.aside.exists()
    assert identity(place.data) == place.old


def test_a_copy_that_was_never_started_may_go_too(place: Place) -> None:
    (place.data / "global/pg_control").write_text(f"{PRIMARY} in production\n")
    (place.data / "backup_label").touch()
    assert place.put_back().returncode == 0


def test_recovery_conf_is_a_signal_too(place: Place) -> None:
    (place.data / "standby.signal").rename(place.data / "recovery.conf")
    assert place.put_back().returncode == 0


@pytest.mark.parametrize("mode", ["0", "750"])
def test_where_nothing_was_nothing_is_left_or_the_empty_folder(place: Place, mode: str) -> None:
    new = contents(place.data)
    ended = place.put_back(aside="", mode=mode)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert contents(place.undone) == new
    assert place.data.exists() is (mode == "750")
    if mode == "750":
        assert (list(place.data.iterdir()), place.data.stat().st_mode & 0o777) == ([], 0o750)


def _link(place: Place) -> None:
    place.data.rename(place.root / "real")
    place.data.symlink_to(place.root / "real")


def _another(folder: Path, identifier: str, state: str) -> None:
    folder.rename(folder.with_name("away"))
    data_directory(folder, identifier, state)


SPOILT: dict[str, tuple[Callable[[Place], object], str]] = {
    "a server of its own": (lambda p: (p.data / "standby.signal").unlink(), "is a server of its own now"),
    "promoted": (lambda p: (p.data / "global/pg_control").write_text(f"{PRIMARY} shut down\n"), "is not a standby"),
    "crashed as a primary": (
        lambda p: (p.data / "global/pg_control").write_text(f"{PRIMARY} in production\n"), "is not a standby"),
    "another cluster": (
        lambda p: (p.data / "global/pg_control").write_text("7 shut down in recovery\n"), "not a copy of the primary"),
    "not what was looked at": (
        lambda p: _another(p.data, PRIMARY, "shut down in recovery"), "is not the directory that was looked at"),
    "a server runs": (lambda p: (p.data / "postmaster.pid").write_text("1\n"), "a server runs in"),
    "the name is taken": (lambda p: p.undone.mkdir(), "is there already"),
    "a link": (_link, "is a link now"),
    "old: a server runs": (lambda p: (p.aside / "postmaster.pid").write_text("1\n"), "a server runs in"),
    "old: not the one": (lambda p: _another(p.aside, OWN, "shut down"), "is not the directory that was set aside"),
    "old: another cluster": (
        lambda p: (p.aside / "global/pg_control").write_text("7 shut down\n"), "is not the cluster that was set aside"),
    "old: not shut down": (
        lambda p: (p.aside / "global/pg_control").write_text(f"{OWN} in production\n"), "was not shut down"),
    "old: half of it": (lambda p: (p.aside / "global/pg_control").unlink(), "is not a data directory"),
    "old: gone": (lambda p: p.aside.rename(p.root / "gone"), "is not a data directory"),
}  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILT)
def test_it_refuses_and_moves_nothing(place: Place, spoil: str) -> None:
    change, words = SPOILT[spoil]
    change(place)
    before = contents(place.root)
    ended = place.put_back()
    assert ended.returncode == 97
    assert words in ended.stderr
    assert ended.stderr.rstrip().endswith("nothing was moved")
    assert contents(place.root) == before


@pytest.mark.parametrize("which", ["data", "aside"])
def test_it_refuses_while_a_process_works_there(place: Place, which: str) -> None:
    before = contents(place.root)
    with subprocess.Popen(["sleep", "60"], cwd=getattr(place, which)) as process:
        try:
            ended = place.put_back()
        finally:
            process.kill()
    assert ended.returncode == 97
    assert f"process {process.pid} works in" in ended.stderr
    assert contents(place.root) == before


@pytest.mark.parametrize(
    ("aside", "undone"),
    [
        ("{data}", None), ("{root}/elsewhere", None), ("{data}.pgrepl-old-", None), ("{data}.pgrepl-old-1/x", None),
        (None, "{data}.pgrepl-undone-"), (None, "{data}.pgrepl-undone-1/x"), (None, "{root}/elsewhere"),
    ],
)  # fmt: skip
def test_only_our_own_names_are_moved_to_and_from(place: Place, aside: str | None, undone: str | None) -> None:
    before = contents(place.root)
    given = {
        name: text.format(data=place.data, root=place.root)
        for name, text in (("aside", aside), ("undone", undone))
        if text
    }
    ended = place.put_back(**given)
    assert ended.returncode == 97
    assert "not a name of ours" in ended.stderr
    assert contents(place.root) == before


def test_cut_off_between_the_two_renames_it_is_finished_by_running_it_again(place: Place) -> None:
    old, new = contents(place.aside), contents(place.data)
    folder = place.root / "bin"
    folder.mkdir()
    fake = folder / "mv"
    fake.write_text('#!/bin/sh\ncase $3 in *old-1) kill -KILL $PPID; exit 1 ;; esac\nexec /bin/mv "$@"\n')
    fake.chmod(0o755)
    assert place.put_back(path=f"{folder}:{os.environ['PATH']}").returncode != 0
    assert not place.data.exists()
    assert place.put_back().returncode == 0
    assert contents(place.data) == old
    assert contents(place.undone) == new


def tablespace(home: Path, cluster: Path, inside: str = "") -> Path:
    """A cluster's tablespace, in a folder of its own there where ``inside`` says so."""
    folder = home / inside if inside else home
    (folder / "PG_15_1").mkdir(parents=True)
    (folder / "PG_15_1/table").write_text(cluster.name)
    (cluster / "pg_tblspc").mkdir(exist_ok=True)
    (cluster / "pg_tblspc/16384").symlink_to(folder)
    return folder


def test_what_the_old_cluster_has_elsewhere_comes_back_as_well(place: Place) -> None:
    home = place.root / "ts"
    tablespace(home, place.data)
    tablespace(home, place.aside, "pgrepl-old-1")
    assert place.put_back().returncode == 0
    assert (home / "PG_15_1/table").read_text() == "da ta.pgrepl-old-1"
    assert (place.data / "pg_tblspc/16384").readlink() == home
    assert (place.undone / "pg_tblspc/16384/PG_15_1/table").read_text() == "da ta"


@dataclass
class Unfinished:
    """A base backup that was cut off, with a tablespace that has a link already and one that has none yet."""

    root: Path

    def __post_init__(self) -> None:
        self.new = self.root / "data.pgrepl-new"
        self.new.mkdir()
        (self.new / "file").touch()
        self.one = tablespace(self.root / "one", self.new, "pgrepl-new-tag")
        self.two = self.root / "two/pgrepl-new-tag"
        (self.two / "PG_15_1").mkdir(parents=True)

    def aside(self, *more: str) -> subprocess.CompletedProcess[str]:
        return run(SET_ASIDE, str(self.new), "tag", "pgrepl-undone-1-copy", str(self.one), str(self.two), *more)


def test_an_unfinished_copy_is_set_aside_with_its_parts(tmp_path: Path) -> None:
    place = Unfinished(tmp_path)
    ended = place.aside()
    assert (ended.returncode, ended.stderr) == (0, "")
    kept = tmp_path / "data.pgrepl-undone-1-copy"
    assert (kept / "file").exists()
    leads = sorted(str(link.readlink()) for link in (kept / "pg_tblspc").iterdir())
    assert leads == [f"{tmp_path}/{name}/pgrepl-undone-1-copy" for name in ("one", "two")]
    assert all((Path(path) / "PG_15_1").is_dir() for path in leads)
    assert not any(path.exists() for path in (place.new, place.one, place.two))


@pytest.mark.parametrize("more", ["/srv/pg/data", "/srv/x/pgrepl-new-other", ".pgrepl-new", ""])
def test_nothing_else_is_set_aside(tmp_path: Path, more: str) -> None:
    place = Unfinished(tmp_path)
    before = contents(tmp_path)
    ended = place.aside(more)
    assert ended.returncode == 97
    assert "not ours" in ended.stderr
    assert contents(tmp_path) == before


def test_a_copy_in_which_a_server_runs_is_not_set_aside(tmp_path: Path) -> None:
    place = Unfinished(tmp_path)
    (place.new / "postmaster.pid").touch()
    assert place.aside().returncode == 97
    assert place.new.exists()


def test_journals_are_renamed_and_one_that_was_renamed_before_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "journal-b-tag.jsonl").write_text("b")
    (tmp_path / "undone-a-tag.jsonl").write_text("a")
    for _ in range(2):
        assert run(RENAME, str(tmp_path), "b-tag.jsonl", "a-tag.jsonl").returncode == 0
        assert contents(tmp_path) == {"undone-a-tag.jsonl": "a", "undone-b-tag.jsonl": "b"}
