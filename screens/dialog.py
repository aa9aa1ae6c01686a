"""What all dialogs share: a box in the middle, a title, a text, buttons in a row."""

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Static

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.plain import plain, plain_line

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A question over the screen. Subclasses give the buttons and what each answers; the first one has the focus."""

    CSS_PATH = "../styles/dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.DIALOG]
    title_text = ""

    def __init__(self, text: str | Content) -> None:
        super().__init__()
        self._text = text if isinstance(text, Content) else Content(plain(text))

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(id="dialog") as box:
            box.border_title = Content(plain_line(self.title_text))
            with VerticalScroll(id="dialog-scroll", can_focus=False):
                yield Static(self._text, markup=False, id="dialog-text")
            yield from self.fields()
            with Horizontal(id="dialog-buttons"):
                yield from self.buttons()

    def action_scroll_text(self, lines: int) -> None:
        """Scroll a text that is longer than the box."""
        self.query_one("#dialog-scroll", VerticalScroll).scroll_relative(y=lines, animate=False)

    def fields(self) -> Iterable[Widget]:
        """What stands between the text and the buttons."""
        return ()

    def buttons(self) -> Iterable[Button]:
        """The buttons, the safe one first."""
        raise NotImplementedError
