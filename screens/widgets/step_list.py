"""The steps of a stage with their marks and times."""

from textual.content import Content

from pgrepl_tui.events import Outcome
from pgrepl_tui.screens.figures import clock, duration
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.signs import LOOKED, NEEDED, OUTCOMES, READY, Sign, step_sign
from pgrepl_tui.screens.widgets.row_list import RowList
from pgrepl_tui.session.state import StepState

WORDY = 36
"""The width in cells from which on a mark that speaks for itself has its word beside it."""
TIMED = {OUTCOMES[Outcome.CHANGED], LOOKED}
"""Ends that are told by how long the step took."""


class StepList(RowList):
    """A list of steps; the cursor stands on the one that runs, else on the next one."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.steps: tuple[StepState, ...] = ()
        self._now = 0.0

    @property
    def chosen(self) -> StepState | None:
        """The step that the cursor stands on."""
        return self.steps[self.cursor] if self.cursor < len(self.steps) else None

    def show(self, steps: tuple[StepState, ...], scene: Scene) -> None:
        """Draw these steps."""
        second = int(scene.now) if any(step.running for step in steps) else 0
        if steps == self.steps and second == int(self._now):
            return
        another = len(steps) != len(self.steps)
        self.steps, self._now = steps, scene.now if second else 0.0
        self.lead(self._leading(scene.state.current))
        self.refresh(layout=another)

    def _leading(self, current: str) -> int:
        """The current step while it runs or after it failed; else the first that is still to do, else the last."""
        for index, step in enumerate(self.steps):
            if step.info.id == current and step_sign(step).mark in "▶✗!":
                return index
        waits = (index for index, step in enumerate(self.steps) if step_sign(step).mark != "✓")
        return next(waits, max(0, len(self.steps) - 1))

    def count(self) -> int:
        """How many steps there are."""
        return len(self.steps)

    def row(self, index: int, width: int) -> Content:
        """The mark, the title, and at the right the time or the word for the mark."""
        step = self.steps[index]
        sign = step_sign(step)
        right = self._right(step, sign) if width >= WORDY or sign not in {NEEDED, READY} else ""
        title = Content(plain_line(step.info.title)).truncate(max(1, width - 4 - len(right)), ellipsis=True, pad=True)
        name = title.stylize("dim") if sign.mark == "·" else title
        return Content.assemble((f"{sign.mark} ", sign.style), name, " ", (right, "dim"))

    def _right(self, step: StepState, sign: Sign) -> str:
        if step.running and step.started is not None:
            return clock(self._now - step.started)
        if sign in TIMED and step.started is not None and step.ended is not None:
            return duration(step.ended - step.started)
        return sign.word
