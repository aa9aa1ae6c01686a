"""The transport of a replay: play or pause, step, speed, the time, and the line of the whole recording."""

from textual import events
from textual.content import Content
from textual.widget import Widget

from pgrepl_tui.screens.figures import clock
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.widgets.timeline import Timeline
from pgrepl_tui.screens.widgets.transport_parts import Part, parts

OPEN_END = "The run has no end here: it is under way, or was cut off. What is written meanwhile is shown."


class TransportBar(Widget):
    """One line, or two on a wide screen; a click on a part does what it says, on the line it goes there."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._scene = Scene(live=False)
        self._parts: list[list[Part]] = []
        self._left = 0
        self._line: Timeline | None = None
        self._pressed: Part | None = None

    def on_mount(self) -> None:
        """Let the screen's messages stay clear of a second line."""
        self.screen.add_class("-replay")

    def show(self, scene: Scene) -> None:
        """Draw the transport of a scene."""
        self._scene = scene
        self.refresh()

    def render(self) -> Content:
        """The lines."""
        replay = self._scene.transport
        if replay is None:
            return Content("")
        self._parts = parts(replay, *self.size)
        lefts = [Content.assemble(*((part.text, part.style) for part in row)) for row in self._parts]
        self._left = max(left.cell_length for left in lefts)
        right = Content(f" {clock(replay.duration)}{'+' if replay.open_end else ' '}")
        room = max(1, self.size.width - self._left - right.cell_length)
        if self._line is None or not self._line.fits(replay, room):
            self._line = Timeline(replay, room)
        rows = (self._line.line() + right, self._line.names())
        padded = (left.pad_right(self._left - left.cell_length) for left in lefts)
        return Content("\n").join(left + row for left, row in zip(padded, rows, strict=False))

    # The mouse

    async def on_mouse_down(self, event: events.MouseDown) -> None:
        """On the line, go there, and along with the mouse until it is let go."""
        replay, cell = self._scene.transport, self._cell(event)
        self._pressed = self._part(event)
        if replay is None or cell is None:
            return
        self.capture_mouse()
        await self.run_action("app.transport('hold')")
        await self._go(cell)

    async def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go along with the mouse, or say what it points at."""
        if self._scene.transport is not None and self._scene.transport.held:
            await self._go(event.get_content_offset_capture(self).x - self._left)
            return
        cell = self._cell(event)
        about = self._line.at(cell) if cell is not None and self._line is not None else self._part(event).about
        self.tooltip = Content(about) if about else None

    async def on_mouse_up(self) -> None:
        """Let go; what was playing plays on."""
        if self._scene.transport is not None and self._scene.transport.held:
            self.release_mouse()
            await self.run_action("app.transport('let_go')")

    async def on_click(self, event: events.Click) -> None:
        """Do what the part is for on which the mouse was pressed, and let go."""
        part = self._part(event)
        if part.action and part == self._pressed:
            await self.run_action(part.action)

    async def _go(self, cell: int) -> None:
        if self._line is not None:
            await self.run_action(f"app.transport('seek', {self._line.goal(cell)!r})")

    def _cell(self, event: events.MouseEvent) -> int | None:
        """The cell of the line, or of the names below it, that the mouse is on."""
        cell = event.get_content_offset_capture(self).x - self._left
        return cell if self._line is not None and 0 <= cell < self._line.room else None

    def _part(self, event: events.MouseEvent) -> Part:
        """The part that the mouse is on; where there is none, one that does nothing."""
        place = event.get_content_offset_capture(self)
        x = place.x
        for part in self._parts[place.y] if 0 <= place.y < len(self._parts) else []:
            if 0 <= x < len(part.text):
                return part
            x -= len(part.text)
        replay = self._scene.transport
        return Part("", about=OPEN_END if replay is not None and replay.open_end else "")
