"""Saving what was entered on the Hosts screen as a topology file, before the hosts are connected to."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.app import App
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Button

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.dialog import Dialog
from pgrepl_tui.screens.plain import plain
from pgrepl_tui.session.topologies import SaveError, Shelf, TakenError
from pgrepl_tui.topology import Topology


class TakenScreen(Dialog[str]):
    """A file of that name is there. Dismissed with ``other`` (another name), ``replace``, ``not`` or ``back``."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.TAKEN]
    title_text = "Save the topology"

    def __init__(self, taken: TakenError) -> None:
        super().__init__(
            f"{taken.path}\nis there already, and holds another set-up. It can be saved beside it, as\n{taken.free}"
        )

    def buttons(self) -> Iterable[Button]:
        """What loses nothing first."""
        yield Button(Content("Beside it (a)"), id="other", classes="-primary")
        yield Button(Content("Replace (r)"), id="replace", classes="-danger")
        yield Button(Content("Not saved (n)"), id="not")

    def action_say(self, answer: str) -> None:
        """Close with the answer."""
        self.dismiss(answer)

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Close with the button's answer."""
        self.dismiss(event.button.id or "back")


class Keeping:
    """Saves a topology, asks where a file is in the way, and hands on what was saved."""

    def __init__(self, app: App[int], shelf: Shelf | None, done: Callable[[Topology], None]) -> None:
        self._app = app
        self._shelf = shelf
        self._done = done

    def keep(self, topology: Topology) -> None:
        """Save it and go on; without a shelf just go on."""
        if self._shelf is None:
            self._done(topology)
            return
        try:
            self._saved(topology, self._shelf.save(topology))
        except TakenError as taken:
            found = taken
            self._app.push_screen(TakenScreen(found), lambda answer: self._answered(topology, found, answer))
        except SaveError as error:
            self._not_saved(topology, error)

    def _answered(self, topology: Topology, taken: TakenError, answer: str | None) -> None:
        if answer == "not":
            self._done(topology)
        elif self._shelf is not None and answer in {"replace", "other"}:
            path = taken.path if answer == "replace" else taken.free
            try:
                self._saved(topology, self._shelf.save(topology, path=path, replacing=answer == "replace"))
            except (SaveError, TakenError) as error:
                self._not_saved(topology, error)

    def _saved(self, before: Topology, after: Topology) -> None:
        if after.source != before.source:
            self._app.notify(plain(f"Saved as {after.source}"), markup=False, timeout=6)
        self._done(after)

    def _not_saved(self, topology: Topology, error: Exception) -> None:
        self._app.notify(plain(str(error)), severity="warning", markup=False, timeout=8)
        self._done(topology)
