"""Keys one after the other: what a key does is done, its change of focus included, before the next one is looked at.

Over a slow line several keys arrive at once. Textual hands them all to the part that has the focus at that moment, so
that of ``/`` and a word that is searched for, the word's letters would be commands.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual import events
from textual.app import App
from textual.message import Message

if TYPE_CHECKING:
    from textual.timer import Timer

PATIENCE = 0.5
"""Seconds after which the next key has its turn, whatever the one before it does."""


class KeyDone(Message, bubble=True):
    """Takes the way that a key has taken, right behind it."""


class KeyQueue:
    """Holds keys back while another one is on its way; ``forward`` hands one on as Textual does."""

    def __init__(self, app: App[int], forward: Callable[[events.Key], Awaitable[None]]) -> None:
        self._app = app
        self._forward = forward
        self._waiting: deque[events.Key] = deque()
        self._timer: Timer | None = None

    async def take(self, key: events.Key) -> None:
        """A key was pressed."""
        self._waiting.append(key)
        if self._timer is None:
            await self._next()

    def done(self) -> None:
        """A key has come to its end; what it asked of the app, such as another focus, comes first."""
        self._app.call_later(self._next)

    async def _next(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if not self._waiting or not self._app.screen_stack:
            return
        self._timer = self._app.set_timer(PATIENCE, self._next, name="next key")
        target = self._app.focused or self._app.screen
        await self._forward(self._waiting.popleft())
        if not target.post_message(KeyDone()):
            self.done()
