"""What was tried, by name: the figures that a run of the tests leaves in ``build/results``."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[2] / "build" / "results"
_COUNTS: dict[str, Counter[str]] = {"fuzz": Counter(), "leaks": Counter()}


def count(what: str, number: int = 1, *, of: str = "fuzz") -> None:
    """Add to the figures of ``fuzz`` or ``leaks``."""
    _COUNTS[of][what] += number


def counted(of: str) -> dict[str, int]:
    """The figures so far, by name."""
    return dict(sorted(_COUNTS[of].items()))


def write(name: str, figures: dict[str, Any]) -> Path:
    """Write the figures of a whole run."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    whole = {"name": name, "counts": counted(name), **figures}
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
