"""A text that is longer than its panel: scrolled with up and down only, so that left, right, home and end stay free."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll


class Reader(VerticalScroll, can_focus=True, inherit_bindings=False):
    """A scroll container whose keys do not get in the way of the replay's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
    ]
