"""The guards on the standby's host: each refuses what it is there for, and nothing is touched; run by a real shell."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pgrepl_tui.steps.standby.guard_scripts import GUARDS, IDENTIFY, LOOK_AGAIN, SYSTEM_FOLDERS, of_the_system
from pgrepl_tui.steps.standby.swap import SWAP
from tests.unit.held_lock import LockOfARun
from tests.unit.test_standby_scripts import Place, contents, run

ENDED = "shut down, 0/5000028"
needs_flock = pytest.mark.skipif(shutil.which("flock") is None, reason="there is no flock on this machine")


class Guarded(Place):
    """All is well, with a lock that is held and a primary that is elsewhere."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.lock = LockOfARun(self.root)
        (self.data / "global/pg_control").write_text("42 shut down at 0/5000028\n")
        self.own, self.ended = "42", ENDED

    def swap_guarded(self) -> subprocess.CompletedProcess[str]:
        """Run the swap with all that it is given in a run."""
        guards = (self.own, *self.lock.arguments, self.ended)
        return run(SWAP, *self.arguments(self.known), *guards)

    def look_again(self) -> subprocess.CompletedProcess[str]:
        """What stands before the old cluster is stopped."""
        tool = str(self.root / "pg_controldata")
        return run(LOOK_AGAIN, str(self.data), self.known, tool, self.own, *self.lock.arguments)

    known = ""


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    made = Guarded(tmp_path.resolve())
    made.known = made.inode
    made.lock.hold()
    yield made
    made.lock.let_go()


def _restart_of_it(place: Guarded) -> None:
    (place.data / "global/pg_control").write_text("42 shut down at 0/5000100\n")


def _another_cluster(place: Guarded) -> None:
    (place.data / "global/pg_control").write_text("43 shut down at 0/5000028\n")


def _another_directory(place: Guarded) -> None:
    place.data.rename(place.root / "away")
    shutil.copytree(place.root / "away", place.data)


SPOILT: dict[str, tuple[Callable[[Guarded], object], str, bool]] = {
    "the lock is gone": (lambda p: p.lock.let_go(), "the lock of this run is gone", True),
    "another run has it": (lambda p: p.lock.taken_by_another(), "another run has taken the lock", True),
    "the lock file is gone": (lambda p: p.lock.file.unlink(), "another run has taken the lock", True),
    "the primary's host": (lambda p: p.lock.found_on_the_primarys_host(), "this is the primary's host", True),
    "another cluster": (_another_cluster, "is another cluster than was looked at", True),
    "another directory": (_another_directory, "is not the directory that was looked at", True),
    "started and stopped since": (_restart_of_it, "was started meanwhile", False),
}  # fmt: skip
"""What happens, what is said, and whether it is seen before the stop as well."""


@needs_flock
@pytest.mark.parametrize("spoil", SPOILT)
def test_a_guard_refuses_and_nothing_is_touched(guarded: Guarded, spoil: str) -> None:
    change, words, before_stop = SPOILT[spoil]
    assert guarded.look_again().returncode == 0, guarded.look_again().stderr
    change(guarded)
    before = contents(guarded.root)
    ended = guarded.swap_guarded()
    assert (ended.returncode, words in ended.stderr) == (97, True), ended.stderr
    again = guarded.look_again()
    assert (again.returncode, words in again.stderr) == ((97, True) if before_stop else (0, False)), again.stderr
    after = contents(guarded.root)
    assert {name: text for name, text in after.items() if name != "lock"} == {
        name: text for name, text in before.items() if name != "lock"
    }


@needs_flock
def test_with_all_as_it_was_the_swap_goes_through(guarded: Guarded) -> None:
    ended = guarded.swap_guarded()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert guarded.old.exists()


def guard(name: str, data: str) -> subprocess.CompletedProcess[str]:
    """One guard alone."""
    head = 'data=$1 tool=: inode= own= nonce= lock= ended=\nrefuse() { echo "$*" >&2; exit 97; }\n'
    return run(f"{head}{IDENTIFY}{GUARDS}{name}\n", data)


@pytest.mark.parametrize("data", [*SYSTEM_FOLDERS, "/etc/postgresql/15/main"])
def test_the_systems_folders_are_no_place(data: str) -> None:
    assert of_the_system(data)
    ended = guard("guard_place", data)
    assert (ended.returncode, "of the system's" in ended.stderr) == (97, True)


def test_a_home_is_no_place_and_a_folder_below_one_is() -> None:
    home = next(
        words[5] for words in (line.split(":") for line in Path("/etc/passwd").read_text().splitlines())
        if len(words) > 5 and not of_the_system(words[5])
    )  # fmt: skip
    assert "somebody's home" in guard("guard_place", home).stderr
    assert guard("guard_place", f"{home}/15/data").returncode == 0
    assert not of_the_system(f"{home}/15/data")


def test_a_mount_point_is_no_place(tmp_path: Path) -> None:
    assert "is a mount point" in guard("guard_mount", "/proc").stderr
    assert guard("guard_mount", str(tmp_path)).returncode == 0
