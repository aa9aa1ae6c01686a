"""Every key of every screen has a name by which it can be changed, stands in the help, and in the command palette."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.screen import Screen

import pgrepl_tui.screens
from pgrepl_tui.app import PgReplApp
from pgrepl_tui.screens import keys, part_keys
from pgrepl_tui.screens.command_log import CommandLogScreen
from pgrepl_tui.screens.confirm import ConfirmScreen
from pgrepl_tui.screens.go_to import GoToScreen
from pgrepl_tui.screens.host_key import HostKeyScreen
from pgrepl_tui.screens.keeping import TakenScreen
from pgrepl_tui.screens.key_file import checked
from pgrepl_tui.screens.leave import LeaveScreen
from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.open_topology import OpenScreen
from pgrepl_tui.screens.preparing import PreparingScreen
from pgrepl_tui.screens.secret import SecretScreen
from pgrepl_tui.screens.welcome import Start
from pgrepl_tui.screens.widgets.log_commands import LogCommands
from pgrepl_tui.screens.widgets.log_view import LogView
from pgrepl_tui.session.library import Library
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.topologies import Shelf, TakenError
from pgrepl_tui.topology import Node, Topology
from tests.screens.fake_app import text_of, until
from tests.screens.fake_run import CONFIRM, GATE, START, FakeRun, lines

RUNS = Path(__file__).parents[1] / "data" / "runs"
SIZE = (120, 60)
ONLY_WITH_SOMETHING = {"log.clear", "open.list"}
"""They work while there is something to drop, or a list to go to, and stand in the help then."""


def classes() -> Iterator[type[DOMNode]]:
    """Every screen and widget of the program."""
    for module in pkgutil.walk_packages(pgrepl_tui.screens.__path__, "pgrepl_tui.screens."):
        loaded = importlib.import_module(module.name)
        for _, found in inspect.getmembers(loaded, inspect.isclass):
            if issubclass(found, DOMNode) and found.__module__ == module.name:
                yield found


def test_every_key_of_every_class_has_an_id_that_can_be_changed_and_words() -> None:
    seen = 0
    for found in classes():
        for binding in found.__dict__.get("BINDINGS", ()):
            assert isinstance(binding, Binding), found
            assert binding.id in keys.known(), f"{found.__name__}: {binding}"
            assert binding.description, f"{found.__name__}: {binding}"
            seen += 1
    assert seen > 50


def test_every_id_takes_another_key() -> None:
    for name in keys.known():
        own = checked({name: "f12"}, Path("keys.yaml"))
        assert own.problems == ()
        assert own.keys == {name: "f12"}


def test_a_key_that_is_taken_in_the_same_dialog_or_list_is_told() -> None:
    taken = checked({"confirm.yes": "n", "list.up": "q", "welcome.new": "enter"}, Path("keys.yaml"))
    assert len(taken.problems) == 3
    assert taken.keys == {}


def in_the_palette(app: PgReplApp) -> set[str]:
    """The words of the palette's entries on the screen that is open."""
    words = {command.title for command in app.get_system_commands(app.screen)}
    logs = (log for log in LogCommands(app.screen)._known()) if app.screen.query(LogView) else ()
    return words | {title.removeprefix("Log: ") for title, _, _ in logs}


async def in_the_help(app: PgReplApp, pilot: Pilot[int]) -> str:
    """The text of the help, all of it."""
    app.action_keys()
    await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
    text = app.screen._text.plain  # type: ignore[attr-defined] # of a dialog
    await pilot.press("escape")
    await until(pilot, lambda: not isinstance(app.screen, NoticeScreen))
    return str(text)


async def assert_all_there(app: PgReplApp, pilot: Pilot[int], *tables: list[Binding]) -> None:
    """Each of the keys stands in the palette and in the help."""
    palette, shown = in_the_palette(app), await in_the_help(app, pilot)
    for binding in (key for table in tables for key in table):
        assert binding.description in palette, binding
        assert binding.id in ONLY_WITH_SOMETHING or binding.description in shown, f"{binding}\n{shown}"


