"""A plugin of pytest: counts the fast tier's cells as they end, prints the matrix, and writes what became of it.

It hears of each test by its report, wherever the test ran: with many processes the first one collects nothing itself.
"""

import re

import pytest

from tests.faults.results import Results
from tests.faults.table import POSSIBLE

_CELL = re.compile(r"tests/faults/fast/\S+\[(?P<id>F\d+-\d\d-[\w-]+)\]")
_BY_ID = {cell.id: cell for cell in POSSIBLE}
RESULTS = Results("fast")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A cell passed where none of its phases failed; one that was skipped was not run."""
    found = _CELL.search(report.nodeid)
    cell = _BY_ID.get(found["id"]) if found else None
    if cell is None or report.skipped:
        return
    if report.failed or (report.when == "call" and RESULTS.cells.get(cell) != "failed"):
        RESULTS.cells[cell] = "failed" if report.failed else "passed"
    RESULTS.seconds[cell] = RESULTS.seconds.get(cell, 0.0) + report.duration
    RESULTS.outcomes[cell] = str(dict(report.user_properties).get("outcome", ""))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The matrix, where some of it ran."""
    if not RESULTS.cells:
        return
    terminalreporter.section("fault matrix, fast tier (before and after each effect)")
    for line in RESULTS.matrix():
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"written to {RESULTS.write()}")
