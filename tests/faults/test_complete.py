"""No possible cell is left out of the fast tier's tests."""

import ast
from pathlib import Path

from tests.faults.table import FAULTS


def test_every_fault_stands_in_exactly_one_of_the_files() -> None:
    files = sorted((Path(__file__).parent / "fast").glob("test_cells_*.py"))
    calls = [node for file in files for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    named = [word.value for call in calls if getattr(call.func, "id", "") == "cells" for word in call.args
             if isinstance(word, ast.Constant)]  # fmt: skip
    assert sorted(map(str, named)) == sorted(fault.id for fault in FAULTS)
