"""The first screen: what can be begun, and the recordings of earlier runs."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Label, Static

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.widgets.menu import Entry, Menu
from pgrepl_tui.screens.widgets.recording_list import RecordingList, outcome_words
from pgrepl_tui.screens.widgets.row_list import RowList
from pgrepl_tui.screens.widgets.wrapping import KeysFooter
from pgrepl_tui.session.library import Library, Summary
from pgrepl_tui.session.span import RecordingError
from pgrepl_tui.session.topologies import Shelf

if TYPE_CHECKING:
    from pgrepl_tui.session.replay import Replay
    from pgrepl_tui.topology import Topology

BATCH = 20
"""Recordings that are read at once; the list is drawn in between."""
HINT = "date, name, host or outcome"
Tell = Callable[[str], None]


class OpenReplay(Protocol):
    """Opens a recording; ``progress`` is told the part that is read, from 0 to 1."""

    def __call__(self, path: Path, *, progress: Callable[[float], object]) -> "Replay":
        """Open it."""


@dataclass(frozen=True)
class Start:
    """What the program can begin with, made by who knows hosts and files.

    Attributes:
        library: the recordings.
        shelf: the saved topologies.
        replay: opens a recording; raises RecordingError. It may take long: it is called in a thread, and tells how far
            it is.
        demo: brings up two hosts, tells what it does, and gives their topology; None where it cannot.
    """

    library: Library
    shelf: Shelf
    replay: "OpenReplay"
    demo: "Callable[[Tell], Awaitable[Topology]] | None" = None


class WelcomeScreen(Screen[None]):
    """Posts ``Chosen`` with what the operator wants to begin."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["../styles/frame.tcss", "../styles/welcome.tcss"]
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (64, "-narrow"), (100, "-wide")]  # noqa: RUF012 - an instance variable in Textual
    AUTO_FOCUS = "Menu"
    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.WELCOME]

    class Chosen(Message):
        """What to begin: new, open, continue, demo, or replay with its path."""

        def __init__(self, what: str, path: Path | None = None, topology: "Topology | None" = None) -> None:
            super().__init__()
            self.what = what
            self.path = path
            self.topology = topology

    def __init__(self, start: Start) -> None:
        super().__init__()
        self._start = start
        self._last: tuple[Summary, Topology] | None = None
        self._unread = ""
        self._looked = False

    def compose(self) -> ComposeResult:
        """The menu above, the recordings below."""
        yield Static(_title(), markup=False, id="title")
        with Vertical(id="menu-panel", classes="panel") as panel:
            panel.border_title = "Begin"
            yield Menu(id="menu")
        with Vertical(id="recordings-panel", classes="panel"):
            with Horizontal(id="search-row"):
                yield Label("search", markup=False)
                entry = Input(placeholder=HINT, compact=True, id="search")
                entry.cursor_blink = False
                yield entry
            yield Static(markup=False, id="recordings-empty")
            yield RecordingList(id="recordings")
        yield KeysFooter(compact=True)

    def on_mount(self) -> None:
        """Draw what is known at once."""
        self._draw()

    def on_screen_resume(self) -> None:
        """Look at the recordings, now and after each run: off the keys' way, newest first."""
        self.run_worker(self._look(), name="recordings", group="recordings", exclusive=True)

    async def _look(self) -> None:
        library, listed = self._start.library, self.query_one(RecordingList)
        try:
            paths = await asyncio.to_thread(library.paths)
            self._last = await asyncio.to_thread(library.last)
        except RecordingError as error:
            self._unread, self._looked = str(error), True
            self._draw()
            return
        self._unread, self._looked = "", True
        listed.fill(paths)
        self._draw()
        for first in range(0, len(paths), BATCH):
            listed.know(await asyncio.to_thread(library.summaries, paths[first : first + BATCH]))
        self._draw()

    def _draw(self) -> None:
        self.query_one(Menu).show(tuple(self._entries()))
        listed = self.query_one(RecordingList)
        count = f"{listed.count()} of {listed.total}" if listed.count() < listed.total else f"{listed.total}"
        panel = self.query_one("#recordings-panel")
        panel.border_title = Content(f"Recordings · {count} · times in UTC" if self._looked else "Recordings")
        self.moved()
        empty = self.query_one("#recordings-empty", Static)
        empty.display = not listed.count()
        empty.update(self._no_recordings(listed))

    @on(RowList.Chosen)
    def moved(self) -> None:
        """Say where the cursor stands in a list that does not fit."""
        listed, panel = self.query_one(RecordingList), self.query_one("#recordings-panel")
        fits = listed.count() <= listed.size.height
        panel.border_subtitle = Content("" if fits else f"{listed.cursor + 1} of {listed.count()}")

    def _no_recordings(self, listed: RecordingList) -> Content:
        if not self._looked:
            return Content.styled("Looking for recordings …", "dim")
        if self._unread:
            return Content.styled(f"✗ {plain_line(self._unread)}", "$error")
        if listed.total:
            return Content.styled("None matches; Esc shows all.", "dim")
        folder = plain_line(str(self._start.library.folder))
        return Content.styled(f"Every run is recorded, in {folder}; none is there yet.", "dim")

    def _entries(self) -> list[Entry]:
        entries = [
            Entry("new", "n", "New set-up", "name two servers, look, agree, and it is done"),
            Entry("open", "o", "Open a topology", "a file, or one that was saved before"),
        ]
        if self._last is not None:
            found, topology = self._last
            hosts = f"{topology.name}: {found.primary} → {found.standby}, {outcome_words(found)}"
            entries.append(Entry("continue", "c", "Continue the last one", hosts))
        if self._start.demo is not None:
            entries.append(Entry("demo", "d", "Demo", "two hosts on this machine, with real PostgreSQL"))
        return entries

    @on(Menu.Picked)
    def picked(self, message: Menu.Picked) -> None:
        """An entry of the menu."""
        self.action_begin(message.name)

    @on(RecordingList.Opened)
    def opened(self, message: RecordingList.Opened) -> None:
        """A recording."""
        self.post_message(self.Chosen("replay", message.path))

    def action_begin(self, what: str) -> None:
        """Begin something; what cannot be begun says why."""
        if what == "continue" and self._last is None:
            self._tell("Nothing was set up yet that could be continued.")
        elif what == "demo" and self._start.demo is None:
            self._tell("The demo needs the extra lab: pip install 'pgrepl-tui[lab]'.")
        else:
            topology = self._last[1] if what == "continue" and self._last is not None else None
            self.post_message(self.Chosen(what, topology=topology))

    def action_search(self) -> None:
        """Put the cursor into the search."""
        self.query_one("#search").focus()

    def action_no_search(self) -> None:
        """Show the whole list again."""
        self.query_one("#search", Input).value = ""
        self.query_one(RecordingList).focus()

    @on(Input.Changed, "#search")
    def typed(self, event: Input.Changed) -> None:
        """Search as it is typed."""
        self.query_one(RecordingList).search(event.value)
        self._draw()

    @on(Input.Submitted, "#search")
    def found(self) -> None:
        """Go to what was found."""
        self.query_one(RecordingList).focus()

    def _tell(self, text: str) -> None:
        self.notify(text, markup=False, timeout=4)


def _title() -> Content:
    about = "sets up PostgreSQL streaming replication over SSH, and proves it"
    return Content.assemble(("pgrepl-tui", "bold $primary"), (f"  {about}", "dim"))
