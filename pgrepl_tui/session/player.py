"""A recording that can be looked into anywhere: the times of its events, its marks, and the session at each place."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import islice

from pgrepl_tui.events import Event, RunEnded
from pgrepl_tui.session.marks import Marks
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.session import Session, Standing
from pgrepl_tui.session.span import Span
from pgrepl_tui.session.tempo import IDLE, Pause

KEPT = 64
"""Most places whose session is kept: an event between two of them is some hundred events from one."""
EVERY = 128
"""Events between two such places, as long as there are not too many."""
TOLD = 500
"""Events between two tellings of how far the reading is."""


class Player:
    """A recording and the times of its events.

    A time is the largest that came so far, so that times never go back, whatever the recording says.

    Attributes:
        marks: where stages and steps begin, and what went wrong.
        pauses: the times in which nothing happened.
        ended: whether the end of the run is in it.
    """

    def __init__(self, recording: Recording, progress: Callable[[float], object] | None = None) -> None:
        """Walk through the recording once; ``progress`` is told the part that is read, from 0 to 1.

        Raises:
            RecordingError: it cannot be read.
        """
        self._recording = recording
        self._reading = recording.walk()
        self._times = array("d")
        self._offsets = array("q")
        self._lengths = array("I")
        self._whole = Session()
        self._kept: dict[int, Standing] = {}
        self._every = EVERY
        self.marks = Marks()
        self.pauses: list[Pause] = []
        self.ended = False
        self._take(self._reading.events(), progress)

    def __len__(self) -> int:
        return len(self._times)

    @property
    def problems(self) -> str:
        """What could not be read, in words; empty when all was well."""
        return str(self._reading.problems)

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

    def session_after(self, count: int) -> Session:
        """The session after so many events; it is the caller's, to be played on with ``read(count)``.

        Raises:
            RecordingError: an event cannot be read any more.
        """
        count = max(0, min(count, len(self)))
        if count == len(self):
            return self._whole.back_to(self._whole.standing())
        nearest = max((kept for kept in self._kept if kept <= count), default=0)
        session = self._whole.back_to(self._kept[nearest]) if nearest else Session()
        for number in range(nearest, count):
            session.add(*self.read(number))
        return session

    def grow(self, most: int) -> int:
        """Take in what was written since: so many events at most. How many there were.

        Raises:
            RecordingError: it cannot be read any more.
        """
        before = len(self)
        self._take(islice(self._reading.events(), most))
        return len(self) - before

    def _take(
        self, events: Iterable[tuple[Event, Span]], progress: Callable[[float], object] | None = None
    ) -> None:  # fmt: skip
        latest = self.duration
        for event, span in events:
            if event.t - latest > IDLE:
                self.pauses.append((latest, event.t))
            latest = max(latest, event.t)
            self.marks.take(len(self), latest, event)
            self._times.append(latest)
            self._offsets.append(span.offset)
            self._lengths.append(span.length)
            self._whole.add(event, span)
            self.ended = self.ended or isinstance(event, RunEnded)
            if len(self) % self._every == 0:
                self._keep()
            if progress is not None and len(self) % TOLD == 0:
                progress(min(1.0, span.offset / max(1, self._recording.size)))

    def _keep(self) -> None:
        """Keep how the session stands here; when there are too many, keep every other one, twice as far apart."""
        self._kept[len(self)] = self._whole.standing()
        if len(self._kept) > KEPT:
            self._every *= 2
            self._kept = {count: kept for count, kept in self._kept.items() if count % self._every == 0}
