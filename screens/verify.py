"""The Verify stage: the proof that the standby has what the primary wrote."""

from pathlib import PurePath
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from pgrepl_tui.events import Note, Stage
from pgrepl_tui.screens.figures import duration
from pgrepl_tui.screens.plain import plain, plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.signs import NOTES
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.screens.widgets.evidence import end_rows, journey, lag_line, reads
from pgrepl_tui.screens.widgets.positions import Positions
from pgrepl_tui.screens.widgets.problem import Problem
from pgrepl_tui.screens.widgets.reader import Reader
from pgrepl_tui.session.state import SessionState

SCROLL_BAR = 2
"""Cells that the evidence leaves to the bar at its side."""
STALE = 3.0
"""Seconds after which it is said how old the positions are."""


class VerifyScreen(StageScreen):
    """Positions above, the evidence for them below."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["../styles/frame.tcss", "../styles/verify.tcss"]
    AUTO_FOCUS = "#verify"
    stage = Stage.VERIFY

    def compose_body(self) -> ComposeResult:
        """The positions, the lag, the evidence in two columns, what is to be known, the recording."""
        with Reader(id="verify"):
            with Container(id="positions-panel", classes="panel"):
                yield Positions(id="positions")
            yield Problem()
            yield Static(markup=False, id="reads")
            with Container(id="course"):
                yield Static(markup=False, id="lag")
                yield Static(markup=False, id="journey")
            with Container(id="ends"):
                yield Static(markup=False, id="sender")
                yield Static(markup=False, id="receiver")
            yield Static(markup=False, id="notes")
            yield Static(markup=False, id="recorded")

    def draw_body(self, scene: Scene) -> None:
        """Draw what is known."""
        state = scene.state
        for name in ("positions-panel", "course", "ends"):
            self.query_one(f"#{name}").display = compares(state)
        self.query_one(Positions).show(scene)
        self.query_one("#positions-panel").border_title = _title(scene)
        self.query_one(Problem).show(state.stage_steps(self.stage))
        self._put("reads", reads(state))
        self._put("journey", journey(state.marks))
        self._put("sender", end_rows("Sender, on the primary", state.sender, scene.now, "no walsender seen"))
        self._put("receiver", end_rows("Receiver, on the standby", state.receiver, scene.now, "no walreceiver seen"))
        self._put("lag", lag_line(state.lag, self._lag_width))
        self._put("notes", _notes(scene))
        self._put("recorded", Content.assemble(("Recording ", "bold"), plain_line(scene.recording)))

    @property
    def _lag_width(self) -> int:
        """Cells for the bars of the lag: all of the width, or half of it where the marked record stands beside them."""
        free = self.size.width - 4 - SCROLL_BAR
        return free // 2 if self.has_class("-wide") else free

    def _put(self, name: str, content: Content) -> None:
        static = self.query_one(f"#{name}", Static)
        static.display = bool(content.plain)
        static.update(content)


def compares(state: SessionState) -> bool:
    """Whether positions belong to what is run: an undo has none."""
    return state.run is None or state.run.mode != "undo"


def _title(scene: Scene) -> Content:
    """The panel's title; for a pair that is watched, how old the positions are."""
    seen = scene.state.standby_position
    if not scene.watching or seen is None:
        return Content("WAL positions")
    old = scene.now - seen.t
    late = f", last read {duration(old)} ago" if old > STALE else ""
    return Content(f"WAL positions · watched every second{late}")


def _notes(scene: Scene) -> Content:
    """What the run left to be known, the newest last."""
    lines = [Content.assemble(*_note(note)) for note in scene.state.notes]
    return Content("\n").join([Content.styled("To know", "bold"), *lines]) if lines else Content("")


def _note(note: Note) -> tuple[tuple[str, str], str]:
    sign = NOTES.get(note.level, NOTES["info"])
    return (f"{sign.mark} ", sign.style), plain(note.text)
