"""A dialog while something is brought up that takes its time: what is done now, and a way to give it up."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Button, Static

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.dialog import Dialog
from pgrepl_tui.screens.plain import plain_line


class PreparingScreen(Dialog[None]):
    """It is taken away by who opened it; its button and Esc give up."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.PREPARING]

    def __init__(self, title: str, give_up: Callable[[], object]) -> None:
        super().__init__("One moment …")
        self.title_text = title
        self._give_up = give_up
        self._said: list[str] = []

    def say(self, line: str) -> None:
        """Add a line about what is done now."""
        self._said.append(plain_line(line))
        self._draw()

    def on_mount(self) -> None:
        """Draw what was said before there was a box for it."""
        self._draw()

    def _draw(self) -> None:
        if not self._said:
            return
        for text in self.query("#dialog-text").results(Static):
            text.update(Content("\n".join(self._said[-10:])))

    def buttons(self) -> Iterable[Button]:
        """One."""
        yield Button(Content("Cancel (Esc)"), id="cancel")

    @on(Button.Pressed)
    def action_give_up(self) -> None:
        """Stop it and close."""
        self._give_up()
        self.dismiss(None)
