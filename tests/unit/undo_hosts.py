"""Two hosts with real folders for an undo: journals, an old cluster set aside, a copy in its place."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.entries import (
    Began,
    Entry,
    Swapped,
    encode,
)
from pgrepl_tui.steps.identity import identities
from pgrepl_tui.steps.journal import journal_path
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.undo.find import FindJournals
from pgrepl_tui.steps.undo.reading import journals
from pgrepl_tui.steps.undo.work import Work
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import CONTROL, IDENTIFIER, Two, two

COPY = replace(CONTROL, state="shut down in recovery")


@dataclass
class Hosts:
    """Both hosts with real homes, the standby's data directory real, and a clock for the journals."""

    root: Path
    pair: Two = field(init=False)
    clock: int = 1_700_000_000

    def __post_init__(self) -> None:
        self.pair = two(data=str(self.root / "data"))
        for side, host in ((self.pair.ctx.primary, self.pair.primary), (self.pair.ctx.standby, self.pair.standby)):
            side.home = str(self.root / side.role)
            (self.root / side.role / ".pgrepl-tui").mkdir(parents=True)
            for part in ("ls ", "cat ", "stat ", "sha256sum ", "mv ", "mkdir", "write ", "rm -f", "readlink"):
                host.by(part, really)
        self.data = self.root / "data"
        self.aside = self.root / "data.pgrepl-old-a"

    def journal(self, run: str, role: str, *entries: Entry, **more: str) -> Path:
        """A journal, later than those before it."""
        side = self.pair.ctx.side(role)
        began = Began(
            run=run, role=role, by="me", identifier=IDENTIFIER, primary="db1", primary_data=str(self.data),
            standby="db2", standby_data=str(self.data),
        )  # fmt: skip
        path = Path(journal_path(side, run))
        path.write_text(encode([replace(began, **more), *entries]))
        self.clock += 10
        os.utime(path, (self.clock, self.clock))
        return path

    def both(self, run: str, primary: tuple[Entry, ...] = (), standby: tuple[Entry, ...] = ()) -> None:
        """A run's two journals."""
        self.journal(run, "standby", *standby)
        self.journal(run, "primary", *primary)

    async def found(self, run: str = "") -> Work:
        """What there is to undo."""
        work = Work(run)
        await FindJournals(work).run(self.pair.ctx)
        return work

    async def refused(self, run: str = "") -> StepError:
        """Why there must be no undo."""
        with pytest.raises(StepError) as caught:
            await FindJournals(Work(run)).run(self.pair.ctx)
        assert caught.value.refused
        return caught.value

    def folder(self, path: Path) -> Path:
        """A data directory."""
        path.mkdir()
        (path / "PG_VERSION").write_text("15\n")
        return path

    async def swapped(self) -> Swapped:
        """A copy in place, the old one beside it."""
        self.folder(self.data)
        (known,) = await identities(self.pair.ctx.standby, str(self.folder(self.aside)))
        self.pair.ctx.standby.control = COPY
        return Swapped(aside=str(self.aside), identity=known, identifier="42")


async def work_of(hosts: Hosts) -> Work:
    """What the journals say, without a look at whether it can be undone."""
    ctx = hosts.pair.ctx
    return Work("", {"standby": (await journals(ctx.standby)).open, "primary": (await journals(ctx.primary)).open})


def find(monkeypatch: pytest.MonkeyPatch, pair: Two, *modules: object, running: int | None = None) -> None:
    """The standby is found as it is known."""

    async def find_side(_ctx: object, role: str, *, ask: bool = True) -> Side:
        del ask
        side = pair.ctx.side(role)
        if running is not None:
            side.cluster = replace(side.cluster, running=running)
        return side

    for module in modules:
        monkeypatch.setattr(module, "find_side", find_side)
