"""What was tried against the guards: takes the results of the runs into tests/data/security-results.json, and the
figures of SECURITY.md from there.

``make security`` runs it, after the runs whose results lie in build/results. What a run did not touch keeps its old
result, with its own date; what was never run is said to be so.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tests.placed import placed

TOP = Path(__file__).parents[1]
RUNS = TOP / "build/results"
RESULTS = TOP / "tests/data/security-results.json"
SECURITY = TOP / "SECURITY.md"
BEGIN, END = "<!-- figures: begin, made by make security -->", "<!-- figures: end -->"
NOT_RUN = "not run"
OUTCOMES = ("passed", "failed", "impossible")
MOST_NAMES = 20
"""Cells that failed are named, so many at most."""

Results = Mapping[str, Mapping[str, Any]]


class Proof(NamedTuple):
    """Something that is run against the guards: the name of its results, what it is, and what runs it."""

    name: str
    what: str
    by: str


CELLS = (
    Proof("faults-fast", "faults × steps × before and after, on scripted hosts", "`make test`"),
    Proof("faults-real", "faults × steps × before and after, on real PostgreSQL and sshd", "`make test-faults`"),
    Proof("guards", "guards broken on purpose; passed: a test noticed", "`make test-guards`"),
)
"""Runs of cells, each of which passed, failed, or cannot be."""
COUNTS = (
    Proof("fuzz", "made-up input and made-up operators", "`make test`"),
    Proof("leaks", "passwords looked for in all that a run leaves behind", "`make test-leaks`"),
)
"""Runs whose figures are counts by name."""


def outcome(cell: Any) -> str:
    """How a cell ended: passed, failed, or impossible; anything that is none of these counts as failed."""
    text = str(cell.get("outcome", "") if isinstance(cell, Mapping) else cell)
    word = text.partition(":")[0].partition(" ")[0].strip()
    return word if word in OUTCOMES else "failed"


def kept(found: Mapping[str, Any], date: str) -> dict[str, Any]:
    """Of a run's results what the figures need.

    Args:
        found: what the run wrote.
        date: the day that it wrote it, where it does not say so itself.
    """
    result: dict[str, Any] = {
        "date": str(found.get("date", date)),
        "seconds": round(float(found.get("seconds", found.get("figures", {}).get("seconds", 0)))),
    }
    cells = found.get("cells", {})
    if cells:
        ends = {name: outcome(cell) for name, cell in cells.items()}
        tally = Counter(ends.values())
        result |= {word: tally[word] for word in OUTCOMES}
        if found.get("selection", "all") != "all":
            result["selection"] = str(found["selection"])
        result["not passed"] = sorted(name for name, end in ends.items() if end == "failed")
    if found.get("counts"):
        result["counts"] = {str(name): int(number) for name, number in found["counts"].items()}
    if found.get("failed"):
        result["failed"] = int(found["failed"])
    return result


def merged(old: Results, folder: Path) -> dict[str, Mapping[str, Any]]:
    """The old results, with those that lie in the folder in their place."""
    results = dict(old)
    for proof in (*CELLS, *COUNTS):
        path = folder / f"{proof.name}.json"
        if path.exists():
            day = f"{datetime.fromtimestamp(path.stat().st_mtime, UTC):%F}"
            results[proof.name] = kept(json.loads(path.read_text(encoding="utf-8")), day)
    return results


def section(results: Results) -> str:
    """The figures of SECURITY.md: the cells, those that failed by name, and the counts."""
    failed = [line for proof in CELLS for line in _failed(proof, results.get(proof.name, {}))]
    counts = [line for proof in COUNTS for line in ("", *_counted(proof, results.get(proof.name, {})))]
    return "\n".join([BEGIN, "", *_cells(results), *failed, *counts, "", END])


def _cells(results: Results) -> list[str]:
    lines = ["| what | run by | passed | failed | cannot be | on |", "|---|---|---|---|---|---|"]
    for proof in CELLS:
        result = results.get(proof.name, {})
        ran = sum(int(result.get(word, 0)) for word in ("passed", "failed")) > 0
        figures = [str(result[word]) for word in OUTCOMES] if ran else [NOT_RUN, "-", "-"]
        if ran and result["failed"]:
            figures[1] = f"**{result['failed']}**"
        when = f"{result['date']}, {result['seconds']} s" if ran else "-"
        what = f"{proof.what}: the {result['selection']} cells only" if ran and "selection" in result else proof.what
        lines.append(f"| {' | '.join((what, proof.by, *figures, when))} |")
    return lines


def _failed(proof: Proof, result: Mapping[str, Any]) -> list[str]:
    names = result.get("not passed", [])
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ["", f"Failed, of {proof.name}: {', '.join(names[:MOST_NAMES])}{more}."] if names else []


def _counted(proof: Proof, result: Mapping[str, Any]) -> list[str]:
    counts = result.get("counts", {})
    if not sum(counts.values()):
        return [f"{proof.what[:1].upper()}{proof.what[1:]} ({proof.by}): {NOT_RUN}."]
    end = f"; **{result['failed']} tests failed**" if result.get("failed") else ""
    lines = [f"| {proof.what} ({proof.by}, {result['date']}{end}) | number |", "|---|---|"]
    return lines + [f"| {name} | {number} |" for name, number in counts.items()]


def main(arguments: Sequence[str]) -> int:
    """Take in what the runs left, and write the figures."""
    folder = Path(arguments[0]) if arguments else RUNS
    old = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results = merged(old, folder)
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    page = SECURITY.read_text(encoding="utf-8")
    SECURITY.write_text(placed(page, section(results), name=SECURITY.name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
