"""A run made by hand, for tests of what the screens do: the events are written down, the answers are kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from pgrepl_tui.events import (
    Asked,
    Event,
    HostDescribed,
    Output,
    PlanMade,
    Row,
    RunStarted,
    Stage,
    StepInfo,
    StepStarted,
)
from pgrepl_tui.session.source import Deliver
from pgrepl_tui.session.span import Span

PLAN = PlanMade(
    steps=(
        StepInfo("reach", "reach the host", Stage.CONNECT, "primary", "All is done over SSH."),
        StepInfo("check", "check both sides", Stage.PREFLIGHT, "standby", "A mistake found now costs nothing."),
        StepInfo("role", "replication role", Stage.PRIMARY, "primary", "The standby logs in as a role of its own."),
        StepInfo("restart", "restart the server", Stage.PRIMARY, "primary", "Some settings need it."),
        StepInfo("copy", "base backup", Stage.STANDBY, "standby", "A standby begins as a copy."),
        StepInfo("match", "matching positions", Stage.VERIFY, "standby", "This is the proof."),
    )
)
START: tuple[Event, ...] = (
    RunStarted(topology="app-db", started="2026-01-02T03:04:05Z", primary="db1", standby="db2"),
    PLAN,
    HostDescribed(role="primary", name="db1", facts=(Row("PostgreSQL", "15"),)),
)
GATE = Asked(
    question=1, kind="gate", stage=Stage.PRIMARY, step="", text="Run Primary?", choices=("run", "step", "quit")
)
CONFIRM = Asked(
    question=2, kind="confirm", stage=Stage.PRIMARY, step="restart", text="Restart the primary?", choices=("no", "yes")
)
FAILURE = Asked(
    question=3, kind="failure", stage=Stage.PRIMARY, step="role", text="Try again?", choices=("quit", "retry")
)
SECRET = Asked(question=4, kind="secret", stage=Stage.PRIMARY, step="role", text="The role's password?", choices=())


def lines(step: str, first: int, count: int) -> tuple[Event, ...]:
    """The output of a step: so many numbered lines, a piece each."""
    pieces = (
        Output(number=1, step=step, host="db1", stream="out", text=f"line {n}\n") for n in range(first, first + count)
    )
    return (StepStarted(step=step), *pieces) if first == 0 else tuple(pieces)


class FakeRun:
    """A live source that delivers what it is given, until it is stopped or told how to end."""

    live = True
    recording = "/recordings/app-db.jsonl"

    def __init__(self, events: Sequence[Event] = START) -> None:
        self._texts: dict[int, str] = {}
        self._queue: asyncio.Queue[Event | int | Exception] = asyncio.Queue()
        self._t = 0.0
        self.answers: list[tuple[int, str]] = []
        self.secrets: list[tuple[int, str | None]] = []
        self.password = ""
        self.stopped = 0
        self.feed(*events)

    def feed(self, *events: Event) -> None:
        """Deliver more events."""
        for event in events:
            self._queue.put_nowait(event)

    def end(self, how: int | Exception) -> None:
        """End with an exit code or an error."""
        self._queue.put_nowait(how)

    async def run(self, deliver: Deliver) -> int:
        """Deliver in order; a tenth of a second of the session's time lies between two events."""
        while True:
            event = await self._queue.get()
            if isinstance(event, int):
                return event
            if isinstance(event, Exception):
                raise event
            self._t += 0.1
            span = Span(len(self._texts), 0)
            self._texts[span.offset] = event.text if isinstance(event, Output) else ""
            deliver(replace(event, t=self._t), span)

    def read_output(self, span: Span) -> str:
        """The text that was delivered."""
        return self._texts[span.offset]

    def give_password(self, password: str) -> None:
        """Keep it, for the test to look at."""
        self.password = password

    def answer(self, question: int, choice: str) -> None:
        """Keep the answer."""
        self.answers.append((question, choice))

    def give_secret(self, question: int, secret: str | None) -> None:
        """Keep the secret, for the test to look at."""
        self.secrets.append((question, secret))

    def stop(self) -> None:
        """End as interrupted."""
        self.stopped += 1
        self.end(4)
