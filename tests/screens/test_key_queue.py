"""Keys that arrive together do what they would have done one by one."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import _time, events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.screens import key_queue
from pgrepl_tui.screens.jump import JumpScreen
from pgrepl_tui.screens.shell import Shell
from pgrepl_tui.screens.welcome import Start
from pgrepl_tui.session.library import Library
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.topologies import Shelf
from pgrepl_tui.topology import Topology
from tests.screens.fake_app import PATIENCE, text_of, until
from tests.screens.fake_run import GATE, START, FakeRun


def at_once(pilot: Pilot[int], *keys: str) -> None:
    """Press keys with nothing in between, as they come over a slow line."""
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))


async def test_what_is_typed_behind_a_change_of_focus_goes_to_the_new_one() -> None:
    app = PgReplApp(None, make_source=lambda _: FakeRun())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.focused is not None and app.focused.id == "primary-ssh")
        at_once(pilot, *"db1", "tab", *"15/main", "shift+tab", *".org")
        await until(pilot, lambda: app.screen.query_one("#primary-ssh", Input).value == "db1.org")
        later = [entry.value for entry in app.screen.query(Input) if entry.value.startswith("15")]
        assert later == ["15/main"]


async def test_a_letter_behind_the_key_of_a_dialog_is_the_dialogs() -> None:
    run = FakeRun((*START, GATE))
    app = PgReplApp(source=run)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Run Primary?" in text_of(app.screen))
        at_once(pilot, "ctrl+o", "r")
        await until(pilot, lambda: not isinstance(app.screen, JumpScreen) and not app._key_queue._waiting)
        assert run.answers == []


class Stuck(Widget, can_focus=True):
    """A part of the screen that does not come to an end with a key."""

    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Event()

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        await self.free.wait()


class StuckApp(Shell):
    BINDINGS = [Binding("f5", "note", "Note", priority=True)]  # noqa: RUF012 - Textual's way
    noted = False

    def compose(self) -> ComposeResult:
        yield Stuck()

    def action_note(self) -> None:
        self.noted = True


@pytest.mark.parametrize("late", [0.0, 0.2], ids=["in time", "always late"])
async def test_a_key_that_comes_to_no_end_does_not_hold_the_others_for_ever(
    monkeypatch: pytest.MonkeyPatch, late: float
) -> None:
    """Nor where so many seconds pass between any two looks of Textual's at the clock."""
    monkeypatch.setattr(key_queue, "PATIENCE", 0.05)
    app = StuckApp()
    async with app.run_test() as pilot:
        app.query_one(Stuck).focus()
        await until(pilot, lambda: isinstance(app.focused, Stuck))
        if late:
            clock = itertools.count(_time.get_time(), late)
            monkeypatch.setattr(_time, "get_time", lambda: next(clock))
        at_once(pilot, "a", "f5")
        async with asyncio.timeout(PATIENCE):
            while not app.noted:  # the pilot would wait for the part that is stuck
                await asyncio.sleep(0.01)
        app.query_one(Stuck).free.set()


class Leaving(Stuck):
    """A part that hands the focus on, and does not come to an end then."""

    async def on_key(self, event: events.Key) -> None:
        self.app.query_one(Input).focus()
        await super().on_key(event)


class LeavingApp(StuckApp):
    def compose(self) -> ComposeResult:
        yield Leaving()
        yield Input()


async def test_a_key_that_waits_has_its_turn_where_every_mark_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_queue, "PATIENCE", 0.05)
    monkeypatch.setattr(key_queue.KeyQueue, "done", lambda _queue, _mark: None)
    app = LeavingApp()
    async with app.run_test() as pilot:
        app.query_one(Leaving).focus()
        await until(pilot, lambda: isinstance(app.focused, Leaving))
        at_once(pilot, "a", "f5")
        async with asyncio.timeout(PATIENCE):
            while not app.noted:  # the pilot would wait for the part that is stuck
                await asyncio.sleep(0.01)
        app.query_one(Leaving).free.set()


async def test_what_is_typed_behind_the_choice_of_a_new_set_up_goes_into_its_form(tmp_path: Path) -> None:
    """Else a ``d`` behind an ``n`` would begin the demo."""
    begun = []

    async def demo(_: Callable[[str], None]) -> Topology:
        begun.append("demo")
        raise NotImplementedError

    start = Start(Library(tmp_path), Shelf(tmp_path), Replay.open, demo)
    app = PgReplApp(None, lambda _: FakeRun(), start=start)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Every run is recorded" in text_of(app.screen))
        at_once(pilot, "n", *"db1")
        await until(pilot, lambda: not app._key_queue._waiting and bool(app.screen.query("#primary-ssh")))
        await until(pilot, lambda: app.screen.query_one("#primary-ssh", Input).value == "db1")
    assert begun == []


async def test_what_is_typed_behind_the_opening_of_a_dialog_goes_into_it(tmp_path: Path) -> None:
    start = Start(Library(tmp_path), Shelf(tmp_path), Replay.open, None)
    app = PgReplApp(None, lambda _: FakeRun(), start=start)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Every run is recorded" in text_of(app.screen))
        at_once(pilot, "down", "enter", *"/nowhere", "enter")
        await until(pilot, lambda: "✗ /nowhere" in text_of(app.screen))
