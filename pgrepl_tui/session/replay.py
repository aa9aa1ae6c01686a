"""A replay: a recording as the screens' source, with a transport to play, pause, step and seek."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from pgrepl_tui.events import Asked, Event, PlanMade, Stage, StepStarted
from pgrepl_tui.session.player import Player
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.session import Session
from pgrepl_tui.session.source import Deliver
from pgrepl_tui.session.span import Span

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
SKIP = 5.0
"""Seconds that one press of a seek key goes."""
BREATH = 0.02
"""Seconds of delivering without a pause, so that keys are still answered."""


class Staged(Recording):
    """Another recording, which notes where each stage begins while it is walked through."""

    def __init__(self, recording: Recording) -> None:
        self.path = recording.path
        self.header = recording.header
        self.stages: tuple[tuple[float, Stage], ...] = ()
        self._whole = recording

    def events(self) -> Iterator[tuple[Event, Span]]:
        """The events in order, each with its place."""
        plan: dict[str, Stage] = {}
        latest = 0.0
        self.stages = ((0.0, Stage.CONNECT),)
        for event, span in self._whole.events():
            latest = max(latest, event.t)
            if isinstance(event, PlanMade):
                plan = {step.id: step.stage for step in event.steps}
            stage = event.stage if isinstance(event, Asked) else None
            stage = plan.get(event.step) if isinstance(event, StepStarted) else stage
            if stage is not None and stage is not self.stages[-1][1]:
                self.stages = (*self.stages, (latest, stage))
            yield event, span

    def read_event(self, span: Span) -> Event:
        """The event at a place that ``events`` gave."""
        return self._whole.read_event(span)


class Replay:
    """Plays a recording; it cannot reach a host. The screens draw ``session`` at ``position``.

    Attributes:
        session: the session at the position.
        speed: recorded seconds in a second.
        playing: False while it is paused.
    """

    live = False

    def __init__(
        self,
        recording: Recording,
        *,
        speed: float = 1.0,
        at: float = 0.0,
        playing: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Walk through the recording once and stand at a time.

        Raises:
            RecordingError: it cannot be read.
            ValueError: the speed is not above 0.
        """
        if not speed > 0:
            raise ValueError("the speed must be above 0")
        self._source = recording
        self._staged = Staged(recording)
        self._player = Player(self._staged)
        self._clock = clock
        self._changed = asyncio.Event()
        self._stopped = False
        self.speed = speed
        self.playing = playing
        self.session = Session()
        self._count = 0
        self.seek(at)

    @classmethod
    def open(cls, path: Path, *, speed: float = 1.0, at: float = 0.0, playing: bool = True) -> Self:
        """Open a recording at a time (seconds), playing at a speed.

        Raises:
            RecordingError: it is missing, is no recording, or is of a newer format.
            ValueError: the speed is not above 0.
        """
        recording = Recording.open(path)
        try:
            return cls(recording, speed=speed, at=at, playing=playing)
        except BaseException:
            recording.close()
            raise

    @property
    def recording(self) -> str:
        """The path of the recording."""
        return str(self._source.path)

    @property
    def problems(self) -> str:
        """What of the recording could not be read, in words; empty when all was well."""
        return self._source.problems

    @property
    def stages(self) -> tuple[tuple[float, Stage], ...]:
        """When each stage begins, in seconds."""
        return self._staged.stages

    @property
    def duration(self) -> float:
        """The time of the last event, in seconds."""
        return self._player.duration

    @property
    def position(self) -> float:
        """Where the replay is, in seconds of the session; it goes on between two events."""
        if not self.playing:
            return self._at
        return min(self.duration, self._at + (self._clock() - self._since) * self.speed)

    # What the transport does

    def do(self, name: str) -> None:
        """Do what a key of the transport is called: ``toggle``, ``step``, ``back``, ``forward``, ``faster`` …."""
        moves: dict[str, Callable[[], None]] = {
            "toggle": self.toggle,
            "step": self.step,
            "back": lambda: self.seek(self.position - SKIP),
            "forward": lambda: self.seek(self.position + SKIP),
            "to_start": lambda: self.seek(0.0),
            "to_end": lambda: self.seek(self.duration),
            "next_stage": self.next_stage,
            "previous_stage": self.previous_stage,
            "slower": lambda: self._set_speed(max((s for s in SPEEDS if s < self.speed), default=SPEEDS[0])),
            "faster": lambda: self._set_speed(min((s for s in SPEEDS if s > self.speed), default=SPEEDS[-1])),
        }
        moves[name]()

    def toggle(self) -> None:
        """Play or pause; at the end, play from the start."""
        if not self.playing and self._count >= len(self._player):
            self.seek(0.0)
        self._stand(self.position, playing=not self.playing)

    def step(self) -> None:
        """Pause, and take the next event in."""
        if self._count < len(self._player):
            self._stand(self._player.time_of(self._count), playing=False)
            self._take()
        else:
            self._stand(self.duration, playing=False)

    def seek(self, t: float) -> None:
        """Go to a time, in seconds; what is before the start or behind the end is the start or the end."""
        t = max(0.0, min(t, self.duration))
        self._count = self._player.count_at(t)
        self.session = self._player.session_after(self._count)
        self._stand(t, playing=self.playing)

    def next_stage(self) -> None:
        """Go to where the next stage begins, or to the end."""
        self.seek(next((start for start, _ in self.stages if start > self.position), self.duration))

    def previous_stage(self) -> None:
        """Go to where this stage begins; from there, to where the one before begins."""
        before = [start for start, _ in self.stages if start < self.position - 1.0]
        self.seek(before[-1] if before else 0.0)

    def _set_speed(self, speed: float) -> None:
        at = self.position
        self.speed = speed
        self._stand(at, playing=self.playing)

    def _stand(self, t: float, *, playing: bool) -> None:
        self._at, self._since, self.playing = t, self._clock(), playing
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
        while not self._stopped:
            self._changed.clear()
            await self._catch_up(deliver)
            if self.playing and self._count >= len(self._player):
                self._stand(self.duration, playing=False)
                self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), self._pause())
        return 0

    def _pause(self) -> float | None:
        """Seconds until the next event is due; None while it is paused."""
        if not self.playing:
            return None
        return max(0.0, (self._player.time_of(self._count) - self.position) / self.speed)

    async def _catch_up(self, deliver: Deliver) -> None:
        """Deliver all events that are due."""
        breath = self._clock()
        while self.playing and self._count < len(self._player) and self._player.time_of(self._count) <= self.position:
            deliver(*self._take())
            if self._clock() - breath > BREATH:
                await asyncio.sleep(0)
                breath = self._clock()

    def read_output(self, span: Span) -> str:
        """The text of an ``Output`` event, read back from the recording.

        Raises:
            RecordingError: it cannot be read any more.
        """
        return self._source.read_output(span)

    def answer(self, question: int, choice: str) -> None:
        """Nothing: a replay answers itself."""

    def give_secret(self, question: int, secret: str | None) -> None:
        """Nothing: a replay needs no secret."""

    def stop(self) -> None:
        """End the replay."""
        self._stopped = True
        self._changed.set()
