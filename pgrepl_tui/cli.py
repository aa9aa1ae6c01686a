"""The command line. What a command needs is imported when it runs, so that ``--help`` answers at once."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pgrepl_tui import __version__

if TYPE_CHECKING:
    from pgrepl_tui.session.recording import Recording
    from pgrepl_tui.topology import Topology

USAGE = 2
INTERRUPTED = 4
DESCRIPTION = "Sets up PostgreSQL streaming replication over SSH, shows what each step changes, and proves the result."
EPILOG = """\
pgrepl-tui [TOPOLOGY.yaml] without a command opens the wizard.

exit codes: 0 done, or nothing to do; 1 a step failed; 2 bad arguments or topology;
            3 refused by preflight or by the operator; 4 interrupted
environment: PGREPL_PASSWORD_FILE names a file that holds the replication role's password
"""


class CommandError(Exception):
    """The command cannot be carried out as it was given; the message is for the operator."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(_with_command(given))
    try:
        code: int = options.act(options)
    except CommandError as error:
        sys.stderr.write(f"pgrepl-tui: {error}\n")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output went away; nothing more can be said to them, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _with_command(given: list[str]) -> list[str]:
    """A topology, or nothing at all, stands for the wizard."""
    if given and (given[0] in _ACTIONS or given[0] in {"-h", "--help", "--version"}):
        return given
    return ["wizard", *given]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "pgrepl-tui", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"pgrepl-tui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (act, help_text, extend) in _ACTIONS.items():
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(act=act)
        extend(command)
    return parser


def _wizard_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topology", nargs="?", type=Path, metavar="TOPOLOGY.yaml", help="what to set up")


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topology", type=Path, metavar="TOPOLOGY.yaml", help="what to set up")
    parser.add_argument("--plan", action="store_true", help="print what would change, and change nothing")
    parser.add_argument("--yes", action="store_true",
                        help="agree to restarts and to setting the standby's old data directory aside")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the events, one a line")
    parser.add_argument("--recording", type=Path, metavar="FILE", help="record there, not in the state folder")


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="run without the wizard, and print plain lines")
    parser.add_argument("--keep", action="store_true", help="leave the lab running, for 4 hours at most")
    _lab_size(parser)


def _lab_arguments(parser: argparse.ArgumentParser) -> None:
    _lab_size(parser)


