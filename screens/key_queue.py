"""Keys one after the other: what a key does is done, its change of focus included, before the next one is looked at.

Over a slow line several keys arrive at once. Textual hands them all to the part that has the focus at that moment, so
that of ``/`` and a word that is searched for, the word's letters would be commands.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual import events
from textual.app import App
from textual.message import Message

if TYPE_CHECKING:
    from textual.widget import Widget

PATIENCE = 0.5
"""Seconds without anything new after which the next key has its turn, whatever the one before it does."""
LOOKS = 5
"""In so many parts these seconds pass: where the whole program stood still, only one of them has gone by."""
WAYS = 3
"""How often a mark goes behind a key from the part that has the focus up to the app, at least.

What the key asked for may be three messages long (a row of a menu, the screen that it stands on, the app), each put
behind the mark that was on its way. Of a screen that is opened by that, the first focus comes behind another mark.
"""


class KeyDone(Message, bubble=True):
    """Takes the way that a key has taken, right behind it."""

    def __init__(self, key: int) -> None:
        super().__init__()
        self.key = key


class KeyQueue:
    """Holds keys back while another one is on its way; ``forward`` hands one on as Textual does."""

    def __init__(self, app: App[int], forward: Callable[[events.Key], Awaitable[None]]) -> None:
        self._app = app
        self._forward = forward
        self._waiting: deque[events.Key] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._timers = 0
        self._key = 0
        self._ways = 0
        self._seen: Widget | None = None

    async def take(self, key: events.Key) -> None:
        """A key was pressed."""
        self._waiting.append(key)
        if self._timer is None:
            await self._next()

    def done(self, mark: KeyDone) -> None:
        """A mark has come to the app: the key is done once nothing came of the last ways, such as another focus."""
        if mark.key != self._key or not self._app.screen_stack:
            return
        self._ways += 1
        if self._changed() or self._ways < WAYS:
            self._send_mark()
        else:
            self._app.call_later(self._next)

    async def _next(self) -> None:
        self._stop_timer()
        if not self._waiting or not self._app.screen_stack:
            return
        self._key += 1
        self._ways = 0
        self._changed()
        self._start_timer()
        target = self._there
        await self._forward(self._waiting.popleft())
        self._send_mark(target)

    async def _late(self, timer: int) -> None:
        """Nothing was heard for a while: where the key has changed something in it, give that its time too."""
        if timer != self._timers:  # it was stopped, and its word was on its way
            return
        self._stop_timer()
        if self._app.screen_stack and self._changed():
            self._start_timer()
            self._send_mark()
        else:
            await self._next()

    @property
    def _there(self) -> "Widget":
        return self._app.focused or self._app.screen

    def _changed(self) -> bool:
        """Whether keys go elsewhere than when it was looked last."""
        before, self._seen = self._seen, self._there
        return self._seen is not before

    def _send_mark(self, target: "Widget | None" = None) -> None:
        if self._ways:
            self._stop_timer()
            self._start_timer()
        if not (target or self._there).post_message(KeyDone(self._key)):
            self._app.call_later(self._next)

    def _start_timer(self) -> None:
        self._timers += 1
        self._wait(LOOKS)

    def _wait(self, looks: int) -> None:
        """By the loop's clock: a timer of Textual's that is late when it begins never goes off."""
        if looks:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE / LOOKS, self._wait, looks - 1)
        else:
            self._app.call_later(self._late, self._timers)

    def _stop_timer(self) -> None:
        self._timers += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
