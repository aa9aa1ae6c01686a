"""The command line: arguments and exit codes. It imports nothing heavy, so that ``--help`` answers at once."""

import argparse
import ipaddress
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pgrepl_tui import __version__, commands, no_traces, undo_commands
from pgrepl_tui.export import FORMATS
from pgrepl_tui.usage import SHELLS

if TYPE_CHECKING:
    from pgrepl_tui.session.spelled_time import SpelledTime

USAGE = 2
DESCRIPTION = "Sets up PostgreSQL streaming replication over SSH, shows what each step changes, and proves the result."
EPILOG = """\
pgrepl-tui [TOPOLOGY.yaml] without a command opens the wizard.

exit codes: 0 done, or nothing to do; 1 a step failed; 2 bad arguments or topology;
            3 refused by preflight or by the operator; 4 interrupted
environment: PGREPL_PASSWORD_FILE names a file that holds the replication role's password;
             ACCESSIBLE=1 asks for the wizard as plain prompts and lines
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit code."""
    no_traces.leave_none()
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(_with_command(given))
    try:
        code: int = options.act(options)
    except commands.CommandError as error:
        sys.stderr.write(f"pgrepl-tui: {error}\n")
        return USAGE
    except KeyboardInterrupt:
        return commands.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output went away; nothing more can be said to them, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return commands.FAILED
    except Exception as error:  # noqa: BLE001 - the last net: a traceback of Python's may hold a secret
        return commands.crashed(error)
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
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (act, help_text, extend) in _ACTIONS.items():
        command = subparsers.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(act=act, parser=parser)
        extend(command)
    return parser


def _wizard_arguments(parser: argparse.ArgumentParser) -> None:
    _topology_argument(parser)
    plain = "plain prompts and lines, for screen readers and dumb terminals; the same as ACCESSIBLE=1"
    parser.add_argument("--line", action="store_true", help=plain)


def _topology_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topology", nargs="?", type=Path, metavar="TOPOLOGY.yaml", help="what to set up")


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topology", type=Path, metavar="TOPOLOGY.yaml", help="what to set up")
    parser.add_argument("--plan", action="store_true", help="print what would change, and change nothing")
    agreed = "agree to restarts and to setting the standby's old data directory aside"
    parser.add_argument("--yes", action="store_true", help=agreed)
    unique = "agree to setting aside data that nobody else has: the name of the standby's host, as it is printed"
    parser.add_argument("--set-aside-unique", metavar="HOST", default="", help=unique)
    parser.add_argument("--json", action="store_true", help="print the events, one a line")
    parser.add_argument("--recording", type=Path, metavar="FILE", help="record there, not in the state folder")


def _undo_arguments(parser: argparse.ArgumentParser) -> None:
    _pair_argument(parser)
    parser.add_argument("--plan", action="store_true", help="print what would be put back, and change nothing")
    agreed = "agree to stopping the standby, to putting the old data directory back, and to restarts"
    parser.add_argument("--yes", action="store_true", help=agreed)
    parser.add_argument("--json", action="store_true", help="print the events, one a line")
    parser.add_argument("--recording", type=Path, metavar="FILE", help="record there, not in the state folder")


def _discard_arguments(parser: argparse.ArgumentParser) -> None:
    _pair_argument(parser)
    parser.add_argument("--plan", action="store_true", help="print what would be deleted, and delete nothing")
    agreed = "agree to deleting: the name of the standby's host, as it is printed"
    parser.add_argument("--host", metavar="NAME", default="", help=agreed)
    parser.add_argument("--json", action="store_true", help="print the events, one a line")
    parser.add_argument("--recording", type=Path, metavar="FILE", help="record there, not in the state folder")


def _pair_argument(parser: argparse.ArgumentParser) -> None:
    given = "the recording of a set-up, or the topology of the pair"
    parser.add_argument("what", type=Path, metavar="RECORDING|TOPOLOGY.yaml", help=given)


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="run without the wizard, and print plain lines")
    parser.add_argument("--keep", action="store_true", help="leave the lab running, for 4 hours at most")
    _lab_arguments(parser)


