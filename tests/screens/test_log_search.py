"""The log's search, filter and copy, by keys, and that no key waits for them."""

import asyncio

from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from pgrepl_tui.screens.widgets.log_index import Read
from pgrepl_tui.screens.widgets.log_prompt import LogPrompt
from pgrepl_tui.screens.widgets.log_view import LogView
from pgrepl_tui.session.span import RecordingError
from tests.screens.fake_app import text_of
from tests.screens.test_log_view import Lines


class LogApp(App[None]):
    CSS = "LogView > .log--found { text-style: reverse; }"

    def compose(self) -> ComposeResult:
        yield LogView()


def shown(app: App[None]) -> list[str]:
    return [line.rstrip() for line in text_of(app.query_one(LogView)).splitlines()]


def numbered(count: int, special: dict[int, str] | None = None) -> Lines:
    index = Lines(count)
    for number, text in (special or {}).items():
        index.texts[number] = text
    return index


async def opened(app: App[None], pilot: Pilot[None], index: Lines) -> LogView:
    log = app.query_one(LogView)
    log.show(index, str)
    log.focus()
    await pilot.pause()
    return log


async def looked(log: LogView, pilot: Pilot[None]) -> None:
    async with asyncio.timeout(20):
        while log.looking:
            await asyncio.sleep(0.005)
    await pilot.pause()


async def test_a_search_goes_to_the_match_as_it_is_typed_and_n_goes_on() -> None:
    app = LogApp()
    async with app.run_test(size=(60, 10)) as pilot:
        log = await opened(app, pilot, numbered(1000, {100: "redo starts", 500: "redo goes on", 900: "redo done"}))
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
    app = LogApp()
    async with app.run_test(size=(60, 10)) as pilot:
        log = await opened(app, pilot, numbered(100, {40: "wny"}))
        for key in ("slash", "w", "n", "y", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        async with asyncio.timeout(5):
            while " ▸wny" not in shown(app) or log.query_one(LogPrompt).is_open:
                await pilot.pause()
        await looked(log, pilot)
        assert " ▸wny" in shown(app)
        assert not log.query_one(LogPrompt).is_open
        assert log.wrapped
        assert app.clipboard == ""


async def test_escape_in_the_line_goes_back_to_where_the_operator_was() -> None:
    app = LogApp()
    async with app.run_test(size=(60, 10)) as pilot:
        log = await opened(app, pilot, numbered(1000, {100: "redo starts"}))
        await pilot.press("slash", "r", "e", "d", "o")
        await looked(log, pilot)
        assert not log.following
        await pilot.press("escape")
        assert log.following
        assert shown(app)[-1] == "  line 999"
        assert log.has_focus


async def test_what_is_found_is_highlighted_and_a_text_that_is_nowhere_is_said() -> None:
    app = LogApp()
    async with app.run_test(size=(60, 10)) as pilot:
        log = await opened(app, pilot, numbered(20))
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
    app = LogApp()
    async with app.run_test(size=(60, 10)) as pilot:
        log = await opened(app, pilot, numbered(1000))
        await pilot.press("ampersand", *"7", "7", "enter")
        await looked(log, pilot)
        assert [line.strip() for line in shown(app)[-4:-1]] == ["line 779", "line 877", "line 977"]
        assert shown(app)[-1] == " only “77” · 19 lines"
        await pilot.press("home")
        assert shown(app)[0] == "  line 77"
        await pilot.press("down")
        assert shown(app)[0] == "  line 177"
        await pilot.press("up")
        assert shown(app)[0] == "  line 77"
        await pilot.press("escape")
        assert shown(app)[:2] == ["  line 77", "  line 78"]


async def test_a_filter_with_nothing_typed_shows_warnings_and_worse_and_new_ones_as_they_come() -> None:
    app = LogApp()
    async with app.run_test(size=(60, 10)) as pilot:
        index = numbered(2000, {5: "x FATAL:  gone", 6: "x LOG:  no error", 1500: "x WARNING:  odd"})
        log = await opened(app, pilot, index)
        await pilot.press("ampersand", "enter")
        await looked(log, pilot)
        assert shown(app)[:2] == ["✗ x FATAL:  gone", "! x WARNING:  odd"]
        assert shown(app)[-1] == " only WARNING and worse · 2 lines"
        index.texts += ["line"] * 600 + ["x ERROR:  new", "line"]
        log.show(index, str)
        await looked(log, pilot)
        assert shown(app)[2] == "✗ x ERROR:  new"


async def test_a_search_within_a_filter_finds_only_what_is_shown() -> None:
    app = LogApp()
    async with app.run_test(size=(60, 10)) as pilot:
        log = await opened(app, pilot, numbered(1000))
        await pilot.press("ampersand", *"77", "enter", "home", "slash", *"line 1", "enter")
        await looked(log, pilot)
        assert " ▸line 177" in shown(app)
        assert shown(app)[-1].endswith("/line 1 · 1 of 1 match")


async def test_y_copies_the_match_or_the_line_that_was_clicked_or_the_last_one() -> None:
    app = LogApp()
    async with app.run_test(size=(60, 10)) as pilot:
        log = await opened(app, pilot, numbered(100))
        await pilot.press("y")
        assert app.clipboard == "line 99"
        await pilot.click(LogView, offset=(5, 2))
        await pilot.press("y")
        assert app.clipboard == "line 92"
        await pilot.press("slash", *"line 42", "enter")
        await looked(log, pilot)
        await pilot.press("y")
        assert app.clipboard == "line 42"


async def test_the_keys_answer_while_a_million_lines_are_looked_at() -> None:
    app = LogApp()
    async with app.run_test(size=(60, 10)) as pilot:
        log = await opened(app, pilot, Lines(2_000_000))
        await pilot.press("home")
        log._look_for("/", "nowhere")
        for _ in range(20):
            await until_moved(app, log)
        assert log.looking
        assert "% looked at" in log._status()
        log.action_clear()
        await looked(log, pilot)
        assert log._status() == ""


async def until_moved(app: App[None], log: LogView) -> None:
    """Press a key, and wait for its effect."""
    top = log._top
    app.post_message(events.Key("down", None))
    async with asyncio.timeout(60):
        while log._top == top:
            await asyncio.sleep(0)


async def test_a_recording_that_cannot_be_read_is_said_and_does_not_end_the_program() -> None:
    class Gone(Lines):
        def lines(self, first: int, count: int, read: Read) -> list[str]:
            raise RecordingError(f"/r.jsonl: byte {first} of {count} cannot be read by {read}")

    app = LogApp()
    async with app.run_test(size=(60, 10)) as pilot:
        log = app.query_one(LogView)
        log.show(Gone(10), str)
        log.focus()
        await pilot.press("up", "slash", "x", "enter", "y")
        assert "cannot be read" in shown(app)[0]
        assert app.is_running
