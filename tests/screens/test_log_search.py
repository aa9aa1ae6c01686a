"""The log's search, filter and copy, by keys, and that no key waits for them."""

import asyncio

from textual import events
from textual.widgets import Input

from pgrepl_tui.screens.widgets.log_index import Read
from pgrepl_tui.screens.widgets.log_prompt import LogPrompt
from pgrepl_tui.session.span import RecordingError
from tests.fake_lines import FakeLines
from tests.screens.fake_app import PATIENCE
from tests.screens.fake_log import LogApp, cursor_line, looked, opened_log, shown


async def test_a_search_goes_to_the_match_as_it_is_typed_and_n_goes_on() -> None:
    index = FakeLines.numbered(1000, {100: "redo starts", 500: "redo goes on", 900: "redo done"})
    async with opened_log(index) as (app, pilot):
        log = app.log_view
        await pilot.press("home", "slash", "r", "e", "d")
        await looked(log, pilot)
        assert " ▸redo starts" in shown(app)
        assert shown(app)[-2] == " /red · 1 of 3 matches"
        await pilot.press("o", "enter")
        await looked(log, pilot)
        assert not log.query_one(LogPrompt).is_open
        await pilot.press("n")
        assert " ▸redo goes on" in shown(app)
        assert shown(app)[-1] == " /redo · 2 of 3 matches"
        await pilot.press("n", "n")
        assert " ▸redo starts" in shown(app)
        await pilot.press("N")
        assert " ▸redo done" in shown(app)
        assert shown(app)[-1] == " /redo · 3 of 3 matches"
        await pilot.press("escape")
        assert shown(app)[-1] != " /redo · 3 of 3 matches"


