"""The keys of the log stand in help, palette and below the log, and a file of the operator's can change them."""

from pathlib import Path

import pytest
from textual.command import CommandPalette

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.screens import keys
from pgrepl_tui.screens.key_file import checked
from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.widgets.log_commands import LogCommands
from pgrepl_tui.screens.widgets.log_prompt import LogPrompt
from pgrepl_tui.screens.widgets.log_view import LogView
from tests.screens.fake_app import opened, text_of, until
from tests.screens.fake_run import GATE, START, FakeRun, lines

FILE = Path("/config/keys.yaml")


def run() -> FakeRun:
    return FakeRun((*START, *lines("role", 0, 40), GATE))


def last_row(log: LogView) -> str:
    return text_of(log).splitlines()[-1].strip()


async def test_the_keys_stand_below_the_log_while_it_has_the_focus() -> None:
    async with opened(run()) as (app, pilot):
        await until(pilot, lambda: "line 39" in text_of(app.screen))
        assert "/ search" not in text_of(app.screen)
        app.screen.query_one(LogView).focus()
        await until(pilot, lambda: "/ search · & filter · v select · y copy · w wrap" in text_of(app.screen))
        await pilot.press("shift+tab")
        await until(pilot, lambda: "/ search" not in text_of(app.screen))


async def test_a_narrow_log_tells_as_many_keys_as_there_is_room_for() -> None:
    async with opened(run(), (64, 24)) as (app, pilot):
        await until(pilot, lambda: "line 39" in text_of(app.screen))
        app.screen.query_one(LogView).focus()
        await until(pilot, lambda: "/ search" in text_of(app.screen))
        assert "w wrap" not in text_of(app.screen)


async def test_f_is_the_logs_while_it_is_paused_and_follows_the_run_and_the_log_otherwise() -> None:
    async with opened(run()) as (app, pilot):
        await until(pilot, lambda: "line 39" in text_of(app.screen))
        log = app.screen.query_one(LogView)
        log.focus()
        await pilot.press("up", "up")
        assert last_row(log) == "paused · f follows"
        app.following = False
        await pilot.press("f")
        assert log.following
        assert not app.following
        await pilot.press("f")
        assert app.following
        await pilot.press("up", "shift+tab", "f")
        await until(pilot, lambda: log.following)


async def test_the_help_has_every_key_of_the_log() -> None:
    async with opened(run()) as (app, pilot):
        await until(pilot, lambda: "line 39" in text_of(app.screen))
        app.screen.query_one(LogView).focus()
        await pilot.press("up", "v", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        told = str(app.screen.query_one("#dialog-text").render())
        assert [key.description for key in keys.LOG if key.description not in told] == []


async def test_the_palette_has_every_key_of_the_log_that_is_seen() -> None:
    async with opened(run()) as (app, pilot):
        await until(pilot, lambda: "line 39" in text_of(app.screen))
        provider = LogCommands(app.screen)
        hits = [hit async for hit in provider.discover()]
        assert len(hits) == len(keys.LOG)
        await pilot.press("ctrl+p", *"wrap long")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette) and "Log: Wrap long" in text_of(app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: not app.screen.query_one(LogView).wrapped)


async def test_the_palette_has_none_where_no_log_is_seen() -> None:
    async with opened(FakeRun((*START, GATE))) as (app, pilot):
        await until(pilot, lambda: "Run Primary?" in text_of(app.screen))
        assert [hit async for hit in LogCommands(app.screen).search("wrap")] == []


async def test_keys_of_the_operators_own_work_in_the_log_and_are_told() -> None:
    own = checked({"log.search": "s", "log.follow": "f7", "log.copy": "ctrl+y"}, FILE)
    assert own.problems == ()
    app = PgReplApp(source=run(), own_keys=own)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: "line 39" in text_of(app.screen))
        log = app.screen.query_one(LogView)
        log.focus()
        await until(pilot, lambda: "s search" in text_of(app.screen) and "^y copy" in text_of(app.screen))
        await pilot.press("up")
        assert last_row(log) == "paused · f7 follows"
        await pilot.press("slash")
        assert not log.query_one(LogPrompt).is_open
        await pilot.press("s", *"line 7", "enter", "ctrl+y")
        assert app.clipboard == "line 7"
        await pilot.press("f7")
        assert log.following


@pytest.mark.parametrize(("name", "key"), [("log.wrap", "n"), ("commands.copy", "c")])
def test_two_keys_of_one_list_do_not_share_a_key(name: str, key: str) -> None:
    (problem,) = checked({name: key}, FILE).problems
    assert "is already the key of" in problem


def test_a_key_of_the_log_may_be_one_of_the_app() -> None:
    assert checked({"log.wrap": "d"}, FILE).problems == ()
