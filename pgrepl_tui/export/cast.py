"""The film for asciinema: the plain lines of a run in an asciicast, version 3, with a marker at each stage.

The format: https://docs.asciinema.org/manual/asciicast/v3/. Escape sequences are made here only: the texts of a
recording are harmless already. Idle time is kept: a player can skip it.
"""

import json
import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pgrepl_tui import events as ev
from pgrepl_tui.lines import TITLES, Lines, summary
from pgrepl_tui.session.span import RecordingError
from pgrepl_tui.session.state import SessionState, apply

if TYPE_CHECKING:
    from pgrepl_tui.session.recording import Recording

COLUMNS, ROWS = 100, 30
INDENT = " " * 11
_GREEN, _CYAN, _YELLOW, _RED, _BOLD = "32", "36", "33", "1;31", "1"
_STYLES = {
    "ok": _GREEN, "pass": _GREEN, "changed": _CYAN, "info": _CYAN, "warn": _YELLOW, "warning": _YELLOW, "?": _YELLOW,
    "REFUSED": _YELLOW, "STOPPED": _YELLOW, "stop": _RED, "FAILED": _RED, "error": _RED,
}  # fmt: skip


def cast(recording: "Recording") -> str:
    """The asciicast of a recording: a header and an event a line.

    Raises:
        RecordingError: the recording cannot be read, or holds no events.
    """
    film = _Film()
    for event, _ in recording.events():
        film.take(event)
    if not film.seen:
        raise RecordingError(f"{recording.path}: no event could be read, so there is nothing to export")
    film.end(recording.path.name)
    lines = [_header(film.state, recording.header.started), *film.events]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


class _Film:
    """Takes the events of a run, and keeps the film's: ``[seconds since the one before, code, data]``."""

    def __init__(self) -> None:
        self.state = SessionState()
        self.events: list[list[Any]] = []
        self.seen = False
        self._lines = Lines(self._say)
        self._stage: ev.Stage | None = None
        self._shown = 0  # microseconds: a sum of rounded intervals would drift

    def take(self, event: ev.Event) -> None:
        self.seen = True
        self.state = apply(self.state, event)
        self._mark(event)
        self._lines.take(event)

    def end(self, recording: str) -> None:
        """The last lines, and the run's exit code where it has ended."""
        for line in summary(self.state, recording):
            self._say(line)
        if self.state.ended is not None:
            self._add("x", str(self.state.ended.exit_code))

    def _mark(self, event: ev.Event) -> None:
        if not isinstance(event, ev.StepStarted | ev.StepEnded):  # a step that is done already only ends
            return
        step = self.state.steps.get(event.step)
        if step is not None and step.info.stage is not self._stage:
            self._stage = step.info.stage
            self._add("m", TITLES[self._stage])

    def _say(self, line: str) -> None:
        self._add("o", "".join(shown + "\r\n" for shown in _coloured(line)))

    def _add(self, code: str, data: str) -> None:
        now = round(self.state.t * 1e6)
        self.events.append([(now - self._shown) / 1e6, code, data])
        self._shown = now


def _header(state: SessionState, started: str) -> dict[str, Any]:
    run = state.run
    title = f"pgrepl-tui: {run.topology}, {run.primary} → {run.standby}" if run is not None else "pgrepl-tui"
    header: dict[str, Any] = {"version": 3, "term": {"cols": COLUMNS, "rows": ROWS, "type": "xterm-256color"}}
    try:
        header["timestamp"] = int(datetime.fromisoformat(started).timestamp())
    except (ValueError, OverflowError):
        header.pop("timestamp", None)  # it is optional, and a damaged header is no reason to show no film
    return {**header, "title": " ".join(title.split())}


def _coloured(line: str) -> Iterator[str]:
    """A line of the run as the terminal's lines; a heading is bold, and a sign has the colour of what it says."""
    text = line.expandtabs().replace("\r\n", "\n").replace("\r", "\n")
    heading = text in TITLES.values()
    style = _BOLD if heading else _STYLES.get(text[2:10].strip(), "") if text.startswith("  ") else ""
    for number, part in enumerate(_wrapped(text)):
        end = len(part) if heading else len(INDENT) - 1
        yield f"\x1b[{style}m{part[:end]}\x1b[0m{part[end:]}" if style and number == 0 else part


def _wrapped(text: str) -> Iterator[str]:
    """The lines of a text, all but the first indented: none of them can pass for a line of ours."""
    for number, line in enumerate(text.split("\n")):
        first = INDENT if number else ""
        yield from textwrap.wrap(
            line,
            COLUMNS,
            initial_indent=first,
            subsequent_indent=INDENT,
            replace_whitespace=False,
            break_on_hyphens=False,
        ) or [""]
