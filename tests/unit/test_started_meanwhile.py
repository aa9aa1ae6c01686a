"""A standby that was just starting when Connect looked at it is known by what its control file says now."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.steps.standby.state import is_ours
from tests.unit.scripted_pair import CONTROL, Two, pair_in

SAMPLES = Path(__file__).parents[1] / "data" / "controldata"


def looked_at_while_it_started(folder: Path, now: str) -> Two:
    """A server that runs, has the signal and no ``backup_label`` any more; pg_controldata says ``now``."""
    pair = pair_in(folder)
    side = pair.ctx.standby
    side.cluster = replace(side.cluster, running=7)
    side.control = replace(CONTROL, state="in production")
    (folder / "data/standby.signal").touch()
    pair.standby.on("pg_controldata", (SAMPLES / f"{now}.txt").read_bytes())
    return pair


@pytest.mark.parametrize(("now", "ours"), [("17-in-archive-recovery", True), ("17-in-production", False)])
async def test_its_control_file_is_read_anew(now: str, tmp_path: Path, *, ours: bool) -> None:
    pair = looked_at_while_it_started(tmp_path, now)
    assert await is_ours(pair.ctx) is ours
    assert pair.ctx.standby.control is not None
    assert pair.ctx.standby.control.in_recovery is ours, "what comes after goes by what is so now"
    assert pair.standby.changes == []
