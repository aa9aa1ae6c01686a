"""The log: follow and pause, wrapping, signs, and that only what is seen is decoded."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual.app import App, ComposeResult

from pgrepl_tui.screens.widgets.log_view import LogView, sign_of
from tests.screens.fake_app import text_of


class Lines:
    """An index over lines in memory that counts what is decoded."""

    def __init__(self, count: int, text: str = "line {}") -> None:
        self.texts = [text.format(number) for number in range(count)]
        self.decoded = 0

    @property
    def total_lines(self) -> int:
        return len(self.texts)

    def lines(self, first: int, count: int, read: Callable[[Any], str]) -> Sequence[str]:  # noqa: ARG002 - as the real one
        self.decoded += count
        return self.texts[first : first + count]


class LogApp(App[None]):
    def compose(self) -> ComposeResult:
        yield LogView()


def shown(app: App[None]) -> list[str]:
    return [line.rstrip() for line in text_of(app.query_one(LogView)).splitlines()]


async def test_it_follows_the_end_until_it_is_moved_up_and_counts_what_is_new() -> None:
    app = LogApp()
    async with app.run_test(size=(40, 10)) as pilot:
        log, index = app.query_one(LogView), Lines(100)
        log.show(index, str)
        log.focus()
        await pilot.pause()
        assert shown(app)[-1] == "  line 99"
        await pilot.press("up")
        assert shown(app)[-1] == "  line 98"
        index.texts += ["line 100", "line 101"]
        log.show(index, str)
        await pilot.pause()
        assert shown(app)[0] == "  line 89"
        assert shown(app)[-1] == " 2 new lines · end follows"
        await pilot.press("end")
        assert shown(app)[-1] == "  line 101"
        assert log.new_lines == 0


async def test_coming_back_to_the_end_follows_again() -> None:
    app = LogApp()
    async with app.run_test(size=(40, 10)) as pilot:
        log, index = app.query_one(LogView), Lines(30)
        log.show(index, str)
        log.focus()
        await pilot.press("pageup")
        assert not log.following
        await pilot.press("pagedown", "pagedown")
        assert log.following
        assert shown(app)[-1] == "  line 29"


async def test_home_shows_the_first_line_and_the_wheel_moves() -> None:
    app = LogApp()
    async with app.run_test(size=(40, 10)) as pilot:
        log = app.query_one(LogView)
        log.show(Lines(50), str)
        log.focus()
        await pilot.press("home")
        assert shown(app)[0] == "  line 0"
        await pilot._post_mouse_events([__import__("textual").events.MouseScrollDown], log)
        assert shown(app)[0] == "  line 3"


async def test_only_the_lines_on_screen_are_decoded_however_many_there_are() -> None:
    app = LogApp()
    async with app.run_test(size=(40, 10)) as pilot:
        index = Lines(1_000_000)
        app.query_one(LogView).show(index, str)
        await pilot.pause()
        assert shown(app)[-1] == "  line 999999"
        assert index.decoded < 200


async def test_a_long_line_is_wrapped_and_can_be_cut_instead() -> None:
    app = LogApp()
    async with app.run_test(size=(20, 6)) as pilot:
        log = app.query_one(LogView)
        log.show(Lines(1, "aaaa bbbb cccc dddd eeee"), str)
        log.focus()
        await pilot.pause()
        assert shown(app)[:2] == ["  aaaa bbbb cccc", "  dddd eeee"]
        await pilot.press("w")
        assert shown(app)[:2] == ["  aaaa bbbb cccc ddd", ""]


async def test_a_line_longer_than_the_screen_is_followed_at_its_end() -> None:
    app = LogApp()
    async with app.run_test(size=(12, 4)) as pilot:
        log = app.query_one(LogView)
        log.show(Lines(1, "x" * 95 + "end"), str)
        await pilot.pause()
        assert shown(app)[-1] == "  xxxxxend"


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        ("2026-11-23 03:00:39.226 UTC [2] LOG:  entering standby mode", " "),
        ("2026-11-23 03:00:39.226 UTC [2] FATAL:  the database system is starting up", "✗"),
        ("2026-11-23 03:00:39.226 UTC [2] WARNING:  page is not zeroed", "!"),
        ("pg_basebackup: error: connection to server failed", "✗"),
        ("a sentence about errors", " "),
    ],
)
def test_the_sign_says_the_severity_without_colour(line: str, sign: str) -> None:
    assert sign_of(line) == sign
