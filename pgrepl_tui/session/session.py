"""A session so far: the folded state, and the indexes of its long outputs."""

from pgrepl_tui.events import Event, Output
from pgrepl_tui.session.outputs import OutputIndex
from pgrepl_tui.session.span import Span
from pgrepl_tui.session.state import SessionState, apply


class Session:
    """Takes the events of a session, in order.

    Attributes:
        state: the state after the events so far.
        outputs: by step id, all that the step's commands and logs put out, in order.
        logs: by step id, the server's log only.
    """

    def __init__(self) -> None:
        self.state = SessionState()
        self.outputs: dict[str, OutputIndex] = {}
        self.logs: dict[str, OutputIndex] = {}
        self._last: dict[str, tuple[int, str]] = {}

    def add(self, event: Event, span: Span) -> None:
        """Take the next event, and where it lies in the recording."""
        self.state = apply(self.state, event)
        if isinstance(event, Output):
            self._index(event, span)

    def copy(self) -> "Session":
        """A session that can go on on its own."""
        other = Session()
        other.state = self.state
        other.outputs = {step: index.copy() for step, index in self.outputs.items()}
        other.logs = {step: index.copy() for step, index in self.logs.items()}
        other._last = dict(self._last)
        return other

    def _index(self, event: Output, span: Span) -> None:
        index = self.outputs.setdefault(event.step, OutputIndex())
        source = (event.number, event.stream)
        if self._last.get(event.step, source) != source:
            index.end_line()
        self._last[event.step] = source
        index.add(span, event.text)
        if event.stream == "log":
            self.logs.setdefault(event.step, OutputIndex()).add(span, event.text)
