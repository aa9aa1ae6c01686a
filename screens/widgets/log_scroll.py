"""Lines with a scroll offset of their own over an index, of which only those that are seen are decoded."""

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from pgrepl_tui.screens.figures import counted
from pgrepl_tui.screens.widgets.log_finder import Finder
from pgrepl_tui.screens.widgets.log_index import Index, Read
from pgrepl_tui.screens.widgets.log_rows import Look, rows

if TYPE_CHECKING:
    from textual.geometry import Region

MARK = "▸"
"""Before the current line."""

Block = tuple[int, tuple[Strip, ...]]
"""The number of a line and its rows."""


class LogScroll(Widget, can_focus=True):
    """Lines of one output, followed at the end or paused where the operator reads.

    Moving up pauses; ``end`` follows again. While paused, what came since is counted in the last line.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--bad", "log--odd", "log--new", "log--found"}
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
        self._read: Read | None = None
        self._total = 0
        self._seen = 0
        self._top = 0
        self._shift = 0
        self._finder = Finder()

    def show(self, index: Index | None, read: Read | None) -> None:
        """Draw an index; another one than before is followed from its end, its filter and search kept."""
        total = index.total_lines if index is not None else 0
        if index is self._index and total == self._total and total:
            return
        if index is not self._index or total < self._total:
            self.following, self._top, self._shift = True, 0, 0
            self._finder.open(index, read)
        self._index, self._read, self._total = index, read, total
        self.refresh()

    @property
    def new_lines(self) -> int:
        """How many lines came since the log was paused; 0 while it follows."""
        return 0 if self.following else self._total - self._seen

    # Drawing

    def render_lines(self, crop: "Region") -> list[Strip]:
        """The rows of the region that is to be drawn; only the lines that are seen are decoded."""
        drawn = [row for _, block in self._window() for row in block]
        drawn = drawn[-self._room :] if self.following else drawn[: self._room]
        drawn += [Strip.blank(self.size.width, self.rich_style)] * (self.size.height - len(drawn))
        if status := self._status():
            drawn[-1 - self._prompt_rows] = self._notice(status)
        return [row.crop(crop.x, crop.right) for row in drawn[crop.y : crop.bottom]]

    @property
    def _prompt_rows(self) -> int:
        """The rows at the bottom that something else covers."""
        return 0

    @property
    def _room(self) -> int:
        """The rows for lines: all but the one that says how a search stands, and the one that it is typed in."""
        told = 1 if self.new_lines or self._finder.searched or self._finder.filtered is not None else 0
        return max(1, self.size.height - told - self._prompt_rows)

    def _window(self) -> list[Block]:
        """The lines that are seen whole or in part."""
        height = self._room
        if not self.following:
            return self._blocks(self._finder.onwards(self._top, height))
        blocks = self._blocks(self._finder.before(self._total, height))
        beyond = sum(len(rows) for _, rows in blocks) - height
        while blocks and beyond >= len(blocks[0][1]):
            beyond -= len(blocks.pop(0)[1])
        return blocks

    def _blocks(self, lines: list[tuple[int, str]]) -> list[Block]:
        return [(number, self._drawn(number, line)) for number, line in lines]

    def _drawn(self, number: int, line: str) -> tuple[Strip, ...]:
        look = Look(
            plain=self.rich_style,
            bad=self._style("log--bad"),
            odd=self._style("log--odd"),
            found=self._style("log--found"),
            width=self.size.width,
            shift=-1 if self.wrapped else self._shift,
            searched=self._finder.searched,
        )
        return rows(line, look, MARK if number == self._finder.mark else " ")

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)

    def _status(self) -> str:
        """What the last row says: what came since, how filter and search stand."""
        new = f"{counted(self.new_lines, 'new line')} · end follows" if self.new_lines else ""
        return " · ".join(filter(None, (new, self._finder.status())))

    def _notice(self, text: str) -> Strip:
        return Strip([Segment(f" {text} ", self._style("log--new"))]).adjust_cell_length(
            self.size.width, self.rich_style
        )

    # Moving

    def action_scroll_by(self, lines: int) -> None:
        """Move by lines; upwards pauses, reaching the end follows again."""
        blocks = self._window()
        if not blocks:
            return
        first = blocks[0][0]
        if lines < 0:
            above = self._finder.before(first, -lines)
            if above or not self.following or sum(len(rows) for _, rows in blocks) > self._room:
                self._pause(above[0][0] if above else first)
        elif not self.following:
            below = self._finder.onwards(first, lines + 1)
            self._pause(below[-1][0])
            self._follow_at_end()

    def _follow_at_end(self) -> None:
        """Follow again where all that is left is seen."""
        if sum(len(rows) for _, rows in self._window()) < self._room:
            self.action_follow()

    def action_page(self, pages: int) -> None:
        """Move by a page less one line."""
        self.action_scroll_by(pages * max(1, self._room - 1))

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

    def on_click(self, event: events.Click) -> None:
        """Make the line that was clicked the current one."""
        shown = [number for number, block in self._window() for _ in block]
        shown = shown[-self._room :] if self.following else shown
        row = event.get_content_offset_capture(self).y
        if row < len(shown):
            self._finder.mark = shown[row]
            self.refresh()
