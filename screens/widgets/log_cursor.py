"""Moving in a log: a cursor that goes line by line, a window that follows it, and following the end again."""

from textual import events

from pgrepl_tui.screens.widgets.log_scroll import LogScroll

WHEEL = 3
"""Rows that a notch of the wheel moves."""


class LogCursor(LogScroll):
    """A log that is moved in with keys and wheel.

    Moving up pauses it; a move that would go beyond the end follows again.
    """

    def action_cursor(self, lines: int) -> None:
        """Move the cursor by lines; within one that is longer than the screen, by what is seen of it."""
        if not self._through_long_line(lines):
            self._move(lines)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a screen less one line."""
        self._move(pages * max(1, self._room - 1))

    def action_to_start(self) -> None:
        """Go to the first line and pause there."""
        for line, _ in self._finder.onwards(0, 1):
            self._stand_on(line)

    def action_follow(self) -> None:
        """Go to the last line and stay at the end."""
        self.following, self.cursor = True, None
        self._told_anew()

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them at the right."""
        self.wrapped, self._shift, self._skip = not self.wrapped, 0, 0
        self._reveal()
        self.refresh()

    def action_shift(self, columns: int) -> None:
        """Move sideways by a number of characters; lines are not wrapped then."""
        if self.wrapped:
            self.action_wrap()
        self._shift = max(0, self._shift + columns)
        self.refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The log's own key to follow is the app's while there is nothing to follow."""
        if action == "follow_again":
            return not self.following
        return super().check_action(action, parameters)

    def action_follow_again(self) -> None:
        """Go to the last line and stay at the end."""
        self.action_follow()

    def _pause(self) -> None:
        if self.following:
            super()._pause()
            self._told_anew()

    def _told_anew(self) -> None:
        self.refresh()
        self.refresh_bindings()

    def _move(self, lines: int) -> None:
        """Move the cursor by lines that are shown."""
        self._pause()
        if self.cursor is None:
            return
        if lines < 0:
            found = self._finder.before(self.cursor, -lines)
            self._stand_on(found[0][0] if found else self.cursor)
            return
        found = self._finder.onwards(self.cursor, lines + 1)
        if len(found) <= lines and not self._finder.busy and self._may_follow():
            self.action_follow()
        elif found:
            self._stand_on(found[-1][0])

    def _may_follow(self) -> bool:
        """Whether a move beyond the end follows again."""
        return True

    def _through_long_line(self, lines: int) -> bool:
        """Move the window within the line of the cursor, where not all of it is seen; False where all is."""
        if self.following or self.cursor is None:
            return False
        own = self._flat(self._finder.onwards(self.cursor, 1))
        seen = [row.place for row in self._rows() if row.number == self.cursor]
        if len(own) <= self._room or not seen:
            return False
        hidden = seen[0] if lines < 0 else len(own) - 1 - seen[-1]
        if not hidden:
            return False
        step = min(hidden, max(1, self._room - 1))
        self._scroll_rows(-step if lines < 0 else step)
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move down with the wheel; at the end follow again."""
        event.stop()
        if self.following:
            return
        if not self._at_end():
            self._scroll_rows(WHEEL)
        if (self._at_end() or len(self._rows()) < self._room) and self._may_follow() and not self._finder.busy:
            self.action_follow()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move up with the wheel."""
        event.stop()
        self._scroll_rows(-WHEEL)
