"""A stage of steps: the steps at the left, at the right what the chosen one does."""

from collections.abc import Callable
from pathlib import PurePath
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.command import Provider
from textual.containers import Horizontal, Vertical
from textual.content import Content

from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.screens.widgets.log_commands import LogCommands
from pgrepl_tui.screens.widgets.row_list import RowList
from pgrepl_tui.screens.widgets.step_list import StepList
from pgrepl_tui.screens.widgets.step_pane import StepPane


class StepsScreen(StageScreen):
    """What the Primary and the Standby screen share."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["../styles/frame.tcss", "../styles/steps.tcss"]
    AUTO_FOCUS = "StepList"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {LogCommands}
    heading: ClassVar[str]

    def compose_body(self) -> ComposeResult:
        """Two columns."""
        with Horizontal(id="columns"):
            with Vertical(id="steps-panel", classes="panel"):
                yield StepList(id="steps")
            yield StepPane(id="pane", live=self._live)

    def draw_body(self, scene: Scene) -> None:
        """Draw the steps and the chosen one."""
        name = self.host_name(scene)
        title = f"{self.heading} · {name}" if name else self.heading
        self.query_one("#steps-panel").border_title = Content(title)
        steps = self.query_one(StepList)
        steps.show(scene.state.stage_steps(self.stage), scene)
        self.query_one(StepPane).show(steps.chosen, scene)

    def host_name(self, scene: Scene) -> str:
        """How the stage's host is called on screen, empty while it is not known."""
        run = scene.state.run
        return plain_line(getattr(run, self.stage.value)) if run is not None else ""

    @on(RowList.Chosen)
    def chosen(self) -> None:
        """Show the step that the cursor went to."""
        self.query_one(StepPane).show(self.query_one(StepList).chosen, self.scene)

    def release(self) -> None:
        """Let the cursor go with the run again."""
        self.query_one(StepList).release()
        self.query_one(StepPane).follow()
