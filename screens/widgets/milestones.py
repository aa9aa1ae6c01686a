"""The milestones of a standby's start, ticked off as they appear in its log."""

from textual.content import Content

from pgrepl_tui.screens.figures import duration
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.session.state import StepState

GAP = 3
"""Cells between two milestones in a row."""


def milestone_text(step: StepState, expected: tuple[str, ...], width: int) -> Content:
    """The milestones in rows: those that were reached with their time since the step began, the others waiting.

    ``expected`` are the names in the order in which they come; others that were seen are appended. No milestone is
    broken over two rows of ``width`` cells.
    """
    reached = {mark.name: mark.t for mark in reversed(step.milestones)}
    names = (*expected, *(name for name in reached if name not in expected))
    rows: list[Content] = []
    for mark in (_mark(name, reached.get(name), step) for name in names):
        if rows and rows[-1].cell_length + GAP + mark.cell_length <= width:
            rows[-1] = rows[-1] + " " * GAP + mark
        else:
            rows.append(mark)
    return Content("\n").join(rows)


def _mark(name: str, when: float | None, step: StepState) -> Content:
    if when is None:
        return Content.styled(f"· {plain_line(name)}", "dim")
    since = duration(when - step.started) if step.started is not None else ""
    return Content.assemble(("✓ ", "$success"), plain_line(name), (f" {since}", "dim"))
