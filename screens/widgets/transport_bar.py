"""The transport of a replay: play or pause, speed, where it is; a click on the line goes there."""

from textual import events
from textual.content import Content
from textual.widget import Widget

from pgrepl_tui.screens.figures import clock
from pgrepl_tui.screens.scene import Scene

MARK = "│"


class TransportBar(Widget):
    """One line: state and speed, the time, the line of the whole recording with its stages, the whole time."""

    def __init__(self) -> None:
        super().__init__()
        self._scene = Scene(live=False)
        self._line = (0, 1)

    def show(self, scene: Scene) -> None:
        """Draw the transport of a scene."""
        self._scene = scene
        self.refresh()

    def render(self) -> Content:
        """The line."""
        transport = self._scene.transport
        if transport is None:
            return Content("")
        state = "▶ playing" if transport.playing else "· paused "
        left = Content.assemble((f" {state} ", "bold $accent"), f"{transport.speed:g}x  {clock(transport.position)} ")
        right = Content(f" {clock(transport.duration)} ")
        room = max(1, self.size.width - left.cell_length - right.cell_length)
        self._line = (left.cell_length, room)
        return left + self._timeline(room) + right

    def _timeline(self, room: int) -> Content:
        """The way gone and the way to go, with a mark where each stage begins."""
        transport = self._scene.transport
        assert transport is not None  # noqa: S101 - render has looked
        whole = transport.duration or 1.0
        here = min(room - 1, int(transport.position / whole * room))
        cells = ["━" if cell < here else "─" for cell in range(room)]
        for start, _ in transport.stages:
            cells[min(room - 1, int(start / whole * room))] = MARK
        gone, rest = "".join(cells[:here]), "".join(cells[here + 1 :])
        return Content.assemble((gone, "$accent"), ("●", "bold $accent"), (rest, "dim"))

    def on_click(self, event: events.Click) -> None:
        """Play or pause at the left, go to a time on the line."""
        transport = self._scene.transport
        if transport is None:
            return
        start, room = self._line
        place = event.get_content_offset_capture(self).x - start
        if place < 0:
            transport.toggle()
        else:
            transport.seek(place / room * transport.duration)
