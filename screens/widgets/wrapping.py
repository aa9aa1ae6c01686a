"""What stands side by side goes on in the next line where the room ends: keys and answers are cut off nowhere."""

from typing import TYPE_CHECKING

from textual.containers import Container
from textual.geometry import Offset
from textual.layouts.horizontal import HorizontalLayout
from textual.widgets import Footer, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.binding import ActiveBinding
    from textual.geometry import Size
    from textual.layout import ArrangeResult, WidgetPlacement
    from textual.screen import Screen
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
    """The keys, all of them. They are made anew only where others can be used: a click may be on its way to one."""

    _shown: tuple[tuple[str, str, bool, str], ...] = ()

    def bindings_changed(self, screen: "Screen[object]") -> None:
        """Keys may have changed; Textual tells it after each change of focus and each screen that comes back."""
        if screen is self.screen and self.is_attached and screen.app.app_focus:
            keys = tuple((one.binding.key, one.binding.description, one.enabled, one.tooltip) for one in _keys(screen))
            if self._bindings_ready and keys == self._shown:
                return
            self._shown = keys
        super().bindings_changed(screen)

    @property
    def layout(self) -> WrappingLayout:
        """Whatever a style says."""
        return WRAPPING


def _keys(screen: "Screen[object]") -> "Iterator[ActiveBinding]":
    return (active for active in screen.active_bindings.values() if active.binding.show)


class Choices(Container):
    """The buttons of a question, all of them."""

    @property
    def layout(self) -> WrappingLayout:
        """Whatever a style says."""
        return WRAPPING
