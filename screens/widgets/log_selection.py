"""Selecting in a log: whole lines by keys or by dragging over several, characters by dragging within one."""

from typing import TYPE_CHECKING

from textual import events
from textual.geometry import Offset
from textual.selection import Selection

from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.widgets.log_cursor import LogCursor
from pgrepl_tui.screens.widgets.log_rows import INDENT, Span, character_at

if TYPE_CHECKING:
    from textual.timer import Timer

MOST_LINES = 10_000
"""Lines that are copied at most, and"""
MOST_CHARACTERS = 1_000_000
"""characters: what a terminal takes for the clipboard is less still."""
LAST = 1 << 30
"""A character behind the end of any line."""
DRAG = 0.05
"""Seconds between two rows that the log moves while the pointer is held above or below it."""

Place = tuple[int, int]
"""A line and a character of it."""


class LogSelection(LogCursor):
    """A log in which text is selected; the selection is Textual's, so that its own key copies it, too.

    What is copied are lines, not rows: a wrapped line stays one line, and what is drawn before it is left out.
    """

    ALLOW_SELECT = False  # Textual selects what is drawn, row by row

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._anchor: int | None = None  # where a selection of lines began
        self._dragged: Place | None = None  # where the button went down
        self._pointer = Offset(0, 0)
        self._dragging: Timer | None = None

    @property
    def selection(self) -> Selection | None:
        """What is selected; a line's number is its y."""
        return self.screen.selections.get(self)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, at most ``MOST_LINES`` lines of it."""
        lines, _ = self._selected_lines(selection)
        return "\n".join(lines), "\n"

    def _selected_lines(self, selection: Selection) -> tuple[list[str], bool]:
        """The selected lines that are shown, and whether that is all of them."""
        first, last = selection.start or Offset(0, 0), selection.end or Offset(LAST, LAST)
        lines: list[str] = []
        size, number = 0, first.y
        while found := self._finder.onwards(number, 256):
            for number, line in found:
                if number > last.y:
                    return lines, True
                if len(lines) >= MOST_LINES or size > MOST_CHARACTERS:
                    return lines, False
                text = plain_line(line)
                lines.append(text[: last.x][first.x if number == first.y else 0 :] if first.y == last.y else text)
                size += len(text)
            number += 1
        return lines, True

    def _select(self, begin: Place, end: Place) -> None:
        """Select from one place up to and with another: characters of one line, or all of several lines."""
        first, last = sorted((begin, end))
        if first[0] != last[0]:
            first, last = (first[0], 0), (last[0], LAST)
        selection = Selection(Offset(first[1], first[0]), Offset(min(LAST, last[1] + 1), last[0]))
        self.screen.selections = {self: selection}

    def drop(self) -> None:
        """Select nothing."""
        self._anchor = None
        if self.selection is not None:
            self.screen.clear_selection()

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw it; where somebody else dropped it, lines are not selected any more."""
        if selection is None:
            self._anchor = None
        self.refresh()

    def _selected_in(self, number: int) -> Span | None:
        selection = self.selection
        span = selection.get_span(number) if selection is not None else None
        return None if span is None else (span[0], LAST if span[1] < 0 else span[1])

    # By keys

    def action_select(self) -> None:
        """Begin to select lines from the cursor on, or end it."""
        if self._anchor is not None or self.selection is not None:
            self.drop()
            return
        self._pause()
        self._reveal()
        self._anchor = self.cursor
        self._select_to_cursor()

    def action_extend(self, lines: int) -> None:
        """Select up to a line further on."""
        if self._anchor is None:
            self.action_select()
        self._move(lines)

    def action_extend_page(self, pages: int) -> None:
        """Select up to a screen further on."""
        self.action_extend(pages * max(1, self._room - 1))

    def _move(self, lines: int) -> None:
        if self._anchor is None:
            self.drop()
        super()._move(lines)

    def _stand_on(self, line: int) -> None:
        super()._stand_on(line)
        self._select_to_cursor()

    def _select_to_cursor(self) -> None:
        if self._anchor is not None and self.cursor is not None:
            self._select((self._anchor, 0), (self.cursor, LAST))

    def _may_follow(self) -> bool:
        return self._anchor is None and self._dragged is None

    def action_follow(self) -> None:
        """Go to the last line and stay at the end; nothing is selected any more."""
        self.drop()
        super().action_follow()

    def _begin_anew(self) -> None:
        super()._begin_anew()
        if self.is_mounted:
            self.drop()

    # By mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Stand on the line that was pressed; a selection may begin there."""
        offset = event.get_content_offset(self)
        place = self._place_at(offset) if offset is not None and event.button == 1 else None
        if place is None:
            return
        self.drop()
        self._stand_on(place[0])
        self._dragged = place
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Select up to the pointer; above or below the log, the log moves."""
        if self._dragged is None:
            return
        self._pointer = event.get_content_offset_capture(self)
        self._drag()
        if self._dragging is None:
            self._dragging = self.set_interval(DRAG, self._drag)

    def _drag(self) -> None:
        if self._dragged is None:
            return
        if self._pointer.y < 0:
            self._scroll_rows(-1)
        elif self._pointer.y >= self._room and not self._at_end():
            self._scroll_rows(1)
        place = self._place_at(self._pointer)
        if place is not None and (place != self._dragged or self.selection is not None):
            self.cursor = place[0]
            self._select(self._dragged, place)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End of the selection."""
        if self._dragged is not None:
            event.stop()
            self.release_mouse()

    def on_mouse_release(self) -> None:
        """The pointer is not ours any more, for whatever reason."""
        self._dragged = None
        if self._dragging is not None:
            self._dragging.stop()
            self._dragging = None

    def _place_at(self, offset: Offset) -> Place | None:
        """The line and the character under the pointer, or those that are nearest to it."""
        seen = self._rows()
        if not seen:
            return None
        row = seen[max(0, min(offset.y, len(seen) - 1))]
        return row.number, character_at(row.part, max(0, offset.x - INDENT))
