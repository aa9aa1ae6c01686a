"""The line of a whole recording: how far it is, where the stages begin, where something went wrong."""

from itertools import pairwise

from textual.content import Content

from pgrepl_tui.events import Stage
from pgrepl_tui.screens.figures import clock
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.session.marks import Kind, Mark
from pgrepl_tui.session.replay import Replay

GONE, TO_COME, SKIPPED, HERE = "━", "─", "╌", "●"
SIGNS = {Kind.ERROR: ("✗", "bold $error"), Kind.WARNING: ("!", "bold $warning")}
KEYS = {stage: str(key) for key, stage in enumerate(Stage, start=1)}
"""A stage is marked with its key, which its tab above shows too."""
SHORTEST = 3
"""Letters of a stage's name below which it is not written."""
TOLD, LONGEST = 3, 200
"""Troubles of one cell that are told, and the characters of each."""


class Timeline:
    """The line of a replay in so many cells."""

    def __init__(self, replay: Replay, room: int) -> None:
        self.room = room
        self._replay = replay
        self._shape = self._shape_now()
        self._signs: dict[int, tuple[str, str]] = {}
        for mark in replay.marks.stages:
            self._signs[self.cell(mark.t)] = (KEYS[mark.stage], "bold")
        for kind in (Kind.WARNING, Kind.ERROR):  # the worse one is seen
            cells = {self.cell(mark.t) for mark in replay.marks.troubles if mark.kind is kind}
            self._signs.update(dict.fromkeys(cells, SIGNS[kind]))
        self._skipped = {cell for pause in replay.pauses for cell in range(*map(self.cell, pause))}

    def fits(self, replay: Replay, room: int) -> bool:
        """Whether it is still the line of this replay, which may have grown, in so many cells."""
        return replay is self._replay and room == self.room and self._shape == self._shape_now()

    def _shape_now(self) -> tuple[float, int, int]:
        marks = self._replay.marks
        return self._replay.duration, len(marks.stages), len(marks.troubles)

    def cell(self, t: float) -> int:
        """The cell in which a time (seconds) lies."""
        return max(0, min(self.room - 1, int(t / (self._replay.duration or 1.0) * self.room)))

    def goal(self, cell: int) -> float:
        """The time (seconds) that is meant by a cell: that of what is marked there, else of the cell itself."""
        here = [mark for mark in (*self._wrong(cell), *self._replay.marks.stages) if self.cell(mark.t) == cell]
        if here:
            return here[0].t
        whole = self._replay.duration
        return whole if cell >= self.room - 1 else max(0, cell) / self.room * whole

    def line(self) -> Content:
        """The way gone and the way to come, stages by their keys, troubles by their signs, and the place."""
        here = self.cell(self._replay.position)
        return Content.assemble(*(self._drawn(cell, here) for cell in range(self.room)))

    def _drawn(self, cell: int, here: int) -> tuple[str, str]:
        if cell == here:
            return HERE, "bold $accent"
        if cell in self._signs:
            return self._signs[cell]
        sign = GONE if cell < here else TO_COME
        skipped = self._replay.skip_idle and cell in self._skipped
        return SKIPPED if skipped else sign, "$accent" if cell < here else "dim"

    def names(self) -> Content:
        """The names of the stages below their marks, shortened or left out where there is no room."""
        starts = {self.cell(mark.t): mark.stage.value.capitalize() for mark in self._replay.marks.stages}
        places = sorted(starts)
        text = ""
        for place, after in pairwise([*places, self.room + 1]):
            name = starts[place]
            last = after > self.room  # it may begin further left
            begin = max(len(text) + 1 if text else 0, min(place, self.room - len(name))) if last else place
            name = name[: after - begin - 1]
            text = text.ljust(begin) + (name if len(name) >= SHORTEST else "")
        return Content.styled(text[: self.room].ljust(self.room), "dim")

    def at(self, cell: int) -> str:
        """What is at a cell, in words: the time, the stage and, where something went wrong, what."""
        t = self.goal(cell)
        stages = [mark.stage for mark in self._replay.marks.stages if mark.t <= t]
        wrong = self._wrong(cell)
        words = [clock(t), *(stage.value.capitalize() for stage in stages[-1:])]
        more = [f"and {len(wrong) - TOLD} more"] if len(wrong) > TOLD else []
        return "\n".join([" · ".join(words), *map(_words, wrong[:TOLD]), *more])

    def _wrong(self, cell: int) -> list[Mark]:
        if self._signs.get(cell) not in SIGNS.values():
            return []
        return [mark for mark in self._replay.marks.troubles if self.cell(mark.t) == cell]


def _words(mark: Mark) -> str:
    return f"{SIGNS[mark.kind][0]} {plain_line(mark.text)[:LONGEST]}"
