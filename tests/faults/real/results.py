"""What came of the cells: the matrix in the terminal, and ``build/results/faults-real.json``."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.table import FAULTS, IMPOSSIBLE, PLACES, Cell, Moment

FILE = Path("build/results/faults-real.json")
SIGNS = {"passed": "+", "failed": "F", "impossible": "-", "skipped": "s", "": "."}


@dataclass
class Results:
    """Collected while the tests run.

    Attributes:
        chosen: which cells were asked for: ``chosen`` or ``all``.
        outcomes: ``passed``, ``failed`` or ``skipped`` and why, by the cell's id.
        took: seconds a cell.
        told: seconds after which a fault was told, by the cell's id.
    """

    chosen: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def write(self) -> None:
        """Write the file."""
        impossible = {cell.id: f"impossible: {why}" for cell, why in IMPOSSIBLE.items()}
        found = {
            "tier": "real",
            "selection": self.chosen,
            "cells": {**impossible, **self.outcomes},
            "seconds": round(time.monotonic() - self.began, 1),
            "took": {name: round(seconds, 1) for name, seconds in self.took.items()},
            "told": {name: round(seconds, 1) for name, seconds in self.told.items()},
        }
        FILE.parent.mkdir(parents=True, exist_ok=True)
        FILE.write_text(json.dumps(found, indent=1) + "\n")

    def lines(self) -> Iterator[str]:
        """The matrix: a row a fault, a column a place; before and after in one field."""
        yield f"{'':22}" + " ".join(f"{place.number:>2}" for place in PLACES)
        for fault in FAULTS:
            fields = ("".join(self._sign(Cell(fault, place, moment)) for moment in Moment) for place in PLACES)
            yield f"{fault.id:<4}{fault.name:<18}" + " ".join(fields)
        yield "places: " + ", ".join(f"{place.number} {place.name}" for place in PLACES)
        counts = {word: sum(each.startswith(word) for each in self.outcomes.values()) for word in SIGNS if word}
        yield (
            f"each field: before, after; + passed ({counts['passed']}), F failed ({counts['failed']}), "
            f"s not run on this machine ({counts['skipped']}), - impossible ({len(IMPOSSIBLE)}), . not asked for"
        )
        slowest = sorted(self.told, key=self.told.__getitem__, reverse=True)[:5]
        yield f"told last: {', '.join(f'{name} after {self.told[name]:.1f} s' for name in slowest)}"
        yield from (f"not run: {name}: {text}" for name, text in self.outcomes.items() if text.startswith("skipped"))
        reasons = dict.fromkeys(IMPOSSIBLE.values())
        for why in reasons:
            cells = [cell.id for cell, reason in IMPOSSIBLE.items() if reason == why]
            yield f"impossible: {why}: {', '.join(cells)}"

    def _sign(self, cell: Cell) -> str:
        if cell in IMPOSSIBLE:
            return SIGNS["impossible"]
        return SIGNS[self.outcomes.get(cell.id, "").partition(":")[0]]