def _lab_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--megabytes", type=_megabytes, default=300, help="how much data the primary has (300)")


def _replay_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recording", type=Path, metavar="RECORDING", help="a .jsonl file of an earlier run")
    parser.add_argument("--speed", type=_speed, default=1.0, metavar="N", help="times as fast (1)")
    at = "begin there, with --headless end there: 90, 1:30, 1m30s, 50%%, or -10 for 10 seconds before the end"
    parser.add_argument("--at", type=_time, metavar="TIME", help=at)
    parser.add_argument("--skip-idle", action="store_true", help="play pauses of over a second in half a second")
    parser.add_argument("--headless", action="store_true", help="print it as plain lines, at once")


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recording", type=Path, metavar="RECORDING", help="a .jsonl file of an earlier run")
    formats = "an asciicast for asciinema, a page, a runbook, or the last screen as a picture"
    parser.add_argument("--to", choices=FORMATS, required=True, help=formats)
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there, not to standard output")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")


def _serve_arguments(parser: argparse.ArgumentParser) -> None:
    _topology_argument(parser)
    parser.add_argument("--port", type=_port, default=0, metavar="PORT", help="listen there (any free port)")
    parser.add_argument("--host", type=_loopback, default="127.0.0.1", metavar="ADDRESS", help="a loopback address")


def _completions_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell that will read them")


def _no_arguments(_parser: argparse.ArgumentParser) -> None:
    """The command takes none."""


def _port(text: str) -> int:
    return int(_between(float(int(text)), 0, 65535, "a port from 1 to 65535, or 0 for any free one"))


def _loopback(text: str) -> str:
    try:
        address = ipaddress.IPv4Address("127.0.0.1" if text == "localhost" else text)
    except ValueError:
        address = ipaddress.IPv4Address(0)
    if not address.is_loopback:
        raise argparse.ArgumentTypeError(
            f"{text}: only an address in 127.0.0.0/8 is served: whoever reaches the wizard could use your SSH keys; "
            "from another machine, use ssh -L PORT:127.0.0.1:PORT and --port"
        )
    return str(address)


def _megabytes(text: str) -> int:
    return int(_between(float(int(text)), 1, 1e6, "megabytes, 1 or more"))


def _speed(text: str) -> float:
    return _between(float(text), 0.01, 1e4, "a number above 0")


def _time(text: str) -> "SpelledTime":
    from pgrepl_tui.session.spelled_time import TimeSpellingError, spelled  # noqa: PLC0415 - start-up

    try:
        return spelled(text)
    except TimeSpellingError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _between(value: float, least: float, most: float, meant: str) -> float:
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{value:g}: {meant}, is meant")
    return value


_Action = tuple[Callable[[argparse.Namespace], int], str, Callable[[argparse.ArgumentParser], None]]
_ACTIONS: dict[str, _Action] = {
    "wizard": (commands.wizard, "the wizard, which opens without a command as well", _wizard_arguments),
    "demo": (commands.demo, "two hosts on this machine, and the wizard (or a headless run) on them", _demo_arguments),
    "run": (commands.run, "run a topology without the wizard", _run_arguments),
    "undo": (undo_commands.undo, "put everything back as it was before a set-up", _undo_arguments),
    "discard": (undo_commands.discard, "delete what set-ups set aside, once the pair works", _discard_arguments),
    "replay": (commands.replay, "replay a recording; no host is needed", _replay_arguments),
    "lab": (commands.lab, "two hosts on this machine to try things on, until Ctrl-C", _lab_arguments),
    "export": (commands.export, "a recording as a film, a page, a runbook or a picture", _export_arguments),
    "serve": (commands.serve, "the wizard in a browser on this machine, until Ctrl-C", _serve_arguments),
    "completions": (commands.completions, "what a shell needs to complete this program", _completions_arguments),
    "man": (commands.man, "the man page, in roff", _no_arguments),
}
