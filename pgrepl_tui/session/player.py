"""Plays a recording: seeks in it, steps through it, and delivers its events at their pace."""

import asyncio
import math
import time
from array import array
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable

from pgrepl_tui.events import Event
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.session import Session
from pgrepl_tui.session.span import Span

_KEPT = 8
_BREATH = 0.02  # seconds of delivering without a pause, so that keys are still answered


class Player:
    """A recording and the times of its events.

    A time is the largest that came so far, so that times never go back, whatever the recording says. A few states
    along the way are kept, so that a seek folds only the events behind the nearest one.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Walk through the recording once, to know its times.

        Raises:
            RecordingError: it cannot be read.
        """
        self._recording = recording
        self._clock = clock
        self._sleep = sleep
        self._times = array("d")
        self._offsets = array("q")
        self._lengths = array("I")
        self._kept: dict[int, Session] = {}
        self._every = 1000
        self._walk()

    def __len__(self) -> int:
        return len(self._times)

    @property
    def duration(self) -> float:
        """The time of the last event, in seconds."""
        return self._times[-1] if self._times else 0.0

    def time_of(self, number: int) -> float:
        """The time of an event, counted from 0, in seconds."""
        return self._times[number]

    def count_at(self, t: float) -> int:
        """How many events there are up to a time, itself included."""
        return bisect_right(self._times, t)

    def read(self, number: int) -> tuple[Event, Span]:
        """An event, counted from 0, and where it lies.

        Raises:
            RecordingError: it cannot be read any more.
        """
        span = Span(self._offsets[number], self._lengths[number])
        return self._recording.read_event(span), span

    def session_at(self, t: float) -> Session:
        """The session as it was at a time; the same as playing up to it."""
        return self.session_after(self.count_at(t))

    def session_after(self, count: int) -> Session:
        """The session after so many events; step by adding ``read(count)`` to it, or by asking for one less."""
        count = max(0, min(count, len(self)))
        nearest = max((kept for kept in self._kept if kept <= count), default=0)
        session = self._kept[nearest].copy() if nearest else Session()
        for number in range(nearest, count):
            session.add(*self.read(number))
        return session

    async def play(
        self, speed: float = 1.0, from_t: float | None = None, idle: float = math.inf
    ) -> AsyncIterator[tuple[Event, Span]]:
        """Deliver the events behind ``from_t`` (all of them where it is None) at their recorded pace.

        Args:
            speed: how many recorded seconds pass in a second; infinite is as fast as can be.
            from_t: where to begin, in seconds.
            idle: the longest pause, in recorded seconds.

        Raises:
            ValueError: the speed is not above 0.
            RecordingError: an event cannot be read any more.
        """
        if not speed > 0:
            raise ValueError("the speed must be above 0")
        first = 0 if from_t is None else self.count_at(from_t)
        last_t = from_t or 0.0
        due = breath = self._clock()
        for number in range(first, len(self)):
            due += min(max(self._times[number] - last_t, 0.0), idle) / speed
            last_t = self._times[number]
            if due > self._clock() or self._clock() - breath > _BREATH:
                await self._sleep(max(0.0, due - self._clock()))
                breath = self._clock()
            yield self.read(number)

    def _walk(self) -> None:
        session = Session()
        latest = 0.0
        for event, span in self._recording.events():
            latest = max(latest, event.t)
            self._times.append(latest)
            self._offsets.append(span.offset)
            self._lengths.append(span.length)
            session.add(event, span)
            if len(self) % self._every == 0:
                self._keep(session)

    def _keep(self, session: Session) -> None:
        """Keep the state at this place; when there are too many, keep every other one, twice as far apart."""
        self._kept[len(self)] = session.copy()
        if len(self._kept) > _KEPT:
            self._every *= 2
            self._kept = {count: kept for count, kept in self._kept.items() if count % self._every == 0}
