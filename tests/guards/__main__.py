"""Breaks each guard in turn, and looks whether a test turns red: ``make test-guards``.

``ARGS="WORD"`` takes the mutants whose names hold the word. What was found goes into build/results/guards.json.
"""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue

from tests.guards.mutant import TOP, Mutant, MutantError
from tests.guards.mutants import MUTANTS
from tests.guards.tree import Outcome, Tree

RESULTS = TOP / "build/results/guards.json"
WORKERS = 2
UNBROKEN = 1200
"""Seconds that a worker's share of all these tests may take, one after the other, on a machine that does much else."""


@dataclass(frozen=True)
class Verdict:
    """What came of a mutant: the test that noticed, or why none did."""

    mutant: Mutant
    seconds: float
    noticed_by: str = ""
    problem: str = ""


def main(words: Sequence[str]) -> int:
    """Run the chosen mutants; 0 where each of them turned a test red."""
    chosen = [mutant for mutant in MUTANTS if all(word in mutant.name for word in words)]
    began = time.monotonic()
    trees: SimpleQueue[Tree] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="pgrepl-guards-") as folder, ExitStack() as cleaning:
        made = [Tree(Path(folder) / str(number)) for number in range(WORKERS)]
        for tree in made:
            cleaning.callback(tree.close)
            trees.put(tree)
        problem = _unbroken(trees, chosen)
        if problem:
            print(problem)
            return 1
        with ThreadPoolExecutor(WORKERS) as pool:
            verdicts = [_told(verdict) for verdict in pool.map(lambda one: _tried(trees, one), chosen)]
    if chosen == list(MUTANTS):
        _keep(verdicts, time.monotonic() - began)
    bad = [verdict for verdict in verdicts if verdict.problem]
    print(f"{len(verdicts) - len(bad)} of {len(verdicts)} broken guards were noticed, {time.monotonic() - began:.0f} s")
    return 1 if bad or not verdicts else 0


def _unbroken(trees: "SimpleQueue[Tree]", chosen: Sequence[Mutant]) -> str:
    """Why the tests say nothing about mutants: they do not pass as the program is."""
    tests = sorted({test for mutant in chosen for test in mutant.tests})
    parts = [part for part in (tests[number::WORKERS] for number in range(WORKERS)) if part]

    def run(part: list[str]) -> Outcome | str:
        tree = trees.get()
        try:
            return (
                tree.run(part, stop_at_first=False, seconds=UNBROKEN)
                if tree.own()
                else f"{tree.folder} is not what its tests import"
            )
        finally:
            trees.put(tree)

    with ThreadPoolExecutor(WORKERS) as pool:
        for outcome in pool.map(run, parts):
            if isinstance(outcome, str):
                return outcome
            if outcome.trouble or outcome.failures or not outcome.ran:
                said = "\n".join([outcome.trouble, *outcome.failures]).strip()
                return f"with no guard broken, the tests do not pass:\n{said or 'none was run'}"
    return ""


def _tried(trees: "SimpleQueue[Tree]", mutant: Mutant) -> Verdict:
    tree, began = trees.get(), time.monotonic()
    try:
        with tree.broken(mutant):
            outcome = tree.run(mutant.tests, stop_at_first=True)
    except MutantError as error:
        return Verdict(mutant, time.monotonic() - began, problem=str(error))
    finally:
        trees.put(tree)
    seconds = time.monotonic() - began
    if outcome.trouble:
        return Verdict(mutant, seconds, problem=outcome.trouble)
    if not outcome.failures:
        return Verdict(mutant, seconds, problem=f"SURVIVED: {outcome.ran} tests ran, and none failed")
    return Verdict(mutant, seconds, noticed_by=outcome.failures[0])


def _told(verdict: Verdict) -> Verdict:
    sign = "not ok" if verdict.problem else "ok"
    said = verdict.problem or verdict.noticed_by
    print(f"{sign:6} {verdict.seconds:5.1f} s  {verdict.mutant.name}\n                 {said}", flush=True)
    return verdict


def _keep(verdicts: Sequence[Verdict], seconds: float) -> None:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    cells = {verdict.mutant.name: "failed" if verdict.problem else "passed" for verdict in verdicts}
    found = {"tier": "guards", "cells": cells, "seconds": round(seconds), "date": f"{datetime.now(UTC):%F}"}
    RESULTS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
