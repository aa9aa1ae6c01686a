"""The dialog that asks for a time of the recording to go to."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.dialog import Dialog
from pgrepl_tui.screens.figures import clock
from pgrepl_tui.screens.plain import plain
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.spelled_time import EXAMPLES, TimeSpellingError, spelled


class GoToScreen(Dialog[float | None]):
    """Dismissed with the time in seconds, or None; what is no time of the recording is told and can be mended."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.GO_TO]
    AUTO_FOCUS = "#typed"
    title_text = "Go to a time"

    def __init__(self, replay: Replay) -> None:
        here, whole = clock(replay.position), clock(replay.duration)
        super().__init__(f"Now at {here} of {whole}.\nA time is written like {EXAMPLES} (from here).")
        self._replay = replay

    def fields(self) -> Iterable[Widget]:
        """The time, and what is wrong with it."""
        entry = Input(placeholder="1:30", id="typed")
        entry.cursor_blink = False
        yield entry
        yield Static(markup=False, id="mistake")

    def buttons(self) -> Iterable[Button]:
        """Go, or not."""
        yield Button(Content("Go (Enter)"), id="go", classes="-primary")
        yield Button(Content("Close (Esc)"), id="close")

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Go there."""
        try:
            self.dismiss(self._time(self.query_one("#typed", Input).value))
        except TimeSpellingError as error:
            self.query_one("#mistake", Static).update(Content(f"✗ {plain(str(error))}"))

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Go or close."""
        if event.button.id == "go":
            self.submitted()
        else:
            self.action_close()

    def action_close(self) -> None:
        """Close, and stay."""
        self.dismiss(None)

    def _time(self, text: str) -> float:
        """The time that is meant; from here, the beginning and the end are as far as it goes.

        Raises:
            TimeSpellingError: it is no time, or none of this recording.
        """
        time, duration = spelled(text), self._replay.duration
        seconds = time.seconds(duration, self._replay.position)
        if not time.sign and seconds > duration:
            raise TimeSpellingError(f"{text.strip()}: the recording ends at {clock(duration)}")
        return max(0.0, min(seconds, duration))
