"""A run as plain lines: what the headless front end prints, live or replayed."""

import re
import shlex
from collections.abc import Callable
from functools import singledispatchmethod
from typing import TYPE_CHECKING

from pgrepl_tui import events as ev
from pgrepl_tui.session.sanitise import thinned
from pgrepl_tui.spoken import prompted

if TYPE_CHECKING:
    from pgrepl_tui.session.state import SessionState

SIGNS = {
    ev.Outcome.UNCHANGED: "ok",
    ev.Outcome.CHANGED: "changed",
    ev.Outcome.FAILED: "FAILED",
    ev.Outcome.REFUSED: "REFUSED",
    ev.Outcome.INTERRUPTED: "STOPPED",
    ev.Outcome.SKIPPED: "SKIPPED",
}
TITLES = {
    ev.Stage.CONNECT: "Connect",
    ev.Stage.PREFLIGHT: "Preflight",
    ev.Stage.PRIMARY: "Primary (master)",
    ev.Stage.STANDBY: "Standby (slave)",
    ev.Stage.VERIFY: "Verify",
}
POINTS = ("made", "sent", "written", "flushed", "received", "replayed")
MARGIN = " " * 11 + "| "
"""Before each further line of a text of several: without it, one from a host could pass for a line of ours."""


def apart(text: str) -> list[str]:
    """A text as lines of the output, all but the first behind the margin; a carriage return ends a line, too."""
    first, *others = re.split(r"\r\n|\r|\n", thinned(text.rstrip("\r\n")))
    return [first, *(MARGIN + other for other in others)]


class Lines:
    """Turns events into lines.

    Args:
        out: takes a line, without its end.
        plan: print previews as well: for a run that only plans.
    """

    def __init__(self, out: Callable[[str], None], *, plan: bool = False) -> None:
        self._put = out
        self._plan = plan
        self._steps: dict[str, ev.StepInfo] = {}
        self._stage: ev.Stage | None = None
        self._asked = ""
        self._shown = ("", 0)

    def _out(self, text: str) -> None:
        for line in apart(text):
            self._put(line)

    @singledispatchmethod
    def take(self, event: ev.Event) -> None:
        """Print an event, where it is worth a line."""

    @take.register
    def _(self, event: ev.RunStarted) -> None:
        pair = f"primary {event.primary}, standby {event.standby}"
        self._out(f"{event.topology}: {pair}; {event.mode} of {event.started}")

    @take.register
    def _(self, event: ev.PlanMade) -> None:
        self._steps = {step.id: step for step in event.steps}

    @take.register
    def _(self, event: ev.CheckDone) -> None:
        self._head("preflight")
        why = f": {event.why}" if event.why else ""
        self._out(f"  {event.verdict:<8} {event.title}: {event.primary} | {event.standby}{why}")
        if event.remedy:
            self._out(f"           {event.remedy}")

    @take.register
    def _(self, event: ev.StepInspected) -> None:
        if self._plan:
            self._head(event.step)
            self._out(f"  {event.finding:<8} {self._title(event.step)}: {event.reason}")
            if event.remedy:
                self._out(f"           {event.remedy}")

    @take.register
    def _(self, event: ev.StepPreviewed) -> None:
        if not self._plan:
            return
        for command in event.commands:
            self._out("           " + "".join(prompted(f"[{command.host}]", command.line)))
        for diff in event.diffs:
            self._out(f"           [{diff.host}] {diff.path}")
            for line in diff.diff.splitlines():
                self._out(f"             {line}")
        if event.activation:
            self._out(f"           takes effect by a {event.activation}")
        for note in event.notes:
            self._out(f"           {note}")

    @take.register
    def _(self, event: ev.StepStarted) -> None:
        self._head(event.step)
        self._shown = ("", 0)

    @take.register
    def _(self, event: ev.StepEnded) -> None:
        self._head(event.step)
        took = f" ({event.seconds:.1f} s)" if event.seconds >= 1 else ""
        self._out(f"  {SIGNS[event.outcome]:<8} {self._title(event.step)}: {event.message}{took}")
        if event.remedy and event.outcome in {ev.Outcome.FAILED, ev.Outcome.REFUSED}:
            self._out(f"           what to do: {event.remedy}")

    @take.register
    def _(self, event: ev.Progress) -> None:
        tenth = event.done * 10 // event.total if event.total else 0
        if (event.phase, tenth) != self._shown:
            known = event.phase == "copying" and event.total > 0
            done = f", {event.done / 1e6:.0f} of {event.total / 1e6:.0f} MB" if known else ""
            self._out(f"           {event.phase}{done}")
        self._shown = (event.phase, tenth)

    @take.register
    def _(self, event: ev.Milestone) -> None:
        self._out(f"           log: {event.line.strip()}")

    @take.register
    def _(self, event: ev.Asked) -> None:
        self._asked = event.kind
        if event.kind in ev.ON_THE_SPOT:
            self._out(f"  ?        {event.text}")

    @take.register
    def _(self, event: ev.Answered) -> None:
        if event.answer in {"yes", "no", "given", "none"} or self._asked == "typed":
            self._out(f"           {event.answer} ({event.by})")

    @take.register
    def _(self, event: ev.Note) -> None:
        self._out(f"  {event.level:<8} {event.text}")

    def _head(self, step: str) -> None:
        stage = self._steps[step].stage if step in self._steps else self._stage
        if stage is not None and stage is not self._stage:
            self._stage = stage
            self._out(TITLES[stage])

    def _title(self, step: str) -> str:
        return self._steps[step].title if step in self._steps else step


def summary(state: "SessionState", recording: str) -> list[str]:
    """The last lines of a run: both positions, the marked record's times, how it ended, where it was recorded."""
    lines = [*_positions(state), *_mark(state)]
    end = state.ended
    if end is None:
        lines.append("the run has not ended")
    else:
        changes = _changed(end.changes)
        lines.append(f"{end.outcome}: {changes}; {end.message}")
        if end.remedy and end.outcome is not ev.RunOutcome.DONE:
            lines.append(f"what to do: {end.remedy}")
        if end.changes and state.run is not None and state.run.mode == "run":
            lines.append(f"to undo it: pgrepl-tui undo {shlex.quote(recording)}")
    return [*(part for line in lines for part in apart(line)), "recording:", recording]


def _positions(state: "SessionState") -> list[str]:
    match, run = state.matched, state.run
    if match is None or run is None:
        return []
    primary_via = state.primary_position.via if state.primary_position else "?"
    standby_via = state.standby_position.via if state.standby_position else "?"
    shown = f"{match.lsn:<14} received and replayed (was at {match.replayed})" if match.matching else _at(match)
    since = f"match; {match.written_since} bytes written by the primary meanwhile"
    return [
        f"primary  {run.primary:<12} {match.lsn:<14} written; read from {run.primary} by {primary_via}",
        f"standby  {run.standby:<12} {shown}; read from {run.standby} by {standby_via}",
        f"WAL positions: {since if match.matching else f'NO MATCH: {match.reason}'}",
    ]


def _at(match: ev.Matched) -> str:
    return f"{match.replayed or '-':<14} replayed, {match.received or '-'} received"


def _mark(state: "SessionState") -> list[str]:
    if not state.marks:
        return []
    times = {mark.point: mark.seconds for mark in state.marks}
    journey = ", ".join(f"{point} {times[point] * 1000:.1f} ms" for point in POINTS[1:] if point in times)
    return [f"marked record {state.marks[0].lsn}: {journey}"]


def _changed(count: int) -> str:
    steps = "1 step" if count == 1 else f"{count} steps"
    return f"{steps} changed something" if count else "0 changes"
