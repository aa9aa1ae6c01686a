"""Remote commands, a row each, under the step that caused them."""

from collections.abc import Mapping

from textual import events
from textual.content import Content

from pgrepl_tui.screens.figures import duration
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.signs import FAILED, RUNNING, Sign
from pgrepl_tui.screens.widgets.log_prompt import LogPrompt
from pgrepl_tui.screens.widgets.log_wanted import finder
from pgrepl_tui.screens.widgets.row_list import RowList
from pgrepl_tui.session.state import CommandState
from pgrepl_tui.spoken import prompted

WENT_WELL = Sign("✓", "exit 0", "$success")
WENT_OTHERWISE = Sign("!", "exit", "$warning")
"""Another status than 0 may be what the step wanted to know: is there such a file?"""
ENDED_WITH_STEP = Sign("·", "ended", "dim")
"""Of a command that is spoken to, or whose output is followed: it goes on until its step has what it wants."""


class CommandList(RowList):
    """The cursor goes with the newest command until it is moved.

    Attributes:
        only_changes: commands that only read are left out.
        searched: the text that is searched; empty for none.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.only_changes = False
        self.searched = ""
        self.rows: list[CommandState | str] = []
        self._titles: dict[str, str] = {}
        self._over: frozenset[str] = frozenset()
        self._drawn: tuple[Mapping[int, CommandState] | None, bool] = (None, False)

    def show(self, scene: Scene) -> None:
        """Draw the commands of a scene."""
        if self._drawn != (scene.state.commands, self.only_changes):
            self._drawn = (scene.state.commands, self.only_changes)
            self._titles = {name: step.info.title for name, step in scene.state.steps.items()}
            self.rows = _rows(scene.state.commands, only_changes=self.only_changes)
        whole = scene.state.ended is not None
        self._over = frozenset(name for name, step in scene.state.steps.items() if whole or step.outcome is not None)
        self.lead(len(self.rows) - 1)
        self._put(self.cursor)

    @property
    def chosen(self) -> CommandState | str | None:
        """The command that the cursor stands on, or the id of a step."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def is_over(self, command: CommandState) -> bool:
        """Whether the step of a command has ended."""
        return command.step in self._over

    @property
    def commands(self) -> int:
        """How many commands are shown."""
        return sum(isinstance(row, CommandState) for row in self.rows)

    def to_copy(self) -> list[CommandState]:
        """The chosen command; on a step, those of the step that are shown."""
        chosen = self.chosen
        if isinstance(chosen, CommandState):
            return [chosen]
        below = self.rows[self.cursor + 1 :]
        end = next((place for place, row in enumerate(below) if isinstance(row, str)), len(below))
        return [row for row in below[:end] if isinstance(row, CommandState)]

    @property
    def step(self) -> str:
        """The id of the step that the chosen row belongs to; empty where there is none."""
        chosen = self.chosen
        return chosen.step if isinstance(chosen, CommandState) else chosen or ""

    # Search

    async def on_key(self, event: events.Key) -> None:
        """What is typed right after the key that opens the line is meant for it."""
        for prompt in self.screen.query(LogPrompt):
            await prompt.before_key(event, self)

    def matches(self) -> list[int]:
        """The rows that hold the searched text: in what is shown, or in what really ran."""
        pattern = finder(self.searched)
        if pattern is None:
            return []
        return [place for place, row in enumerate(self.rows) if pattern.search(self._words(row))]

    def go_to_match(self, direction: int, *, here: bool = False) -> None:
        """Put the cursor on the next match (1) or the one before (-1), with ``here`` also on its own row."""
        found = self.matches()
        onwards = [row for row in found if row > self.cursor or (here and row == self.cursor)]
        back = [row for row in found if row < self.cursor]
        order = [*onwards, *back] if direction > 0 else [*reversed(back), *reversed(onwards)]
        if order:
            self.action_move(order[0] - self.cursor)
        self.refresh()

    def _words(self, row: CommandState | str) -> str:
        if isinstance(row, str):
            return plain_line(self._titles.get(row, row))
        return f"{''.join(prompted(plain_line(row.host), plain_line(row.line)))} {row.paste}"

    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def row(self, index: int, width: int) -> Content:
        """A step's title, or a command with its host, its line, its status and its time."""
        row = self.rows[index]
        if isinstance(row, str):
            return Content.styled(plain_line(self._titles.get(row, row)), "bold")
        over = self.is_over(row)
        sign = command_sign(row, over=over)
        time = duration(row.seconds) if row.ended else ""
        right = f" {'changes ' if row.changes else ''}{status_words(row, over=over):>7} {time:>8}"
        prompt, shown = prompted(plain_line(row.host), plain_line(row.line.replace("\n", " ")))
        head = Content.assemble("  ", (f"{sign.mark} ", sign.style), (prompt, "dim"))
        line = head + self._marked_in(Content(shown))
        return line.truncate(max(1, width - len(right)), ellipsis=True, pad=True) + Content.styled(right, "dim")

    def _marked_in(self, line: Content) -> Content:
        pattern = finder(self.searched)
        for found in pattern.finditer(line.plain) if pattern is not None else ():
            line = line.stylize("reverse", *found.span())
        return line


def _rows(commands: Mapping[int, CommandState], *, only_changes: bool) -> list[CommandState | str]:
    rows: list[CommandState | str] = []
    step = None
    for command in commands.values():
        if only_changes and not command.changes:
            continue
        if command.step != step:
            step = command.step
            rows.append(step)
        rows.append(command)
    return rows


def command_sign(command: CommandState, *, over: bool = False) -> Sign:
    """The sign of a command: it runs, it ended with 0 or otherwise, or nobody knows how; ``over``: its step ended."""
    if not command.ended:
        return ENDED_WITH_STEP if over else RUNNING
    if command.status is None:
        return FAILED
    return WENT_WELL if command.status == 0 else WENT_OTHERWISE


def status_words(command: CommandState, *, over: bool = False) -> str:
    """How it ended; a status of -N is signal N."""
    if not command.ended:
        return ENDED_WITH_STEP.word if over else RUNNING.word
    if command.status is None:
        return "lost"
    return f"signal {-command.status}" if command.status < 0 else f"exit {command.status}"
