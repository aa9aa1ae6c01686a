"""Where the screens' events come from: a live run or a recording, behind one face."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from pgrepl_tui.events import Event

if TYPE_CHECKING:
    from pgrepl_tui.session.recorder import Span

Deliver = Callable[[Event, "Span"], None]
"""Takes an event and where it stands in the recording."""


class Source(Protocol):
    """A run that the screens draw: live, or replayed.

    Questions are answered with one of the choices of the ``Asked`` event. Their kinds:

    - ``gate``: before a stage; ``run`` (the stage), ``step`` (one step, then ask again), ``quit``
    - ``confirm``: something that interrupts or replaces; ``no``, ``yes``
    - ``failure``: a step failed; ``quit``, ``retry``
    - ``host-key``: a host key is not on record; ``no``, ``yes``
    - ``secret``: a password is needed; answered by ``give_secret``
    """

    @property
    def live(self) -> bool:
        """True for a run on real hosts, False for a replay (where nothing can be run)."""

    @property
    def recording(self) -> str:
        """The path of the recording."""

    async def run(self, deliver: Deliver) -> int:
        """Deliver all events, in order, as they happen; the exit code of the run at the end."""

    def read_output(self, span: "Span") -> str:
        """The text of an ``Output`` event, read back from the recording."""

    def give_password(self, password: str) -> None:
        """The replication role's password, before the run begins; without it, it is found, made or asked for."""

    def answer(self, question: int, choice: str) -> None:
        """Answer a question; in a replay this does nothing."""

    def give_secret(self, question: int, secret: str | None) -> None:
        """Answer a question of kind ``secret``; None says that there is none. The secret is never recorded."""

    def stop(self) -> None:
        """Stop the run: the current command is ended, nothing more is started, the run ends as interrupted.

        A second call waits for no host any more.
        """
