"""Where the copy goes: a folder of somebody else's stops the step and stays, and one of ours is taken up or removed."""

from pathlib import Path

import pytest

from pgrepl_tui.events import Finding
from pgrepl_tui.steps.standby import copy_place
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
    for act in (copy_place.clear, copy_place.make):
        with pytest.raises(StepError, match="nothing says that a run of ours made it") as caught:
            await act(pair.ctx)
        assert caught.value.refused
    assert contents(tmp_path) == before


async def test_what_a_run_made_is_no_obstacle_and_is_removed_by_the_next(pair: Two, tmp_path: Path) -> None:
    await copy_place.make(pair.ctx)
    (tmp_path / "data.pgrepl-new/base").write_text("half")
    assert await copy_place.foreign(pair.ctx) == ""
    assert (await BaseBackup().inspect(pair.ctx)).finding is Finding.NEEDED
    await copy_place.clear(pair.ctx)
    assert not (tmp_path / "data.pgrepl-new").exists()
    await copy_place.clear(pair.ctx)
