"""What went wrong in a stage, in whole sentences, on the screens that have no panel for a step."""

from textual.widgets import Static

from pgrepl_tui.events import Outcome
from pgrepl_tui.screens.widgets.step_text import step_text
from pgrepl_tui.session.state import StepState

BAD = {Outcome.FAILED, Outcome.REFUSED, Outcome.INTERRUPTED}
"""The outcomes that the operator must read about."""


class Problem(Static):
    """The last step of the stage that did not end well; hidden while all is well."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._step: StepState | None = None

    def show(self, steps: tuple[StepState, ...]) -> None:
        """Draw the problem of these steps."""
        bad = [step for step in steps if step.outcome in BAD]
        self.display = bool(bad)
        if bad and bad[-1] is not self._step:
            self._step = bad[-1]
            self.update(step_text(self._step))
