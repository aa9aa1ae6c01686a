"""How far a base backup is: its phases, bar, percent, amount, rate and time left."""

from collections import deque

from textual.content import Content
from textual.widget import Widget

from pgrepl_tui.events import Outcome, Progress
from pgrepl_tui.postgres.basebackup import COPYING, DONE, SYNCING, WAITING_FOR_CHECKPOINT, WAITING_FOR_WAL
from pgrepl_tui.screens.figures import clock, size
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.signs import FAILED, RUNNING, WAITING, Sign
from pgrepl_tui.session.state import StepState

WINDOW = 10.0
"""Seconds of copying that the rate is taken over."""
PHASES = {WAITING_FOR_CHECKPOINT: "checkpoint", COPYING: "copying", WAITING_FOR_WAL: "WAL", SYNCING: "syncing"}
"""The phases in their order, each in the word that it is told by."""
PASSED = Sign("✓", "passed", "$success")
WORDS = {
    WAITING_FOR_CHECKPOINT: "the primary's checkpoint first",
    WAITING_FOR_WAL: "all data here; its WAL awaited",
    SYNCING: "all here, written to the disk",
}
"""What is waited for in the phases in which nothing is copied."""
GAP = "  "


class Rate:
    """Bytes a second over the last seconds, from the times of the Progress events alone."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, progress: Progress, started: float) -> float:
        """Take a Progress in; the rate in bytes a second, 0 while it is not known."""
        if self._seen and (progress.t < self._seen[-1][0] or progress.done < self._seen[-1][1]):
            self._seen.clear()
        if not self._seen:
            self._seen.append((started, 0))
        if progress.phase == WAITING_FOR_CHECKPOINT:
            self._seen[-1] = (progress.t, 0)  # nothing can have come by then
        elif progress.t > self._seen[-1][0]:
            self._seen.append((progress.t, progress.done))
        while len(self._seen) > 2 and self._seen[1][0] <= progress.t - WINDOW:
            self._seen.popleft()
        (first, before), (last, now) = self._seen[0], self._seen[-1]
        return (now - before) / (last - first) if last > first else 0.0


def progress_text(progress: Progress, rate: float, *, waited: float, outcome: Outcome | None, width: int) -> Content:
    """Three lines: the phases; the bar with percent and amount; rate and time left, or what is waited for.

    Args:
        progress: the last that was told.
        rate: bytes a second.
        waited: seconds since then.
        outcome: how the step ended; None while it runs.
        width: cells of a line.
    """
    return Content("\n").join(
        [_phases(progress.phase, outcome), _bar(progress, width), _left(progress, rate, waited, outcome)]
    )


def _phases(phase: str, outcome: Outcome | None) -> Content:
    known = list(PHASES)
    passed = len(known) if phase == DONE or outcome is Outcome.CHANGED else None
    here = passed if passed is not None else known.index(phase) if phase in PHASES else -1
    marks = [_mark(word, place - here, outcome) for place, word in enumerate(PHASES.values())]
    if here < 0:
        marks.insert(0, Content.assemble((RUNNING.mark, RUNNING.style), f" {plain_line(phase)}"))
    return Content(GAP).join(marks)


def _mark(word: str, ahead: int, outcome: Outcome | None) -> Content:
    """A phase with its sign; ``ahead`` is 0 for the one that it is in, and negative for those that are passed."""
    now = RUNNING if outcome is None else FAILED
    sign, style = (WAITING, "dim") if ahead > 0 else (PASSED, "") if ahead < 0 else (now, "bold")
    return Content.assemble((sign.mark, sign.style), (f" {word}", style))


def _bar(progress: Progress, width: int) -> Content:
    if not progress.total:
        return Content(size(progress.done) if progress.done else "")
    share = min(1.0, progress.done / progress.total)
    amount = f"{share:4.0%}  {size(progress.done)} of {size(progress.total)}"
    room = max(4, min(50, width - len(amount) - 2))
    full = round(room * share)
    return Content.assemble(("█" * full, "$primary"), ("░" * (room - full), "dim")) + f" {amount}"


def _left(progress: Progress, rate: float, waited: float, outcome: Outcome | None) -> Content:
    if outcome is not None or progress.phase == DONE:
        good = outcome in {None, Outcome.CHANGED, Outcome.UNCHANGED}
        return Content.styled("finished" if good else "it stopped here", "dim")
    if progress.phase in WORDS:
        return Content.styled(f"{WORDS[progress.phase]} · {clock(waited)}", "dim")
    if rate <= 0:
        return Content.styled("nothing comes in" if progress.done else "waiting for the first bytes", "dim")
    left = f" · {clock((progress.total - progress.done) / rate)} left" if progress.total > progress.done else ""
    return Content.styled(f"{size(int(rate))}/s{left}", "dim")


class BackupProgress(Widget):
    """The progress of the step that is shown; hidden for a step that has none."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._progress: Progress | None = None
        self._rate = Rate()
        self._speed = 0.0
        self._waited = 0.0
        self._outcome: Outcome | None = None

    def show(self, step: StepState | None, now: float) -> None:
        """Draw the progress of a step at a time of the session, in seconds."""
        progress = step.progress if step is not None else None
        self.display = progress is not None
        if step is None or progress is None:
            self._progress = None
            return
        if progress != self._progress:
            self._speed = self._rate.add(progress, step.started or 0.0)
        waited = float(int(max(0.0, now - progress.t)))
        if (progress, step.outcome, waited) != (self._progress, self._outcome, self._waited):
            self._progress, self._outcome, self._waited = progress, step.outcome, waited
            self.refresh()

    def render(self) -> Content:
        """The three lines."""
        if self._progress is None:
            return Content("")
        return progress_text(
            self._progress, self._speed, waited=self._waited, outcome=self._outcome, width=self.size.width
        )
