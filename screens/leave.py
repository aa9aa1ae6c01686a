"""The dialog before leaving while a run is under way: its default is to stay."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Button

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.dialog import Dialog

TEXT = (
    "A run is under way. Leaving stops it: the current command is ended and nothing more is started. What is done "
    "stays done, and running the same set-up again goes on from there."
)


class LeaveScreen(Dialog[bool]):
    """Dismissed with True for leaving."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.LEAVE]
    title_text = "Leave?"

    def __init__(self) -> None:
        super().__init__(TEXT)

    def buttons(self) -> Iterable[Button]:
        """Stay, then leave."""
        yield Button(Content("Stay (s)"), id="stay")
        yield Button(Content("Stop and leave (l)"), id="leave", classes="-danger")

    def action_say(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Close with the button's answer."""
        self.dismiss(event.button.id == "leave")
