"""A dialog that tells something and has one button: a failure of the program itself, or the keys."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Button

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.dialog import Dialog


class NoticeScreen(Dialog[None]):
    """Dismissed by its button, Enter or Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.NOTICE]

    def __init__(self, title: str, text: str | Content) -> None:
        super().__init__(text)
        self.title_text = title

    def buttons(self) -> Iterable[Button]:
        """One."""
        yield Button(Content("Close (Enter)"), id="close")

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)

    @on(Button.Pressed)
    def pressed(self) -> None:
        """Close."""
        self.dismiss(None)
