"""The dialog before something that interrupts or replaces: its default is no."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Button

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.dialog import Dialog


class ConfirmScreen(Dialog[bool]):
    """Dismissed with True for yes. Enter presses the button that has the focus, which is No until it is moved."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.CONFIRM]
    title_text = "Please confirm"

    def buttons(self) -> Iterable[Button]:
        """No, then yes."""
        yield Button(Content("No (n)"), id="no")
        yield Button(Content("Yes (y)"), id="yes", classes="-danger")

    def action_say(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Close with the button's answer."""
        self.dismiss(event.button.id == "yes")
