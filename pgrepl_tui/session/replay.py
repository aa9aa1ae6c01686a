"""A replay: a recording as the screens' source, which can be played, stopped and gone about in."""

import asyncio
import contextlib
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from pgrepl_tui.events import Event, Stage
from pgrepl_tui.session.marks import Mark, Marks
from pgrepl_tui.session.player import Player
from pgrepl_tui.session.playhead import Playhead
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.session import Session
from pgrepl_tui.session.source import Deliver
from pgrepl_tui.session.span import Span
from pgrepl_tui.session.tempo import Pause

BREATH = 0.02
"""Seconds of delivering without a pause, so that keys are still answered."""
LOOK = 1.0
"""Seconds between two looks whether more was written to the recording."""
MOST = 500
"""Events that are taken in at one look; a look that finds so many is followed by the next at once."""
STILL = 5.0
"""Seconds without an event, after which a run that has an end is taken for over: a pair is watched once a second."""

Progress = Callable[[float], object]
"""Is told how much of a recording is read, from 0 to 1."""


class Replay:
    """Plays a recording; it cannot reach a host. The screens draw ``session`` at ``position``.

    A recording that is still being written is followed: its end moves on, and who plays at the end stays there.

    Attributes:
        session: the session at the position.
    """

    live = False

    def __init__(  # noqa: PLR0913 - what an operator can choose, each named in the call
        self,
        recording: Recording,
        *,
        speed: float = 1.0,
        at: float = 0.0,
        playing: bool = True,
        skip_idle: bool = False,
        clock: Callable[[], float] = time.monotonic,
        progress: Progress | None = None,
    ) -> None:
        """Walk through the recording once and stand at a time (seconds).

        Raises:
            RecordingError: it cannot be read.
            ValueError: the speed is not above 0.
        """
        self._clock = clock
        self._head = Playhead(clock, speed)
        self._source = recording
        self._player = Player(recording, progress)
        self._changed = asyncio.Event()
        self._stopped = False
        self._held: bool | None = None
        self._looked = clock()
        self._grown = float("-inf")
        self._count = 0
        self.session = Session()
        self._head.change(skip_idle=skip_idle, pauses=self._player.pauses)
        self._head.playing = playing
        self.seek(at)

    @classmethod
    def open(  # noqa: PLR0913 - as above
        cls,
        path: Path,
        *,
        speed: float = 1.0,
        at: float = 0.0,
        playing: bool = True,
        skip_idle: bool = False,
        progress: Progress | None = None,
    ) -> Self:
        """Open a recording at a time (seconds), playing at a speed.

        Raises:
            RecordingError: it is missing, is no recording, or is of a newer format.
            ValueError: the speed is not above 0.
        """
        recording = Recording.open(path)
        try:
            return cls(recording, speed=speed, at=at, playing=playing, skip_idle=skip_idle, progress=progress)
        except BaseException:
            recording.close()
            raise

    # What there is

    @property
    def recording(self) -> str:
        """The path of the recording."""
        return str(self._source.path)

    @property
    def problems(self) -> str:
        """What of the recording could not be read, in words; empty when all was well."""
        return self._player.problems

    @property
    def marks(self) -> Marks:
        """Where stages and steps begin, and what went wrong."""
        return self._player.marks

    @property
    def stages(self) -> tuple[tuple[float, Stage], ...]:
        """When each stage begins, in seconds."""
        return tuple((mark.t, mark.stage) for mark in self.marks.stages)

    @property
    def pauses(self) -> Sequence[Pause]:
        """When nothing happened."""
        return self._player.pauses

    @property
    def duration(self) -> float:
        """The time of the last event, in seconds."""
        return self._player.duration

    @property
    def events(self) -> int:
        """How many events there are."""
        return len(self._player)

    @property
    def open_end(self) -> bool:
        """Whether more may come: the run has no end yet, or something was written a moment ago."""
        return not self._player.ended or self._clock() - self._grown < STILL

    # Where it is

    @property
    def count(self) -> int:
        """How many events have been, up to the position."""
        return self._count

    @property
    def position(self) -> float:
        """Where the replay is, in seconds of the session; it goes on between two events."""
        latest = self._player.time_of(self._count - 1) if self._count else 0.0
        return max(latest, min(self.duration, self._head.position))

    @property
    def playing(self) -> bool:
        """Whether it plays, or waits at the end for what is written next."""
        return self._head.playing

    @property
    def waiting(self) -> bool:
        """Whether it waits at the end for what is written next."""
        return self.playing and self._count == self.events

    @property
    def speed(self) -> float:
        """Seconds of the session that pass in a second."""
        return self._head.speed

    @property
    def skip_idle(self) -> bool:
        """Whether pauses are cut short."""
        return self._head.skip_idle

    @property
    def trouble(self) -> Mark | None:
        """What went wrong just here; None while it plays."""
        marks = self.marks.troubles
        place = bisect_left(marks, self._count - 1, key=lambda mark: mark.number)
        here = place < len(marks) and marks[place].number == self._count - 1
        return marks[place] if here and not self.playing else None

    def watched_since(self, t: float) -> float:
        """Seconds of watching from a time of the session to the position."""
        return self._head.since(t)

    # Going about

    def play(self, *, playing: bool) -> None:
        """Play on from here, or stop here, where all is taken in that has been up to here."""
        here = self.position
        if self.playing:
            self._put(self._player.count_at(here), here)
        self._head.stand(here, playing=playing)
        self._changed.set()

    @property
    def held(self) -> bool:
        """Whether it is held still."""
        return self._held is not None

    def hold(self) -> None:
        """Stop until it is let go, whatever it did."""
        self._held = self.playing
        self.play(playing=False)

    def let_go(self) -> None:
        """Go on as before it was held."""
        if self._held is not None:
            playing, self._held = self._held, None
            self.play(playing=playing)

    def seek(self, t: float) -> None:
        """Go to a time, in seconds; what is before the start or behind the end is the start or the end."""
        t = max(0.0, min(t, self.duration))
        self._put(self._player.count_at(t), t)

    def go(self, count: int) -> None:
        """Go to where just so many events have been."""
        count = max(0, min(count, self.events))
        self._put(count, self._player.time_of(count - 1) if count else 0.0)

    def change(self, *, speed: float | None = None, skip_idle: bool | None = None) -> None:
        """Go on from here at another speed, or with pauses cut short or not.

        Raises:
            ValueError: the speed is not above 0.
        """
        self._head.stand(self.position)
        self._head.change(speed=speed, skip_idle=skip_idle)
        self._changed.set()

    def _put(self, count: int, t: float) -> None:
        if count == self._count + 1:
            self._take()
        elif count != self._count:
            self.session = self._player.session_after(count)
            self._count = count
        self._head.stand(t)
        self._changed.set()

    def _take(self) -> tuple[Event, Span]:
        event, span = self._player.read(self._count)
        self.session.add(event, span)
        self._count += 1
        return event, span

    # The source

    async def run(self, deliver: Deliver) -> int:
        """Play until it is stopped; the exit code is 0: a replay runs nothing that could fail.

        Raises:
            RecordingError: the recording cannot be read any more.
        """
        self._head.begin()
        while not self._stopped:
            self._changed.clear()
            rest = min(self._look(), await self._catch_up(deliver))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), rest)
        return 0

    def _look(self) -> float:
        """Take in what was written meanwhile, if it is time for it; seconds until the next look."""
        rest = self._looked + LOOK - self._clock()
        if rest > 0:
            return rest
        at_end = self.waiting
        added = self._player.grow(MOST)
        if added:
            self._grown = self._clock()
            self._head.change(pauses=self._player.pauses)
            if at_end:
                self._head.stand(self.duration)
        if added == MOST:
            return 0.0
        self._looked = self._clock()
        return LOOK

    async def _catch_up(self, deliver: Deliver) -> float:
        """Deliver all events that are due; seconds until the next one is."""
        breath = self._clock()
        while self.playing and self._count < self.events:
            due = self._player.time_of(self._count)
            rest = self._head.until(due)
            if rest > 0 and due > self._head.position:
                return rest
            deliver(*self._take())
            if self._clock() - breath > BREATH:
                await asyncio.sleep(0)
                breath = self._clock()
        if self.playing and not self.open_end:
            self._head.stand(self.duration, playing=False)
        return LOOK

    def read_output(self, span: Span) -> str:
        """The text of an ``Output`` event, read back from the recording.

        Raises:
            RecordingError: it cannot be read any more.
        """
        return self._source.read_output(span)

    def answer(self, question: int, choice: str) -> None:
        """Nothing: a replay answers itself."""

    def give_password(self, password: str) -> None:
        """Nothing waits for it."""

    def give_secret(self, question: int, secret: str | None) -> None:
        """Nothing: a replay needs no secret."""

    def stop(self) -> None:
        """End the replay."""
        self._stopped = True
        self._changed.set()
