"""A recording of a real run, fed to the screens as if it were under way."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Event
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.source import Deliver
from pgrepl_tui.session.span import Span

RUNS = Path(__file__).parents[1] / "data" / "runs"
SAME = "/recordings/lab.jsonl"
"""The recording's path as the screens show it, the same on every machine."""


class Played:
    """A live source that delivers a recording up to the first event that is picked, then waits for ever."""

    live = True
    recording = SAME

    def __init__(self, path: Path, until: Callable[[Event], bool]) -> None:
        self._recording = Recording.open(path)
        self._until = until
        self.arrived = False

    async def run(self, deliver: Deliver) -> int:
        """Deliver all at once."""
        for event, span in self._recording.events():
            deliver(event, span)
            if self._until(event):
                self.arrived = True
                break
        await asyncio.Event().wait()
        return 0

    def read_output(self, span: Span) -> str:
        """The text of an output."""
        return self._recording.read_output(span)

    def give_password(self, password: str) -> None:
        """Nothing: it is in no recording."""

    def answer(self, question: int, choice: str) -> None:
        """Nothing: the recording has its answers."""

    def give_secret(self, question: int, secret: str | None) -> None:
        """Nothing, as above."""

    def stop(self) -> None:
        """Nothing: it never ends."""


def live_app(source: Played) -> PgReplApp:
    """An app whose clock stands still."""
    return PgReplApp(source=source, clock=lambda: 0.0, afterwards={"undo": lambda _: source})
