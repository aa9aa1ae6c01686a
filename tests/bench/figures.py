"""What a benchmark of a log measured, and the table that sets the programs beside each other."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """What was measured of one program: milliseconds of its keys, seconds it was behind, MiB, share of a processor.

    ``behind`` is how long after the last line was written it was drawn; infinite where it never was.
    """

    program: str
    lines: int
    keys: tuple[float, ...]
    behind: float
    megabytes: float
    cpu: float

    @property
    def median(self) -> float:
        """The median of the keys, in ms."""
        return statistics.median(self.keys)

    @property
    def p99(self) -> float:
        """What 99 of 100 keys took at most, in ms."""
        return sorted(self.keys)[max(0, -(-len(self.keys) * 99 // 100) - 1)]

    @property
    def worst(self) -> float:
        """The slowest key, in ms."""
        return max(self.keys)

    def cells(self) -> tuple[str, ...]:
        """A row of the table."""
        times = (f"{time:.1f}" for time in (self.median, self.p99, self.worst))
        return (
            self.program,
            f"{self.lines:,}",
            *times,
            f"{self.behind:.2f}",
            f"{self.megabytes:.1f}",
            f"{self.cpu:.2f}",
        )

    def ratios(self, ours: "Figures") -> tuple[str, ...]:
        """The same row as multiples of ours."""
        pairs = ((self.median, ours.median), (self.p99, ours.p99), (self.worst, ours.worst))
        keys = (_times(its, own) for its, own in pairs)
        memory, cpu = _times(self.megabytes, ours.megabytes), _times(self.cpu, ours.cpu)
        return (f"  {self.program} : ours", f"{self.lines:,}", *keys, "", memory, cpu)


HEADING = ("program", "lines", "key p50 ms", "p99", "max", "behind s", "RSS MiB", "cpu")


def table(measured: Sequence[Figures], ours: str) -> str:
    """All figures, then each other program's as multiples of ours on as many lines."""
    own = {figures.lines: figures for figures in measured if figures.program == ours}
    others = [figures for figures in measured if figures.program != ours and figures.lines in own]
    rows = [HEADING, *(figures.cells() for figures in measured)]
    rows += [figures.ratios(own[figures.lines]) for figures in others]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADING))]
    return "\n".join(_aligned(row, widths) for row in rows)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (cell.ljust(width) if not place else cell.rjust(width)
                      for place, (cell, width) in enumerate(zip(row, widths, strict=True)))  # fmt: skip
    return "  ".join((first, *others)).rstrip()


def _times(its: float, own: float) -> str:
    return f"{its / own:.1f} x" if own else "-"
