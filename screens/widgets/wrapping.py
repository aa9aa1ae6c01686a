"""What stands side by side goes on in the next line where the room ends: keys and answers are cut off nowhere."""

from typing import TYPE_CHECKING

from textual.containers import Container
from textual.geometry import Offset
from textual.layouts.horizontal import HorizontalLayout
from textual.widgets import Footer, Label

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.layout import ArrangeResult, WidgetPlacement
    from textual.widget import Widget


class WrappingLayout(HorizontalLayout):
    """Side by side, in as many lines as it takes."""

    name = "wrapping"

    def arrange(self, parent: "Widget", children: "list[Widget]", size: "Size", greedy: bool = True) -> "ArrangeResult":
        """Lay out in one line; then break it before each part that does not fit, with its label where it has one."""
        placed: list[WidgetPlacement] = []
        left, top = 0, 0
        row = super().arrange(parent, children, size, greedy)
        for index, one in enumerate(row):
            labels = row[index + 1 : index + 2]
            last = labels[0] if labels and isinstance(labels[0].widget, Label) else one
            if size.width and last.region.right - left > size.width and not isinstance(one.widget, Label):
                left, top = one.region.x, top + (1 if placed else 0)
            placed.append(one._replace(region=one.region.translate(Offset(-left, top))))
        return placed


WRAPPING = WrappingLayout()


class KeysFooter(Footer):
    """The keys, all of them."""

    @property
    def layout(self) -> WrappingLayout:
        """Whatever a style says."""
        return WRAPPING


class Choices(Container):
    """The buttons of a question, all of them."""

    @property
    def layout(self) -> WrappingLayout:
        """Whatever a style says."""
        return WRAPPING
