"""The Preflight stage: the table of checks; the chosen row opens below."""

from pathlib import PurePath
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from pgrepl_tui.events import CheckDone, Outcome, Stage, Verdict
from pgrepl_tui.screens.plain import plain, plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.signs import VERDICTS
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.screens.widgets.check_table import CheckTable, heading
from pgrepl_tui.screens.widgets.problem import Problem
from pgrepl_tui.screens.widgets.reader import Reader
from pgrepl_tui.screens.widgets.row_list import RowList
from pgrepl_tui.session.state import SessionState, StepState

AGAIN = "[@click=app.recheck]look again (a)[/]"
"""Markup of our own: a border's title takes a click."""


class PreflightScreen(StageScreen):
    """Nothing is changed in this stage; a stop must be mended before the next one."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["../styles/frame.tcss", "../styles/preflight.tcss"]
    AUTO_FOCUS = "CheckTable"
    stage = Stage.PREFLIGHT

    def compose_body(self) -> ComposeResult:
        """The table, and the chosen row in full."""
        with Vertical(id="checks-panel", classes="panel"):
            yield Static(markup=False, id="checks-heading")
            yield CheckTable(id="checks")
        yield Problem()
        with Reader(id="evidence", classes="panel"):
            yield Static(markup=False, id="evidence-text")

    def draw_body(self, scene: Scene) -> None:
        """Draw the checks and the chosen one."""
        table = self.query_one(CheckTable)
        self.query_one("#checks-heading", Static).update(heading(table.size.width or self.size.width - 4))
        self.query_one("#checks-panel").border_title = Content(f"Preflight · {_summary(scene.state.checks)}")
        table.show(scene.state.checks)
        self.query_one(Problem).show(_not_in_the_table(scene.state))
        self.chosen()

    @on(RowList.Chosen)
    def chosen(self) -> None:
        """Open the row that the cursor went to."""
        check = self.query_one(CheckTable).chosen
        panel = self.query_one("#evidence")
        panel.border_title = Content(plain_line(check.title) if check is not None else "")
        panel.border_subtitle = AGAIN if check is not None and self.scene.live else ""
        self.query_one("#evidence-text", Static).update(_evidence(check))

    def release(self) -> None:
        """Let the cursor go to the worst row again."""
        self.query_one(CheckTable).release()


def _not_in_the_table(state: SessionState) -> tuple[StepState, ...]:
    """The steps of the stage, but not one that only says what a row of the table says, with the row's remedy."""
    rows = tuple(f"{check.title}: " for check in state.checks)
    steps = state.stage_steps(Stage.PREFLIGHT)
    return tuple(step for step in steps if not (step.outcome is Outcome.REFUSED and step.message.startswith(rows)))


def _summary(checks: tuple[CheckDone, ...]) -> str:
    """The number of checks of each verdict, in words."""
    counts = [(sum(check.verdict is verdict for check in checks), VERDICTS[verdict].word) for verdict in Verdict]
    return ", ".join(f"{count} {word}" for count, word in counts if count) or "no checks yet"


def _evidence(check: CheckDone | None) -> Content:
    """What was seen on each side, why it matters, and what mends it."""
    if check is None:
        return Content.styled("The checks appear here one by one; a row opens when it is chosen.", "dim")
    sign = VERDICTS[check.verdict]
    parts = [
        Content.assemble(("primary  ", "bold"), plain(check.primary)),
        Content.assemble(("standby  ", "bold"), plain(check.standby)),
    ]
    if check.why:
        parts.append(Content.assemble((f"{sign.mark} {sign.word}: ", sign.style), plain(check.why)))
    if check.remedy:
        parts.append(Content.assemble(("What to do: ", "bold"), plain(check.remedy)))
    return Content("\n").join(parts)
