"""How far a base backup is: phase, bar, percent, amount, rate and time left."""

from collections import deque

from textual.content import Content
from textual.widget import Widget

from pgrepl_tui.events import Progress
from pgrepl_tui.screens.figures import clock, size
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.session.state import StepState

WINDOW = 10.0
"""Seconds of copying that the rate is taken over."""


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
        if progress.t > self._seen[-1][0]:
            self._seen.append((progress.t, progress.done))
        while len(self._seen) > 2 and self._seen[1][0] <= progress.t - WINDOW:
            self._seen.popleft()
        (first, before), (last, now) = self._seen[0], self._seen[-1]
        return (now - before) / (last - first) if last > first else 0.0


def progress_text(progress: Progress, rate: float, *, ended: bool, width: int) -> Content:
    """Three lines: the phase; the bar with percent and amount; rate and time left (bytes, bytes a second)."""
    share = min(1.0, progress.done / progress.total) if progress.total else 0.0
    amount = f"{share:4.0%}  {size(progress.done)} of {size(progress.total)}" if progress.total else size(progress.done)
    room = max(4, min(50, width - len(amount) - 2))
    full = round(room * share)
    bar = Content.assemble(("█" * full, "$primary"), ("░" * (room - full), "dim"))
    return Content("\n").join(
        [Content.styled(plain_line(progress.phase), "bold"), bar + f" {amount}", _left(progress, rate, ended=ended)]
    )


def _left(progress: Progress, rate: float, *, ended: bool) -> Content:
    if ended:
        return Content.styled("finished", "dim")
    if rate <= 0:
        return Content.styled("waiting for the first bytes", "dim")
    left = f" · {clock((progress.total - progress.done) / rate)} left" if progress.total > progress.done else ""
    return Content.styled(f"{size(int(rate))}/s{left}", "dim")


class BackupProgress(Widget):
    """The progress of the step that is shown; hidden for a step that has none."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._progress: Progress | None = None
        self._rate = Rate()
        self._speed = 0.0
        self._ended = False

    def show(self, step: StepState | None) -> None:
        """Draw the progress of a step."""
        progress = step.progress if step is not None else None
        self.display = progress is not None
        if step is None or progress is None:
            self._progress = None
            return
        ended = step.outcome is not None
        if progress != self._progress or ended != self._ended:
            self._speed = self._rate.add(progress, step.started or 0.0)
            self._progress, self._ended = progress, ended
            self.refresh()

    def render(self) -> Content:
        """The three lines."""
        if self._progress is None:
            return Content("")
        return progress_text(self._progress, self._speed, ended=self._ended, width=self.size.width)
