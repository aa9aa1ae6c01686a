"""The dialog for a time: it goes there, or says what is wrong and keeps what was typed."""

from pathlib import Path

import pytest
from textual.widgets import Input

from pgrepl_tui.screens.go_to import GoToScreen
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.screens.widgets.log_view import LogView
from tests.screens.fake_app import opened, text_of, until
from tests.screens.replayed import replay, write


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    return write(tmp_path / "run.jsonl")


@pytest.mark.parametrize(
    ("typed", "position"),
    [("20", 20.0), ("0:25", 25.0), ("00:00:25", 25.0), ("0m25s", 25.0), ("50%", 30.0), ("+10", 24.0), ("-10", 4.0),
     ("+99", 60.0), ("-99", 0.0), ("60", 60.0)],
)  # fmt: skip
async def test_a_time_is_gone_to(recorded: Path, typed: str, position: float) -> None:
    source = replay(recorded, at=14.0)
    async with opened(source) as (app, pilot):
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, GoToScreen))
        assert "Now at 00:00:14 of 00:01:00." in text_of(app.screen)
        await pilot.press(*typed, "enter")
        await until(pilot, lambda: isinstance(app.screen, StageScreen))
        assert source.position == position


@pytest.mark.parametrize("size", [(80, 24), (50, 20)], ids=str)
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1:75", "behind a colon"),
        ("", "A time is missing"),
        ("2m", "ends at 00:01:00"),
        ("x[/b]", "“x[/b]” is no time"),
    ],
)
async def test_a_mistake_is_told_and_loses_nothing(
    recorded: Path, typed: str, words: str, size: tuple[int, int]
) -> None:
    source = replay(recorded, at=14.0)
    async with opened(source, size) as (app, pilot):
        await pilot.press("g", *typed, "enter")
        await until(pilot, lambda: words in " ".join(text_of(app.screen).replace("│", "").split()))
        assert app.screen.query_one(Input).value == typed
        assert source.position == 14.0
        await pilot.press(*["backspace"] * len(typed), "9", "enter")
        await until(pilot, lambda: source.position == 9.0)


async def test_escape_and_the_button_close_it_and_stay(recorded: Path) -> None:
    source = replay(recorded, at=14.0)
    async with opened(source) as (app, pilot):
        await pilot.press("g", "5", "escape")
        await until(pilot, lambda: isinstance(app.screen, StageScreen))
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, GoToScreen))
        await pilot.click("#close")
        await until(pilot, lambda: isinstance(app.screen, StageScreen))
        assert source.position == 14.0


async def test_the_button_goes_there(recorded: Path) -> None:
    source = replay(recorded, at=14.0)
    async with opened(source) as (app, pilot):
        await pilot.press("g", "7")
        await until(pilot, lambda: isinstance(app.screen, GoToScreen))
        await pilot.click("#go")
        await until(pilot, lambda: source.position == 7.0)


async def test_it_opens_while_a_log_has_the_focus(recorded: Path) -> None:
    async with opened(replay(recorded, at=14.0)) as (app, pilot):
        log = next(iter(app.screen.query(LogView)))
        log.focus()
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, GoToScreen))
