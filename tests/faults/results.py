"""What became of the cells of a tier: as a matrix to be read, and as a file for other programs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.table import EVERY_CELL, EXCUSED, FAULTS, IMPOSSIBLE, INVARIANTS, PLACES, Cell, Moment

FOLDER = Path(__file__).parents[2] / "build" / "results"
MARKS = {"passed": "✓", "failed": "✗", "impossible": "·", "not run": " "}


@dataclass
class Results:
    """The cells of one tier that were run, and how each ended.

    Attributes:
        tier: fast or real.
        cells: passed or failed, by cell.
        outcomes: how the struck run ended, by cell.
        seconds: how long it took, by cell.
    """

    tier: str
    cells: dict[Cell, str] = field(default_factory=dict)
    outcomes: dict[Cell, str] = field(default_factory=dict)
    seconds: dict[Cell, float] = field(default_factory=dict)

    def state(self, cell: Cell) -> str:
        """Passed, failed, impossible, or not run."""
        return "impossible" if cell in IMPOSSIBLE else self.cells.get(cell, "not run")

    @property
    def figures(self) -> dict[str, float]:
        """How many of each, and the seconds of them all."""
        counted = {name: sum(self.state(cell) == name for cell in EVERY_CELL) for name in MARKS}
        return {"cells": len(EVERY_CELL), **counted, "seconds": round(sum(self.seconds.values()), 1)}

    def write(self, folder: Path = FOLDER) -> Path:
        """Write the file, in one move; its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"faults-{self.tier}.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps(self.as_mapping(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.rename(path)
        return path

    def as_mapping(self) -> Mapping[str, object]:
        """The file's content."""
        return {
            "tier": self.tier,
            "faults": {fault.id: fault.name for fault in FAULTS},
            "places": {str(place.number): place.name for place in PLACES},
            "invariants": {invariant.id: invariant.what for invariant in INVARIANTS},
            "cells": {cell.id: self._told(cell) for cell in EVERY_CELL},
            "outcomes": {cell.id: outcome for cell, outcome in self.outcomes.items()},
            "excused": {cell.id: dict(EXCUSED[cell]) for cell in self.cells if cell in EXCUSED},
            "figures": self.figures,
        }

    def _told(self, cell: Cell) -> str:
        return f"impossible: {IMPOSSIBLE[cell]}" if cell in IMPOSSIBLE else self.state(cell)

    def matrix(self) -> list[str]:
        """A line a fault, two signs a place: before its effect, and after it."""
        head = " " * 21 + " ".join(f"{place.number:>2}" for place in PLACES)
        rows = [f"{fault.id:<4}{fault.name:<17}" + " ".join(self._pair(fault.id, place.name) for place in PLACES)
                for fault in FAULTS]  # fmt: skip
        names = "  ".join(f"{place.number} {place.name}" for place in PLACES)
        figures = ", ".join(f"{count} {name}" for name, count in self.figures.items())
        return [head, *rows, names, figures]

    def _pair(self, fault: str, place: str) -> str:
        cells = (cell for cell in EVERY_CELL if cell.fault.id == fault and cell.place.name == place)
        by_moment = {cell.moment: MARKS[self.state(cell)] for cell in cells}
        return by_moment[Moment.BEFORE] + by_moment[Moment.AFTER]
