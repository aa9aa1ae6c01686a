"""The same run without a terminal: prints the stream, as lines or as JSON, and ends with an exit code."""

import asyncio
import contextlib
import os
import signal
import sys
import termios
from collections.abc import Callable
from errno import EIO
from pathlib import Path
from typing import TYPE_CHECKING

from pgrepl_tui.hosts.destination import parse
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.lines import Lines, summary
from pgrepl_tui.live import LiveRun
from pgrepl_tui.questions import Answer
from pgrepl_tui.session.codec import encode
from pgrepl_tui.session.gone_terminal import let_go
from pgrepl_tui.session.state import SessionState, apply

if TYPE_CHECKING:
    from pgrepl_tui.events import Asked, Event
    from pgrepl_tui.session.recording import Recording
    from pgrepl_tui.session.span import Span
    from pgrepl_tui.steps.plan import Plan
    from pgrepl_tui.topology import Topology


class Policy:
    """Answers for an operator who is not at a screen.

    Stages are run; what interrupts or replaces is agreed to by ``--yes``, or asked at a terminal, else refused; what
    deletes, or sets aside data that nobody else has, by the host's name in an option, or typed at a terminal; a
    failure ends the run.
    """

    def __init__(self, *, yes: bool, host: str = "", option: str = "--host") -> None:
        self._yes = yes
        self._host = host
        self._option = option

    async def ask(self, asked: "Asked") -> Answer:
        """Choose."""
        if asked.kind == "gate":
            return Answer("run", "headless")
        if asked.kind == "typed":
            return await self._typed(asked)
        if asked.kind != "confirm":
            return Answer(asked.choices[0], "headless")
        if self._yes:
            return Answer("yes", "--yes")
        if not sys.stdin.isatty():
            return Answer("no", "no terminal to ask at; --yes agrees")
        typed = await typed_line(f"{asked.text} Type yes to agree: ")
        return Answer("yes" if typed.strip().lower() == "yes" else "no")

    async def _typed(self, asked: "Asked") -> Answer:
        """The host's name, in full."""
        safe, name = asked.choices
        if self._host:
            return Answer(name if self._host == name else safe, f"{self._option} {self._host}")
        if not sys.stdin.isatty():
            return Answer(safe, f"no terminal to ask at; {self._option} with the host's name agrees")
        said = await typed_line(f"{asked.text}\nType {name} to agree: ")
        return Answer(name if said.strip() == name else safe)

    async def secret(self, asked: "Asked") -> Secret | None:
        """Ask at a terminal; nobody else can be asked."""
        if not sys.stdin.isatty():
            return None
        typed = await typed_line(f"{asked.text}: ", shown=False)
        return Secret(typed) if typed else None


async def typed_line(prompt: str, *, shown: bool = True) -> str:
    """A line typed at the terminal, without its end; empty at the end of the input."""
    return await typed(prompt, shown=shown) or ""


async def typed(prompt: str, *, shown: bool = True) -> str | None:
    """A line typed at the terminal, without its end; None at the end of the input.

    Not ``input`` in a thread: nobody can end that, and Ctrl-C would have to wait for it.
    """
    terminal, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        before = termios.tcgetattr(terminal)
    except termios.error:  # it went away: nobody can be asked any more
        return None
    if not shown:
        quiet = [*before]
        quiet[3] &= ~termios.ECHO
        termios.tcsetattr(terminal, termios.TCSAFLUSH, quiet)  # before the prompt: who is quick must not be shown
    sys.stderr.write(prompt)
    sys.stderr.flush()
    loop.add_reader(terminal, ready.set)
    try:
        await ready.wait()
        line = os.read(terminal, 4096)
        return line.decode("utf-8", "replace").rstrip("\r\n") if line else None
    finally:
        loop.remove_reader(terminal)
        if not shown:
            with contextlib.suppress(termios.error):  # it went away
                termios.tcsetattr(terminal, termios.TCSADRAIN, before)  # what is typed ahead is for the next question
            sys.stderr.write("\n")


class Printer:
    """Prints events as they come, and keeps the state for the last lines."""

    def __init__(self, *, json: bool, plan: bool) -> None:
        self.state = SessionState()
        self._json = json
        self._lines = Lines(put, plan=plan)

    def take(self, event: "Event", _span: "Span") -> None:
        """Print one event."""
        self.state = apply(self.state, event)
        if self._json:
            put(encode(event))
        else:
            self._lines.take(event)

    def end(self, recording: str) -> None:
        """Print the last lines."""
        if self._json:
            sys.stderr.write(f"recording:\n{recording}\n")
            return
        for line in summary(self.state, recording):
            put(line)


def put(line: str) -> None:
    """Print a line at once; what the terminal's encoding cannot show is shown by its number, a CR as a blank."""
    encoding = sys.stdout.encoding or "ascii"
    line = line.replace("\r", " ")
    try:
        sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        sys.stdout.flush()
    except OSError as error:
        if error.errno != EIO:
            raise
        let_go()  # there is nobody to read it; the run still has to end in order


def warn(line: str) -> None:
    """Say a line beside the output, to whoever is still there."""
    with contextlib.suppress(OSError):
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


async def run(  # noqa: PLR0913 - what can be given on the command line
    topology: "Topology",
    *,
    plan: bool,
    yes: bool,
    json: bool,
    path: Path | None,
    what: "Plan | None" = None,
    host: str = "",
    option: str = "--host",
) -> int:
    """Run a topology, or do something else with its pair; the exit code.

    Args:
        topology: the pair.
        plan: look at everything, change nothing.
        yes: agree to what interrupts or replaces.
        json: print the events, one a line.
        path: the recording; None is a new file in the state folder.
        what: what is to be done; None is the set-up.
        host: agree on the host of this name to what a yes is not enough for.
        option: in which option that name is given.

    Raises:
        RecordingError: the run cannot be recorded.
    """
    operator = Policy(yes=yes, host=host, option=option)
    agreed = host == parse(topology.standbys[0].ssh).host
    nobody = not agreed if host else not sys.stdin.isatty()
    live = LiveRun(topology, operator=operator, path=path, plan_only=plan, plan=what, nobody_to_ask=nobody)
    printer = Printer(json=json, plan=plan)
    with stopping(live.stop):
        code = await live.run(printer.take)
    printer.end(live.recording)
    return code


async def replay(recording: "Recording", *, at: float | None) -> int:
    """Print a recording as the run was printed, up to ``at`` seconds; the exit code of the run that it holds."""
    printer = Printer(json=False, plan=False)
    for event, span in recording.events():
        if at is not None and event.t > at:
            break
        printer.take(event, span)
    printer.end(str(recording.path))
    if recording.problems:
        put(f"warning: {recording.problems}")
    return 0


class stopping:  # noqa: N801 - used like a function, in a with statement
    """Ctrl-C and SIGTERM end the run in order, not the program at once; Ctrl-C again waits for no host."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._stopped = False
        self._signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        for number in self._signals:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup: the run outlives the terminal
                loop.add_signal_handler(number, self._signalled, number)

    def _signalled(self, number: signal.Signals) -> None:
        let_go()
        again, self._stopped = self._stopped, True
        if again and number is not signal.SIGINT:  # a terminal that is closed sends more than one
            return
        self._stop()
        if not again:
            warn("stopping: the current command is ended, nothing more is started; Ctrl-C again waits for no host")

    def __exit__(self, *_error: object) -> None:
        loop = asyncio.get_running_loop()
        for number in self._signals:
            loop.remove_signal_handler(number)
