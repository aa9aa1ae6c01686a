"""The first line: the program, the hosts, the PostgreSQL version, recording or replay, and the time."""

from textual.content import Content
from textual.widget import Widget

from pgrepl_tui.screens.figures import clock
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.session.state import SessionState


class TopLine(Widget):
    """One line; where it is too short for all, the right side is kept and the left is cut."""

    def __init__(self) -> None:
        super().__init__()
        self._left = Content("")
        self._right = Content("")
        self._short = Content("")

    def show(self, scene: Scene) -> None:
        """Draw the line of a scene."""
        version = _version(scene.state)
        left, short = _left(scene.state), _right(scene)
        right = Content.assemble((version, "dim"), "  ", short) if version else short
        if (left, right) != (self._left, self._right):
            self._left, self._right, self._short = left, right, short
            self.refresh()

    def render(self) -> Content:
        """The two sides with room between them; the version goes first where there is too little."""
        room = self.size.width - self._right.cell_length - 1
        right = self._right if room >= self._left.cell_length else self._short
        room = max(0, self.size.width - right.cell_length - 1)
        return self._left.truncate(room, ellipsis=True, pad=True) + " " + right


def _left(state: SessionState) -> Content:
    program = Content.styled("pgrepl-tui", "bold $primary")
    if state.run is None:
        return program + Content("  PostgreSQL streaming replication").stylize("dim")
    return program + f"  {plain_line(state.run.primary)} → {plain_line(state.run.standby)}"


def _right(scene: Scene) -> Content:
    parts = []
    if not scene.live:
        parts.append(Content.styled("▶ REPLAY", "bold $accent"))
    elif scene.under_way and scene.recording:
        parts.append(Content.styled("● REC", "bold $error"))
    parts.append(Content(clock(scene.now)))
    return Content("  ").join(parts)


def _version(state: SessionState) -> str:
    """The version of the primary as its facts give it, empty while it is not known."""
    primary = state.hosts.get("primary")
    rows = primary.facts if primary is not None else ()
    found = next((row.value for row in rows if "version" in row.name.lower() or row.name == "PostgreSQL"), "")
    number = plain_line(found).removeprefix("PostgreSQL ").split(" ")[0]
    return f"PostgreSQL {number}" if number else ""