async def test_on_a_stage_of_a_live_run() -> None:
    app = PgReplApp(source=FakeRun((*START, *lines("role", 0, 40), GATE)))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "line 39" in text_of(app.screen))
        shown = [key for key in keys.LIVE if key.show]
        await assert_all_there(app, pilot, shown, keys.COMMON[:3], keys.STAGES, part_keys.LIST, keys.LOG)
        for key in (*keys.LIVE, *keys.COMMON):
            assert key.description in in_the_palette(app)
        app.screen.query_one(LogView).focus()
        await pilot.pause()
        await assert_all_there(app, pilot, keys.LOG)
        app.screen.query_one("#detail").focus()
        await pilot.pause()
        await assert_all_there(app, pilot, part_keys.READER)


async def test_in_a_replay() -> None:
    app = PgReplApp(source=Replay.open(RUNS / "setup.jsonl", playing=False))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "REPLAY" in text_of(app.screen))
        await assert_all_there(app, pilot, keys.REPLAY, keys.STAGES)
        app.action_command_log()
        await until(pilot, lambda: isinstance(app.screen, CommandLogScreen))
        await assert_all_there(app, pilot, keys.COMMAND_LOG)


async def test_on_the_start_screen(tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_bytes((RUNS / "setup.jsonl").read_bytes())
    start = Start(Library(tmp_path), Shelf(tmp_path / "topologies"), Replay.open)
    app = PgReplApp(start=start)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "11 changes" in text_of(app.screen))
        await assert_all_there(app, pilot, part_keys.WELCOME, part_keys.MENU, part_keys.LIST, keys.EVERYWHERE[2:])
        app.screen.query_one("#recordings").focus()
        await pilot.pause()
        await assert_all_there(app, pilot, part_keys.WELCOME, part_keys.RECORDINGS, part_keys.LIST)


def dialogs() -> dict[str, tuple[Screen[Any], list[Binding]]]:
    """A dialog of each kind, and its keys."""
    return {
        "confirm": (ConfirmScreen("Sure?"), [*part_keys.CONFIRM, *part_keys.DIALOG]),
        "typed": (HostKeyScreen("SHA256:abc"), part_keys.TYPED_WORD),
        "taken": (TakenScreen(TakenError(Path("a"), Path("b"))), [*part_keys.TAKEN, *part_keys.DIALOG]),
        "secret": (SecretScreen("The password?"), part_keys.SECRET),
        "leave": (LeaveScreen(), [*part_keys.LEAVE, *part_keys.DIALOG]),
        "preparing": (PreparingScreen("Starting", lambda: None), [*part_keys.PREPARING, *part_keys.DIALOG]),
        "go-to": (GoToScreen(Replay.open(RUNS / "setup.jsonl")), part_keys.GO_TO),
        "open": (OpenScreen([], lambda _: Topology("", Node(""), ())), part_keys.OPEN),
    }


@pytest.mark.parametrize("name", list(dialogs()))
async def test_in_a_dialog_which_keeps_the_apps_actions_out(name: str) -> None:
    app = PgReplApp(source=FakeRun((*START, GATE)))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "Run Primary?" in text_of(app.screen))
        dialog, table = dialogs()[name]
        app.push_screen(dialog)
        await until(pilot, lambda: app.screen is dialog and app.focused is not None)
        await assert_all_there(app, pilot, table)
        assert "One step" not in in_the_palette(app)


async def test_a_changed_key_answers_a_dialog_and_the_usual_one_does_not() -> None:
    run = FakeRun((*START, CONFIRM))
    app = PgReplApp(source=run, own_keys=checked({"confirm.yes": "f9"}, Path("keys.yaml")))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        assert run.answers == []
        await pilot.press("f9")
        await until(pilot, lambda: run.answers == [(2, "yes")])
