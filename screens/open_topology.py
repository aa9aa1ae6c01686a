"""The dialog that opens a topology: a path, completed while it is typed, or one that was saved before."""

import asyncio
from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.dialog import Dialog
from pgrepl_tui.screens.plain import plain
from pgrepl_tui.screens.widgets.menu import Entry, Menu
from pgrepl_tui.session.path_names import common, completions, last_part
from pgrepl_tui.session.topologies import Saved
from pgrepl_tui.topology import Topology, TopologyError


class OpenScreen(Dialog[Topology | None]):
    """Dismissed with the topology, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.OPEN]
    AUTO_FOCUS = "#path"
    title_text = "Open a topology"

    def __init__(self, saved: list[Saved], load: Callable[[str], Topology]) -> None:
        words = "The path of a topology file, or one of those that were saved (·):" if saved else (
            "The path of a topology file. What you connect to is saved, and listed here from then on."
        )  # fmt: skip
        super().__init__(words)
        self._saved = [_entry(one) for one in saved]
        self._load = load
        self._paths: list[str] = []

    def fields(self) -> Iterable[Widget]:
        """The path, and what it may be."""
        entry = Input(placeholder="~/topology.yaml", id="path")
        entry.cursor_blink = False
        yield entry
        yield Menu(id="saved")
        yield Static(markup=False, id="mistake")

    def on_mount(self) -> None:
        """List the saved ones, and what is in the folder that the program was started in."""
        self._list(self._saved)
        self._look("")

    def buttons(self) -> Iterable[Button]:
        """Open, or not."""
        yield Button(Content("Open (Enter)"), id="open", classes="-primary")
        yield Button(Content("Close (Esc)"), id="close")

    @on(Input.Changed, "#path")
    def typed(self, event: Input.Changed) -> None:
        """List what the path may become; reading a folder may take long."""
        self.query_one("#mistake", Static).update("")
        self._look(event.value)

    def _look(self, text: str) -> None:
        self.run_worker(self._complete(text), name="paths", group="paths", exclusive=True)

    async def _complete(self, text: str) -> None:
        self._paths = await asyncio.to_thread(completions, text)
        fitting = [saved for saved in self._saved if text.lower() in f"{saved.title} {saved.about}".lower()]
        self._list([*fitting, *(Entry(path, " ", last_part(path), "") for path in self._paths)])

    def _list(self, entries: list[Entry]) -> None:
        menu = self.query_one(Menu)
        menu.release()
        menu.show(tuple(entries))
        menu.can_focus = menu.display = bool(entries)

    @on(Menu.Picked)
    def picked(self, message: Menu.Picked) -> None:
        """Open one of the list; of a folder, list what is in it."""
        self._open(message.name)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Open the path."""
        self._open(self._path.value.strip())

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Open or close."""
        if event.button.id == "open":
            self.submitted()
        else:
            self.action_close()

    def action_close(self) -> None:
        """Close; nothing is opened."""
        self.dismiss(None)

    def action_complete(self) -> None:
        """Complete the path as far as it is the only one; where there is nothing to complete, go on."""
        longer, typed = common(self._paths), self._path.value
        if self._path.has_focus and typed and len(longer) > len(typed):
            self._put(longer)
        else:
            self.focus_next()

    def action_to_list(self) -> None:
        """Go to the list."""
        self.query_one(Menu).focus()

    @property
    def _path(self) -> Input:
        return self.query_one("#path", Input)

    def _put(self, path: str) -> None:
        self._path.value = path
        self._path.cursor_position = len(path)
        self._path.focus()

    def _open(self, path: str) -> None:
        mistake = self.query_one("#mistake", Static)
        if not path:
            mistake.update(Content("✗ Type the path of a topology file."))
        elif path.endswith("/"):
            self._put(path)
        else:
            try:
                self.dismiss(self._load(path))
            except TopologyError as error:
                mistake.update(Content(f"✗ {plain(str(error))}"))


def _entry(saved: Saved) -> Entry:
    about = f"✗ {saved.mistake}"
    if saved.topology is not None:
        about = f"{saved.topology.primary.ssh} → {saved.topology.standbys[0].ssh}"
    return Entry(str(saved.path), "·", saved.path.stem, about)
