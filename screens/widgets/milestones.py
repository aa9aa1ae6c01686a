"""The milestones of a standby's start, ticked off as they appear in its log."""

from textual.content import Content

from pgrepl_tui.screens.figures import duration
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.session.state import StepState

NO_BREAK = "\N{NO-BREAK SPACE}"


def milestone_text(step: StepState, expected: tuple[str, ...]) -> Content:
    """The milestones in a row: those that were reached with their time since the step began, the others waiting.

    ``expected`` are the names in the order in which they come; others that were seen are appended.
    """
    reached = {mark.name: mark for mark in reversed(step.milestones)}
    names = (*expected, *(name for name in reached if name not in expected))
    return Content("   ").join(_mark(name, reached[name].t if name in reached else None, step) for name in names)


def _mark(name: str, when: float | None, step: StepState) -> Content:
    words = plain_line(name).replace(" ", NO_BREAK)
    if when is None:
        return Content.styled(f"·{NO_BREAK}{words}", "dim")
    since = duration(when - step.started).replace(" ", NO_BREAK) if step.started is not None else ""
    return Content.assemble((f"✓{NO_BREAK}", "$success"), words, (f"{NO_BREAK}{since}", "dim"))
