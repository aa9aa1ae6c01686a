"""The dialog that opens a topology: a path, or one that was saved before."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from pgrepl_tui.screens.dialog import Dialog
from pgrepl_tui.screens.plain import plain
from pgrepl_tui.screens.widgets.menu import Entry, Menu
from pgrepl_tui.session.topologies import Saved
from pgrepl_tui.topology import Topology, TopologyError


class OpenScreen(Dialog[Topology | None]):
    """Dismissed with the topology, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]
    AUTO_FOCUS = "#path"
    title_text = "Open a topology"

    def __init__(self, saved: list[Saved], load: Callable[[str], Topology]) -> None:
        words = "The path of a topology file; Tab goes to those that were saved." if saved else (
            "The path of a topology file. What you connect to is saved, and listed here from then on."
        )  # fmt: skip
        super().__init__(words)
        self._saved = saved
        self._load = load

    def fields(self) -> Iterable[Widget]:
        """The path, and the saved ones."""
        entry = Input(placeholder="topology.yaml", id="path")
        entry.cursor_blink = False
        yield entry
        if self._saved:
            yield Menu(id="saved")
        yield Static(markup=False, id="mistake")

    def on_mount(self) -> None:
        """List the saved ones."""
        for menu in self.query(Menu):
            menu.show(tuple(_entry(saved) for saved in self._saved))

    def buttons(self) -> Iterable[Button]:
        """Open, or not."""
        yield Button(Content("Open (Enter)"), id="open", classes="-primary")
        yield Button(Content("Close (Esc)"), id="close")

    @on(Menu.Picked)
    def picked(self, message: Menu.Picked) -> None:
        """Open one that was saved."""
        self._open(message.name)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Open the path."""
        self._open(self.query_one("#path", Input).value.strip())

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

    def _open(self, path: str) -> None:
        mistake = self.query_one("#mistake", Static)
        if not path:
            mistake.update(Content("✗ Type the path of a topology file."))
            return
        try:
            topology = self._load(path)
        except TopologyError as error:
            mistake.update(Content(f"✗ {plain(str(error))}"))
            return
        self.dismiss(topology)


def _entry(saved: Saved) -> Entry:
    about = f"✗ {saved.mistake}"
    if saved.topology is not None:
        about = f"{saved.topology.primary.ssh} → {saved.topology.standbys[0].ssh}"
    return Entry(str(saved.path), "·", saved.path.stem, about)
