"""The pretended world in place of the real one: processes, clocks, and the way in to the primary."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import pgrepl_tui.engine
import pgrepl_tui.steps.door
import pgrepl_tui.steps.lock_holder
from tests.faults.fast import cell, processes, wizard
from tests.golden.pretended import world
from tests.unit import virtual_time

MEMORY = Path("/dev/shm")  # noqa: S108 - a place in memory, where there is one; the folder in it gets a name of its own


@pytest.fixture(scope="session")
def memory() -> Iterator[Path]:
    """A folder that is quick."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as name:
        yield Path(name).resolve()


@pytest.fixture
def place(memory: Path) -> Iterator[Path]:
    """The folder of one pair; always of the same name."""
    folder = memory / "pair"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def pretended_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are entries of a table, clocks are virtual, nothing needs to be on a disk."""
    for variable in ("PGREPL_PASSWORD_FILE", "PGPASSFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(world, "alive", processes.alive)
    monkeypatch.setattr(time, "monotonic", wizard.monotonic)
    for module in (pgrepl_tui.engine, pgrepl_tui.steps.lock_holder):
        monkeypatch.setattr(module, "datetime", wizard.Calendar)
    monkeypatch.setattr(wizard.Calendar, "jumped", 0.0)
    monkeypatch.setattr(pgrepl_tui.steps.door, "replication_login", wizard.pretended_login)
    monkeypatch.setattr(os, "fsync", lambda _fd: None)
    monkeypatch.setattr(os, "fdatasync", lambda _fd: None)


_REFERENCE: dict[str, object] = {}


@pytest.fixture
def reference(pretended_world: None, place: Path) -> dict[str, object]:
    """The final state of a run that nothing happened to; played once."""
    del pretended_world
    if not _REFERENCE:
        folder = place / "calm"
        folder.mkdir()
        _REFERENCE.update(virtual_time.run(cell.reference(folder)))
    return _REFERENCE
