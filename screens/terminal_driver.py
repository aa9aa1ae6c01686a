"""The terminal and its end: a window that is closed, or a signal, ends the run in order, not the program at once."""

import signal
from collections.abc import Callable
from errno import EAGAIN, EIO
from typing import IO, TYPE_CHECKING

from textual import events
from textual.drivers.linux_driver import LinuxDriver

from pgrepl_tui.session.gone_terminal import gone, let_go

if TYPE_CHECKING:
    from textual.app import App

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks the program to end; SIGHUP comes when the terminal is closed."""


class ToldToEnd(events.Event, bubble=False):
    """The program is to end: a signal said so, or there is no terminal any more."""


class TerminalDriver(LinuxDriver):
    """Textual's driver for terminals, which outlives its terminal for as long as the run needs to end."""

    def __init__(
        self, app: "App[object]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert self._file is not None  # noqa: S101 - without a standard error there would be no terminal
        self._file = Outliving(self._file, self._gone)  # type: ignore[assignment] # the writing thread needs no more
        self._asleep = False
        self._let_go = False

    def start_application_mode(self) -> None:
        """Take the terminal over, and the signals that ask for the end; one that nohup ignores stays ignored."""
        super().start_application_mode()  # type: ignore[no-untyped-call] # Textual's
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._loop.add_signal_handler(number, self._told_to_end, number)

    def suspend_application_mode(self) -> None:
        """Give the terminal to the shell."""
        super().suspend_application_mode()
        self._asleep = True

    def resume_application_mode(self) -> None:
        """Take the terminal back, if it was given away: a terminal that is closed sends SIGCONT too."""
        if self._asleep:
            self._asleep = False
            super().resume_application_mode()

    def _told_to_end(self, number: signal.Signals) -> None:
        if number is signal.SIGHUP and (self._let_go or gone(self.fileno)):
            self._lost()
        else:
            self.send_message(ToldToEnd())

    def _gone(self) -> None:
        """The terminal is not there any more; a signal said so, or will, or never does."""
        self._loop.call_soon_threadsafe(self._lost)

    def _lost(self) -> None:
        if not self._let_go:
            self._let_go = True
            let_go()
            self.send_message(ToldToEnd())

    def run_input_thread(self) -> None:
        """Read keys; a terminal that went away is no mistake of the program."""
        try:
            super().run_input_thread()
        except OSError as error:
            if error.errno not in {EIO, EAGAIN}:
                raise
            self._gone()

    def close(self) -> None:
        """Write what is left, and give the signals back."""
        super().close()
        for number in ENDING:
            self._loop.remove_signal_handler(number)


class Outliving:
    """A terminal to write to. Once it is gone, what is written goes nowhere, and ``gone`` is told."""

    def __init__(self, file: IO[str], gone: Callable[[], None]) -> None:
        self._file = file
        self._gone = gone

    def write(self, text: str) -> None:
        """Write, as long as there is a terminal."""
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        """Write what is buffered, as long as there is a terminal."""
        self._try(self._file.flush)

    def fileno(self) -> int:
        """The file's descriptor."""
        return self._file.fileno()

    def _try(self, do: Callable[[], object]) -> None:
        try:
            do()
        except OSError as error:
            if error.errno != EIO:
                raise
            self._gone()
