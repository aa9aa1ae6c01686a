"""A log that can be searched, filtered and copied from; the look at its lines never keeps a key waiting."""

import asyncio
import time
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.widgets.log_index import Index, Read
from pgrepl_tui.screens.widgets.log_prompt import FILTER, SEARCH, LogPrompt
from pgrepl_tui.screens.widgets.log_scroll import LogScroll
from pgrepl_tui.screens.widgets.log_wanted import sign_of

__all__ = ["LogView", "sign_of"]

SLICE = 0.003
"""Seconds of looking between two moments in which keys are answered."""
REST = 0.001
"""Seconds of such a moment, at least."""
REPAINT = 0.1
"""Seconds between two drawings of how far the look has come."""


class LogView(LogScroll):
    """Lines of one output, with a search (``/``), a filter (``&``) and a copy of the current line (``y``).

    The current line is the match that a search stands on or the line that was clicked, else the first one seen while
    paused, the last one while it follows.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", f"ask('{SEARCH}')", "Search the log", show=False, key_display="/"),
        Binding("n", "match(1)", "Next match", show=False),
        Binding("N", "match(-1)", "Match before", show=False),
        Binding("ampersand", f"ask('{FILTER}')", "Filter the log", show=False, key_display="&"),
        Binding("y", "copy_line", "Copy the current line", show=False),
        Binding("escape", "clear", "Clear search, then filter", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._looking = False
        self._before: tuple[str | None, bool, int] = ("", True, 0)

    def compose(self) -> ComposeResult:
        """The line for a search or a filter, hidden until it is asked for."""
        yield LogPrompt()

    def show(self, index: Index | None, read: Read | None) -> None:
        """Draw an index; another one than before is followed from its end, its filter and search kept."""
        super().show(index, read)
        self._keep_looking()

    @property
    def looking(self) -> bool:
        """True while a search or a filter has not looked at all lines yet."""
        return self._looking

    @property
    def _prompt_rows(self) -> int:
        return 1 if self.query_one(LogPrompt).is_open and self.size.height > 1 else 0

    async def on_key(self, event: events.Key) -> None:
        """Open the line at once: of keys that come in one burst, the next ones are typed into it already."""
        prompt = self.query_one(LogPrompt)
        if prompt.is_open:
            prompt.take(event)
            return
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if binding.action.startswith("ask("):
                event.stop()
                event.prevent_default()
                await self.run_action(binding.action)

    def action_ask(self, sign: str) -> None:
        """Open the line in which a search or a filter is typed."""
        kept = self._finder.searched if sign == SEARCH else self._finder.filtered
        self._before = (kept, self.following, self._top)
        self.query_one(LogPrompt).open(sign, kept or "")
        self.refresh()

    @on(LogPrompt.Typed)
    def typed(self, message: LogPrompt.Typed) -> None:
        """Search or filter for what stands in the line so far."""
        message.stop()
        self._look_for(message.sign, message.text or (None if message.sign == FILTER else ""))

    @on(LogPrompt.Closed)
    def closed(self, message: LogPrompt.Closed) -> None:
        """Keep what was typed, or go back to where the operator was."""
        message.stop()
        self.focus()
        before, following, top = self._before
        if not message.kept:
            self.following, self._top = following, top
            self._look_for(message.sign, before)
            self.following, self._top = following, top
        elif message.sign == FILTER or not message.text:
            self._look_for(message.sign, message.text)
        self.refresh()

    def _look_for(self, sign: str, text: str | None) -> None:
        """Search for a text, or show only lines with it (empty: WARNING and worse; None: all)."""
        line = self._place()
        if sign == SEARCH:
            self._finder.search(text or "", line)
            self._to_mark()
        else:
            self._finder.filter(text, line)
        self._keep_looking()
        self.refresh()

    def _place(self) -> int:
        """The line from which a search goes on: the first that is seen."""
        if not self.following:
            return self._top
        blocks = self._window()
        return blocks[0][0] if blocks else max(0, self._total - self._room)

    def action_match(self, direction: int) -> None:
        """Go to the next match (1) or the one before (-1)."""
        if not self._finder.searched:
            self.notify("Nothing is searched for: / begins.", markup=False, timeout=4)
            return
        self._finder.step(direction, self._place())
        self._to_mark()
        self._keep_looking()
        self.refresh()

    def _to_mark(self) -> None:
        """Bring the match that the search stands on into sight."""
        mark = self._finder.mark
        if mark is None or mark in [number for number, _ in self._window()]:
            return
        above = self._finder.before(mark, self._room // 3)
        self._pause(above[0][0] if above else mark)
        self._follow_at_end()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is for the screen where there is nothing to clear."""
        if action == "clear":
            return bool(self._finder.searched) or self._finder.filtered is not None or self._finder.mark is not None
        return super().check_action(action, parameters)

    def action_clear(self) -> None:
        """Clear the search; where there is none, the filter."""
        place = self._place()
        if self._finder.searched or self._finder.mark is not None:
            self._finder.search("", place)
        else:
            self._finder.filter(None, place)
        self.refresh()

    def _keep_looking(self) -> None:
        """See to it that what is not looked at yet will be, beside the keys."""
        if self._finder.busy and not self._looking and self.is_mounted:
            self._looking = True
            self.run_worker(self._look(), name="look", group="look", exclusive=True)

    async def _look(self) -> None:
        """Look at the lines in slices, until all are known or nothing is looked for any more."""
        try:
            painted = time.monotonic()
            while self._finder.busy:
                self._look_a_while()
                if time.monotonic() - painted > REPAINT:
                    self.refresh()
                    painted = time.monotonic()
                await asyncio.sleep(REST)
        finally:
            self._looking = False
            self.refresh()

    def _look_a_while(self) -> None:
        waited, until = self._finder.waiting, time.monotonic() + SLICE
        while self._finder.busy and time.monotonic() < until:
            self._finder.look(back=self.following)
        if waited and not self._finder.waiting:
            self._to_mark()
            self.refresh()

    def action_copy_line(self) -> None:
        """Copy the current line as text, by the terminal's clipboard sequence (OSC 52)."""
        blocks = self._window()
        if not blocks:
            self.notify("There is no line to copy.", markup=False, timeout=4)
            return
        mark = self._finder.mark
        number = mark if mark is not None else blocks[-1 if self.following else 0][0]
        text = plain_line(next((line for _, line in self._finder.onwards(number, 1)), ""))
        self.app.copy_to_clipboard(text)
        self.notify(f"Copied: {text[:60]}", markup=False, timeout=4)
