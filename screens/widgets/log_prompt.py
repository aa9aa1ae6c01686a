"""The line in which a log's search or filter is typed; each key is searched at once."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

SEARCH, FILTER = "/", "&"
HINTS = {
    SEARCH: "search; enter keeps it, esc drops it",
    FILTER: "only lines with; enter on nothing: warnings and worse",
}


class LogPrompt(Horizontal):
    """Opened with its sign and what stands in it; it tells what is typed, and at the end whether it is kept."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "drop", "Drop", show=False)]
    DEFAULT_CSS = """
    LogPrompt { dock: bottom; height: 1; display: none; }
    LogPrompt Static { width: 2; }
    LogPrompt Input { width: 1fr; }
    """

    class Typed(Message):
        """Another text stands in the line."""

        def __init__(self, sign: str, text: str) -> None:
            super().__init__()
            self.sign = sign
            self.text = text

    class Closed(Message):
        """The line was closed, its text kept or dropped."""

        def __init__(self, sign: str, text: str, *, kept: bool) -> None:
            super().__init__()
            self.sign = sign
            self.text = text
            self.kept = kept

    def __init__(self) -> None:
        super().__init__()
        self._sign = SEARCH
        self._seen: events.Key | None = None

    def compose(self) -> ComposeResult:
        """The sign and the field."""
        yield Static(markup=False)
        entry = Input(compact=True, select_on_focus=True)
        entry.cursor_blink = False
        yield entry

    @property
    def is_open(self) -> bool:
        """True while something is typed."""
        return self.display

    def open(self, sign: str, text: str) -> None:
        """Open the line for a search or a filter."""
        self._sign = sign
        self.query_one(Static).update(sign)
        entry = self.query_one(Input)
        with entry.prevent(Input.Changed):
            entry.value = text
        entry.placeholder = HINTS[sign]
        self.display = True
        self.screen.set_focus(entry)  # at once: what is typed next belongs to it already

    def take(self, event: events.Key) -> None:
        """Take a key that was on its way to the log when the line was opened; one that was here already goes on."""
        if event is not self._seen:
            event.stop()
            event.prevent_default()
            self.app.call_later(self._again, event)

    def _again(self, event: events.Key) -> None:
        """Let a key come in once more, as the app does: it goes to the field, which has the focus by now."""
        self.app.post_message(events.Key(event.key, event.character))

    def on_key(self, event: events.Key) -> None:
        """Know the keys that the field has seen."""
        self._seen = event

    def action_drop(self) -> None:
        """Close it; what was typed is forgotten."""
        self._close(kept=False)

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """Tell what stands in the field."""
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(self._sign, event.value))

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Close it; what was typed is kept."""
        event.stop()
        self._close(kept=True)

    def _close(self, *, kept: bool) -> None:
        self.display = False
        self.post_message(self.Closed(self._sign, self.query_one(Input).value, kept=kept))
