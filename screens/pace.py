"""A pace for drawing: at once when there was quiet, then at most so many times a second."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

FRAME = 0.04
"""Seconds between two drawings, at least."""


class Pace:
    """Draws once for any number of wishes within one frame; the last wish is never lost.

    The loop keeps the time: a timer of Textual's that goes off once never does where the machine is so busy that its
    moment has passed when it is begun (timer.py, ``_run``, which skips what is past).
    """

    def __init__(self, app: "App[int]", draw: Callable[[], None], clock: Callable[[], float]) -> None:
        self._app = app
        self._draw = draw
        self._clock = clock
        self._last = float("-inf")
        self._waiting: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> bool:
        """True while a drawing is due."""
        return self._waiting is not None

    def wish(self) -> None:
        """Something changed."""
        if self._waiting is None:
            rest = max(0.0, self._last + FRAME - self._clock())
            self._waiting = asyncio.get_running_loop().call_later(rest, self._app.call_later, self._now)

    def _now(self) -> None:
        self._waiting = None
        self._last = self._clock()
        self._draw()
