"""Drawing keeps its pace, however busy the machine is."""

import itertools

import pytest
from textual import _time

from pgrepl_tui.events import StepStarted
from tests.screens.fake_app import opened, text_of, until
from tests.screens.fake_run import START, FakeRun


async def test_what_changed_is_drawn_on_a_machine_that_is_never_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two looks at the clock 5 ms have passed: a one-shot timer of Textual's would be skipped."""
    run = FakeRun(START)
    async with opened(run) as (app, pilot):
        late = itertools.count(_time.get_time(), 0.005)
        monkeypatch.setattr(_time, "get_time", lambda: next(late))
        run.feed(StepStarted(step="role"))
        await until(pilot, lambda: "[Primary]" in text_of(app.screen))
        assert not app.drawing
