"""Drawing keeps its pace, however busy the machine is."""

import itertools
import time

import pytest
from textual import _time
from textual.app import App

from pgrepl_tui.screens.pace import Pace
from tests.screens.fake_app import until


async def test_a_wish_is_fulfilled_on_a_machine_that_is_never_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two looks at the clock 5 ms have passed: a one-shot timer of Textual's for 1 ms would be skipped."""
    app: App[int] = App()
    async with app.run_test() as pilot:
        drawn: list[bool] = []
        pace = Pace(app, lambda: drawn.append(True), time.monotonic)
        late = itertools.count(_time.get_time(), 0.005)
        monkeypatch.setattr(_time, "get_time", lambda: next(late))
        pace.wish()
        pace.wish()
        assert pace.waiting
        await until(pilot, lambda: bool(drawn))
        assert not pace.waiting
        assert drawn == [True], "both wishes by one drawing"
