"""The Standby stage: the base backup, the standby's settings, and its log until it streams."""

from pgrepl_tui.events import Stage
from pgrepl_tui.screens.steps_screen import StepsScreen


class StandbyScreen(StepsScreen):
    """The steps on the standby, with the progress of the copy and the milestones of the start."""

    stage = Stage.STANDBY
    heading = "Standby (slave)"
