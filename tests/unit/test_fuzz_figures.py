"""The figures of made-up input: what a property tried is counted, in this process and in a worker's."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.statistics import collector, describe_statistics

from tests.fuzz import counts, plugin


def told_of_a_property(examples: int) -> str:
    """What the installed hypothesis says of a property after a run of it."""
    said: list[str] = []

    @settings(max_examples=examples, database=None, derandomize=True, deadline=None)
    @given(st.integers())
    def holds(_number: int) -> None:
        pass

    collecting: Any = collector  # its type says that it collects nothing
    with collecting.with_value(lambda found: said.append(describe_statistics(found))):
        holds()
    return "".join(said)


def test_the_examples_of_a_property_are_counted_as_the_installed_hypothesis_tells_them() -> None:
    assert plugin.examples(told_of_a_property(17)) == 17


@pytest.mark.parametrize(
    "words",
    ["- 98 passing examples, 1 failing examples, 5 invalid", "- 98 passing, 1 failing, and 5 invalid test cases"],
)
def test_both_ways_in_which_it_tells_them_are_known(words: str) -> None:
    assert plugin.examples(f"  - during generate phase (0.1 seconds):\n    {words}") == 98


def test_words_that_are_not_known_are_an_error_and_no_zero() -> None:
    assert plugin.examples("  - Stopped because nothing left to do") == 0
    with pytest.raises(ValueError, match="no number of passing examples"):
        plugin.examples("  - during generate phase (0.1 seconds):\n    - a hundred went well")


def test_what_a_worker_counted_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = {"fuzz": Counter({"examples of properties": 3}), "leaks": Counter[str]()}
    monkeypatch.setattr(counts, "_COUNTS", mine)
    told = {"fuzz": {"examples of properties": 40}, "leaks": {"found": 1}}
    for node in (SimpleNamespace(workeroutput={"fuzz_counts": told}), SimpleNamespace()):  # one that crashed has none
        plugin.pytest_testnodedown(node)
    assert counts.counted("fuzz") == {"examples of properties": 43}
    assert counts.counted("leaks") == {"found": 1}


@pytest.mark.parametrize(("keywords", "written"), [({"leaks": 1}, True), ({"test_leaks.py": 1}, False)])
def test_the_figures_of_the_leaks_are_those_of_a_run_with_all_passwords(
    keywords: dict[str, int], written: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "RESULTS", tmp_path)
    figures = plugin.Figures("leaks")
    for file in figures.files:
        figures.take(pytest.TestReport(f"{file}::a", (file, 1, "a"), keywords, "passed", None, "call", duration=1.0))
    figures.write()
    assert (tmp_path / "leaks.json").exists() is written
