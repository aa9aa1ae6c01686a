"""The recordings with their date, hosts, outcome and length; those that match what is searched for."""

from pathlib import Path
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from pgrepl_tui.counted import counted
from pgrepl_tui.events import RunOutcome
from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.figures import clock
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.signs import ENDINGS, Sign
from pgrepl_tui.screens.widgets.row_list import RowList
from pgrepl_tui.session.library import Summary

CUT_OFF = Sign("!", "cut off", "$warning")
DAMAGED = Sign("✗", "damaged", "$error")
NOT_READ = Sign("·", "", "dim")
OUTCOME = 17
"""Cells of the column that says how a run ended."""
DATE = 16
"""Cells of the date: to the minute."""
TINY = 60
"""Cells below which the year and the length are left out."""


class RecordingList(RowList):
    """Posts ``Opened`` with the path of a recording."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.RECORDINGS]

    class Opened(Message):
        """A recording is to be replayed."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.paths: list[Path] = []
        self._known: dict[Path, Summary] = {}
        self._all: list[Path] = []
        self._words: tuple[str, ...] = ()

    def fill(self, paths: list[Path]) -> None:
        """List these, newest first; what was known of them stays known."""
        self._all = paths
        self._filter()

    def know(self, summaries: list[Summary]) -> None:
        """What some of them hold was read."""
        self._known |= {found.path: found for found in summaries}
        self._filter()

    def search(self, text: str) -> None:
        """Keep those that have all the words in their line."""
        self._words = tuple(text.lower().split())
        self._filter()

    @property
    def total(self) -> int:
        """How many there are, whatever is searched for."""
        return len(self._all)

    def _filter(self) -> None:
        chosen = self.chosen
        self.paths = [path for path in self._all if not self._words or self._matches(path)]
        self._put(self.paths.index(chosen) if self.held and chosen in self.paths else 0)

    def _matches(self, path: Path) -> bool:
        line = f"{' '.join(_cells(self._known.get(path), path))} {path.name}".lower()
        return all(word in line for word in self._words)

    @property
    def chosen(self) -> Path | None:
        """The recording that the cursor stands on."""
        return self.paths[self.cursor] if self.cursor < len(self.paths) else None

    @property
    def known(self) -> Summary | None:
        """What is known of the chosen one."""
        return self._known.get(self.chosen) if self.chosen is not None else None

    def count(self) -> int:
        """How many match."""
        return len(self.paths)

    def row(self, index: int, width: int) -> Content:
        """A line: the sign, the date, the pair, its hosts, how it ended, how long it took."""
        path = self.paths[index]
        known = self._known.get(path)
        sign = _sign(known)
        line = _short(_cells(known, path)) if width < TINY else _cells(known, path)
        mark, date = Content.styled(f"{sign.mark} ", sign.style), f"{line.date} "
        if known is None or known.damage:
            return mark + date + Content(f"{line.name}  {line.hosts}")
        right = f" {line.outcome:<{OUTCOME}}{line.length}"
        pair = _pair(line.name, line.hosts, max(8, width - 2 - len(date) - len(right)))
        return mark + date + pair + Content.styled(right, sign.style if sign.mark != "✓" else "dim")

    def action_open(self) -> None:
        """Replay the one that the cursor stands on."""
        if self.chosen is not None:
            self.post_message(self.Opened(self.chosen))

    def on_click(self, event: events.Click) -> None:
        """A second click on a recording replays it; the first has put the cursor there."""
        if event.chain >= 2:
            self.action_open()


def _sign(known: Summary | None) -> Sign:
    if known is None:
        return NOT_READ
    if known.damage:
        return DAMAGED
    return ENDINGS[known.outcome] if known.outcome is not None else CUT_OFF


class Line(NamedTuple):
    """The words of a row."""

    date: str
    name: str
    hosts: str = ""
    outcome: str = ""
    length: str = ""


def _cells(known: Summary | None, path: Path) -> Line:
    """The words of a row; the date's are always of one width."""
    if known is None:
        return Line(" " * DATE, plain_line(path.name))
    if known.damage:
        why = plain_line(known.damage.removeprefix(f"{path}: "))
        return Line(f"{DAMAGED.word:<{DATE}}", plain_line(path.name), why)
    date = plain_line(known.started).replace("T", " ")[:DATE]
    hosts = f"{plain_line(known.primary)} → {plain_line(known.standby)}"
    return Line(f"{date:<{DATE}}", plain_line(known.topology), hosts, outcome_words(known), clock(known.seconds))


def _short(line: Line) -> Line:
    """What a narrow list has room for: no year, no length."""
    date = line.date[5:] if line.outcome else f"{line.date.strip():<{DATE - 5}}"
    return line._replace(date=date, length="")


def outcome_words(known: Summary) -> str:
    """How the run ended, in one or two words."""
    if known.outcome is None:
        return CUT_OFF.word
    if known.mode == "plan":
        return "planned"
    if known.outcome is RunOutcome.DONE:
        return f"done, {counted(known.changes, 'change')}"
    return ENDINGS[known.outcome].word.lower()


def _pair(name: str, hosts: str, room: int) -> Content:
    """The name of the pair, and its hosts: the name gives way where there is no room for both."""
    part = min(room // 2, max(room - len(hosts), 4))
    return Content(name).truncate(part - 1, ellipsis=True, pad=True) + " " + (
        Content(hosts).truncate(room - part, ellipsis=True, pad=True)
    )  # fmt: skip
