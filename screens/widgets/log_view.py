"""A log that can be searched, filtered and copied from; the look at its lines never keeps a key waiting."""

import asyncio
import time
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingsMap, BindingType

from pgrepl_tui.counted import counted
from pgrepl_tui.screens import keys
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.widgets.log_index import Index, Read
from pgrepl_tui.screens.widgets.log_prompt import FILTER, SEARCH, LogPrompt
from pgrepl_tui.screens.widgets.log_selection import LogSelection
from pgrepl_tui.screens.widgets.log_wanted import sign_of

__all__ = ["LogView", "sign_of"]

SLICE = 0.003
"""Seconds of looking between two moments in which keys are answered."""
REST = 0.001
"""Seconds of such a moment, at least."""
REPAINT = 0.1
"""Seconds between two drawings of how far the look has come."""
SHOWN = 60
"""Characters of a copied line that are told."""

Standing = tuple[bool, int | None, int, int]
"""Where the operator is: whether the log follows, the cursor, the first line that is seen and its rows above."""


class LogView(LogSelection):
    """Lines of one output: followed, moved in, searched, filtered, selected and copied from."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.LOG]

    def __init__(self, *, id: str | None = None, live: bool = True) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.keys = keys.log_keys(live=live)
        if not live:
            self._bindings = BindingsMap(self.keys)
        self._looking = False
        self._before: tuple[str | None, Standing] = ("", (True, None, 0, 0))

    def compose(self) -> ComposeResult:
        """The line for a search or a filter, hidden until it is asked for."""
        yield LogPrompt()

    def show(self, index: Index | None, read: Read | None) -> None:
        """Draw an index; another one than before is followed from its end, its filter and search kept."""
        super().show(index, read)
        self._keep_looking()

    def hints(self, width: int) -> str:
        """The keys that are used most and what they do, as many as there is room for in so many cells."""
        shown = ""
        for key, binding in self._own_keys():
            word = keys.LOG_HINTS.get(binding.id or "")
            longer = f"{shown} · {key} {word}" if shown else f"{key} {word}"
            if word and cell_len(longer) <= width:
                shown = longer
        return shown

    @property
    def looking(self) -> bool:
        """True while a search or a filter has not looked at all lines yet."""
        return self._looking

    @property
    def _prompt_rows(self) -> int:
        return 1 if self.query_one(LogPrompt).is_open and self.size.height > 1 else 0

    async def on_key(self, event: events.Key) -> None:
        """What is typed right after the key that opens the line is meant for it."""
        await self.query_one(LogPrompt).before_key(event, self)

    def action_ask(self, sign: str) -> None:
        """Open the line in which a search or a filter is typed."""
        kept = self._finder.searched if sign == SEARCH else self._finder.filtered
        self._before = (kept, (self.following, self.cursor, self._top, self._skip))
        self.query_one(LogPrompt).open(sign, kept or "")
        self._reveal()
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
        before, standing = self._before
        if not message.kept:
            self._look_for(message.sign, before)
            self.following, self.cursor, self._top, self._skip = standing
            self._told_anew()
        elif message.sign == FILTER or message.text != self._finder.searched:
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
        """The line from which a search goes on: the one of the cursor, else the first that is seen."""
        if self.cursor is not None:
            return self.cursor
        seen = self._rows()
        return seen[0].number if seen else max(0, self._total - self._room)

    def action_match(self, direction: int) -> None:
        """Go to the next match (1) or the one before (-1)."""
        if not self._finder.searched:
            self._tell("Nothing is searched for: / begins.")
            return
        beyond = direction > 0 and self.cursor is not None
        self._finder.step(direction, self._place() + beyond)
        self._to_mark()
        self._keep_looking()
        self.refresh()

    def _to_mark(self) -> None:
        """Put the cursor on the match that the search stands on; one out of sight comes with some lines before it."""
        mark = self._finder.mark
        if mark is None or self._finder.waiting:
            return
        seen = {row.number for row in self._rows()}
        self._pause()
        if mark not in seen:
            above = self._finder.before(mark, self._room // 3)
            self._top, self._skip = (above[0][0] if above else mark), 0
        self._stand_on(mark)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is for the screen where there is nothing to clear."""
        if action == "clear":
            found = bool(self._finder.searched) or self._finder.filtered is not None
            return found or (self.is_mounted and self.selection is not None)
        return super().check_action(action, parameters)

    def action_clear(self) -> None:
        """Clear the selection; where there is none, the search; where there is none, the filter."""
        if self.selection is not None:
            self.drop()
        elif self._finder.searched:
            self._finder.search("", self._place())
        else:
            self._finder.filter(None, self._place())
            self._reveal()
        self._told_anew()

    def _keep_looking(self) -> None:
        """See to it that what is not looked at yet will be, beside the keys."""
        if self._finder.busy and not self._looking and self.is_mounted:
            self._looking = True
            self.run_worker(self._look_on(), name="look", group="look", exclusive=True)

    async def _look_on(self) -> None:
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

    def action_copy(self) -> None:
        """Copy what is selected, else the line of the cursor, by the terminal's clipboard sequence (OSC 52)."""
        selection = self.selection
        if selection is not None:
            lines, whole = self._selected_lines(selection)
            self.drop()
        else:
            lines, whole = self._current_line(), True
        if not lines:
            self._tell("There is no line to copy.")
            return
        self.app.copy_to_clipboard("\n".join(lines))
        if len(lines) == 1:
            self._tell(f"Copied: {lines[0][:SHOWN]}")
        else:
            beyond = "" if whole else ", the first of the selected ones: more is too long for a clipboard"
            self._tell(f"Copied {counted(len(lines), 'line')}{beyond}.")

    def _current_line(self) -> list[str]:
        found = self._finder.before(self._total, 1) if self.cursor is None else self._finder.onwards(self.cursor, 1)
        return [plain_line(line) for _, line in found]

    def _tell(self, text: str) -> None:
        self.notify(text, markup=False, timeout=4)
