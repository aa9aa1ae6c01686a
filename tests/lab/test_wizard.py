"""The main job through the screens, with keys only, on real hosts."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Stage
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.live import LiveRun
from pgrepl_tui.screens.confirm import ConfirmScreen
from pgrepl_tui.screens.verify import VerifyScreen
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.topology import Topology, load
from tests.lab.running import LIMIT
from tests.screens.fake_app import text_of

SIZE = (80, 24)


async def until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    """Wait for something that real hosts have to do first."""
    try:
        async with asyncio.timeout(LIMIT):
            while not condition():
                await pilot.pause(0.05)
    except TimeoutError as error:
        raise AssertionError(f"never came true; on screen:\n{text_of(pilot.app.screen)}") from error


def confirms(app: PgReplApp, text: str) -> bool:
    """True while the operator is asked to confirm this."""
    return isinstance(app.screen, ConfirmScreen) and text in text_of(app.screen)


def gate_open(app: PgReplApp, stage: Stage) -> bool:
    """True while the run waits at a stage's gate."""
    question = app.session.state.question
    return question is not None and question.answer is None and question.asked.kind == "gate" and (
        question.asked.stage is stage
    )  # fmt: skip


async def test_keys_alone_lead_from_the_hosts_to_matching_positions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    runs: list[LiveRun] = []

    def start(topology: Topology) -> LiveRun:
        runs.append(LiveRun(topology, stays=True))
        return runs[-1]

    async with Lab.start(megabytes=16) as lab:
        app = PgReplApp(load(lab.topology), make_source=start)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("enter")
            await until(pilot, lambda: gate_open(app, Stage.PRIMARY))
            await looked_at_again(app, pilot)
            await pilot.press("enter")
            await until(pilot, lambda: confirms(app, "Restart the primary db1"))
            await pilot.press("y")
            await until(pilot, lambda: gate_open(app, Stage.STANDBY))
            await pilot.press("enter")
            await until(pilot, lambda: confirms(app, "Stop the old cluster"))
            await pilot.press("y")
            await until(pilot, lambda: confirms(app, "Set the old data directory"))
            await pilot.press("y")
            await until(pilot, lambda: app.session.state.ended is not None)
            await until(pilot, lambda: isinstance(app.screen, VerifyScreen) and "✓ match" in text_of(app.screen))
            await watched(app, pilot, lab)
            matched = app.session.state.matched
            await pilot.press("q")
            await until(pilot, lambda: app.return_code is not None)
        assert app.return_code == 0
    assert matched is not None
    assert matched.matching
    await replayed_to(Path(runs[0].recording), matched.lsn)


async def looked_at_again(app: PgReplApp, pilot: Pilot[int]) -> None:
    """One row of the preflight checks is looked at once more; the gate is asked again."""
    before = app.session.state.question
    await pilot.press("2", "down", "a")
    await until(pilot, lambda: app.session.state.question is not before and gate_open(app, Stage.PRIMARY))
    await pilot.press("f")


async def watched(app: PgReplApp, pilot: Pilot[int], lab: Lab) -> None:
    """The pair is watched: a replay that is paused is seen, and that it goes on."""
    await until(pilot, lambda: "watched every second" in text_of(app.screen))
    await lab.sql(lab.standby, "select pg_wal_replay_pause()")
    await lab.sql(lab.primary, "create table written_meanwhile as select generate_series(1, 1000)")
    await until(pilot, lambda: "✗" in text_of(app.screen) and "paused" in text_of(app.screen))
    await lab.sql(lab.standby, "select pg_wal_replay_resume()")
    await until(pilot, lambda: "✓ match" in text_of(app.screen))
    assert not app.under_way


async def replayed_to(path: Path, lsn: str) -> None:
    """With every host gone, the recording ends on the same screen and position."""
    with Recording.open(path) as recording:
        app = PgReplApp(source=Replay(recording, speed=64.0))
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("end")
            await until(pilot, lambda: isinstance(app.screen, VerifyScreen) and lsn in text_of(app.screen))
            assert "match" in text_of(app.screen)
            await pilot.press("r")
            assert app.session.state.ended is not None
