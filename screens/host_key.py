"""The dialog about a host key that is not known: only the typed word ``yes`` accepts it."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input

from pgrepl_tui.screens.dialog import Dialog


class HostKeyScreen(Dialog[bool]):
    """Dismissed with True once ``yes`` was typed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "no", "No")]
    AUTO_FOCUS = "#typed"
    title_text = "Unknown host key"

    def fields(self) -> Iterable[Widget]:
        """The field for the word."""
        entry = Input(placeholder="type yes to accept this key", id="typed")
        entry.cursor_blink = False
        yield entry

    def buttons(self) -> Iterable[Button]:
        """No, then what was typed."""
        yield Button(Content("No (Esc)"), id="no")
        yield Button(Content("Accept (Enter)"), id="accept", classes="-danger")

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Accept, if the word was typed."""
        if self.query_one("#typed", Input).value.strip().lower() == "yes":
            self.dismiss(True)
        else:
            self.notify("Type the whole word yes, or press Esc.", severity="warning", markup=False)

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Accept what was typed, or not."""
        if event.button.id == "accept":
            self.submitted()
        else:
            self.action_no()

    def action_no(self) -> None:
        """The key is not known."""
        self.dismiss(False)
