"""A scene: what the screens draw at one moment, handed down from the app."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pgrepl_tui.events import Stage
from pgrepl_tui.postgres.logs import MILESTONES
from pgrepl_tui.session.state import Question, SessionState, StepState

if TYPE_CHECKING:
    from pgrepl_tui.session.outputs import OutputIndex
    from pgrepl_tui.session.replay import Replay
    from pgrepl_tui.session.session import Session
    from pgrepl_tui.session.span import Span


@dataclass(frozen=True, slots=True)
class Scene:
    """The state of the session and how it is being looked at.

    ``now`` is the session's time in seconds; ``live`` is False in a replay; ``under_way`` says that the run (or the
    replay's source) has begun and not ended; ``following`` that the screens go with the run; ``watching`` that a run
    has ended well and its positions are still read; ``stopping`` is for how many seconds a stopped run has been ending,
    None where none was stopped.
    """

    state: SessionState = field(default_factory=SessionState)
    now: float = 0.0
    live: bool = True
    under_way: bool = False
    following: bool = True
    watching: bool = False
    stopping: float | None = None
    recording: str = ""
    session: "Session | None" = None
    read: Callable[["Span"], str] | None = None
    transport: "Replay | None" = None

    def output(self, step: str) -> "OutputIndex | None":
        """What a step's commands and logs put out; None while there is nothing."""
        return self.session.outputs.get(step) if self.session is not None else None

    def milestones(self, step: StepState) -> tuple[str, ...]:
        """The milestones that are expected of a step: those of a start, for a step that marked one."""
        return MILESTONES if step.milestones else ()

    @property
    def editing(self) -> bool:
        """True once the operator has left a failed run to correct its hosts."""
        question = self.state.question
        return self.live and self.state.ended is not None and question is not None and question.answer == "edit"

    @property
    def stage(self) -> Stage:
        """The stage whose screen goes with the run."""
        return Stage.CONNECT if self.editing else self.state.stage

    @property
    def open_question(self) -> Question | None:
        """The question that waits for an answer, if there is one."""
        question = self.state.question
        waits = question is not None and question.answer is None and self.state.ended is None
        return question if waits else None

    @property
    def offers(self) -> tuple[object, ...]:
        """What decides which keys can be used: where this changes, the footer does."""
        question = self.open_question
        return self.under_way, question.asked.kind if question is not None else "", self.state.ended
