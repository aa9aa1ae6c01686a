"""A step in words: why it is there, what it will run and change, and how it ended."""

from textual.content import Content

from pgrepl_tui.events import Activation, Danger, FileDiff, Finding, Outcome, ShownCommand, StepPreviewed
from pgrepl_tui.screens.plain import plain
from pgrepl_tui.screens.signs import OUTCOMES
from pgrepl_tui.screens.widgets.diff_text import diff_text
from pgrepl_tui.session.state import StepState
from pgrepl_tui.spoken import prompted

ACTIVATIONS = {Activation.RELOAD: ("reload", "$accent"), Activation.RESTART: ("restart", "$warning")}
DANGERS = {
    Danger.INTERRUPTS: ("! interrupts: sessions on this server are cut off", "$warning bold"),
    Danger.REPLACES: ("! replaces data: what is there now is set aside first", "$error bold"),
}
WHAT_NOW = "What to do: "


def step_text(step: StepState | None, width: int = 0) -> Content:
    """All that the operator should know of a step before it runs, or after it failed, in a panel of so many cells."""
    if step is None:
        return Content.styled("The steps are shown as soon as they are known.", "dim")
    parts = [_ending(step), Content(plain(step.info.why)), _finding(step)]
    if step.preview is not None:
        parts += _preview(step.preview, width)
    return Content("\n\n").join(part for part in parts if part.plain)


def _ending(step: StepState) -> Content:
    """How the step ended, where there is something to say."""
    if step.outcome is None or not (step.message or step.remedy):
        return Content("")
    if step.outcome in {Outcome.CHANGED, Outcome.UNCHANGED}:
        return Content.assemble(("✓ ", "$success"), plain(step.message))
    sign = OUTCOMES[step.outcome]
    head = Content.assemble((f"{sign.mark} ", sign.style), (plain(step.message), sign.style.removesuffix(" bold")))
    return head + _remedy(step.remedy)


def _remedy(remedy: str) -> Content:
    return Content.assemble("\n", (WHAT_NOW, "bold"), plain(remedy)) if remedy else Content("")


def _finding(step: StepState) -> Content:
    """What a look at the step found, while it has not run."""
    if step.outcome is not None or step.finding is None or not (step.reason or step.finding is Finding.BLOCKED):
        return Content("")
    if step.finding is Finding.BLOCKED:
        blocked = Content.assemble(("! Blocked: ", "$warning bold"), plain(step.reason))
        return blocked + _remedy(step.remedy)
    word = "✓ Found as it should be: " if step.finding is Finding.DONE else "○ Found: "
    return Content.assemble((word, "bold"), plain(step.reason))


def _preview(preview: StepPreviewed, width: int) -> list[Content]:
    return [
        _badges(preview),
        Content("\n").join(_command(command) for command in preview.commands),
        *(_diff(diff, width) for diff in preview.diffs),
        Content("\n").join(f"· {plain(note)}" for note in preview.notes),
    ]


def _badges(preview: StepPreviewed) -> Content:
    parts = []
    if preview.activation in ACTIVATIONS:
        word, style = ACTIVATIONS[preview.activation]
        parts.append(Content.styled(f" {word} ", f"{style} reverse bold"))
    if preview.danger in DANGERS:
        parts.append(Content.styled(*DANGERS[preview.danger]))
    return Content("  ").join(parts)


def _command(command: ShownCommand) -> Content:
    prompt, shown = prompted(plain(command.host), plain(command.line))
    return Content.assemble((prompt, "dim"), shown)


def _diff(diff: FileDiff, width: int) -> Content:
    return Content.assemble((f"{plain(diff.host)}: {plain(diff.path)}", "bold"), "\n", diff_text(diff.diff, width))
