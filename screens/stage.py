"""A stage's screen: the frame that all five share, and how it is drawn."""

from pathlib import PurePath
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen

from pgrepl_tui.events import Stage
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.widgets.question_bar import QuestionBar
from pgrepl_tui.screens.widgets.stage_bar import StageBar
from pgrepl_tui.screens.widgets.top_line import TopLine
from pgrepl_tui.screens.widgets.transport_bar import TransportBar
from pgrepl_tui.screens.widgets.wrapping import KeysFooter


class StageScreen(Screen[None]):
    """A screen of the wizard. A subclass names its stage, composes its body and draws it."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["../styles/frame.tcss"]
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (64, "-narrow"), (100, "-wide")]  # noqa: RUF012 - an instance variable in Textual
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - as above
    stage: ClassVar[Stage]

    def __init__(self, *, live: bool) -> None:
        super().__init__()
        self._live = live
        self.scene = Scene()

    def compose(self) -> ComposeResult:
        """Two lines above, the body, the question, the transport of a replay, the keys."""
        yield TopLine()
        yield StageBar(self.stage)
        with Container(id="body"):
            yield from self.compose_body()
        yield QuestionBar()
        if not self._live:
            yield TransportBar()
        yield KeysFooter(compact=True, show_command_palette=self._live)

    def compose_body(self) -> ComposeResult:
        """What stands between the frame's lines."""
        raise NotImplementedError

    def show(self, scene: Scene) -> None:
        """Draw a scene."""
        self.scene = scene
        if self.is_mounted:
            self._draw()

    def on_resize(self) -> None:
        """Draw again: what is shown depends on the room."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if self._pruning:  # it is being taken away, its parts first
            return
        for line in self.query(TopLine):
            line.show(self.scene)
        for tabs in self.query(StageBar):
            tabs.show(self.scene)
        for asked in self.query(QuestionBar):
            asked.show(self.scene)
        for transport in self.query(TransportBar):
            transport.show(self.scene)
        self.draw_body(self.scene)

    def draw_body(self, scene: Scene) -> None:
        """Draw the body for a scene."""
        raise NotImplementedError

    def release(self) -> None:
        """Let cursors go with the run again."""
