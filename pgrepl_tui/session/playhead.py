"""Where a replay is: a time of the session that goes on by the clock while it plays."""

from collections.abc import Callable, Sequence

from pgrepl_tui.session.tempo import Pause, Tempo

AT_REST = 1e-3
"""Seconds; a wait cannot be shorter."""


class Playhead:
    """Stands at a time, or goes on from there.

    Attributes:
        playing: whether it goes on.
    """

    def __init__(self, clock: Callable[[], float], speed: float) -> None:
        """Stand at the beginning; ``speed`` is how many seconds of the session pass in one of the clock.

        Raises:
            ValueError: the speed is not above 0.
        """
        self._clock = clock
        self._pauses: Sequence[Pause] = ()
        self._tempo = Tempo((), speed=speed, skip_idle=False)
        self._at = 0.0
        self._since = clock()
        self.playing = False

    @property
    def speed(self) -> float:
        """Seconds of the session that pass in a second."""
        return self._tempo.speed

    @property
    def skip_idle(self) -> bool:
        """Whether pauses are cut short."""
        return self._tempo.skip_idle

    @property
    def position(self) -> float:
        """Where it is, in seconds of the session."""
        return self._tempo.recorded(self._watched()) if self.playing else self._at

    def stand(self, t: float, *, playing: bool | None = None) -> None:
        """Go to a time, in seconds of the session, and on from there if it is to play, or did so far."""
        self._at, self._since = t, self._clock()
        self.playing = self.playing if playing is None else playing

    def begin(self) -> None:
        """Go on from where it was put, from this moment on."""
        self.stand(self._at)

    def change(
        self, *, speed: float | None = None, skip_idle: bool | None = None, pauses: Sequence[Pause] | None = None
    ) -> None:
        """Go on from here faster or slower, with or without the pauses, or with pauses that are now known.

        Raises:
            ValueError: the speed is not above 0.
        """
        here = self.position
        self._pauses = self._pauses if pauses is None else pauses
        self._tempo = Tempo(
            self._pauses,
            speed=self.speed if speed is None else speed,
            skip_idle=self.skip_idle if skip_idle is None else skip_idle,
        )
        self.stand(here)

    def until(self, t: float) -> float:
        """Seconds of the clock until it comes to a time of the session; 0 where it is there already."""
        rest = self._tempo.watched(t) - self._watched()
        return max(rest, AT_REST) if rest > 0 else 0.0

    def since(self, t: float) -> float:
        """Seconds of watching from a time of the session to where it is; below 0 where that is still to come."""
        return self._watched() - self._tempo.watched(t)

    def _watched(self) -> float:
        gone = self._clock() - self._since if self.playing else 0.0
        return self._tempo.watched(self._at) + gone
