"""The runbook: what was run where, in order, with results, in Markdown.

Texts of the recording stand in code or are escaped, so that none of them becomes markup.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pgrepl_tui.events import Outcome, Stage
from pgrepl_tui.export.markdown_text import code, fence, prose
from pgrepl_tui.export.story import Story, ending, one_line, took
from pgrepl_tui.lines import TITLES
from pgrepl_tui.screens.signs import step_sign

if TYPE_CHECKING:
    from pgrepl_tui.session.recording import Recording
    from pgrepl_tui.session.state import CommandState, StepState

MOST_LINES = 20
"""Lines of output that are shown of a command that may change something, or that failed."""


def markdown(recording: "Recording") -> str:
    """The runbook of a recording.

    Raises:
        RecordingError: the recording cannot be read, or holds no events.
    """
    story = Story.read(recording)
    return "\n".join([*_head(story), *_stages(story), *_end(story)]).rstrip("\n") + "\n"


def _head(story: Story) -> Iterator[str]:
    yield f"# Runbook: {prose(story.title)}\n"
    for name, value in story.facts():
        yield f"- {name}: {prose(value)}"
    yield ""
    if story.state.hosts:
        yield "## Hosts\n"
    for host in story.state.hosts.values():
        yield f"### Host: {prose(host.name)} ({prose(host.role)})\n"
        rows = [(one_line(row.name), one_line(row.value)) for row in host.facts]
        width = max((len(name) for name, _ in rows), default=0)
        yield fence("\n".join(f"{name:<{width}}  {value}" for name, value in rows))


def _stages(story: Story) -> Iterator[str]:
    number = 0
    for stage in Stage:
        steps = story.state.stage_steps(stage)
        if steps:
            yield f"## Stage: {TITLES[stage]}\n"
        for step in steps:
            number += 1
            yield from _step(story, step, number)


def _step(story: Story, step: "StepState", number: int) -> Iterator[str]:
    sign = step_sign(step)
    time = took(step)
    how = f"{sign.word or 'not run'} ({time})" if time else sign.word or "not run"
    yield f"### {number}. {prose(step.info.title)}: {how}\n"
    yield f"On {prose(story.host(step))}. Why: {prose(step.info.why)}\n"
    if step.info.stage is Stage.PREFLIGHT and story.state.checks:
        yield fence("\n".join(story.checks()))
    yield from _diffs(step)
    for asking in story.asked.get(step.info.id, ()):
        answer = f"{prose(asking.answer)} ({prose(asking.by)})" if asking.answer else "no answer"
        yield f"Asked: {prose(asking.text)} Answer: {answer}\n"
    yield from _commands(story, step.info.id)
    if step.message or step.reason:
        yield f"Result: {prose(step.message or step.reason)}\n"
    if step.remedy and step.outcome in {Outcome.FAILED, Outcome.REFUSED, Outcome.INTERRUPTED}:
        yield f"What to do: {prose(step.remedy)}\n"


def _diffs(step: "StepState") -> Iterator[str]:
    if step.preview is None:
        return
    done = "Changed" if step.outcome is Outcome.CHANGED else "Would change"
    by = f", by a {step.preview.activation}" if step.preview.activation else ""
    for diff in step.preview.diffs:
        yield f"{done} on {prose(diff.host)}: {code(diff.path)}{by}\n"
        yield fence(diff.diff, "diff")


def _commands(story: Story, step: str) -> Iterator[str]:
    """What may have changed something in full view, what only looked folded; the numbers tell the order."""
    commands = story.commands(step)
    changing = [command for command in commands if command.changes]
    looking = [command for command in commands if not command.changes]
    if changing:
        yield fence("\n".join(line for command in changing for line in _command(story, command)), "sh")
    if looking:
        yield f"<details><summary>Commands that only looked: {len(looking)}</summary>\n"
        yield fence("\n".join(line for command in looking for line in _command(story, command)), "sh")
        yield "</details>\n"


def _command(story: Story, command: "CommandState") -> Iterator[str]:
    """A command as a shell line that can be copied; what was said about it is comment."""
    yield f"# {command.number}. on {one_line(command.host)}: {ending(command)}"
    yield command.line
    if command.changes or command.status != 0:
        yield from (f"#> {line}" for line in story.output(command, MOST_LINES))


def _end(story: Story) -> Iterator[str]:
    if story.state.notes:
        yield "## Notes\n"
        yield from (f"- {prose(note.level)}: {prose(note.text)}" for note in story.state.notes)
        yield ""
    yield "## Positions at the end\n"
    yield fence("\n".join(story.positions()))
