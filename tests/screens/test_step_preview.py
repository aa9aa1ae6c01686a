"""Before a step runs: its commands, its diffs as the room allows, what makes them take effect, how much it can hurt."""

import pytest

from pgrepl_tui.events import Activation, Danger, FileDiff, Finding, ShownCommand, StepInspected, StepPreviewed
from pgrepl_tui.screens.widgets.step_pane import StepPane
from tests.screens.fake_app import opened, text_of, until_still
from tests.screens.fake_run import GATE, START, FakeRun

DIFF = "@@ -1 +1 @@\n-wal_level = minimal\n+wal_level = replica\n"
BADGES = {
    (Activation.RELOAD, Danger.NONE): ("reload",),
    (Activation.RESTART, Danger.NONE): ("restart",),
    (Activation.RESTART, Danger.INTERRUPTS): ("restart", "! interrupts: sessions on this server are cut off"),
    (Activation.NONE, Danger.REPLACES): ("! replaces data: what is there now is set aside first",),
}


def preview(activation: Activation, danger: Danger) -> StepPreviewed:
    return StepPreviewed(
        step="role",
        commands=(ShownCommand("db1", "psql -c 'select 1'"),),
        diffs=(FileDiff("db1", "/etc/postgresql.conf", DIFF),),
        activation=activation,
        danger=danger,
        notes=("nobody is cut off",),
    )


@pytest.mark.parametrize(("activation", "danger"), BADGES)
@pytest.mark.parametrize("size", [(80, 24), (200, 40)], ids=["unified", "side-by-side"])
async def test_a_step_says_all_that_it_will_do(activation: Activation, danger: Danger, size: tuple[int, int]) -> None:
    found = StepInspected(step="role", finding=Finding.NEEDED, reason="it is minimal")
    async with opened(FakeRun((*START, found, preview(activation, danger), GATE)), size) as (app, pilot):
        await pilot.press("3")
        pane = app.screen.query_one(StepPane)
        await until_still(pilot, lambda: "select 1" in " ".join(text_of(pane).split()))
        shown = [line.strip("│ ") for line in text_of(pane).splitlines()]
        words = " ".join(" ".join(shown).split())
        told = {badge for badges in BADGES.values() for badge in badges if badge in words}
        assert told == set(BADGES[activation, danger])
        assert "The standby logs in as a role of its own." in words
        assert "○ Found: it is minimal" in words
        assert "db1: /etc/postgresql.conf" in words
        beside = [line for line in shown if "-wal_level = minimal" in line and "+wal_level = replica" in line]
        assert bool(beside) is (size[0] == 200)
        assert "-wal_level = minimal" in words
        assert "+wal_level = replica" in words
