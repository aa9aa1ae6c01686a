"""How recorded time passes while it is watched: faster or slower, and pauses cut short where that is wished."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence

IDLE = 1.0
"""Seconds of the session without an event, from which on they are a pause that can be skipped."""
SHORT = 0.5
"""Seconds that a skipped pause is watched, at most."""

Pause = tuple[float, float]
"""When a pause begins and ends, in seconds of the session."""


class Tempo:
    """Turns seconds of the session into seconds of watching, and back. Both only ever go forward.

    Nothing is left out in a pause that is skipped: its time passes faster, so that the clock still shows the session's.
    """

    def __init__(self, pauses: Sequence[Pause], *, speed: float, skip_idle: bool) -> None:
        """Take the pauses in order; ``speed`` is how many seconds of the session pass in one of watching.

        Raises:
            ValueError: the speed is not above 0.
        """
        if not speed > 0:
            raise ValueError("the speed must be above 0")
        self.speed = speed
        self.skip_idle = skip_idle
        self._recorded = array("d", [0.0])
        self._watched = array("d", [0.0])
        for begin, end in pauses if skip_idle else ():
            self._turn(begin, (begin - self._recorded[-1]) / speed)
            self._turn(end, min((end - begin) / speed, SHORT))

    def _turn(self, recorded: float, watched: float) -> None:
        """From here on it goes on at another pace."""
        self._recorded.append(recorded)
        self._watched.append(self._watched[-1] + watched)

    def watched(self, recorded: float) -> float:
        """Seconds of watching from the beginning to a time of the session."""
        return _between(self._recorded, self._watched, recorded, 1 / self.speed)

    def recorded(self, watched: float) -> float:
        """The time of the session, in seconds, that is reached after so many seconds of watching."""
        return _between(self._watched, self._recorded, watched, self.speed)


def _between(known: "array[float]", wanted: "array[float]", at: float, rate: float) -> float:
    """What ``at`` of the one is in the other: between two known places in proportion, behind the last at a rate."""
    place = bisect_right(known, at) - 1
    if place < 0:
        return wanted[0]
    rest = at - known[place]
    if place + 1 < len(known):
        rate = (wanted[place + 1] - wanted[place]) / (known[place + 1] - known[place])
    return wanted[place] + rest * rate
