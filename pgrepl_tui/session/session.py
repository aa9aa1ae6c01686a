"""A session so far: the folded state, and the indexes of its long outputs."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from pgrepl_tui.events import Event, Output
from pgrepl_tui.session.outputs import Extent, OutputIndex
from pgrepl_tui.session.span import Span
from pgrepl_tui.session.state import SessionState, apply


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a session stood once. It is small, and means something only to that session, which has gone on since."""

    state: SessionState
    outputs: Mapping[str, Extent]
    logs: Mapping[str, Extent]
    last: Mapping[str, tuple[int, str]]


class Session:
    """Takes the events of a session, in order.

    Attributes:
        state: the state after the events so far.
        outputs: by step id, all that the step's commands and logs put out, in order.
        logs: by step id, the server's log only.
    """

    def __init__(self) -> None:
        self.state = SessionState()
        self.outputs: dict[str, OutputIndex] = defaultdict(OutputIndex)
        self.logs: dict[str, OutputIndex] = defaultdict(OutputIndex)
        self._last: dict[str, tuple[int, str]] = {}

    def add(self, event: Event, span: Span) -> None:
        """Take the next event, and where it lies in the recording."""
        self.state = apply(self.state, event)
        if isinstance(event, Output):
            self._index(event, span)

    def standing(self) -> Standing:
        """Where it stands now, for ``back_to``."""
        outputs = {step: index.extent() for step, index in self.outputs.items()}
        logs = {step: index.extent() for step, index in self.logs.items()}
        return Standing(self.state, outputs, logs, dict(self._last))

    def back_to(self, standing: Standing) -> "Session":
        """A session as this one was there; it can go on on its own."""
        other = Session()
        other.state = standing.state
        other.outputs.update((step, self.outputs[step].back_to(extent)) for step, extent in standing.outputs.items())
        other.logs.update((step, self.logs[step].back_to(extent)) for step, extent in standing.logs.items())
        other._last = dict(standing.last)
        return other

    def _index(self, event: Output, span: Span) -> None:
        index = self.outputs[event.step]
        source = (event.number, event.stream)
        if self._last.get(event.step, source) != source:
            index.end_line()
        self._last[event.step] = source
        index.add(span, event.text)
        if event.stream == "log":
            self.logs[event.step].add(span, event.text)
