"""The right side of a stage: what the chosen step will do, and its output once it runs."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.widgets.backup_progress import BackupProgress
from pgrepl_tui.screens.widgets.log_view import LogView
from pgrepl_tui.screens.widgets.milestones import milestone_text
from pgrepl_tui.screens.widgets.problem import BAD
from pgrepl_tui.screens.widgets.reader import Reader
from pgrepl_tui.screens.widgets.step_text import step_text
from pgrepl_tui.session.state import StepState


class StepPane(Vertical):
    """Two panels, one above the other; on a short screen one of them, and ``turn`` shows the other."""

    def __init__(self, *, id: str | None = None, live: bool = True) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._live = live
        self._step: StepState | None = None
        self._scene = Scene()
        self._turned = False
        self._width = 0

    def compose(self) -> ComposeResult:
        """The two panels."""
        with Reader(id="detail", classes="panel") as detail:
            detail.border_title = "What it does"
            yield Static(markup=False, id="detail-text")
        with Vertical(id="output", classes="panel"):
            yield BackupProgress(id="progress")
            yield Static(markup=False, id="milestones")
            yield LogView(id="log", live=self._live)

    def show(self, step: StepState | None, scene: Scene) -> None:
        """Draw a step."""
        if step is None or self._step is None or step.info.id != self._step.info.id:
            self._turned = False
            self.query_one("#detail").scroll_home(animate=False)
        width = self.query_one("#detail").content_size.width
        if step is not self._step or width != self._width:
            self.query_one("#detail-text", Static).update(step_text(step, width))
            self._width = width
        self._step, self._scene = step, scene
        self._show_output(step, scene)
        self._divide(step)

    def turn(self) -> None:
        """Show the other panel, or the log in the whole height."""
        self._turned = not self._turned
        self._divide(self._step)

    def _show_output(self, step: StepState | None, scene: Scene) -> None:
        panel = self.query_one("#output", Vertical)
        panel.border_title = Content(plain_line(step.info.title) if step is not None else "")
        self.query_one(BackupProgress).show(step, scene.now)
        expected = scene.milestones(step) if step is not None else ()
        ticks = self.query_one("#milestones", Static)
        ticks.display = bool(expected)
        if step is not None and expected:
            ticks.update(milestone_text(step, expected, panel.size.width or self.size.width))
        index = scene.output(step.info.id) if step is not None else None
        log = self.query_one(LogView)
        log.tick([mark.line for mark in step.milestones] if step is not None else [])
        log.show(index, scene.read)
        self._hint()

    def follow(self) -> None:
        """Go to the end of the log, and stay there."""
        self.query_one(LogView).action_follow()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _hint(self) -> None:
        """Tell the keys of the log while they are the ones that count, below it and as many as there is room for."""
        panel, log = self.query_one("#output", Vertical), self.query_one(LogView)
        panel.border_subtitle = Content(log.hints(panel.size.width) if log.has_focus else "")

    def _spoke(self, step: StepState | None) -> bool:
        """Whether there is anything to see of a step's output."""
        if step is None:
            return False
        return bool(step.progress or step.milestones or self._scene.output(step.info.id))

    def _divide(self, step: StepState | None) -> None:
        """Which panels are seen: where there is no room for both, the words until there is output, and of a failure."""
        began = step is not None and step.started is not None
        tall = self.screen.has_class("-tall")
        detail = not began or tall or not self._spoke(step) or (step is not None and step.outcome in BAD)
        output = began and (tall or not detail)
        if self._turned and began:
            detail, output = (False, True) if tall else (not detail, not output)
        self.set_class(detail and output, "-both")
        self.query_one("#detail").display = detail
        self.query_one("#output").display = output