async def test_keys_that_come_in_one_burst_are_typed_and_not_obeyed() -> None:
    async with opened_log(FakeLines.numbered(100, {40: "wny"})) as (app, pilot):
        log = app.log_view
        for key in ("slash", "w", "n", "y", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        async with asyncio.timeout(PATIENCE):
            while " ▸wny" not in shown(app) or log.query_one(LogPrompt).is_open:
                await pilot.pause()
        await looked(log, pilot)
        assert " ▸wny" in shown(app)
        assert not log.query_one(LogPrompt).is_open
        assert log.wrapped
        assert app.clipboard == ""


async def test_keys_right_behind_the_end_of_the_line_are_obeyed_and_not_typed() -> None:
    async with opened_log(FakeLines.numbered(100, {40: "redo", 60: "redo on"})) as (app, pilot):
        for key in ("slash", "r", "e", "d", "o", "enter", "n", "y"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        async with asyncio.timeout(PATIENCE):
            while app.clipboard == "":
                await pilot.pause()
        assert app.clipboard in {"redo", "redo on"}
        assert app.log_view.query_one(Input).value == "redo"


async def test_escape_in_the_line_goes_back_to_where_the_operator_was() -> None:
    async with opened_log(FakeLines.numbered(1000, {100: "redo starts"})) as (app, pilot):
        log = app.log_view
        await pilot.press("slash", "r", "e", "d", "o")
        await looked(log, pilot)
        assert not log.following
        await pilot.press("escape")
        assert log.following
        assert shown(app)[-1] == "  line 999"
        assert log.has_focus


async def test_what_is_found_is_highlighted_and_a_text_that_is_nowhere_is_said() -> None:
    async with opened_log(FakeLines.numbered(20)) as (app, pilot):
        log = app.log_view
        await pilot.press("slash", *"line 19", "enter")
        await looked(log, pilot)
        strips = log.render_lines(log.size.region)
        reverse = [segment.text for strip in strips for segment in strip if segment.style and segment.style.reverse]
        assert reverse == ["line 19"]
        await pilot.press("slash", *"zzz", "enter")
        await looked(log, pilot)
        assert shown(app)[-1] == " /zzz · 0 matches"
        await pilot.press("n")
        assert app.is_running


async def test_the_filter_shows_only_lines_with_a_text_and_escape_shows_all_again() -> None:
    async with opened_log(FakeLines.numbered(1000)) as (app, pilot):
        log = app.log_view
        await pilot.press("ampersand", *"7", "7", "enter")
        await looked(log, pilot)
        assert [line.strip() for line in shown(app)[-4:-1]] == ["line 779", "line 877", "line 977"]
        assert shown(app)[-1] == " only “77” · 19 lines"
        await pilot.press("home")
        assert shown(app)[:2] == [" ▸line 77", "  line 177"]
        await pilot.press("down")
        assert shown(app)[:2] == ["  line 77", " ▸line 177"]
        await pilot.press("up", "escape")
        assert shown(app)[:2] == [" ▸line 77", "  line 78"]


async def test_a_filter_with_nothing_typed_shows_warnings_and_worse_and_new_ones_as_they_come() -> None:
    index = FakeLines.numbered(2000, {5: "x FATAL:  gone", 6: "x LOG:  no error", 1500: "x WARNING:  odd"})
    async with opened_log(index) as (app, pilot):
        log = app.log_view
        await pilot.press("ampersand", "enter")
        await looked(log, pilot)
        assert shown(app)[:2] == ["✗ x FATAL:  gone", "! x WARNING:  odd"]
        assert shown(app)[-1] == " only WARNING and worse · 2 lines"
        index.texts += ["line"] * 600 + ["x ERROR:  new", "line"]
        log.show(index, str)
        await looked(log, pilot)
        assert shown(app)[2] == "✗ x ERROR:  new"


async def test_a_search_within_a_filter_finds_only_what_is_shown() -> None:
    async with opened_log(FakeLines.numbered(1000)) as (app, pilot):
        log = app.log_view
        await pilot.press("ampersand", *"77", "enter", "home", "slash", *"line 1", "enter")
        await looked(log, pilot)
        assert " ▸line 177" in shown(app)
        assert shown(app)[-1].endswith("/line 1 · 1 of 1 match")


async def test_n_and_y_go_from_the_line_of_the_cursor() -> None:
    index = FakeLines.numbered(100, {number: f"redo {number}" for number in range(0, 100, 10)})
    async with opened_log(index) as (app, pilot):
        await pilot.press("home", "slash", *"redo", "enter")
        await looked(app.log_view, pilot)
        await pilot.press(*["down"] * 35, "n", "y")
        assert app.clipboard == cursor_line(app) == "redo 40"
        await pilot.press("up", "up", "N")
        assert cursor_line(app) == "redo 30"
        assert shown(app)[-1] == " /redo · 4 of 10 matches"


async def test_what_came_since_is_told_beside_a_search() -> None:
    index = FakeLines.numbered(100)
    async with opened_log(index) as (app, pilot):
        await pilot.press("slash", *"line 42", "enter")
        await looked(app.log_view, pilot)
        index.texts += ["new"] * 3
        app.log_view.show(index, str)
        await looked(app.log_view, pilot)
        assert shown(app)[-1] == " 3 new lines · /line 42 · 1 of 1 match"


async def test_the_keys_answer_while_a_million_lines_are_looked_at() -> None:
    async with opened_log(FakeLines.numbered(2_000_000)) as (app, pilot):
        log = app.log_view
        await pilot.press("home")
        log._look_for("/", "nowhere")
        for _ in range(20):
            await until_moved(app)
        assert log.looking
        assert "% looked at" in log._status()
        log.action_clear()
        await looked(log, pilot)
        assert log._status() == "paused · f follows"


async def until_moved(app: LogApp) -> None:
    """Press a key, and wait for its effect."""
    cursor = app.log_view.cursor
    app.post_message(events.Key("down", None))
    async with asyncio.timeout(PATIENCE):
        while app.log_view.cursor == cursor:
            await asyncio.sleep(0)


async def test_a_recording_that_cannot_be_read_is_said_and_does_not_end_the_program() -> None:
    class Gone(FakeLines):
        def lines(self, first: int, count: int, read: Read) -> list[str]:
            raise RecordingError(f"/r.jsonl: byte {first} of {count} cannot be read by {read}")

    async with opened_log(Gone(["line"] * 10)) as (app, pilot):
        await pilot.press("up", "slash", "x", "enter", "y", "v", "up", "y")
        assert "cannot be read" in shown(app)[0]
        assert app.is_running
