"""Both WAL positions in large figures, and between them whether they match."""

from dataclasses import dataclass
from textwrap import wrap

from textual.content import Content
from textual.widget import Widget

from pgrepl_tui.events import PrimaryPosition, StandbyPosition
from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.screens.figures import size
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.widgets.big_text import big_rows, fits
from pgrepl_tui.session.state import SessionState

UNKNOWN = "?"
SHORT = 38
"""Characters of how a position was read, so that both sides fit."""
GAP = 4
"""Cells between the parts that stand side by side, at least."""


@dataclass(frozen=True, slots=True)
class Side:
    """One server's position: whose it is, the position, and the lines below it."""

    title: str
    lsn: str
    below: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The verdict: a sign, a word, and a line that explains it."""

    word: str
    style: str
    why: str


def sides(state: SessionState) -> tuple[Side, Side]:
    """The two sides as they were compared; before that, as they were read last."""
    names = (state.run.primary, state.run.standby) if state.run is not None else ("", "")
    titles = [f"{role} {plain_line(name)}".rstrip() for role, name in zip(("primary", "standby"), names, strict=True)]
    if state.matched is not None:
        met = state.matched
        reached = met.lsn if met.matching else met.replayed
        below = (f"received {plain_line(met.received)}", f"replayed {plain_line(met.replayed)}")
        return Side(titles[0], plain_line(met.lsn), ("its own position",)), Side(titles[1], plain_line(reached), below)
    here, there = state.primary_position, state.standby_position
    return (
        Side(titles[0], plain_line(here.lsn) if here else "", _read_by(here)),
        Side(titles[1], plain_line(there.replayed) if there else "", _read_by(there)),
    )


def _read_by(position: PrimaryPosition | StandbyPosition | None) -> tuple[str, ...]:
    return (plain_line(position.via)[:SHORT],) if position is not None else ("not read yet",)


def between(state: SessionState) -> Between:
    """What stands between the two positions."""
    if state.matched is None:
        return Between("· not compared yet", "dim", "")
    met = state.matched
    if met.matching:
        since = f"{size(met.written_since)} written since" if met.written_since else "nothing written since"
        return Between("✓ match", "$success bold", plain_line(met.reason) or since)
    if not met.reason:
        return Between(f"! {_behind(met.lsn, met.replayed)}", "$warning bold", "still on its way")
    return Between(f"✗ {_behind(met.lsn, met.replayed)}", "$error bold", plain_line(met.reason))


def _behind(lsn: str, replayed: str) -> str:
    """The distance in words; across a 4 GB border servers up to 9.2 count a little less, hence "about"."""
    try:
        here, there = Lsn.parse(lsn), Lsn.parse(replayed)
    except ValueError:
        return "no match"
    about = "about " if here.value >> 32 != there.value >> 32 else ""
    return f"{about}{size(here - there)} behind" if here > there else "no match"


class Positions(Widget):
    """The two positions side by side where they fit, else one above the other."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._sides = sides(SessionState())
        self._between = between(SessionState())

    def show(self, scene: Scene) -> None:
        """Draw the positions of a scene."""
        seen = (sides(scene.state), between(scene.state))
        if seen != (self._sides, self._between):
            self._sides, self._between = seen
            self.refresh(layout=True)

    def render(self) -> Content:
        """Side by side with wide figures, with narrow ones, or one above the other: the first that fits."""
        width = self.content_size.width
        for gap in (" ", ""):
            left, right = (_block(side, gap) for side in self._sides)
            outer = max(line.cell_length for line in (*left, *right))
            room = width - 2 * outer
            if room >= len(self._between.word) + GAP:
                return _beside(left, self._verdict(room - GAP), right, width)
        blocks = [*_block(self._sides[0], " "), *self._verdict(width), *_block(self._sides[1], " ")]
        return Content("\n").join(line.truncate(width, ellipsis=True) for line in blocks)

    def _verdict(self, width: int) -> list[Content]:
        why = [Content.styled(line, "dim") for line in wrap(self._between.why, max(8, width))]
        return [Content.styled(self._between.word, self._between.style), *why]


def _block(side: Side, gap: str) -> list[Content]:
    """The title with the position as text, the position in large figures, and the lines below."""
    lines = [Content.assemble((side.title, "bold"), f"  {side.lsn}")]
    if fits(side.lsn):
        lines += [Content.styled(row, "$primary bold") for row in big_rows(side.lsn, gap)]
    else:
        lines.append(Content.styled(side.lsn or UNKNOWN, "$primary bold"))
    return [*lines, *(Content.styled(line, "dim") for line in side.below)]


def _beside(left: list[Content], middle: list[Content], right: list[Content], width: int) -> Content:
    """The blocks in three columns, the middle one centred in what the others leave."""
    outer = max(line.cell_length for line in (*left, *right))
    room = width - 2 * outer
    height = max(len(left), len(middle), len(right))
    above = max(0, (height - len(middle)) // 2)
    centred = [Content("")] * above + [_centre(line, room) for line in middle]
    rows = (_at(left, index, outer) + _at(centred, index, room) + _at(right, index, outer) for index in range(height))
    return Content("\n").join(rows)


def _at(block: list[Content], index: int, width: int) -> Content:
    line = block[index] if index < len(block) else Content("")
    return line.pad_right(max(0, width - line.cell_length))


def _centre(line: Content, width: int) -> Content:
    return line.pad_left(max(0, (width - line.cell_length) // 2))
