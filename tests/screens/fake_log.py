"""A log alone on the screen, for tests of what it does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from pgrepl_tui.screens.widgets.log_index import Index
from pgrepl_tui.screens.widgets.log_view import LogView
from tests.screens.fake_app import PATIENCE, text_of


class LogApp(App[None]):
    """One log, and nothing else."""

    CSS = "LogView > .log--found { text-style: reverse; } LogView > .log--selected { text-style: underline; }"

    def compose(self) -> ComposeResult:
        yield LogView()

    @property
    def log_view(self) -> LogView:
        return self.query_one(LogView)


@asynccontextmanager
async def opened_log(index: Index, size: tuple[int, int] = (60, 10)) -> AsyncIterator[tuple[LogApp, Pilot[None]]]:
    """A log with the focus on lines."""
    app = LogApp()
    async with app.run_test(size=size) as pilot:
        app.log_view.show(index, str)
        app.log_view.focus()
        await pilot.pause()
        yield app, pilot


def shown(app: LogApp) -> list[str]:
    """The rows of the log, without blanks at their ends."""
    return [line.rstrip() for line in text_of(app.log_view).splitlines()]


def cursor_line(app: LogApp) -> str:
    """The row that the cursor stands before."""
    return next((line[2:] for line in shown(app) if line[1:2] == "▸"), "")


async def looked(log: LogView, pilot: Pilot[None]) -> None:
    """Wait until a search or a filter knows all lines."""
    async with asyncio.timeout(PATIENCE):
        while log.looking:
            await asyncio.sleep(0.005)
    await pilot.pause()
