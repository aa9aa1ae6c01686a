"""The pairs on which the cells are played, and what came of them."""

import os
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.real.field import Verdicts, field
from tests.faults.real.results import FILE, Results
from tests.faults.table import Cell

RESULTS = Results()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def verdicts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Verdicts]:
    cells = [cell for cell in map(_cell, request.session.items) if cell is not None]
    async with field(cells, tmp_path_factory.mktemp("cells")) as played:
        yield played


def _cell(item: pytest.Item) -> Cell | None:
    """The cell that a test waits for; None for any other test."""
    if not isinstance(item, pytest.Function) or "verdicts" not in item.fixturenames:
        return None
    cell = item.callspec.params["cell"]
    assert isinstance(cell, Cell)
    return cell


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    cell = _cell(item)
    if cell is not None and (report.when == "call" or report.outcome != "passed"):
        said = f": {report.longrepr[2]}" if report.skipped and isinstance(report.longrepr, tuple) else ""
        RESULTS.outcomes[cell.id] = f"{report.outcome}{said}"
        RESULTS.took[cell.id] = sum(float(str(took)) for name, took in item.user_properties if name == "seconds")
        for name, after in item.user_properties:
            if name == "told":
                RESULTS.told[cell.id] = float(str(after))
        RESULTS.chosen = os.environ.get("PGREPL_FAULTS", "chosen")
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not RESULTS.outcomes:
        return
    RESULTS.write()
    terminalreporter.section("faults on real hosts")
    for line in RESULTS.lines():
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"written to {Path(FILE)}")
