"""Jump mode: a letter on each part of the screen that can have the focus; pressing it goes there."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.errors import NoWidget
from textual.geometry import Offset, Region
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from pgrepl_tui.screens import part_keys

LETTERS = "asdfghjklqwertyuiopzxcvbnm1234567890ASDFGHJKLQWERTYUIOPZXCVBNM"
"""The letters, those under the fingers first; no screen has more parts than these are."""


class JumpScreen(ModalScreen[Widget | None]):
    """Dismissed with the part that was chosen, or None."""

    CSS_PATH = "../styles/jump.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.JUMP]

    def __init__(self, below: Screen[object]) -> None:
        super().__init__()
        self._targets = dict(zip(LETTERS, _parts(below), strict=False))

    def compose(self) -> ComposeResult:
        """A letter at the upper left corner of each part."""
        for letter, widget in self._targets.items():
            sign = Static(Content(f" {letter} "), markup=False, classes="jump")
            sign.absolute_offset = Offset(*_corner(widget))
            yield sign
        yield Static(Content("A letter goes there, Esc closes."), markup=False, id="jump-hint")

    def on_key(self, event: events.Key) -> None:
        """Go to the part whose letter it is; every other key closes."""
        if event.key in {"escape", "ctrl+o"}:
            return
        event.stop()
        self.dismiss(self._targets.get(event.character or ""))

    def on_click(self, event: events.Click) -> None:
        """Go to the part that was clicked on, or close."""
        hit = (widget for widget in self._targets.values() if _seen(widget).contains(event.screen_x, event.screen_y))
        self.dismiss(next(hit, None))

    def action_close(self) -> None:
        """Close and stay."""
        self.dismiss(None)


def _parts(screen: Screen[object]) -> list[Widget]:
    """What can have the focus and is seen, from the top left on."""
    seen = [widget for widget in screen.focus_chain if _seen(widget).area]
    return sorted(seen, key=lambda widget: (_seen(widget).y, _seen(widget).x))


def _seen(widget: Widget) -> Region:
    """The part of a widget that is not scrolled away."""
    try:
        return widget.screen.find_widget(widget).visible_region
    except NoWidget:
        return Region()


def _corner(widget: Widget) -> tuple[int, int]:
    return _seen(widget).x, _seen(widget).y
