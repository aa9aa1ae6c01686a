"""The matrix as it is printed and written."""

import json
from pathlib import Path

from tests.faults.results import Results
from tests.faults.table import IMPOSSIBLE, POSSIBLE


def test_every_cell_is_in_the_file_with_its_state_and_an_impossible_one_with_its_reason(tmp_path: Path) -> None:
    results = Results("fast", {POSSIBLE[0]: "passed", POSSIBLE[1]: "failed"}, {POSSIBLE[0]: "done"})
    told = json.loads(results.write(tmp_path).read_text(encoding="utf-8"))
    assert len(told["cells"]) == 420
    assert [told["cells"][cell.id] for cell in POSSIBLE[:3]] == ["passed", "failed", "not run"]
    assert told["outcomes"] == {POSSIBLE[0].id: "done"}
    assert all(told["cells"][cell.id] == f"impossible: {why}" for cell, why in IMPOSSIBLE.items())
    assert told["figures"]["passed"] == told["figures"]["failed"] == 1


def test_the_matrix_has_a_line_a_fault_and_two_signs_a_place() -> None:
    lines = Results("fast", {POSSIBLE[0]: "passed", POSSIBLE[1]: "failed"}).matrix()
    assert lines[1].startswith("F1  primary cut off  ✓✗")
    assert lines[11].startswith("F11 answer lost")
    assert lines[11][21:23] == "· "
