"""The tests of the two hosts of the form: a worker of the app each, which tells the form what it hears."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message

from pgrepl_tui.screens.dialog import Answer, Dialog
from pgrepl_tui.screens.host_key import HostKeyScreen
from pgrepl_tui.screens.secret import SecretScreen
from pgrepl_tui.session import crash_file
from pgrepl_tui.session.prober import Doing, Heard, Prober, Questions, Unreached, Wanted

if TYPE_CHECKING:
    from textual.message_pump import MessagePump
    from textual.worker import Worker


class ProbeHeard(Message):
    """A test says how it stands."""

    def __init__(self, test: "_Test", heard: Heard) -> None:
        super().__init__()
        self.test = test
        self.side = test.side
        self.heard = heard
        self.seconds = test.clock() - test.began


class Probing:
    """Begins and ends tests. At most one is under way for a side.

    A test that nobody asked for opens no dialog: whoever types must not have the keys taken away.

    Args:
        app: carries the workers and opens the dialogs.
        prober: tests hosts.
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, app: App[int], prober: Prober, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._prober = prober
        self._clock = clock
        self._tests: dict[str, _Test] = {}
        self._dialogs = _Dialogs(app)

    def begin(self, form: "MessagePump", side: str, wanted: Wanted, *, asks: bool) -> None:
        """Test a side; an earlier test of it is abandoned. With ``asks`` it may open dialogs."""
        self.abandon(side)
        test = self._tests[side] = _Test(form, side, self._clock)
        questions: Questions = self._dialogs if asks else _Nobody()
        work = self._carry_out(test, wanted, questions)
        name = f"test {side}"
        test.worker = self._app.run_worker(work, name=name, group=name, exclusive=True, exit_on_error=False)

    def abandon(self, side: str) -> bool:
        """End a side's test; nothing more is heard of it. False where none was under way."""
        test = self._tests.pop(side, None)
        if test is None or test.worker is None or test.worker.is_finished:
            return False
        test.worker.cancel()
        return True

    def under_way(self, side: str) -> bool:
        """True while a side is being tested."""
        test = self._tests.get(side)
        return test is not None and test.worker is not None and not test.worker.is_finished

    def current(self, heard: ProbeHeard) -> bool:
        """Whether this is of the last test that was begun for its side, and not abandoned since."""
        return self._tests.get(heard.side) is heard.test

    async def _carry_out(self, test: "_Test", wanted: Wanted, questions: Questions) -> None:
        def hear(heard: Heard) -> None:
            if self._tests.get(test.side) is test:
                test.tell(heard)

        ticking = self._app.set_interval(1.0, test.tick)
        try:
            await self._prober.probe(wanted, hear, questions)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and nothing was changed
            hear(Unreached(crash_file.told(error)))
        finally:
            ticking.stop()


@dataclass
class _Test:
    """A test that was begun."""

    form: "MessagePump"
    side: str
    clock: Callable[[], float]
    worker: "Worker[None] | None" = field(default=None, init=False)
    heard: Heard | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    def tell(self, heard: Heard) -> None:
        """Let the form know."""
        self.heard = heard
        self.form.post_message(ProbeHeard(self, heard))

    def tick(self) -> None:
        """A second more has gone."""
        if isinstance(self.heard, Doing):
            self.tell(self.heard)


class _Nobody:
    """Answers for nobody."""

    async def host_key(self, text: str) -> bool:
        """It is not accepted."""
        del text
        return False

    async def password(self, text: str) -> str | None:
        """There is none."""
        del text
        return None


class _Dialogs:
    """Asks the operator, one question at a time."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._one = asyncio.Lock()

    async def host_key(self, text: str) -> bool:
        """Only the typed word accepts it."""
        agreed = await self._asked(HostKeyScreen(text))
        return agreed is True

    async def password(self, text: str) -> str | None:
        """What is typed."""
        return await self._asked(SecretScreen(text))

    async def _asked(self, dialog: Dialog[Answer]) -> Answer | None:
        """Open a dialog and wait for its answer; it is taken away where nobody waits any more."""
        async with self._one:
            answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()

            def answered(given: Answer | None) -> None:
                if not answer.done():
                    answer.set_result(given)

            # by way of the app's own queue: who asks may be a callback of the connection
            self._app.call_later(self._app.push_screen, dialog, answered)
            try:
                return await answer
            except asyncio.CancelledError:
                self._app.call_later(self._withdraw, dialog)
                raise

    async def _withdraw(self, dialog: Dialog[Answer]) -> None:
        if self._app.screen is dialog:
            await self._app.pop_screen()
