"""Tells how much of a long recording is read, to who has waited for a second."""

import time
from collections.abc import Callable

SOON = 1.0
"""Seconds in which nothing is told: most recordings are read by then."""


class Patience:
    """Takes the part that is read, from 0 to 1, and tells each tenth of it in percent.

    Attributes:
        told: whether anything was told.
    """

    def __init__(self, tell: Callable[[int], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._began = clock()
        self._last = -1
        self.told = False

    def __call__(self, share: float) -> None:
        """Tell it, if it is time and something new."""
        tenth = int(share * 10)
        if tenth > self._last and self._clock() - self._began >= SOON:
            self._last = tenth
            self.told = True
            self._tell(tenth * 10)