def _lab_size(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--megabytes", type=_positive(int), default=300, help="how much data the primary has (300)")


def _replay_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recording", type=Path, metavar="RECORDING", help="a .jsonl file of an earlier run")
    parser.add_argument("--speed", type=_positive(float), default=1.0, metavar="N", help="times as fast (1)")
    parser.add_argument("--at", type=_seconds, metavar="SECONDS", help="begin there; with --headless, end there")
    parser.add_argument("--headless", action="store_true", help="print it as plain lines, at once")


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def convert(text: str) -> float:
        value = kind(text)
        if not 0 < value < 1e6:  # a bound that no use comes near
            raise argparse.ArgumentTypeError(f"{text}: a number above 0 is meant")
        return value

    return convert


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1e9:  # a bound that no session comes near
        raise argparse.ArgumentTypeError(f"{text}: seconds from the beginning are meant")
    return value


def _wizard(options: argparse.Namespace) -> int:
    _needs_terminal("the wizard", "use: pgrepl-tui run TOPOLOGY.yaml")
    topology = _load(options.topology) if options.topology else None
    return _open_wizard(topology)


def _open_wizard(topology: "Topology | None") -> int:
    return asyncio.run(_wizard_on(topology))


async def _wizard_on(topology: "Topology | None") -> int:
    from pgrepl_tui.app import PgReplApp  # noqa: PLC0415 - start-up
    from pgrepl_tui.live import LiveRun  # noqa: PLC0415 - start-up

    runs: list[LiveRun] = []

    def start(chosen: "Topology") -> LiveRun:
        runs.append(LiveRun(chosen))
        return runs[-1]

    app = PgReplApp(topology, make_source=start)
    await app.run_async()
    for run in runs:
        sys.stdout.write(f"recording:\n{run.recording}\n")
    return INTERRUPTED if app.return_code is None else app.return_code


def _run(options: argparse.Namespace) -> int:
    from pgrepl_tui import headless  # noqa: PLC0415 - start-up

    topology = _load(options.topology)
    return _recorded(
        headless.run(topology, plan=options.plan, yes=options.yes, json=options.json, path=options.recording)
    )


def _recorded(run: Coroutine[object, object, int]) -> int:
    from pgrepl_tui.session.span import RecordingError  # noqa: PLC0415 - start-up

    try:
        return asyncio.run(run)
    except RecordingError as error:
        sys.stderr.write(f"pgrepl-tui: {error}\n")
        return 1


def _demo(options: argparse.Namespace) -> int:
    if options.headless or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _recorded(_demo_headless(options))
    return asyncio.run(_demo_wizard(options))


async def _demo_headless(options: argparse.Namespace) -> int:
    from pgrepl_tui import headless  # noqa: PLC0415 - start-up
    from pgrepl_tui.lab.client import Lab  # noqa: PLC0415 - an extra

    async with Lab.start(megabytes=options.megabytes, keep=options.keep, progress=_say) as lab:
        return await headless.run(_load(lab.topology), plan=False, yes=True, json=False, path=None)


async def _demo_wizard(options: argparse.Namespace) -> int:
    from pgrepl_tui.lab.client import Lab  # noqa: PLC0415 - an extra

    async with Lab.start(megabytes=options.megabytes, keep=options.keep, progress=_say) as lab:
        return await _wizard_on(_load(lab.topology))


def _lab(options: argparse.Namespace) -> int:
    return asyncio.run(_lab_until_interrupted(options))


async def _lab_until_interrupted(options: argparse.Namespace) -> int:
    from pgrepl_tui.lab.client import Lab  # noqa: PLC0415 - an extra

    async with Lab.start(megabytes=options.megabytes, keep=False, progress=_say) as lab:
        sys.stdout.write(f"{lab.topology}\n")
        sys.stdout.flush()
        _say("the lab runs until Ctrl-C; set it up with: pgrepl-tui run TOPOLOGY (the line above)")
        await asyncio.Event().wait()
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"lab: {text}\n")


def _replay(options: argparse.Namespace) -> int:
    from pgrepl_tui.session.recording import Recording  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.span import RecordingError  # noqa: PLC0415 - start-up

    try:
        with Recording.open(options.recording) as recording:
            if options.headless or not sys.stdout.isatty():
                from pgrepl_tui import headless  # noqa: PLC0415 - start-up

                return asyncio.run(headless.replay(recording, at=options.at))
            return _replay_screens(recording, options)
    except RecordingError as error:
        raise CommandError(str(error)) from error


def _replay_screens(recording: "Recording", options: argparse.Namespace) -> int:
    from pgrepl_tui.app import PgReplApp  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.replay import Replay  # noqa: PLC0415 - start-up

    app = PgReplApp(source=Replay(recording, speed=options.speed, at=options.at or 0.0))
    asyncio.run(app.run_async())
    return app.return_code or 0


def _load(path: Path) -> "Topology":
    from pgrepl_tui.topology import TopologyError, load  # noqa: PLC0415 - start-up

    try:
        return load(path)
    except TopologyError as error:
        raise CommandError(str(error)) from error


def _needs_terminal(what: str, instead: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError(f"{what} needs a terminal on standard input and output; {instead}")


_Action = tuple[Callable[[argparse.Namespace], int], str, Callable[[argparse.ArgumentParser], None]]
_ACTIONS: dict[str, _Action] = {
    "wizard": (_wizard, "the wizard, which opens without a command as well", _wizard_arguments),
    "demo": (_demo, "two hosts on this machine, and the wizard (or a headless run) on them", _demo_arguments),
    "run": (_run, "run a topology without the wizard", _run_arguments),
    "replay": (_replay, "replay a recording; no host is needed", _replay_arguments),
    "lab": (_lab, "two hosts on this machine to try things on, until Ctrl-C", _lab_arguments),
}
