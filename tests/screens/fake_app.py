"""Opening the app for a test, and looking at what it shows."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot
from textual.widget import Widget

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Stage
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.session.source import Source

SIZE = (120, 40)


@asynccontextmanager
async def opened(source: Source, size: tuple[int, int] = SIZE) -> AsyncIterator[tuple[PgReplApp, Pilot[int]]]:
    """The app on a source, its first drawing done."""
    app = PgReplApp(source=source)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(
            pilot, lambda: not app.drawing and any(isinstance(screen, StageScreen) for screen in app.screen_stack)
        )
        yield app, pilot


PATIENCE = 180.0
"""Seconds after which a wait is in vain, on the slowest machine."""


async def until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    """Wait for a condition, for as long as a slow machine may need."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        await pilot.pause()
        if condition():
            return
    raise AssertionError(f"never came true; on screen:\n{text_of(pilot.app.screen)}")


async def until_still(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    """Wait until a condition holds and the picture is the same in two looks: what is taken then is what is there."""
    seen = [""]

    def still() -> bool:
        seen.append(pilot.app.export_screenshot() if condition() else "")
        return bool(seen[-1]) and seen[-1] == seen[-2]

    await until(pilot, still)


async def at_stage(app: PgReplApp, pilot: Pilot[int], stage: Stage) -> None:
    """Open a stage's screen, and wait until all of it is drawn."""
    app.action_stage(stage.value)
    title = f"[{stage.value.capitalize()}]"
    await until_still(
        pilot,
        lambda: (
            not app.drawing
            and isinstance(app.screen, StageScreen)
            and app.screen.stage is stage
            and title in text_of(app.screen)
        ),
    )


def text_of(widget: Widget) -> str:
    """All that a widget or a screen shows, as plain lines."""
    compositor = widget.screen._compositor
    strips = compositor.render_strips()
    region = widget.region
    return "\n".join(strip.crop(region.x, region.right).text for strip in strips[region.y : region.bottom])
