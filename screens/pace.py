"""A pace for drawing: at once when there was quiet, then at most so many times a second."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App
    from textual.timer import Timer

FRAME = 0.04
"""Seconds between two drawings, at least."""
SOON = 0.001
"""Seconds; a timer of Textual cannot be zero."""


class Pace:
    """Draws once for any number of wishes within one frame; the last wish is never lost."""

    def __init__(self, app: "App[int]", draw: Callable[[], None], clock: Callable[[], float]) -> None:
        self._app = app
        self._draw = draw
        self._clock = clock
        self._last = float("-inf")
        self._waiting: Timer | None = None

    @property
    def waiting(self) -> bool:
        """True while a drawing is due."""
        return self._waiting is not None

    def wish(self) -> None:
        """Something changed."""
        if self._waiting is None:
            rest = max(SOON, self._last + FRAME - self._clock())
            self._waiting = self._app.set_timer(rest, self._now, name="draw")

    def _now(self) -> None:
        self._waiting = None
        self._last = self._clock()
        self._draw()
