"""A long recording that is opened from the start screen says how much of it is read."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.screens.welcome import Start, WelcomeScreen
from pgrepl_tui.session import patience
from pgrepl_tui.session.library import Library
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.topologies import Shelf
from tests.screens.fake_app import text_of, until

RUNS = Path(__file__).parents[1] / "data" / "runs"


async def test_the_part_that_is_read_is_told_while_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SOON", 0.0)
    path = tmp_path / "lab-20261120T000000.000Z.jsonl"
    shutil.copy(RUNS / "setup.jsonl", path)
    seen = threading.Event()

    def opened(path: Path, *, progress: Callable[[float], object]) -> Replay:
        def told(share: float) -> None:
            progress(share)
            assert seen.wait(1800)

        return Replay.open(path, playing=False, progress=told)

    app = PgReplApp(None, start=Start(Library(tmp_path), Shelf(tmp_path / "shelf"), opened))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "done, 11 changes" in text_of(app.screen))
        app.screen.post_message(WelcomeScreen.Chosen("replay", path=path))
        await until(pilot, lambda: "% of it is read" in text_of(app.screen))
        seen.set()
        await until(pilot, lambda: isinstance(app.screen, StageScreen))
