"""The README's table says what the stored results say, and these what the reports said."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests import make_results_table as maker
from tests.make_results_table import HOSTS, MATRIX, OF_THE_TESTS, README, RESULTS, cases, latest, merged, table
from tests.matrix.packages import PACKAGES
from tests.placed import placed

REPORT = """<testsuites><testsuite timestamp="2026-01-02T03:04:05">
<testcase classname="tests.hosts.test_ways_in" name="test_a[bookworm]" time="1.26"><properties>
<property name="release" value="bookworm"/><property name="postgres" value="15.18"/></properties></testcase>
<testcase classname="tests.hosts.test_ways_in" name="test_b[bookworm-x]" time="2"><properties>
<property name="release" value="bookworm"/><property name="postgres" value="15.18"/></properties>{element}</testcase>
<testcase classname="tests.matrix.test_matrix" name="test_a_second_run_changes_nothing[{package}]" time="3"/>
<testcase classname="tests.matrix.test_control_reader" name="test_other[12]" time="3"/>
</testsuite></testsuites>"""


PACKAGE = next(package for package in PACKAGES if package.major == 12)


def report(element: str = "") -> str:
    return REPORT.format(element=element, package=PACKAGE)


def result(passed: int = 1, failed: int = 0, skipped: int = 0) -> dict[str, Any]:
    counts = {"passed": passed, "failed": failed, "skipped": skipped}
    return {"date": "2026-01-02", "postgres": "15.18", "seconds": 3, **counts}


def cell_of(line: str, text: str, column: int) -> str:
    row = next(row for row in text.splitlines() if row.startswith(f"| {line}"))
    return row.split(" | ")[column].strip(" |")


def test_the_readme_shows_the_stored_results() -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    readme = README.read_text(encoding="utf-8")
    assert placed(readme, table(results), name="README.md") == readme, "run: make results"


def test_every_file_of_host_tests_has_a_line_in_the_table() -> None:
    files = {path.stem for path in (Path(maker.__file__).parent / "hosts").glob("test_*.py")}
    assert files == set(HOSTS) | OF_THE_TESTS


def test_every_test_that_fills_a_column_of_the_matrix_is_there() -> None:
    text = (Path(maker.__file__).parent / "matrix/test_matrix.py").read_text(encoding="utf-8")
    assert not [name for names in MATRIX.values() for name in names if f"def {name}(" not in text]


def test_a_report_becomes_results_by_release_and_by_version() -> None:
    found = merged({}, cases(report()))
    assert found["hosts"] == {"bookworm": {"test_ways_in": result(passed=2)}}
    matrix = found["matrix"]["12"]["test_a_second_run_changes_nothing"]
    assert (matrix["passed"], matrix["postgres"]) == (1, PACKAGE.version)
    assert list(found["matrix"]) == ["12"]


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("<failure/>", "**1 of 2 failed**"),
        ("<error/>", "**1 of 2 failed**"),
        ("<skipped/>", "not run"),
        ("", "passed (2)"),
    ],
)
def test_a_cell_passes_only_where_all_of_its_tests_did(element: str, expected: str) -> None:
    text = table(merged({}, cases(report(element))))
    assert cell_of("root, sudo", text, 2) == expected
    assert cell_of("root, sudo", text, 1) == "not run"


def test_a_test_that_was_run_again_counts_as_it_ended_last() -> None:
    both = [*cases(report("<failure/>")), *cases(report())]
    assert merged({}, latest(both))["hosts"]["bookworm"]["test_ways_in"] == result(passed=2)
    assert merged({}, latest(reversed(both)))["hosts"]["bookworm"]["test_ways_in"] == result(failed=1)


def test_what_a_run_did_not_touch_keeps_its_result() -> None:
    old = {"hosts": {"bookworm": {"test_login_shells": result(), "test_ways_in": result(failed=9)}}, "matrix": {}}
    found = merged(old, cases(report()))["hosts"]["bookworm"]
    assert found == {"test_login_shells": result(), "test_ways_in": result(passed=2)}
    assert old["hosts"]["bookworm"]["test_ways_in"] == result(failed=9)
