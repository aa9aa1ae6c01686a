"""The line in which a log's search or filter is typed; each key is searched at once."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from pgrepl_tui.screens import part_keys

SEARCH, FILTER = "/", "&"
HINTS = {
    SEARCH: "search; enter keeps it, esc drops it",
    FILTER: "only lines with; enter on nothing: warnings and worse",
}


class Entry(Input):
    """The field; a key that was on its way to it when the line was closed is for whoever has the focus now."""

    async def _on_key(self, event: events.Key) -> None:
        prompt = self.parent
        if not isinstance(prompt, LogPrompt) or (prompt.is_open and event.key != "enter"):
            await super()._on_key(event)
        elif prompt.is_open:
            event.stop()
            event.prevent_default()
            prompt.keep()
        else:
            prompt.hand_back(event)


class LogPrompt(Horizontal):
    """Opened with its sign and what stands in it; it tells what is typed, and at the end whether it is kept."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.LOG_PROMPT]
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
        self._opener: Widget | None = None

    def compose(self) -> ComposeResult:
        """The sign and the field."""
        yield Static(markup=False)
        entry = Entry(compact=True, select_on_focus=True)
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
        self._opener = self.screen.focused
        self.screen.set_focus(entry)  # at once: what is typed next belongs to it already

    async def before_key(self, event: events.Key, widget: Widget) -> None:
        """Open the line at once for a widget that is searched: of keys in one burst, the next ones are meant for it."""
        if self.is_open:
            self.take(event)
            return
        active = widget.screen.active_bindings.get(event.key)
        if active is not None and active.node is not widget.app and active.binding.action.startswith("ask("):
            event.stop()
            event.prevent_default()
            await widget.app.run_action(active.binding.action, active.node)

    def take(self, event: events.Key) -> None:
        """Take a key that was on its way to the log when the line was opened; one that was here already goes on."""
        if event is not self._seen:
            self.hand_back(event)

    def hand_back(self, event: events.Key) -> None:
        """Let a key come in once more: it goes to what has the focus by now."""
        event.stop()
        event.prevent_default()
        self.app.call_later(self._again, event)

    def _again(self, event: events.Key) -> None:
        """Let a key come in as the app does."""
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

    def keep(self) -> None:
        """Close it; what was typed is kept."""
        self._close(kept=True)

    def _close(self, *, kept: bool) -> None:
        self.display = False
        self.screen.set_focus(self._opener)  # at once, too
        self.post_message(self.Closed(self._sign, self.query_one(Input).value, kept=kept))
