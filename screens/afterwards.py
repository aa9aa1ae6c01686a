"""What can be done with a set-up from the screens: undo it, or delete for good what it set aside."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pgrepl_tui.events import RunOutcome
from pgrepl_tui.screens.asking import Asking
from pgrepl_tui.screens.scene import Scene

if TYPE_CHECKING:
    from pgrepl_tui.session.source import Source
    from pgrepl_tui.topology import Topology

MakeSource = Callable[["Topology"], "Source"]
UNDO, DISCARD = "undo", "discard"


class Afterwards:
    """Begins a run of another plan; that run shows what it will do, and asks, like any other.

    Args:
        make: the runs that can be begun, by ``undo`` and ``discard``.
        asking: answers the open question of a failure, in whose place an undo may be chosen.
        start: runs a source.
    """

    def __init__(self, make: Mapping[str, MakeSource], asking: Asking, start: Callable[["Source"], None]) -> None:
        self._make = make
        self._asking = asking
        self._start = start

    def why_not(self, plan: str, scene: Scene) -> str:
        """Why a plan cannot be begun now; empty where it can."""
        run, ended = scene.state.run, scene.state.ended
        if plan not in self._make or run is None:
            return f"Nothing was run here that could be {'undone' if plan == UNDO else 'deleted'}."
        if plan == UNDO and self._offered(scene):
            return ""
        if scene.under_way:
            return "A run is under way: stop it first."
        done = ended is not None and ended.outcome is RunOutcome.DONE
        if run.mode == plan and not done:
            return ""
        if run.mode != "run":
            return "This was no set-up: there is nothing of it to undo or to delete."
        return "" if plan == UNDO or done else "The old data is deleted only once the standby streams and matches."

    def begin(self, plan: str, scene: Scene, topology: "Topology | None") -> None:
        """Begin a plan; an undo that a failed step offers is that step's answer, and begins at the run's end."""
        if plan == UNDO and self._offered(scene):
            self._asking.choose(scene, UNDO)
        elif topology is not None:
            self._start(self._make[plan](topology))

    def follow(self, scene: Scene, topology: "Topology | None") -> None:
        """A run has ended: undo it where that was the answer to its failure."""
        question = scene.state.question
        if question is not None and question.answer == UNDO and UNDO in self._make and topology is not None:
            self._start(self._make[UNDO](topology))

    def _offered(self, scene: Scene) -> bool:
        return scene.open_question is not None and UNDO in scene.open_question.asked.choices
