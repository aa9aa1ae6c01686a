"""The pairs on which the cells are played, and what came of them."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.real.field import Verdicts, field
from tests.faults.real.results import FILE, Results

RESULTS = Results()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def verdicts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Verdicts]:
    cells = [item.callspec.params["cell"] for item in request.session.items if "verdicts" in item.fixturenames]
    async with field(cells, tmp_path_factory.mktemp("cells")) as played:
        yield played


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if "verdicts" in getattr(item, "fixturenames", ()) and (report.when == "call" or report.outcome != "passed"):
        cell = item.callspec.params["cell"]
        said = f": {report.longrepr[2]}" if report.skipped and isinstance(report.longrepr, tuple) else ""
        RESULTS.outcomes[cell.id] = f"{report.outcome}{said}"
        RESULTS.took[cell.id] = float(dict(item.user_properties).get("seconds", 0.0))
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
