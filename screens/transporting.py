"""The operator's hand on a replay: what its keys and its bar ask for, and what they are told."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App

from pgrepl_tui.screens.go_to import GoToScreen
from pgrepl_tui.screens.plain import plain
from pgrepl_tui.session.moves import move
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.span import RecordingError

if TYPE_CHECKING:
    from pgrepl_tui.session.source import Source

GO_TO, SEEK = "go_to", "seek"
SHOWN = ("next_", "previous_")
"""How the moves are called that go to something: the screen that shows it is opened."""


class Transporting:
    """Moves the replay, if the source is one; what cannot be done is told."""

    def __init__(self, app: App[int], source: "Callable[[], Source | None]", wish: Callable[[], None]) -> None:
        self._app = app
        self._source = source
        self._wish = wish

    @property
    def _replay(self) -> Replay | None:
        source = self._source()
        return source if isinstance(source, Replay) else None

    @property
    def held(self) -> bool:
        """Whether the mouse holds the replay: as long as it does, no other screen is opened under it."""
        replay = self._replay
        return replay is not None and replay.held

    def do(self, name: str, t: float = 0.0) -> bool:
        """Do a move, go to a time (seconds), or ask for one; whether it went to something that is to be shown."""
        replay = self._replay
        if replay is None:
            return False
        if name == GO_TO:
            self._app.push_screen(GoToScreen(replay), self._gone)
            return False
        said = self._told(lambda: replay.seek(t) if name == SEEK else move(replay, name))
        return not said and name.startswith(SHOWN)

    def _gone(self, t: float | None) -> None:
        if t is not None:
            self.do(SEEK, t)

    def _told(self, moved: Callable[[], str | None]) -> str:
        """Move, tell why not where that cannot be done, and have it drawn."""
        try:
            said = moved() or ""
        except RecordingError as error:
            said = str(error)
        if said:
            self._app.notify(plain(said), markup=False, timeout=4)
        self._wish()
        return said
