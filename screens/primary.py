"""The Primary stage: what is prepared on the primary."""

from pgrepl_tui.events import Stage
from pgrepl_tui.screens.steps_screen import StepsScreen


class PrimaryScreen(StepsScreen):
    """The steps on the primary."""

    stage = Stage.PRIMARY
    heading = "Primary (master)"
