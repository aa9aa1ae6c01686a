"""A menu: a row an entry, with its key; Enter or a click chooses."""

from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.widgets.row_list import RowList

TITLE = 23
"""Cells for a title beside what it leads to."""


class Entry(NamedTuple):
    """An entry: its name in the program, its key, its title, and what it leads to."""

    name: str
    key: str
    title: str
    about: str


class Menu(RowList):
    """Posts ``Picked`` with the name of an entry."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.MENU]

    class Picked(Message):
        """An entry was chosen."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.entries: tuple[Entry, ...] = ()

    def show(self, entries: tuple[Entry, ...]) -> None:
        """Draw these entries."""
        if entries != self.entries:
            self.entries = entries
            self.lead(min(self.cursor, len(entries) - 1))
            self.refresh(layout=True)

    def count(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    def row(self, index: int, width: int) -> Content:
        """The key, the title and what it leads to."""
        entry = self.entries[index]
        title = plain_line(entry.title)
        title = f"{title:<{TITLE}} " if width > 40 and entry.about else f"{title}  "
        return Content.assemble((f"{entry.key} ", "$accent bold"), title, (plain_line(entry.about), "dim"))

    def action_pick(self) -> None:
        """Choose the entry that the cursor stands on."""
        if self.entries:
            self.post_message(self.Picked(self.entries[self.cursor].name))

    def on_click(self, event: events.Click) -> None:
        """Choose the entry that was clicked."""
        event.prevent_default()
        place = self._top + event.get_content_offset_capture(self).y
        if 0 <= place < self.count():
            self._put(place)
            self.action_pick()
