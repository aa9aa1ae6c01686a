"""The run that the tests of this folder play again and again."""

import asyncio
import hashlib
import os
import pickle
from pathlib import Path

import pytest

from tests.fuzz.taped_run import Taped, tape_a_run

ROOT = Path(__file__).parents[2]
TAPES = ROOT / "build" / "tapes"


def _sum_of_the_program() -> str:
    """The SHA-256 of all that a tape depends on."""
    mine = [Path(__file__).with_name(name) for name in ("tape.py", "taped_run.py")]
    paths = [*sorted((ROOT / "pgrepl_tui").rglob("*.py")), *mine]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


@pytest.fixture(scope="session")
def taped() -> Taped:
    """One real run of the whole job on the lab's pair, on tape; it is kept for as long as the program is the same."""
    kept = TAPES / f"{_sum_of_the_program()[:16]}.pickle"
    if kept.exists():
        found: Taped = pickle.loads(kept.read_bytes())  # noqa: S301 - our own, of a run of these tests
        return found
    made = asyncio.run(tape_a_run())
    TAPES.mkdir(parents=True, exist_ok=True)
    for old in set(TAPES.glob("*.pickle")) - {kept}:
        old.unlink(missing_ok=True)
    new = kept.with_suffix(f".{os.getpid()}")
    new.write_bytes(pickle.dumps(made))
    new.replace(kept)
    return made
