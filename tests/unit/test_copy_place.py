"""Where the copy goes: a folder of somebody else's stops the step and stays, and one of ours is taken up or removed."""

from pathlib import Path

import pytest

from pgrepl_tui.events import Finding
from pgrepl_tui.steps.standby import copy_place
from pgrepl_tui.steps.standby.configure import Configure
from pgrepl_tui.steps.standby.copy import BaseBackup
from pgrepl_tui.steps.step import StepError
from tests.unit.scripted_pair import Two, pair_in
from tests.unit.test_standby_scripts import contents


@pytest.fixture
def pair(tmp_path: Path) -> Two:
    made = pair_in(tmp_path)
    (tmp_path / "home/.pgrepl-tui").mkdir()
    made.primary.on("stat ", err="stat: No such file or directory", status=1)
    made.standby.on("pg_controldata", err="no such file", status=1)
    return made


async def test_a_folder_of_somebody_elses_is_named_and_stays(pair: Two, tmp_path: Path) -> None:
    theirs = tmp_path / "data.pgrepl-new"
    theirs.mkdir()
    (theirs / "base").write_text("theirs")
    before = contents(tmp_path)
    look = await BaseBackup().inspect(pair.ctx)
    assert look.finding is Finding.BLOCKED
    assert str(theirs) in look.reason
    assert "rename or remove it by hand" in look.remedy
    paths = (await copy_place.copy_place(pair.ctx)).folders
    for act in (copy_place.clear, copy_place.make):
        with pytest.raises(StepError, match="nothing says that a run of ours made it") as caught:
            await act(pair.ctx, paths)
        assert caught.value.refused
    assert contents(tmp_path) == before


async def test_what_a_run_made_is_no_obstacle_and_is_removed_by_the_next(pair: Two, tmp_path: Path) -> None:
    paths = (await copy_place.copy_place(pair.ctx)).folders
    await copy_place.make(pair.ctx, paths)
    (tmp_path / "data.pgrepl-new/base").write_text("half")
    assert await copy_place.foreign(pair.ctx, paths) == ""
    assert (await BaseBackup().inspect(pair.ctx)).finding is Finding.NEEDED
    await copy_place.clear(pair.ctx, paths)
    assert not (tmp_path / "data.pgrepl-new").exists()
    await copy_place.clear(pair.ctx, paths)


async def test_a_link_to_another_copy_of_the_primary_is_not_taken_for_the_copy_that_ended(
    pair: Two, tmp_path: Path
) -> None:
    """What it leads to may be the primary itself: nothing is written there, and nothing of it is moved."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "base").write_text("precious")
    (tmp_path / "data.pgrepl-new").symlink_to(precious)
    before = contents(tmp_path)
    pair.standby.on("state of the job", "ended 0\n").on("pg_controldata", "a copy of the primary")
    look = await BaseBackup().inspect(pair.ctx)
    assert (look.finding, "data.pgrepl-new" in look.reason) == (Finding.BLOCKED, True)
    with pytest.raises(StepError, match="nothing says that a run of ours made it") as caught:
        await Configure().run(pair.ctx)
    assert caught.value.refused
    assert contents(tmp_path) == before
    assert (tmp_path / "data.pgrepl-new").is_symlink()


async def test_where_the_copy_goes_is_asked_once(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is removed, what is made and what is copied to are the same folders."""

    async def noted(*_given: object) -> None:
        pass

    async def broken(*_given: object) -> None:
        raise StepError("it stops here", "")

    monkeypatch.setattr("pgrepl_tui.steps.standby.copy.note", noted)
    monkeypatch.setattr("pgrepl_tui.hosts.job.start", broken)
    pair.standby.on("state of the job", "absent\n").on("forget the job")
    pair.primary.asked.clear()
    with pytest.raises(StepError, match="it stops here"):
        await BaseBackup().run(pair.ctx)
    assert len([text for text in pair.primary.texts if "from pg_tablespace" in text]) == 1
