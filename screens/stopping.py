"""A run that is being stopped: since when, what it waits for, and the second stop, which waits for nothing."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.worker import WorkerCancelled, WorkerFailed

from pgrepl_tui.screens.plain import plain_line

if TYPE_CHECKING:
    from textual.worker import Worker

    from pgrepl_tui.session.source import Source
    from pgrepl_tui.session.state import SessionState

GIVEN_UP = "Not waited for any more: what still runs on a host is found by the next run."


class Stopping:
    """Stops a source; ``seconds`` is how long ago that was, None while it was not stopped."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since: float | None = None

    def reset(self) -> None:
        """Another run begins."""
        self._since = None

    @property
    def seconds(self) -> float | None:
        """Seconds since the run was stopped."""
        return None if self._since is None else max(0.0, self._clock() - self._since)

    def stop(self, source: "Source") -> str:
        """Stop the run, at the second time without waiting for any host; what is to be told."""
        source.stop()
        if self._since is not None:
            return GIVEN_UP
        self._since = self._clock()
        return ""

    async def end(self, run: "Worker[int]", patience: float) -> None:
        """Wait for the stopped run to end, ``patience`` seconds at most: a host may be gone."""
        with contextlib.suppress(TimeoutError, WorkerFailed, WorkerCancelled):
            await asyncio.wait_for(run.wait(), patience)


def stopping_text(state: "SessionState", seconds: float) -> Content:
    """What a stopped run still waits for, and for how long."""
    words = f"Stopping: waiting for {plain_line(_waited_for(state))} to answer, {int(seconds)} s."
    rest = " Nothing more is started; ^s again waits no longer."
    return Content.assemble(("! ", "$warning bold"), (words, "bold"), rest)


def _waited_for(state: "SessionState") -> str:
    """The host whose command has not ended, of a step that has not; else that of the running step; else both.

    What an ended step left open, such as a lock, is no command that is waited for; both hosts have to let those go.
    """
    ended = {name for name, step in state.steps.items() if step.outcome is not None}
    waiting = [command.host for command in state.commands.values() if not command.ended and command.step not in ended]
    running = [step.info.host for step in state.steps.values() if step.running]
    if waiting:
        return waiting[-1]
    if state.run is None:
        return "the hosts"
    both = f"{state.run.primary} and {state.run.standby}"
    return str(getattr(state.run, running[-1], both)) if running else both
