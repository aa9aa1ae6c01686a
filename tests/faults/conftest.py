"""Counts the cells of the fast tier as they end, prints the matrix, and writes what became of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.results import Results
from tests.faults.table import Cell

TIERS = ("fast",)
"""The real tier counts its own."""
_RESULTS = pytest.StashKey[dict[str, Results]]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing has run yet."""
    config.stash[_RESULTS] = {tier: Results(tier) for tier in TIERS}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A cell passed where none of its phases failed; one that was skipped was not run."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    cell = item.callspec.params.get("cell") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else None
    tier = Path(str(item.path)).parent.name
    if isinstance(cell, Cell) and tier in TIERS and not report.skipped:
        results = item.config.stash[_RESULTS][tier]
        if report.failed or (report.when == "call" and results.cells.get(cell) != "failed"):
            results.cells[cell] = "failed" if report.failed else "passed"
        results.seconds[cell] = results.seconds.get(cell, 0.0) + report.duration
        results.outcomes[cell] = str(dict(item.user_properties).get("outcome", ""))
    return report  # type: ignore[return-value]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The matrix of each tier of which something ran; a file where all that is possible did."""
    for results in config.stash[_RESULTS].values():
        if not results.cells:
            continue
        terminalreporter.section(f"fault matrix, {results.tier} tier (before and after each effect)")
        for line in results.matrix():
            terminalreporter.write_line(line)
        terminalreporter.write_line(f"written to {results.write()}")
