"""The table of mutants fits the program as it is now; whether each turns a test red, ``make test-guards`` tells."""

from pathlib import Path

import pytest

from tests.guards.mutant import TOP, Mutant, MutantError, mutant
from tests.guards.mutants import MUTANTS
from tests.guards.tree import MISTAKES, read

REPORT = """<testsuites><testsuite>
<testcase name="one"/><testcase name="two">{}</testcase><testcase name="three"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize("one", MUTANTS, ids=lambda one: one.name)
def test_a_mutant_still_breaks_what_it_was_made_for(one: Mutant) -> None:
    text = (TOP / one.file).read_text(encoding="utf-8")
    assert one.applied(text) != text
    assert one.tests
    for test in one.tests:
        path, _, name = test.partition("::")
        assert (TOP / path).is_file()
        assert not name or f"def {name}(" in (TOP / path).read_text(encoding="utf-8")


def test_there_are_enough_of_them_each_with_a_name_of_its_own() -> None:
    assert len({one.name for one in MUTANTS}) == len(MUTANTS) >= 25
    assert len({(one.file, one.edits) for one in MUTANTS}) == len(MUTANTS)


def test_a_text_that_is_not_there_just_once_and_an_outcome_that_is_no_python_are_refused() -> None:
    whole = "a = 1\nb = 1\n"
    assert mutant("x", "f.py", "a = 1", "a = 2").applied(whole) == "a = 2\nb = 1\n"
    for old, new in (("= 1", "= 2"), ("c = 1", "c = 2"), ("a = 1", "a = (")):
        with pytest.raises(MutantError, match="x: f.py"):
            mutant("x", "f.py", old, new).applied(whole)


@pytest.mark.parametrize(
    ("inside", "failures", "trouble"),
    [
        ("", 0, False),
        ('<failure message="AssertionError: assert 0 == 97"/>', 1, False),
        ('<failure message="Failed: DID NOT RAISE StepError"/>', 1, False),
        *((f'<failure message="{name}: no"/>', 1, True) for name in MISTAKES),
        ('<error message="collection failure"/>', 0, True),
        ('<error message="failed on setup with AssertionError"/>', 0, True),
    ],
)
def test_only_a_test_that_ran_and_failed_has_noticed(
    inside: str, failures: int, tmp_path: Path, *, trouble: bool
) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT.format(inside))
    outcome = read(report)
    assert (outcome.ran, len(outcome.failures), bool(outcome.trouble)) == (2, failures, trouble)
