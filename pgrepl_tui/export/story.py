"""What a recording tells, gathered in one walk: its last state, what was asked, the end of each command's output."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pgrepl_tui import events as ev
from pgrepl_tui.lines import summary
from pgrepl_tui.session.span import RecordingError
from pgrepl_tui.session.state import CommandState, SessionState, StepState, apply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgrepl_tui.session.recording import Header, Recording

KEPT = 4096
"""Characters of a command's output that are kept: its end, where a command says what went wrong."""


@dataclass(slots=True)
class Tail:
    """The end of a command's output, and whether there was more before it."""

    text: str = ""
    cut: bool = False

    def add(self, piece: str) -> None:
        """Take the next piece."""
        self.text += piece
        if len(self.text) > 2 * KEPT:
            self.text, self.cut = self.text[-KEPT:], True

    def lines(self, most: int) -> list[str]:
        """The last lines, as a terminal shows them; a first line says that there were more."""
        shown = [line.rstrip("\r").rpartition("\r")[2] for line in self.text.rstrip("\r\n").split("\n")]
        if shown == [""]:
            return []
        before = ["… (what came before is in the recording)"] if self.cut or len(shown) > most else []
        return [*before, *shown[-most:]]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question to the operator; ``answer`` is empty where none came."""

    text: str
    answer: str = ""
    by: str = ""


@dataclass(slots=True)
class Story:
    """A recording, read to its end."""

    name: str
    header: "Header"
    state: SessionState = field(default_factory=SessionState)
    asked: dict[str, list[Asking]] = field(default_factory=dict)
    outputs: dict[int, Tail] = field(default_factory=dict)
    problems: str = ""

    @classmethod
    def read(cls, recording: "Recording") -> "Story":
        """Walk through a recording.

        Raises:
            RecordingError: it cannot be read, or holds no events.
        """
        story = cls(recording.path.name, recording.header)
        empty = True
        for event, _ in recording.events():
            empty = False
            story._take(event)
        if empty:
            raise RecordingError(f"{recording.path}: no event could be read, so there is nothing to export")
        story.problems = recording.problems
        return story

    def _take(self, event: ev.Event) -> None:
        question = self.state.question
        self.state = apply(self.state, event)
        if isinstance(event, ev.Output):
            self.outputs.setdefault(event.number, Tail()).add(event.text)
        elif isinstance(event, ev.Asked) and event.kind != "gate":
            self.asked.setdefault(event.step, []).append(Asking(event.text))
        elif isinstance(event, ev.Answered) and question is not None and question.asked.question == event.question:
            self._answer(question.asked, event)

    def _answer(self, asked: ev.Asked, answered: ev.Answered) -> None:
        if asked.kind != "gate":
            self.asked[asked.step][-1] = Asking(asked.text, answered.answer, answered.by)

    @property
    def title(self) -> str:
        """The topology and its hosts."""
        run = self.state.run
        return f"{run.topology}: {run.primary} → {run.standby}" if run is not None else self.name

    def facts(self) -> "Iterator[tuple[str, str]]":
        """The run in a few lines: when, how it ended, how long it took."""
        run, end = self.state.run, self.state.ended
        if run is not None:
            yield "started", f"{run.started} ({run.mode})"
        yield "outcome", f"{end.outcome}, exit code {end.exit_code}: {end.message}" if end else "it has not ended"
        if end and end.remedy and end.outcome is not ev.RunOutcome.DONE:
            yield "what to do", end.remedy
        yield "took", seconds(self.state.t)
        commands = self.state.commands.values()
        yield (
            "commands",
            f"{len(commands)}, of which {sum(command.changes for command in commands)} may change something",
        )
        yield "recorded by", f"pgrepl-tui {self.header.program}, in {self.name}"
        if self.problems:
            yield "warning", f"not all of the recording could be read: {self.problems}"

    def commands(self, step: str) -> list[CommandState]:
        """The commands of a step, in order."""
        return [command for command in self.state.commands.values() if command.step == step]

    def output(self, command: CommandState, most: int) -> list[str]:
        """The last lines of a command's output."""
        tail = self.outputs.get(command.number)
        return tail.lines(most) if tail is not None else []

    def checks(self) -> "Iterator[str]":
        """The rows of the preflight with what they say, as lines; no text makes a line of its own."""
        for check in self.state.checks:
            yield one_line(f"{check.verdict:<5} {check.title}: {check.primary} | {check.standby}")
            yield from (f"      {one_line(text)}" for text in (check.why, check.remedy) if text)

    def positions(self) -> "Iterator[str]":
        """Both positions at the end, the marked record and how the run ended, as lines."""
        lines = summary(self.state, self.name)
        yield from map(one_line, lines[: lines.index("recording:")])

    def host(self, step: StepState) -> str:
        """The host that a step changes, as it is called, with its role."""
        run = self.state.run
        name = {"primary": run.primary, "standby": run.standby}.get(step.info.host) if run is not None else None
        return f"{name} ({step.info.host})" if name else step.info.host


def one_line(text: str) -> str:
    """A text without line ends of its own, which could pass for lines of ours."""
    return " ".join(text.splitlines())


def ending(command: CommandState) -> str:
    """How a command ended, and in what time."""
    if not command.ended:
        return "not ended"
    status = "connection lost" if command.status is None else f"exit status {command.status}"
    return f"{status}, {seconds(command.seconds)}"


def seconds(time: float) -> str:
    """A time for people: ``0.02 s``, ``12.3 s``, ``1 h 02 min 03 s``."""
    if time < 1:
        return f"{time:.2f} s"
    if time < 60:
        return f"{time:.1f} s"
    minutes, rest = divmod(round(time), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min {rest:02} s" if hours else f"{minutes} min {rest:02} s"


def took(step: StepState) -> str:
    """How long a step took; empty where it did not run to an end."""
    return seconds(step.ended - step.started) if step.started is not None and step.ended is not None else ""
