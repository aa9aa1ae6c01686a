"""Under the destination: how its test stands, and the button that tests it."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static

from pgrepl_tui.screens.widgets.probe_text import UNTESTED


class ProbeLine(Horizontal):
    """``side`` begins the ids of its parts: ``primary-test`` is the button."""

    def __init__(self, side: str) -> None:
        super().__init__()
        self._side = side

    def compose(self) -> ComposeResult:
        """The text and the button."""
        yield Static(UNTESTED, markup=False, id=f"{self._side}-probe")
        yield Button(Content("Test (t)"), id=f"{self._side}-test", compact=True)

    def show(self, text: Content) -> None:
        """Draw how it stands."""
        self.query_one(f"#{self._side}-probe", Static).update(text)
