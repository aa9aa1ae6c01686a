"""A text that is longer than its panel: scrolled with up and down only, so that left, right, home and end stay free."""

from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll

from pgrepl_tui.screens import part_keys


class Reader(VerticalScroll, can_focus=True, inherit_bindings=False):
    """A scroll container whose keys do not get in the way of the replay's."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.READER]
