"""The figures of SECURITY.md: made of what the runs wrote, and of nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.make_security_figures import NOT_RUN, RESULTS, SECURITY, kept, merged, outcome, section
from tests.placed import placed


def wrote(folder: Path, name: str, **found: Any) -> Path:
    (folder / f"{name}.json").write_text(json.dumps(found))
    return folder


def row(text: str, words: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if words in line]
    return [cell.strip() for cell in line.strip("|").split("|")][2:]


def test_the_page_shows_what_the_results_say() -> None:
    page = SECURITY.read_text(encoding="utf-8")
    figures = section(json.loads(RESULTS.read_text(encoding="utf-8")))
    assert placed(page, figures, name="SECURITY.md") == page, "run make security"


def test_what_was_not_run_is_said_to_be_so_and_never_passed() -> None:
    nothing: dict[str, Any]
    text = section({})
    assert text.count(NOT_RUN) == 5
    assert "0" not in text.replace("**", "")
    for nothing in ({"cells": {}}, {"cells": {"F1-01-before": "impossible: no disk there"}}, {}):
        figures = section({"faults-fast": kept({"tier": "faults-fast", "seconds": 1, **nothing}, "2026-01-01")})
        assert row(figures, "on scripted hosts") == [NOT_RUN, "-", "-", "-"]


@pytest.mark.parametrize(
    ("cell", "end"),
    [
        ("passed", "passed"),
        ("failed", "failed"),
        ("failed: it did not fire", "failed"),
        ("impossible: nothing is written there", "impossible"),
        ({"outcome": "impossible", "reason": "nothing is written there"}, "impossible"),
        ({"outcome": "passed"}, "passed"),
        ("", "failed"),
        ("not run", "failed"),
        ("error", "failed"),
        (None, "failed"),
        ({}, "failed"),
    ],
)
def test_how_a_cell_ended(cell: Any, end: str) -> None:
    assert outcome(cell) == end


def test_cells_are_counted_and_those_that_failed_are_named(tmp_path: Path) -> None:
    cells = {"F1-before": "passed", "F1-after": "failed", "F8-before": "impossible: no disk", "F2-before": "passed"}
    results = merged(
        {}, wrote(tmp_path, "faults-real", tier="faults-real", cells=cells, seconds=61.4, date="2026-02-03")
    )
    text = section(results)
    assert row(text, "on real PostgreSQL") == ["2", "**1**", "1", "2026-02-03, 61 s"]
    assert "Failed, of faults-real: F1-after." in text
    assert row(text, "on scripted hosts")[0] == NOT_RUN


def test_an_old_result_stays_until_its_run_is_made_again(tmp_path: Path) -> None:
    old = {"guards": kept({"cells": {"a": "passed"}, "date": "2026-01-01"}, "")}
    results = merged(old, wrote(tmp_path, "fuzz", counts={"recordings cut": 3}, date="2026-02-03"))
    text = section(results)
    assert row(text, "broken on purpose")[3].startswith("2026-01-01")
    assert "| recordings cut | 3 |" in text
    again = merged(results, wrote(tmp_path, "guards", cells={"a": "failed"}, date="2026-03-04"))
    assert row(section(again), "broken on purpose")[:2] == ["0", "**1**"]


def test_counts_of_a_run_that_failed_say_so(tmp_path: Path) -> None:
    text = section(merged({}, wrote(tmp_path, "leaks", counts={"passwords": 37}, failed=2, date="2026-02-03")))
    assert "**2 tests failed**" in text


@pytest.mark.parametrize(("selection", "said"), [("chosen", True), ("all", False), ("", False)])
def test_a_part_of_the_cells_is_not_taken_for_all(selection: str, *, said: bool) -> None:
    found = {"cells": {"F1-01-before": "passed"}, **({"selection": selection} if selection else {})}
    figures = section({"faults-real": kept(found, "2026-01-01")})
    assert ("the chosen cells only" in figures) is said
