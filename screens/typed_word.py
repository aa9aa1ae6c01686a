"""A dialog whose yes is a word that has to be typed: for what cannot be taken back."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.dialog import Dialog
from pgrepl_tui.screens.plain import plain_line


class TypedWordScreen(Dialog[bool]):
    """Dismissed with True once the word was typed."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.TYPED_WORD]
    AUTO_FOCUS = "#typed"
    word: str = "yes"
    purpose: ClassVar[str]
    button: ClassVar[str]

    def fields(self) -> Iterable[Widget]:
        """The field for the word."""
        entry = Input(placeholder=f"type {plain_line(self.word)} {self.purpose}", id="typed")
        entry.cursor_blink = False
        yield entry

    def buttons(self) -> Iterable[Button]:
        """No, then what was typed."""
        yield Button(Content("No (Esc)"), id="no")
        yield Button(Content(f"{self.button} (Enter)"), id="accept", classes="-danger")

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Accept, if the word was typed."""
        if self.fits(self.query_one("#typed", Input).value.strip()):
            self.dismiss(True)
        else:
            text = f"Type the whole word {plain_line(self.word)}, or press Esc."
            self.notify(text, severity="warning", markup=False)

    def fits(self, typed: str) -> bool:
        """Whether this is the word."""
        return typed == self.word

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Accept what was typed, or not."""
        if event.button.id == "accept":
            self.submitted()
        else:
            self.action_no()

    def action_no(self) -> None:
        """It may not be done."""
        self.dismiss(False)


class HostNameScreen(TypedWordScreen):
    """Asks for the name of the host on which it happens."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.word = name


class SetAsideScreen(HostNameScreen):
    """Asks for the name of the host on which data that nobody else has is set aside."""

    title_text = "Data that nobody else has"
    purpose = "to agree"
    button = "Set aside"


class DeleteScreen(HostNameScreen):
    """Asks for the name of the host on which something is deleted."""

    title_text = "Delete for good"
    purpose = "to delete this"
    button = "Delete"
