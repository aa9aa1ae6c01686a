"""A file's history: what counts as ours, what as somebody else's, and what comes back."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pgrepl_tui.hosts.host import Command, HostError, Result
from pgrepl_tui.steps.entries import FileChanged, digest
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.undo.history import History, foreign, histories, probe
from pgrepl_tui.steps.undo.restore import changed, restore, shown
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import Two, two


@dataclass
class Place:
    """A file on a real folder, with copies of what it was."""

    root: Path
    pair: Two = field(default_factory=two)

    def __post_init__(self) -> None:
        self.pair.primary.by("", really)
        self.side = self.pair.ctx.primary
        self.side.home = str(self.root)
        self.file = self.root / "file.conf"

    def kept(self, text: str) -> str:
        """A copy of what the file was."""
        path = self.root / f"kept.{digest(text.encode())[:16]}"
        path.write_text(text)
        return str(path)

    def history(self, *texts: str | None, altered: Mapping[str, str] | None = None, **more: int) -> History:
        """What one run after the other made of it; None at the end: the run did not see what was written."""
        pairs = itertools.pairwise(texts)
        changes = [
            FileChanged(
                path=str(self.file),
                old=digest(old.encode()) if old else "",
                new=digest(new.encode()) if new else "",
                backup=self.kept(old) if old else "",
                mode=more.get("mode", 0o644),
                new_mode=more.get("new_mode", 0o644),
            )
            for old, new in pairs
        ]
        return History(str(self.file), tuple(changes), altered or {})

    async def verdict(self, history: History) -> str:
        """Who else changed it."""
        return await foreign(self.side, history, (await probe(self.side, [history.path]))[0])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def back(place: Place, history: History) -> None:
    """Put it back."""
    for one, now in await changed(place.side, [history]):
        await restore(place.pair.ctx, place.side, one, now)


@pytest.mark.parametrize("now", ["old", "ours", "later"])
async def test_what_a_run_wrote_comes_back_to_what_was_before_the_first(now: str, place: Place) -> None:
    place.file.write_text(now)
    place.file.chmod(0o644)
    history = place.history("old", "ours", "later")
    assert await place.verdict(history) == ""
    await back(place, history)
    assert place.file.read_text() == "old"
    assert place.file.stat().st_mode & 0o777 == 0o644
    assert await changed(place.side, [history]) == []


@pytest.mark.parametrize("now", ["somebody's", "", None])
async def test_what_somebody_else_wrote_is_not_touched(now: str | None, place: Place) -> None:
    if now is not None:
        place.file.write_text(now)
    history = place.history("old", "ours")
    assert "is not what this program wrote" in await place.verdict(history)
    with pytest.raises(StepError, match="somebody else changed it") as caught:
        await back(place, history)
    assert caught.value.refused
    assert history.first.backup in caught.value.remedy
    assert (place.file.read_text() if now is not None else None) == now


async def test_what_somebody_else_wrote_between_two_runs_is_seen(place: Place) -> None:
    place.file.write_text("ours again")
    one, two_ = place.history("old", "ours").first, place.history("somebody's", "ours again").first
    history = History(str(place.file), (one, two_))
    said = await place.verdict(history)
    assert "between two runs" in said
    assert two_.backup in said
    place.file.write_text("old")
    assert await place.verdict(history) == "", "put back by hand already"


async def test_a_file_that_was_not_there_goes(place: Place) -> None:
    place.file.write_text("ours")
    history = place.history(None, "ours")
    await back(place, history)
    assert not place.file.exists()
    assert await changed(place.side, [history]) == []


async def test_a_new_file_that_nobody_saw_is_moved_not_deleted(place: Place) -> None:
    place.file.write_text("by another program")
    await back(place, place.history(None, None))
    assert not place.file.exists()
    (kept,) = (place.root / ".pgrepl-tui").rglob("file.conf")
    assert kept.read_text() == "by another program"
    assert kept.parent.stat().st_mode & 0o777 == 0o700


async def test_a_mode_that_a_run_changed_comes_back(place: Place) -> None:
    place.file.write_text("same")
    place.file.chmod(0o600)
    history = place.history("same", "same", mode=0o640, new_mode=0o600)
    assert [one.line.split()[0] for one in (await shown(place.side, [history]))[0]] == ["chmod"]
    await back(place, history)
    assert place.file.stat().st_mode & 0o777 == 0o640
    place.file.chmod(0o660)
    assert await changed(place.side, [history]) == [], "what somebody else chose stays"


@pytest.mark.parametrize(
    ("now", "ours"),
    [
        ("# by the server\na = '2'\nb = '1'\n", True),
        ("# by the server\na = '2'\nb = '1'\nc = 'x'\n", True),
        ("a = '1'\nb = '1'\n# only a comment\n", True),
        ("a = '3'\nb = '1'\n", False),
        ("a = '2'\nb = '7'\n", False),
        ("a = '2'\n", False),
        ("a = '2'\nb = '1'\nd = '1'\n", False),
    ],
)
async def test_what_alter_system_wrote_unseen_is_known_by_its_settings(now: str, place: Place, *, ours: bool) -> None:
    place.file.write_text(now)
    history = place.history("a = '1'\nb = '1'\n", None, altered={"a": "2", "c": "x"})
    assert (await place.verdict(history) == "") is ours


async def test_old_bytes_that_are_gone_are_missed_before_anything_is_written(place: Place) -> None:
    place.file.write_text("ours")
    history = place.history("old", "ours")
    for spoil in (lambda path: path.write_text("damaged"), Path.unlink):
        spoil(Path(history.first.backup))
        with pytest.raises(StepError, match="is not in .* any more"):
            await back(place, history)
        assert place.file.read_text() == "ours"


async def test_a_file_that_changes_while_it_is_put_back_is_not_overwritten(place: Place) -> None:
    place.file.write_text("ours")
    history = place.history("old", "ours")
    ((one, now),) = await changed(place.side, [history])
    read = place.pair.primary

    def meanwhile(command: Command) -> Result:
        result = really(command)
        place.file.write_text("somebody's")
        return result

    read.by(f"cat {history.first.backup}", meanwhile)
    with pytest.raises(HostError, match="somebody else has changed it meanwhile"):
        await restore(place.pair.ctx, place.side, one, now)
    assert place.file.read_text() == "somebody's"


async def test_what_is_secret_is_not_shown(place: Place) -> None:
    place.file.write_text("the password is ours")
    plain = place.history("old password = old\n", "the password is ours")
    secret = History(plain.path, tuple(replace(one, secret=True) for one in plain.changes))
    commands, diffs = await shown(place.side, [secret])
    assert diffs == ()
    assert [one.line.split()[0] for one in commands] == ["cp"]
    _, (diff,) = await shown(place.side, [plain])
    assert "+old password = ********" in diff.diff
    assert place.pair.told.outputs == [], "what the files hold is told to nobody"


async def test_nothing_is_looked_at_where_there_is_nothing(place: Place) -> None:
    assert await probe(place.side, []) == []
    assert place.pair.primary.asked == []


def test_one_history_a_file_in_the_order_of_the_first_changes() -> None:
    changes = [
        FileChanged(path="/b", old="1", new="2"),
        FileChanged(path="/a", old="1", new=""),
        FileChanged(path="/b", old="2", new="3"),
    ]
    found = histories(changes, {"x": "y"})
    assert [(one.path, len(one.changes)) for one in found] == [("/b", 2), ("/a", 1)]
    assert [one.altered for one in found] == [{}, {"x": "y"}]
