"""The page: one file that needs no network and no script, with the screens as pictures and the log of commands."""

import asyncio
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from pgrepl_tui.events import Outcome, Stage
from pgrepl_tui.export.html_style import STYLE
from pgrepl_tui.export.html_text import block, diff, folded, pairs
from pgrepl_tui.export.pictures import Shown, draw, last_states
from pgrepl_tui.export.story import Story, ending, seconds, took
from pgrepl_tui.lines import TITLES
from pgrepl_tui.screens.signs import step_sign

if TYPE_CHECKING:
    from pgrepl_tui.export.pictures import Moment
    from pgrepl_tui.session.recording import Recording
    from pgrepl_tui.session.state import CommandState, StepState

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""No script, no network, no form: even if a text of a host got through as markup."""
MOST_LINES = 40
"""Lines of output that are shown of a command."""
_BAD = {Outcome.FAILED: "bad", Outcome.REFUSED: "bad", Outcome.INTERRUPTED: "warn", Outcome.SKIPPED: "warn"}


def html_page(recording: "Recording") -> str:
    """The page of a recording.

    Raises:
        RecordingError: the recording cannot be read, or holds no events.
    """
    story = Story.read(recording)
    replay = Shown(recording)
    moments = last_states(replay)
    pictures = asyncio.run(draw(replay, moments))
    parts = [*_head(story), *_screens(moments, pictures), *_stages(story), *_notes(story)]
    return "\n".join([*_opening(story), *parts, "</main>\n</body>\n</html>\n"])


def _opening(story: Story) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
    yield '<meta name="referrer" content="no-referrer">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(story.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>"


def _head(story: Story) -> Iterator[str]:
    yield f"<h1>{escape(story.title)}</h1>"
    yield pairs(story.facts())
    yield "<h2>Positions</h2>"
    yield block(story.positions())
    yield '<h2>Hosts</h2>\n<div class="hosts">'
    for host in story.state.hosts.values():
        yield f"<section>\n<h3>{escape(host.name)} ({escape(host.role)})</h3>"
        yield pairs((row.name, row.value) for row in host.facts)
        yield "</section>"
    yield "</div>"


def _screens(moments: "Sequence[Moment]", pictures: Sequence[str]) -> Iterator[str]:
    yield "<h2>Screens</h2>\n<p>Each stage as it was at its end.</p>"
    for (stage, t), picture in zip(moments, pictures, strict=True):
        label = f"{TITLES[stage]}, after {seconds(t)}"
        image = picture.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
        yield f"<figure>\n{image}\n<figcaption>{escape(label)}</figcaption>\n</figure>"


def _stages(story: Story) -> Iterator[str]:
    yield "<h2>What was run</h2>"
    for stage in Stage:
        steps = story.state.stage_steps(stage)
        if steps:
            yield f"<h3>{escape(TITLES[stage])}</h3>"
        for step in steps:
            kind = _BAD.get(step.outcome, "good") if step.outcome is not None else "dim"
            yield folded(_summary(step, kind), _step(story, step), is_open=kind in {"bad", "warn"}, kind="step")


def _summary(step: "StepState", kind: str) -> str:
    sign = step_sign(step)
    how = escape(f"{sign.mark} {sign.word or 'not run'}")
    said = escape(f"{step.info.title}: {step.message}" if step.message else step.info.title)
    return f'<span class="{kind}">{how}</span> {said} <span class="dim">{escape(took(step))}</span>'


def _step(story: Story, step: "StepState") -> Iterator[str]:
    yield f"<p>{escape(step.info.why)}</p>"
    yield pairs(_facts(story, step))
    if step.info.stage is Stage.PREFLIGHT and story.state.checks:
        yield block(story.checks())
    for changed in step.preview.diffs if step.preview is not None else ():
        yield f"<p><code>{escape(changed.path)}</code> on {escape(changed.host)}</p>"
        yield diff(changed.diff)
    for command in story.commands(step.info.id):
        yield _command(story, command)


def _facts(story: Story, step: "StepState") -> Iterator[tuple[str, str]]:
    yield "host", story.host(step)
    if step.preview is not None and step.preview.activation:
        yield "takes effect by", f"a {step.preview.activation}"
    for asking in story.asked.get(step.info.id, ()):
        yield "asked", asking.text
        yield "answer", f"{asking.answer} ({asking.by})" if asking.answer else "none"
    if step.message or step.reason:
        yield "result", step.message or step.reason
    if step.remedy and step.outcome in _BAD:
        yield "what to do", step.remedy


def _command(story: Story, command: "CommandState") -> str:
    changes = ' <strong class="warn">changes</strong>' if command.changes else ""
    line = f"<code>{escape(command.line)}</code>"
    said = f'<span class="dim">{escape(command.host)}</span>{changes} {line} '
    said += f'<span class="{"dim" if command.status == 0 else "warn"}">{escape(ending(command))}</span>'
    output = story.output(command, MOST_LINES)
    return folded(said, [block(output) if output else "<p>It said nothing.</p>"])


def _notes(story: Story) -> Iterator[str]:
    if story.state.notes:
        yield "<h2>Notes</h2>"
        yield pairs((note.level, note.text) for note in story.state.notes)
