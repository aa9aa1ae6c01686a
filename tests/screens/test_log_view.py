"""The log: follow and pause, the cursor, wrapping, signs, and that only what is seen is decoded."""

from collections.abc import Iterator
from itertools import chain

import pytest
from rich.color_triplet import ColorTriplet
from textual import events
from textual.strip import Strip

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.screens.widgets.log_view import LogView, sign_of
from tests.fake_lines import FakeLines
from tests.screens.fake_log import cursor_line, opened_log, shown
from tests.screens.fake_run import FakeRun


async def test_it_follows_the_end_until_it_is_moved_up_and_counts_what_is_new() -> None:
    index = FakeLines.numbered(100)
    async with opened_log(index) as (app, pilot):
        log = app.log_view
        assert shown(app)[-1] == "  line 99"
        await pilot.press("up")
        assert shown(app)[-2:] == [" ▸line 98", " paused · f follows"]
        index.texts += [f"line {number}" for number in range(100, 242)]
        log.show(index, str)
        await pilot.pause()
        assert shown(app)[0] == "  line 90"
        assert shown(app)[-2:] == [" ▸line 98", " 142 new lines · f follows"]
        await pilot.press("end")
        assert shown(app)[-1] == "  line 241"
        assert log.new_lines == 0


async def test_the_cursor_moves_freely_and_the_window_only_at_its_edges() -> None:
    async with opened_log(FakeLines.numbered(100)) as (app, pilot):
        await pilot.press(*["up"] * 8)
        assert shown(app)[:2] == ["  line 90", " ▸line 91"]
        await pilot.press("up", "up")
        assert shown(app)[0] == " ▸line 89"
        await pilot.press("down")
        assert shown(app)[:2] == ["  line 89", " ▸line 90"]
        await pilot.press("pageup")
        assert cursor_line(app) == "line 82"
        await pilot.press("pagedown", "pagedown")
        assert cursor_line(app) == "line 98"


@pytest.mark.parametrize("keys", [("pageup", "pagedown", "pagedown"), ("up", "down", "down"), ("home", "f")])
async def test_a_move_beyond_the_end_follows_again(keys: tuple[str, ...]) -> None:
    async with opened_log(FakeLines.numbered(30)) as (app, pilot):
        await pilot.press(keys[0])
        assert not app.log_view.following
        await pilot.press(*keys[1:])
        assert app.log_view.following
        assert shown(app)[-1] == "  line 29"


async def test_home_shows_the_first_line_and_the_wheel_moves_the_window_under_the_cursor() -> None:
    async with opened_log(FakeLines.numbered(20)) as (app, pilot):
        await pilot.press("home")
        assert shown(app)[0] == " ▸line 0"
        wheel = events.MouseScrollDown
        await pilot._post_mouse_events([wheel], LogView)
        assert shown(app)[0] == " ▸line 3"
        for _ in range(2):
            await pilot._post_mouse_events([wheel], LogView)
        assert not app.log_view.following
        await pilot._post_mouse_events([wheel], LogView)
        assert app.log_view.following
        await pilot._post_mouse_events([events.MouseScrollUp], LogView)
        assert shown(app)[:1] == ["  line 7"]
        assert shown(app)[-2:] == [" ▸line 15", " paused · f follows"]


async def test_only_the_lines_on_screen_are_decoded_however_many_there_are() -> None:
    index = FakeLines.numbered(1_000_000)
    async with opened_log(index) as (app, pilot):
        assert shown(app)[-1] == "  line 999999"
        await pilot.press("pageup", "home", "pagedown")
        assert index.decoded < 3000


async def test_a_long_line_is_wrapped_and_can_be_cut_instead() -> None:
    async with opened_log(FakeLines(["aaaa bbbb cccc dddd eeee"]), (20, 6)) as (app, pilot):
        assert shown(app)[:2] == ["  aaaa bbbb cccc", "  dddd eeee"]
        await pilot.press("w")
        assert shown(app)[:2] == ["  aaaa bbbb cccc ddd", ""]
        await pilot.press("shift+right")
        assert shown(app)[:2] == ["  eeee", ""]
        await pilot.press("w")
        assert shown(app)[:2] == ["  aaaa bbbb cccc", "  dddd eeee"]


async def test_a_row_begins_with_a_word_and_no_character_is_lost() -> None:
    text = "2026-11-23 UTC [1] LOG:  entering standby mode,   and more"
    async with opened_log(FakeLines([text]), (25, 8)) as (app, pilot):
        rows = shown(app)[:3]
        assert rows == ["  2026-11-23 UTC [1] LOG:", "  entering standby mode,", "  and more"]
        await pilot.press("v", "y")
        assert app.clipboard == text


async def test_all_of_a_line_that_is_longer_than_the_screen_can_be_read() -> None:
    long = "".join(f"<{number:03}>" for number in range(100))
    async with opened_log(FakeLines(["first", long, "last"]), (22, 6)) as (app, pilot):
        assert shown(app)[-1] == "  last"
        await pilot.press("home", "down")
        seen = "".join(shown(app))
        for _ in range(10):
            await pilot.press("down")
            seen += "".join(shown(app))
        assert all(f"<{number:03}>" in seen for number in range(100))
        assert cursor_line(app) == "last" or app.log_view.following
        await pilot.press("home", "end", "up")
        assert "<099>" in "".join(shown(app))


async def test_a_line_longer_than_the_screen_is_followed_at_its_end() -> None:
    async with opened_log(FakeLines(["x" * 95 + "end"]), (12, 4)) as (app, _):
        assert shown(app)[-1] == "  xxxxxend"


async def test_a_smaller_screen_keeps_the_line_of_the_cursor() -> None:
    async with opened_log(FakeLines.numbered(100), (60, 20)) as (app, pilot):
        await pilot.press("up", "up")
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert cursor_line(app) == "line 97"


async def test_lines_that_mark_a_milestone_are_ticked_off() -> None:
    texts = ["x LOG:  starting", "x LOG:  redo", "x FATAL:  gone"]
    async with opened_log(FakeLines(texts)) as (app, pilot):
        app.log_view.tick(["x LOG:  redo\n"])
        await pilot.pause()
        assert shown(app)[:3] == ["  x LOG:  starting", "✓ x LOG:  redo", "✗ x FATAL:  gone"]


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


async def test_without_colours_and_in_ascii_the_signs_still_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    texts = ["x LOG:  redo starts", "x WARNING:  odd", "x FATAL:  日本"]
    app = PgReplApp(source=FakeRun(), ascii_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        log = LogView()
        await app.screen.mount(log)
        log.show(FakeLines(texts), str)
        log.tick([texts[0]])
        log.focus()
        await pilot.press("v")
        strips = [strip for strip in log.render_lines(log.size.region) if strip.text.strip()]
        assert [strip.text.rstrip() for strip in strips[:3]] == [f"+ {texts[0]}", f"! {texts[1]}", "x>x FATAL:  ????"]
        assert all(strip.text.isascii() for strip in strips)
        grey = {(color.red, color.green, color.blue) for color in colours(strips)}
        assert grey
        assert all(red == green == blue for red, green, blue in grey)


def colours(strips: list[Strip]) -> Iterator[ColorTriplet]:
    for segment in chain.from_iterable(strips):
        for color in (segment.style.color, segment.style.bgcolor) if segment.style is not None else ():
            if color is not None and color.triplet is not None:
                yield color.triplet
