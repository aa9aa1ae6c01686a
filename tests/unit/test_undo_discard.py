"""Deleting what was set aside: only that, only beside a server that runs, and only for the right name."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pgrepl_tui.events import Asked, Finding, Stage
from pgrepl_tui.headless import Policy
from pgrepl_tui.line_mode import LineOperator
from pgrepl_tui.steps.context import HeldLock
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.undo import discard as step
from pgrepl_tui.steps.undo.discard import Discard
from pgrepl_tui.steps.undo.discard_scripts import DISCARD, LIST
from pgrepl_tui.steps.undo.plan import discard
from tests.unit.held_lock import LockOfARun
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import Two, pair_in
from tests.unit.test_standby_scripts import contents, data_directory, run
from tests.unit.test_undo_scripts import tablespace

NO_LOCK = ("", "", "", "")
"""What ``held_for`` says where a host has no flock."""


@dataclass
class Place:
    """A server that runs in a data directory, and three clusters that were set aside beside it."""

    root: Path
    data: Path = field(init=False)
    old: Path = field(init=False)

    def __post_init__(self) -> None:
        self.data = data_directory(self.root / "da ta", "7", "in archive recovery")
        (self.data / "postmaster.pid").write_text("1\n")
        self.old = data_directory(self.root / "da ta.pgrepl-old-1", "42", "shut down")
        data_directory(self.root / "da ta.pgrepl-undone-1", "7", "shut down in recovery")
        (self.root / "da ta.pgrepl-undone-2-copy").mkdir()
        self.part = tablespace(self.root / "ts", self.old, "pgrepl-old-1")
        tablespace(self.root / "ts", self.data)

    def listed(self) -> list[str]:
        """What the first script finds, as the second one takes it."""
        rows = [row.split(" ", 2) for row in run(LIST, str(self.data)).stdout.splitlines()]
        return [f"{inode} {path}" for inode, _, path in rows]

    def discard(self, *given: str) -> subprocess.CompletedProcess[str]:
        """Delete what was listed, or what is given."""
        return run(DISCARD, str(self.data), *NO_LOCK, *(given or self.listed()))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path.resolve())


def test_all_that_was_set_aside_is_found_with_its_parts(place: Place) -> None:
    names = ("da ta.pgrepl-old-1", "ts/pgrepl-old-1", "da ta.pgrepl-undone-1", "da ta.pgrepl-undone-2-copy")
    assert [row.split(" ", 1)[1] for row in place.listed()] == [f"{place.root}/{name}" for name in names]


def test_it_is_deleted_and_nothing_else(place: Place) -> None:
    data = contents(place.data)
    ended = place.discard()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert sorted(path.name for path in place.root.iterdir()) == ["da ta", "ts"]
    assert contents(place.data) == data
    assert [path.name for path in (place.root / "ts").iterdir()] == ["PG_15_1"]
    assert place.listed() == []


def test_one_that_was_cut_off_is_found_again_and_is_no_old_cluster_any_more(place: Place) -> None:
    place.old.rename(place.root / "da ta.pgrepl-undone-discarded-pgrepl-old-1")
    assert f"{place.root}/ts/pgrepl-old-1" in {row.split(" ", 1)[1] for row in place.listed()}
    assert place.discard().returncode == 0
    assert sorted(path.name for path in place.root.iterdir()) == ["da ta", "ts"]


def _link(place: Place) -> None:
    place.old.rename(place.root / "real")
    place.old.symlink_to(place.root / "real")


def _used(place: Place) -> None:
    (place.data / "pg_wal").symlink_to(place.old / "global")


SPOILT: dict[str, tuple[Callable[[Place], object], str]] = {
    "the server is down": (lambda p: (p.data / "postmaster.pid").unlink(), "no server runs in"),
    "no data directory": (lambda p: (p.data / "PG_VERSION").unlink(), "no server runs in"),
    "a server runs there": (lambda p: (p.old / "postmaster.pid").touch(), "a server runs in"),
    "a link": (_link, "is not the folder that was looked at"),
    "the standby uses it": (_used, "uses"),
    "another folder": (
        lambda p: (p.old.rename(p.root / "x"), data_directory(p.old, "42", "shut down")), "is not the folder"),
}  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILT)
def test_it_refuses_and_deletes_nothing(place: Place, spoil: str) -> None:
    change, words = SPOILT[spoil]
    listed = place.listed()
    change(place)
    before = contents(place.root)
    ended = place.discard(*listed)
    assert ended.returncode == 97
    assert words in ended.stderr
    assert ended.stderr.rstrip().endswith("nothing was deleted")
    assert contents(place.root) == before


NOT_OURS_NOW: dict[str, tuple[Callable[[LockOfARun], None], str]] = {
    "the lock is gone": (LockOfARun.let_go, "the lock of this run is gone"),
    "another run has it": (LockOfARun.taken_by_another, "another run has taken the lock"),
    "the primary's host": (LockOfARun.found_on_the_primarys_host, "this is the primary's host"),
}


@pytest.mark.skipif(shutil.which("flock") is None, reason="there is no flock on this machine")
@pytest.mark.parametrize("spoil", NOT_OURS_NOW)
def test_under_the_lock_of_this_run_and_not_on_the_primarys_host(place: Place, tmp_path: Path, spoil: str) -> None:
    """As the swap and undo look once more in the script that moves, so does what deletes."""
    change, words = NOT_OURS_NOW[spoil]
    (tmp_path / "state").mkdir()
    lock, listed = LockOfARun(tmp_path / "state"), place.listed()
    lock.hold()
    try:
        change(lock)
        ended = run(DISCARD, str(place.data), *lock.arguments, *listed)
    finally:
        lock.let_go()
    assert (ended.returncode, words in ended.stderr) == (97, True), ended.stderr
    assert place.listed() == listed


async def test_the_script_is_given_this_runs_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = aside_in(tmp_path)
    asking(pair, "db2", monkeypatch)
    pair.ctx.locks["standby"] = HeldLock(str(tmp_path / "no such lock"), "me", "1")
    with pytest.raises(StepError, match="another run has taken the lock; nothing was deleted"):
        await Discard().run(pair.ctx)
    assert (tmp_path / "data.pgrepl-old-1/PG_VERSION").exists()


@pytest.mark.parametrize(
    "name", ["da ta", "", "ts", "ts/PG_15_1", "da ta.pgrepl-old-1/global", "da ta.pgrepl-new", "other.pgrepl-old-1"]
)
def test_no_other_name_is_deleted(place: Place, name: str) -> None:
    folder = place.root / name
    folder.mkdir(exist_ok=True)
    before = contents(place.root)
    ended = place.discard(*place.listed(), f"{folder.stat().st_ino} {folder}")
    assert ended.returncode == 97
    assert "is not ours" in ended.stderr
    assert contents(place.root) == before


def test_a_link_is_not_followed_out_of_a_deleted_folder(place: Place) -> None:
    (place.old / "link").symlink_to(place.data)
    data = contents(place.data)
    assert place.discard().returncode == 0
    assert contents(place.data) == data


@pytest.mark.parametrize("where", ["da ta.pgrepl-old-1/global", "ts/pgrepl-old-1"])
def test_it_refuses_while_a_process_works_there_or_has_a_file_open(place: Place, where: str) -> None:
    folder = place.root / where
    file = next(path for path in folder.rglob("*") if path.is_file())
    for working, reading in ((folder, None), (Path("/"), file)):
        with (
            (reading or Path("/dev/null")).open("rb") as given,
            subprocess.Popen(["sleep", "60"], cwd=working, stdin=given) as process,
        ):
            try:
                ended = place.discard()
            finally:
                process.kill()
        assert ended.returncode == 97, where
        assert "nothing was deleted" in ended.stderr
    assert place.discard().returncode == 0


@pytest.mark.parametrize("where", ["da ta.pgrepl-old-1", "da ta.pgrepl-old-1/global", "ts/pgrepl-old-1/PG_15_1"])
def test_it_refuses_what_a_file_system_is_mounted_in(place: Place, where: str) -> None:
    """The folder itself is mounted over itself: its inode stays what it was."""
    listed, mount = place.listed(), 'mount --bind "$1" "$1" || exit 99; shift; exec /bin/sh -c "$@"'
    command = [
        "unshare",
        "-m",
        "/bin/sh",
        "-c",
        mount,
        "sh",
        str(place.root / where),
        DISCARD,
        "sh",
        str(place.data),
        *NO_LOCK,
    ]
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a mount needs root, and unshare to be gone afterwards")
    ended = subprocess.run([*command, *listed], capture_output=True, text=True, check=False, timeout=60)
    if ended.returncode in {1, 99}:
        pytest.skip(f"this machine does not let root mount: {ended.stderr}")
    assert ended.returncode == 97
    assert "a file system is mounted at " in ended.stderr
    assert place.listed() == listed


def test_the_proof_comes_before_the_deletion_and_cannot_be_left_out() -> None:
    steps = discard().steps
    assert [one.stage for one in steps[-3:]] == [Stage.VERIFY, Stage.VERIFY, Stage.STANDBY]
    assert [one.id for one in steps[-3:]] == ["streaming", "positions", "discard"]
    assert [one.unproved for one in steps] == [""] * len(steps)


def asking(pair: Two, answer: str, monkeypatch: pytest.MonkeyPatch, *, streaming: bool = True) -> list[Asked]:
    """An operator who gives this answer, on a pair that streams or does not."""
    asked: list[Asked] = []

    async def ask(kind: str, text: str, choices: tuple[str, ...]) -> str:
        asked.append(Asked(question=1, kind=kind, stage=Stage.STANDBY, step="discard", text=text, choices=choices))
        return answer

    async def streams(_ctx: object) -> bool:
        return streaming

    pair.ctx.ask = ask
    monkeypatch.setattr(step, "streams", streams)
    return asked


def aside_in(root: Path) -> Two:
    pair = pair_in(root)
    (root / "data/postmaster.pid").write_text("1\n")
    (root / "data/global").mkdir()
    data_directory(root / "data.pgrepl-old-1", "42", "shut down")
    pair.standby.by("", really)
    return pair


async def test_the_question_names_what_goes_and_its_safe_answer_is_no(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = aside_in(tmp_path)
    asked = asking(pair, "db2", monkeypatch)
    assert (await Discard().inspect(pair.ctx)).finding is Finding.NEEDED
    await Discard().run(pair.ctx)
    (question,) = asked
    assert (question.kind, question.choices) == ("typed", ("no", "db2"))
    assert f"{tmp_path}/data.pgrepl-old-1 (" in question.text
    assert not (tmp_path / "data.pgrepl-old-1").exists()
    assert (await Discard().inspect(pair.ctx)).finding is Finding.DONE


@pytest.mark.parametrize(("answer", "streaming"), [("no", True), ("db2", False)])
async def test_without_the_name_or_without_a_stream_nothing_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, *, streaming: bool
) -> None:
    pair = aside_in(tmp_path)
    asking(pair, answer, monkeypatch, streaming=streaming)
    with pytest.raises(StepError) as caught:
        await Discard().run(pair.ctx)
    assert caught.value.refused
    assert (tmp_path / "data.pgrepl-old-1/PG_VERSION").exists()
    assert [command for command in pair.standby.asked if command.changes] == []


QUESTION = Asked(question=1, kind="typed", stage=Stage.STANDBY, step="discard", text="?", choices=("no", "Db2"))


@pytest.mark.parametrize(
    ("yes", "host", "answer"),
    [(True, "", "no"), (False, "", "no"), (True, "db2", "no"), (False, "yes", "no"), (False, "Db2", "Db2")],
)
async def test_headless_only_the_hosts_own_name_agrees(*, yes: bool, host: str, answer: str) -> None:
    assert (await Policy(yes=yes, host=host).ask(QUESTION)).choice == answer


@pytest.mark.parametrize(
    ("said", "answer"), [(["D", "db2", "Db2"], "Db2"), (["yes", "no"], "no"), ([""], "no"), (["n", None], "no")]
)
async def test_as_lines_only_the_whole_name_agrees(
    said: list[str | None], answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [*said]

    async def typed(_prompt: str) -> str | None:
        return waiting.pop(0)

    monkeypatch.setattr("pgrepl_tui.line_mode.typed", typed)
    assert (await LineOperator().ask(QUESTION)).choice == answer
    assert waiting == []


@pytest.mark.parametrize(("host", "choice"), [("Db2", "Db2"), ("db1", "no"), ("", "no")])
async def test_a_yes_alone_does_not_agree_to_setting_unique_data_aside(host: str, choice: str) -> None:
    answer = await Policy(yes=True, host=host, option="--set-aside-unique").ask(QUESTION)
    assert answer.choice == choice
    assert "--set-aside-unique" in answer.by
