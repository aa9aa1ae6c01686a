"""Counts the examples of every property in the suite, and writes the figures of ``tests/fuzz`` at the end.

With several workers each counts for itself; who started them adds up, and hears of every test's end anyway.
"""

import re
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz import counts
from tests.fuzz.profile import times

ROOT = Path(__file__).parents[2]
LEAKS = "test_leaks"
LONG = "leaks"
"""The mark of the test that ``make test`` leaves out."""
_PASSING = re.compile(r"(\d+) passing\b")
_RAN = "during generate phase"
_GIVEN = "fuzz_counts"


class Figures:
    """What passed, what failed and how long it took, of one kind of test."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.files = {
            str(path.relative_to(ROOT))
            for path in Path(__file__).parent.glob("test_*.py")
            if path.stem.startswith(LEAKS) == (name == "leaks")
        }
        self.ran: set[str] = set()
        self.whole = name != "leaks"
        self.passed = self.failed = 0
        self.seconds = 0.0

    def take(self, report: pytest.TestReport) -> None:
        """Take the end of a phase of a test."""
        self.ran.add(report.location[0])
        self.whole |= LONG in report.keywords
        self.seconds += report.duration
        self.passed += report.when == "call" and report.passed
        self.failed += report.failed

    def write(self) -> None:
        """Write the file of the figures, where all that belongs to it was run: every one of the passwords, too."""
        if self.ran != self.files or not self.whole:
            return
        figures = {"passed": self.passed, "failed": self.failed, "seconds": round(self.seconds, 1), "times": times(),
                   "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}  # fmt: skip
        counts.write(self.name, figures)


_FIGURES = (Figures("fuzz"), Figures("leaks"))


def examples(said: str) -> int:
    """The examples that passed, by what hypothesis says of a property in all its phases.

    Raises:
        ValueError: it says it in words that are not known here.
    """
    numbers = _PASSING.findall(said)
    if not numbers and _RAN in said:
        raise ValueError(f"no number of passing examples in: {said}")
    return sum(map(int, numbers))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take the end of a phase of a test, wherever it was run."""
    for figures in _FIGURES:
        if report.location[0] in figures.files:
            figures.take(report)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """Count the examples of a property, wherever it stands."""
    said = getattr(item, "hypothesis_statistics", "")
    if call.when == "call" and said:
        counts.count("properties")
        counts.count("examples of properties", examples(said))
    return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what a worker has counted."""
    for of, found in getattr(node, "workeroutput", {}).get(_GIVEN, {}).items():
        for what, number in found.items():
            counts.count(what, number, of=of)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the figures, or hand the counts to who started this worker."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_GIVEN] = {figures.name: counts.counted(figures.name) for figures in _FIGURES}
        return
    for figures in _FIGURES:
        figures.write()
