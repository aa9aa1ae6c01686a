"""Every statement and every PostgreSQL program in the code is one that the golden files have, so that it was checked.

A new query in ``postgres/`` or ``steps/`` fails here until it stands, with its source, in a golden file of the versions
that it is sent to, or below, with the reason why none of 9.1 to 9.6 ever gets it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

import pgrepl_tui
from tests.golden.golden_file import VERSIONS, texts

HOUSE = Path(pgrepl_tui.__file__).parent
ROOMS = ("postgres", "steps")
SQL = re.compile(
    r"(?:select|insert\s+into|delete\s+from|copy|show|explain|vacuum|grant|revoke)\s.*|update\s+\S+\s+set\s.*"
    r"|(?:create|drop)\s+(?:role|user|table|schema|extension|function|database|view|publication|subscription)\b.*"
    r"|alter\s+(?:role|user|system|database|table)\b.*|with\s+\w+\s+as\s*\(.*|reset\s+\w+"
    r"|set\s+(?:session\s+|local\s+)?\w+\s*(?:=|to)\s*(?:'[^']*'|-?\w+|\{\})"
    r"|begin|rollback|commit|checkpoint|identify_system",
    re.IGNORECASE | re.DOTALL,
)
NOT_FOR_9 = {
    "select name, setting, sourcefile, sourceline from pg_file_settings": "12 and later (Facts.recovery_conf)",
    "select line_number, coalesce(error, 'the line cannot be understood')": "10 and later (Facts.has_hba_file_rules)",
    "select p.backup_streamed, p.backup_total from pg_stat_progress_basebackup": "13 and later (Facts.progress_view)",
}
"""How a statement begins that no 9.x server gets, and what keeps it from them."""
PROGRAMS = {"pg_basebackup", "pg_controldata", "pg_ctl", "postgres", "psql"}


def trees() -> Iterator[tuple[str, ast.Module]]:
    """The rooms that may speak to a server, file by file."""
    for room in ROOMS:
        for path in sorted((HOUSE / room).rglob("*.py")):
            yield str(path.relative_to(HOUSE)), ast.parse(path.read_text(encoding="utf-8"))


def pattern_of(node: ast.expr) -> str | None:
    """A string, or an f-string with holes, as a regular expression; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern_of(part) or ".*" for part in node.values)
    return None


def readable(pattern: str) -> str:
    """The pattern as the text that it was made of, holes as {}."""
    return re.sub(r"\\(.)", r"\1", pattern.replace(".*", "{}"))


def is_spoken(node: ast.AST) -> TypeGuard[ast.Call]:
    """What is shown in words, where a command would be no use to the reader."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "spoken"


def sites() -> list[tuple[str, str]]:
    """File and pattern of every string in the code that is a statement: no docstring, nothing that is said in words."""
    found = []
    for name, tree in trees():
        inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        texts_only = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts_only |= {id(said) for node in ast.walk(tree) if is_spoken(node) for said in node.args}
        for node in ast.walk(tree):
            if not isinstance(node, ast.expr) or id(node) in inner | texts_only:
                continue
            pattern = pattern_of(node)
            if pattern is not None and SQL.fullmatch(readable(pattern)) and ", then " not in pattern.replace("\\", ""):
                found.append((name, pattern))
    return found


GOLDEN = sorted({text for version in VERSIONS for text in texts(version, "statements.sql")})


@pytest.mark.parametrize(("name", "pattern"), sites(), ids=lambda value: readable(value)[:60])
def test_a_statement_in_the_code_is_in_the_golden_files(name: str, pattern: str) -> None:
    text = readable(pattern)
    if any(text.startswith(begin) for begin in NOT_FOR_9):
        return
    assert any(re.fullmatch(pattern, golden, re.DOTALL) for golden in GOLDEN) or text == "IDENTIFY_SYSTEM", (
        f"{name}: {text!r} stands in no golden statements.sql"
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_a_golden_statement_is_one_of_the_code(version: str) -> None:
    patterns = [pattern for _, pattern in sites()]
    for golden in texts(version, "statements.sql"):
        assert any(re.fullmatch(pattern, golden, re.DOTALL) for pattern in patterns), golden


def test_the_search_finds_statements_wherever_they_stand() -> None:
    found = {name for name, _ in sites()}
    assert {"postgres/queries.py", "postgres/reader.py", "steps/verify/positions.py"} <= found
    for text in ("select 1", "drop role x", "alter role x", "SET wal_level = x", "reset all", "IDENTIFY_SYSTEM"):
        assert SQL.fullmatch(text), text
    for text in ("settings", "drop it on db1, then retry", "set up one standby", "select", "with sudo as postgres"):
        assert not SQL.fullmatch(text), text


def test_every_statement_of_later_versions_is_still_there() -> None:
    there = [readable(pattern) for _, pattern in sites()]
    assert all(any(text.startswith(begin) for text in there) for begin in NOT_FOR_9)


def test_every_program_that_is_run_is_in_the_golden_commands() -> None:
    called = {
        node.args[0].value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "program"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert called == PROGRAMS
    for version in VERSIONS:
        lines = " ".join(texts(version, "commands.sh"))
        assert all(f"/opt/pg/bin/{program} " in lines for program in [*PROGRAMS, "pg_config"])
