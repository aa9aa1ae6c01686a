"""A log: one plain widget with its own scroll offset over an index, which decodes only the lines that are seen."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from textwrap import wrap
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from rich.cells import chop_cells
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from pgrepl_tui.postgres.logs import severity
from pgrepl_tui.screens.figures import counted
from pgrepl_tui.screens.plain import plain_line

if TYPE_CHECKING:
    from textual.geometry import Region

SIGNS = {"PANIC": "✗", "FATAL": "✗", "ERROR": "✗", "WARNING": "!"}
"""The severities that an operator must not miss."""
INDENT = 2
"""Cells before the text: the sign and a space."""
LONGEST_LINE = 4_000
"""Characters of a line that are drawn; no terminal is wider."""


class Index(Protocol):
    """What can say how many lines there are and decode some of them."""

    @property
    def total_lines(self) -> int:
        """The number of lines, a last one without its end included."""

    def lines(self, first: int, count: int, read: Callable[[Any], str]) -> Sequence[str]:
        """At most ``count`` lines from line ``first`` (0 is the first) on."""


def sign_of(line: str) -> str:
    """The sign of a log line: ``✗`` for an error, ``!`` for a warning, else a space."""
    return SIGNS.get(severity(line), " ")


@lru_cache(512)
def _rows(line: str, shift: int, width: int, styles: tuple[Style, Style, Style]) -> tuple[Strip, ...]:
    """A line as it is drawn: cut at ``shift`` and ``width``, or with a negative shift wrapped into several rows."""
    plain_style, bad, odd = styles
    sign = sign_of(line)
    style = {"✗": bad, "!": odd}.get(sign, plain_style)
    text = plain_line(line[:LONGEST_LINE])
    parts = _wrap(text, max(1, width - INDENT)) if shift < 0 else [text[shift:]]
    heads = [f"{sign} ", *["  "] * (len(parts) - 1)]
    cells = zip(heads, parts or [""], strict=False)
    return tuple(Strip([Segment(head + part, style)]).adjust_cell_length(width, plain_style) for head, part in cells)


def _wrap(text: str, width: int) -> list[str]:
    """The parts of a line, broken between words where they are all of single width."""
    return wrap(text, width, drop_whitespace=False) if text.isascii() else chop_cells(text, width)


class LogView(Widget, can_focus=True):
    """Lines of one output, followed at the end or paused where the operator reads.

    Moving up pauses; ``end`` follows again. While paused, what came since is counted in the last line.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--bad", "log--odd", "log--new"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_by(-1)", "Line up", show=False),
        Binding("down,j", "scroll_by(1)", "Line down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "to_start", "First line", show=False),
        Binding("end,G", "follow", "Last line, follow", show=False),
        Binding("w", "wrap", "Wrap lines", show=False),
        Binding("shift+left", "shift(-20)", "Move left", show=False),
        Binding("shift+right", "shift(20)", "Move right", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.following = True
        self.wrapped = True
        self._index: Index | None = None
        self._read: Callable[[Any], str] | None = None
        self._total = 0
        self._seen = 0
        self._top = 0
        self._shift = 0

    def show(self, index: Index | None, read: Callable[[Any], str] | None) -> None:
        """Draw an index; another one than before is followed from its end."""
        total = index.total_lines if index is not None else 0
        if index is self._index and total == self._total and total:
            return
        if index is not self._index or total < self._total:
            self.following, self._top, self._shift = True, 0, 0
        self._index, self._read, self._total = index, read, total
        self.refresh()

    @property
    def new_lines(self) -> int:
        """How many lines came since the log was paused; 0 while it follows."""
        return 0 if self.following else self._total - self._seen

    def render_lines(self, crop: "Region") -> list[Strip]:
        """The rows of the region that is to be drawn; only the lines that are seen are decoded."""
        rows = self._window()[1]
        rows += [Strip.blank(self.size.width, self.rich_style)] * (self.size.height - len(rows))
        if self.new_lines:
            rows[-1] = self._notice()
        return [row.crop(crop.x, crop.right) for row in rows[crop.y : crop.bottom]]

    def _window(self) -> tuple[int, list[Strip]]:
        """The number of the first line that is seen whole or in part, and the rows that are seen."""
        height = max(1, self.size.height)
        first = max(0, self._total - height) if self.following else self._top
        blocks = [self._drawn(line) for line in self._decoded(first, height)]
        rows = [row for block in blocks for row in block]
        if not self.following:
            return first, rows[:height]
        beyond = len(rows) - height
        while blocks and beyond >= len(blocks[0]):
            beyond -= len(blocks.pop(0))
            first += 1
        return first, rows[-height:]

    def _drawn(self, line: str) -> tuple[Strip, ...]:
        styles = (self.rich_style, self._style("log--bad"), self._style("log--odd"))
        return _rows(line, -1 if self.wrapped else self._shift, self.size.width, styles)

    def _decoded(self, first: int, count: int) -> Sequence[str]:
        if self._index is None or self._read is None:
            return ()
        count = min(count, self._total - first)
        return self._index.lines(first, count, self._read) if count > 0 else ()

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)

    def _notice(self) -> Strip:
        text = f" {counted(self.new_lines, 'new line')} · end follows "
        return Strip([Segment(text, self._style("log--new"))]).adjust_cell_length(self.size.width, self.rich_style)

    def action_scroll_by(self, lines: int) -> None:
        """Move by lines; upwards pauses, reaching the end follows again."""
        first, rows = self._window()
        if lines < 0 and (first > 0 or not self.following):
            self._pause(max(0, first + lines))
        elif lines > 0 and not self.following:
            self._pause(min(first + lines, self._total))
            if len(self._window()[1]) < self.size.height:
                self.action_follow()
        elif lines < 0 and len(rows) > self.size.height:
            self._pause(0)

    def action_page(self, pages: int) -> None:
        """Move by a page less one line."""
        self.action_scroll_by(pages * max(1, self.size.height - 1))

    def action_to_start(self) -> None:
        """Go to the first line and pause there."""
        self._pause(0)

    def action_follow(self) -> None:
        """Go to the last line and stay at the end."""
        self.following = True
        self.refresh()

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them at the right."""
        self.wrapped = not self.wrapped
        self.refresh()

    def action_shift(self, columns: int) -> None:
        """Move sideways by a number of characters; lines are not wrapped then."""
        self.wrapped = False
        self._shift = max(0, self._shift + columns)
        self.refresh()

    def _pause(self, top: int) -> None:
        if self.following:
            self._seen = self._total
        self.following, self._top = False, top
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move down three lines with the wheel."""
        event.stop()
        self.action_scroll_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move up three lines with the wheel."""
        event.stop()
        self.action_scroll_by(-3)
