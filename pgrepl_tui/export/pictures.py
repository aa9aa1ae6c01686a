"""Pictures of the screens: the app is run without a terminal on a replay, and drawn as SVG."""

import asyncio
import math
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.lines import TITLES
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.span import RecordingError

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from pgrepl_tui.events import Stage
    from pgrepl_tui.session.recording import Recording

SIZE = (120, 44)
"""Columns and lines of a picture: the last line of a run's Verify, its recording, is on it."""
PATIENCE = 300.0
"""Seconds that one picture may take to be drawn."""
_FONTS = re.compile(r"\s*@font-face\s*\{[^}]*\}|\s*<!--.*?-->", re.DOTALL)

Moment = tuple["Stage", float]
"""A stage's screen, at a time (seconds)."""


class Shown(Replay):
    """A replay that stands still, and names its recording without the folders of this machine."""

    def __init__(self, recording: "Recording") -> None:
        super().__init__(recording, playing=False)

    @property
    def recording(self) -> str:
        """The name of the recording."""
        return Path(super().recording).name


def last_states(replay: Replay) -> list[Moment]:
    """Each stage that the run reached, at its last moment: just before the next one begins."""
    found: dict[Stage, float] = {}
    for number, (_, stage) in enumerate(replay.stages):
        later = replay.stages[number + 1 : number + 2]
        found[stage] = math.nextafter(later[0][0], 0.0) if later else replay.duration
    return list(found.items())


async def draw(replay: Replay, moments: Sequence[Moment], size: tuple[int, int] = SIZE) -> list[str]:
    """The pictures of these moments, as SVG that loads nothing.

    Raises:
        RecordingError: the recording cannot be read any more, or a picture was not drawn in a minute.
    """
    async with _opened(replay, size) as (app, pilot):
        return [await _picture(app, pilot, replay, moment) for moment in moments]


def as_it_is(app: PgReplApp, title: str) -> str:
    """The picture of what an app shows now, as SVG that loads nothing."""
    return _FONTS.sub("", app.export_screenshot(title=title, simplify=True))


@asynccontextmanager
async def _opened(replay: Replay, size: tuple[int, int]) -> AsyncIterator[tuple[PgReplApp, "Pilot[int]"]]:
    with in_colour():
        app = PgReplApp(source=replay, ascii_only=False)
    async with app.run_test(size=size) as pilot:
        yield app, pilot


@contextmanager
def in_colour() -> Iterator[None]:
    """NO_COLOR is about the terminal at hand, not about a picture for others; Textual reads it when an app is made."""
    said = os.environ.pop("NO_COLOR", None)
    try:
        yield
    finally:
        if said is not None:
            os.environ["NO_COLOR"] = said


async def _picture(app: PgReplApp, pilot: "Pilot[int]", replay: Replay, moment: Moment) -> str:
    stage, t = moment
    replay.seek(t)
    drawn = (stage, replay.position)
    app.action_follow()
    app.action_stage(stage.value)
    try:
        async with asyncio.timeout(PATIENCE):
            before, now = "", await _next(app, pilot, drawn)
            while now != before:
                before, now = now, await _next(app, pilot, drawn)
    except TimeoutError:
        raise RecordingError(f"the picture of {TITLES[stage]} was not drawn in {PATIENCE:.0f} s; try again") from None
    return now


async def _next(app: PgReplApp, pilot: "Pilot[int]", moment: Moment) -> str:
    """The screen once it has drawn the moment."""
    while True:
        await pilot.pause()
        await pilot.wait_for_scheduled_animations()
        screen = app.screen
        if not app.drawing and isinstance(screen, StageScreen) and (screen.stage, screen.scene.now) == moment:
            return as_it_is(app, f"pgrepl-tui: {TITLES[screen.stage]}")
