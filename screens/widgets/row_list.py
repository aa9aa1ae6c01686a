"""A list of rows with a cursor: keys and mouse move it, and it draws only what is seen."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from pgrepl_tui.screens import part_keys


class RowList(Widget, can_focus=True):
    """Rows drawn by ``row``; the chosen one is marked at its left.

    The cursor goes with the run (``lead``) until the operator moves it; ``release`` lets it go with the run again.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.LIST]

    class Chosen(Message):
        """The cursor stands on another row."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.cursor = 0
        self.held = False
        self._top = 0

    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row(self, index: int, width: int) -> Content:
        """One row, at most ``width`` cells wide."""
        raise NotImplementedError

    def lead(self, index: int) -> None:
        """Put the cursor on a row, unless the operator holds it."""
        if not self.held:
            self._put(index)

    def release(self) -> None:
        """Let the cursor go with the run again."""
        self.held = False

    def action_move(self, rows: int) -> None:
        """Move the cursor by a number of rows, and keep it there."""
        self.held = True
        self._put(self.cursor + rows)

    def _put(self, index: int) -> None:
        index = max(0, min(index, self.count() - 1))
        if index != self.cursor:
            self.cursor = index
            self.post_message(self.Chosen())
        self.refresh()

    def render(self) -> Content:
        """The rows that fit, scrolled so that the cursor is seen."""
        width, height = self.size
        self._top = max(min(self._top, self.cursor, self.count() - height), self.cursor - height + 1, 0)
        shown = range(self._top, min(self._top + height, self.count()))
        return Content("\n").join(self._marked(index, width) for index in shown)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """A row for each, where the style says that the height is that of the rows."""
        return max(1, self.count())

    def _marked(self, index: int, width: int) -> Content:
        chosen = index == self.cursor
        row = Content("▸" if chosen else " ") + self.row(index, width - 1)
        row = row.truncate(width, ellipsis=True, pad=True)
        return row.stylize("bold on $boost") if chosen else row

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row that was clicked."""
        self.held = True
        self._put(self._top + event.get_content_offset_capture(self).y)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move down with the wheel."""
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move up with the wheel."""
        event.stop()
        self.action_move(-1)
