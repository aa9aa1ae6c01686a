"""What the steps of an undo share: the journals of the runs that are not undone yet."""

from dataclasses import dataclass, field
from typing import TypeVar

from pgrepl_tui.steps.entries import Began, Entry, Swapped
from pgrepl_tui.steps.step import Step

Kind = TypeVar("Kind", bound=Entry)


@dataclass(frozen=True)
class Journal:
    """A run's journal on one host: where it lies, which run it was, and what was done there, in order."""

    path: str
    began: Began
    entries: tuple[Entry, ...]


@dataclass
class Work:
    """What is to be undone.

    Attributes:
        run: the run that was asked for; empty for whichever is not undone yet.
        journals: by role, the oldest first; empty where nothing is left to undo.
        left: by step, what was left as it is, and why.
    """

    run: str = ""
    journals: dict[str, tuple[Journal, ...]] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    @property
    def runs(self) -> list[str]:
        """The runs that are not undone, the oldest first."""
        return [journal.began.run for journal in self.journals.get("standby", ())]

    @property
    def undone(self) -> str:
        """What the copy is called after the data directory's name: the same in every undo of these runs."""
        return f"pgrepl-undone-{self.runs[-1]}"

    def entries(self, role: str) -> list[Entry]:
        """All that was done on a side's host, in order."""
        return [entry for journal in self.journals.get(role, ()) for entry in journal.entries]

    def of(self, role: str, kind: type[Kind]) -> list[Kind]:
        """The entries of one kind, in order."""
        return [entry for entry in self.entries(role) if isinstance(entry, kind)]

    def before_swap(self, kind: type[Kind]) -> list[Kind]:
        """What was done on the standby's host before the copy took the data directory's name: to the old cluster."""
        entries = self.entries("standby")
        swaps = [number for number, entry in enumerate(entries) if isinstance(entry, Swapped)]
        return [entry for entry in entries[: swaps[0] if swaps else None] if isinstance(entry, kind)]


class UndoStep(Step):
    """A step of an undo; what is to be undone is known once the journals were read."""

    def __init__(self, work: Work) -> None:
        self.work = work
