"""Lines with a scroll offset of their own over an index, of which only those that are seen are decoded."""

from collections.abc import Collection, Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from pgrepl_tui.counted import counted
from pgrepl_tui.screens.widgets.log_finder import Finder
from pgrepl_tui.screens.widgets.log_index import Index, Read
from pgrepl_tui.screens.widgets.log_rows import Look, Part, Span, parts, rows

if TYPE_CHECKING:
    from textual.binding import Binding
    from textual.filter import LineFilter
    from textual.geometry import Region

CURSOR, SELECTED = "▸", "▌"
"""Before the line of the cursor, and before each other one that is selected."""


class Row(NamedTuple):
    """A row of the screen: the number of its line, which row of that line it is, what is drawn, and its text."""

    number: int
    place: int
    strip: Strip
    part: Part


class LogScroll(Widget, can_focus=True):
    """Lines of one output, followed at the end or paused where the operator reads.

    Attributes:
        following: the end is shown, whatever comes.
        wrapped: long lines are wrapped, not cut.
        cursor: the number of the line that the operator stands on; None while it follows.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--bad", "log--odd", "log--good", "log--new", "log--none", "log--found", "log--selected",
    }  # fmt: skip

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.following = True
        self.wrapped = True
        self.cursor: int | None = None
        self._index: Index | None = None
        self._read: Read | None = None
        self._total = 0
        self._seen = 0
        self._top = 0
        self._skip = 0  # rows of the top line that are above the window
        self._shift = 0
        self._ticked: frozenset[str] = frozenset()
        self._finder = Finder()
        self._filters: Sequence[LineFilter] = ()

    def show(self, index: Index | None, read: Read | None) -> None:
        """Draw an index; another one than before is followed from its end, its filter and search kept."""
        total = index.total_lines if index is not None else 0
        if index is self._index and total == self._total and total:
            return
        if index is not self._index or total < self._total:
            self._begin_anew()
            self._finder.open(index, read)
        self._index, self._read, self._total = index, read, total
        self.refresh()

    def tick(self, texts: Collection[str]) -> None:
        """Put a tick before the lines with these texts."""
        ticked = frozenset(text.strip() for text in texts)
        if ticked != self._ticked:
            self._ticked = ticked
            self.refresh()

    def _begin_anew(self) -> None:
        self.following, self.cursor, self._top, self._skip, self._shift = True, None, 0, 0, 0

    @property
    def new_lines(self) -> int:
        """How many lines came since the log was paused; 0 while it follows."""
        return 0 if self.following else self._total - self._seen

    # Drawing

    def render_lines(self, crop: "Region") -> list[Strip]:
        """The rows of the region that is to be drawn; only the lines that are seen are decoded."""
        self._filters = self.get_line_filters()
        drawn = [row.strip for row in self._rows()] if self._total else [self._nothing()]
        drawn += [Strip.blank(self.size.width, self.rich_style)] * (self.size.height - len(drawn))
        if self._told and self.size.height > self._prompt_rows:
            drawn[-1 - self._prompt_rows] = self._notice(self._status())
        return [self._filtered(row).crop(crop.x, crop.right) for row in drawn[crop.y : crop.bottom]]

    def _filtered(self, row: Strip) -> Strip:
        """A row as the terminal can show it: without colours, in ASCII."""
        background = self.background_colors[1]
        return reduce(lambda strip, line_filter: strip.apply_filter(line_filter, background), self._filters, row)

    @property
    def _prompt_rows(self) -> int:
        """The rows at the bottom that something else covers."""
        return 0

    @property
    def _told(self) -> bool:
        """Whether a row at the bottom says how it stands."""
        return not self.following or bool(self._finder.searched) or self._finder.filtered is not None

    @property
    def _room(self) -> int:
        """The rows for lines: all but the one that says how it stands, and the one that something is typed in."""
        return max(1, self.size.height - self._told - self._prompt_rows)

    def _rows(self) -> list[Row]:
        """The rows that are seen."""
        room = self._room
        if self.following:
            return self._flat(self._finder.before(self._total, room))[-room:]
        return self._flat(self._finder.onwards(self._top, room + 1))[self._skip :][:room]

    def _flat(self, lines: list[tuple[int, str]]) -> list[Row]:
        look = self._look()
        return [row for number, line in lines for row in self._block(number, line, look)]

    def _block(self, number: int, line: str, look: Look) -> list[Row]:
        selected = self._selected_in(number)
        further = SELECTED if selected is not None else " "
        strips = rows(line, look, (CURSOR if number == self.cursor else further, further), selected)
        texts = parts(line, look.width, look.shift)
        return [Row(number, place, *drawn) for place, drawn in enumerate(zip(strips, texts, strict=True))]

    def _selected_in(self, number: int) -> Span | None:
        """The characters of a line that are selected: none, where nothing can be."""
        del number
        return None

    def _look(self) -> Look:
        return Look(
            plain=self.rich_style,
            bad=self._style("log--bad"),
            odd=self._style("log--odd"),
            good=self._style("log--good"),
            found=self.get_component_rich_style("log--found", partial=True),
            selected=self.get_component_rich_style("log--selected", partial=True),
            width=self.size.width,
            shift=-1 if self.wrapped else self._shift,
            searched=self._finder.searched,
            ticked=self._ticked,
        )

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)

    def _status(self) -> str:
        """What the last row says: what came since, how filter and search stand."""
        found = self._finder.status()
        new = counted(self.new_lines, "new line") if self.new_lines else ""
        if self.following or found:
            return " · ".join(filter(None, (new, found)))
        return " · ".join(filter(None, (new or "paused", self._how_to_follow())))

    def _how_to_follow(self) -> str:
        key = next((key for key, active in self._own_keys() if active.id == "log.follow"), "")
        return f"{key} follows" if key else ""

    def _own_keys(self) -> Iterator[tuple[str, "Binding"]]:
        """The keys of this log as they are called on screen, while they are its keys: it has the focus."""
        for active in self.screen.active_bindings.values():
            if active.node is self:
                yield self.app.get_key_display(active.binding), active.binding

    def _notice(self, text: str) -> Strip:
        return Strip([Segment(f" {text} ", self._style("log--new"))]).adjust_cell_length(
            self.size.width, self.rich_style
        )

    def _nothing(self) -> Strip:
        words = Segment("  No output yet.", self.rich_style + self._style("log--none"))
        return Strip([words]).adjust_cell_length(self.size.width, self.rich_style)

    # The window

    def _pause(self) -> None:
        """Stay where the window is; the cursor is on the last line, as it was all the while."""
        if not self.following:
            return
        seen = self._rows()
        self.following, self._seen = False, self._total
        if seen:
            self._top, self._skip, self.cursor = seen[0].number, seen[0].place, seen[-1].number
        self.refresh()

    def _stand_on(self, line: int) -> None:
        """Put the cursor on a line, and bring it into sight."""
        self._pause()
        self.cursor = line
        self._reveal()
        self.refresh()

    def _reveal(self) -> None:
        """Move the window as little as need be, so that the line of the cursor is seen."""
        line = self.cursor
        if line is None or self.following:
            return
        room = self._room
        own = self._flat(self._finder.onwards(line, 1))
        if line < self._top:
            self._top, self._skip = line, max(0, len(own) - room)
            return
        seen = [row for row in self._rows() if row.number == line]
        if len(seen) >= min(len(own), room):
            return
        before = self._flat(self._finder.before(line, room))
        first = (before + own[:room])[-room:][0]
        self._top, self._skip = first.number, first.place

    def _scroll_rows(self, count: int) -> None:
        """Move the window by rows; the cursor stays in it."""
        if count < 0:
            self._pause()
            above = self._flat(self._finder.before(self._top, -count))
            top = self._flat(self._finder.onwards(self._top, 1))[: self._skip]
            first = (above + top)[count:][:1]
        else:
            first = self._flat(self._finder.onwards(self._top, count + 1))[self._skip + count :][:1]
        if not self.following and first:
            self._top, self._skip = first[0].number, first[0].place
        elif not self.following and count < 0:
            self._top, self._skip = 0, 0
        self._keep_cursor_in_sight()
        self.refresh()

    def _keep_cursor_in_sight(self) -> None:
        seen = [row.number for row in self._rows()]
        if seen and self.cursor is not None:
            self.cursor = max(seen[0], min(self.cursor, seen[-1]))

    def _at_end(self) -> bool:
        """Whether the last row of the last line is seen."""
        seen = self._rows()
        if not seen:
            return True
        own = self._flat(self._finder.onwards(seen[-1].number, 2))
        return own[-1].number == seen[-1].number and own[-1].place == seen[-1].place

    def on_resize(self) -> None:
        """Keep the line of the cursor in sight."""
        self._reveal()
