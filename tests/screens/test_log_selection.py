"""Selecting and copying in the log: by keys and by dragging, lines whole and not as they are wrapped."""

import pytest
from textual import events
from textual.pilot import Pilot

from pgrepl_tui.screens.widgets import log_selection
from pgrepl_tui.screens.widgets.log_view import LogView
from tests.fake_lines import FakeLines
from tests.screens.fake_log import LogApp, cursor_line, looked, opened_log, shown

LONG = "one two three four five six seven eight nine ten"


async def drag(pilot: Pilot[None], begin: tuple[int, int], end: tuple[int, int]) -> None:
    """Press at one place of the log, move, and let go at another."""
    await pilot.mouse_down(LogView, offset=begin)
    await pilot._post_mouse_events([events.MouseMove], LogView, offset=end, button=1)
    await pilot.mouse_up(LogView, offset=end)
    await pilot.pause()


def marked(app: LogApp) -> str:
    """What is drawn as selected."""
    log = app.log_view
    strips = log.render_lines(log.size.region)
    return "".join(segment.text for strip in strips for segment in strip if segment.style and segment.style.underline)


async def test_y_copies_the_line_of_the_cursor_and_the_last_one_while_it_follows() -> None:
    async with opened_log(FakeLines.numbered(100)) as (app, pilot):
        await pilot.press("y")
        assert app.clipboard == "line 99"
        await pilot.press("up", "up", "y")
        assert app.clipboard == "line 97"
        await pilot.click(LogView, offset=(5, 2))
        assert not app.log_view.following
        await pilot.press("y")
        assert app.clipboard == cursor_line(app) == "line 92"


async def test_the_last_row_can_be_clicked_while_it_follows() -> None:
    async with opened_log(FakeLines.numbered(100)) as (app, pilot):
        await pilot.click(LogView, offset=(5, 9))
        assert cursor_line(app) == "line 99"


@pytest.mark.parametrize(
    "keys",
    [("home", "v", "down", "down"), ("home", "shift+down", "shift+down"), ("home", "down", "down", "v", "pageup")],
)
@pytest.mark.parametrize("key", ["y", "ctrl+c"])
async def test_lines_are_selected_with_keys_and_copied_whole(keys: tuple[str, ...], key: str) -> None:
    async with opened_log(FakeLines([LONG, *(f"line {number}" for number in range(1, 9))]), (30, 10)) as (app, pilot):
        await pilot.press(*keys)
        assert [row[1] for row in shown(app)[:4]] in (["▌", "▌", "▌", "▸"], ["▸", "▌", "▌", "▌"])
        await pilot.press(key)
        assert app.clipboard == f"{LONG}\nline 1\nline 2"


async def test_y_and_escape_and_a_plain_move_end_a_selection() -> None:
    async with opened_log(FakeLines.numbered(50)) as (app, pilot):
        for key in ("y", "escape", "v", "end"):
            await pilot.press("home", "v", "down")
            assert app.log_view.selection is not None
            await pilot.press(key)
            assert app.log_view.selection is None, key
        await pilot.press("home", "down", "y")
        assert app.clipboard == "line 1"


async def test_a_selection_stays_on_its_lines_while_new_ones_come_and_never_follows() -> None:
    index = FakeLines.numbered(30)
    async with opened_log(index) as (app, pilot):
        await pilot.press("v", "up", "down", "down", "down")
        assert not app.log_view.following
        index.texts += ["new"] * 100
        app.log_view.show(index, str)
        await pilot.pause()
        assert "100 new lines" in shown(app)[-1]
        await pilot.press("shift+down", "y")
        assert app.clipboard == "line 29\nnew"


async def test_dragging_within_a_line_takes_its_characters_however_it_is_wrapped() -> None:
    async with opened_log(FakeLines([LONG, "second"]), (26, 10)) as (app, pilot):
        assert shown(app)[:3] == ["  one two three four five", "  six seven eight nine ten", "  second"]
        await drag(pilot, (2 + 14, 0), (2 + 8, 1))
        assert marked(app) == "four five six seven"
        await pilot.press("ctrl+c")
        assert app.clipboard == "four five six seven"
        await drag(pilot, (2 + 2, 1), (2, 1))
        await pilot.press("y")
        assert app.clipboard == "six"


async def test_dragging_over_several_lines_takes_them_whole() -> None:
    async with opened_log(FakeLines([LONG, "second", "third"]), (26, 10)) as (app, pilot):
        await drag(pilot, (8, 1), (4, 2))
        assert marked(app) == f"{LONG}second"
        await pilot.press("y")
        assert app.clipboard == f"{LONG}\nsecond"


async def test_dragging_beyond_the_edge_moves_the_log() -> None:
    async with opened_log(FakeLines.numbered(100)) as (app, pilot):
        await pilot.press("up", "pageup", "pageup")
        top = shown(app)[0][2:]
        await pilot.mouse_down(LogView, offset=(4, 1))
        for _ in range(3):
            app.log_view.post_message(events.MouseMove(app.log_view, 4, -1, 0, 0, 1, False, False, False, 4, -1))
            await pilot.pause()
        await pilot.mouse_up(LogView, offset=(4, 0))
        assert int(shown(app)[0][2:].removeprefix("line ")) <= int(top.removeprefix("line ")) - 3
        assert app.mouse_captured is None
        await pilot.press("y")
        assert app.clipboard.splitlines()[-1] == f"line {int(top.removeprefix('line ')) + 1}"


async def test_a_click_drops_the_selection() -> None:
    async with opened_log(FakeLines.numbered(50)) as (app, pilot):
        await drag(pilot, (4, 1), (4, 3))
        assert app.log_view.selection is not None
        await pilot.click(LogView, offset=(4, 5))
        assert app.log_view.selection is None
        assert app.log_view.cursor == 45


async def test_of_a_filtered_log_what_is_shown_is_copied() -> None:
    async with opened_log(FakeLines.numbered(1000)) as (app, pilot):
        await pilot.press("ampersand", *"77", "enter")
        await looked(app.log_view, pilot)
        await pilot.press("home", "v", "down", "down", "y")
        assert app.clipboard == "line 77\nline 177\nline 277"


async def test_what_is_copied_is_harmless_and_wide_characters_are_counted_in_cells() -> None:
    async with opened_log(FakeLines(["漢字 \x1b]52;c;eA==\x07 \u202eend"])) as (app, pilot):
        await pilot.press("y")
        assert app.clipboard == "漢字 �]52;c;eA==� �end"
        await drag(pilot, (2 + 1, 0), (2 + 2, 0))
        await pilot.press("y")
        assert app.clipboard == "漢字"


async def test_a_selection_that_is_too_long_for_a_clipboard_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_selection, "MOST_LINES", 5)
    async with opened_log(FakeLines.numbered(1_000_000), (100, 20)) as (app, pilot):
        await pilot.press("v", "home", "y")
        assert app.clipboard == "line 0\nline 1\nline 2\nline 3\nline 4"
        assert any("the first of the selected ones" in str(told.message) for told in app._notifications)
