"""What each command of the command line does. Textual, asyncssh and the lab are imported only by what needs them."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgrepl_tui.lab.client import Lab
    from pgrepl_tui.session.recording import Recording
    from pgrepl_tui.topology import Topology

FAILED = 1
INTERRUPTED = 4


class CommandError(Exception):
    """The command cannot be carried out as it was given; the message is for the operator."""


def wizard(options: argparse.Namespace) -> int:
    """Open the wizard, on a topology or on an empty form."""
    if not _at_terminal():
        raise CommandError(
            "the wizard needs a terminal on standard input and output; use: pgrepl-tui run TOPOLOGY.yaml"
        )
    return asyncio.run(_wizard_on(load(options.topology) if options.topology else None))


def run(options: argparse.Namespace) -> int:
    """Run a topology headless."""
    from pgrepl_tui import headless  # noqa: PLC0415 - start-up

    topology = load(options.topology)
    return _carried_out(
        headless.run(topology, plan=options.plan, yes=options.yes, json=options.json, path=options.recording)
    )


def demo(options: argparse.Namespace) -> int:
    """Bring up the lab, and open the wizard on it; without a terminal, run it headless."""
    headless = options.headless or not _at_terminal()
    return _carried_out(_demo(options, headless=headless))


def lab(options: argparse.Namespace) -> int:
    """Bring up the lab alone, until Ctrl-C."""
    return _carried_out(_lab_until_interrupted(options))


def replay(options: argparse.Namespace) -> int:
    """Replay a recording, in the screens or as lines."""
    from pgrepl_tui.session.recording import Recording  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.span import RecordingError  # noqa: PLC0415 - start-up

    try:
        with Recording.open(options.recording) as recording:
            if options.headless or not _at_terminal():
                from pgrepl_tui import headless  # noqa: PLC0415 - start-up

                return asyncio.run(headless.replay(recording, at=options.at))
            return _replay_screens(recording, options)
    except RecordingError as error:
        raise CommandError(str(error)) from error


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


def _carried_out(work: Coroutine[object, object, int]) -> int:
    """Run it; what is nobody's mistake at the keyboard is one line and exit code 1."""
    from pgrepl_tui.lab.errors import LabError  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.span import RecordingError  # noqa: PLC0415 - start-up

    try:
        return asyncio.run(work)
    except (LabError, RecordingError) as error:
        sys.stderr.write(f"pgrepl-tui: {error}\n")
        return FAILED


async def _wizard_on(topology: "Topology | None") -> int:
    from pgrepl_tui.app import PgReplApp  # noqa: PLC0415 - start-up
    from pgrepl_tui.live import LiveRun  # noqa: PLC0415 - start-up

    runs: list[LiveRun] = []

    def start(chosen: "Topology") -> LiveRun:
        runs.append(LiveRun(chosen))
        return runs[-1]

    app = PgReplApp(topology, make_source=start)
    await app.run_async()
    for made in runs:
        sys.stdout.write(f"recording:\n{made.recording}\n")
    return INTERRUPTED if app.return_code is None else app.return_code


async def _demo(options: argparse.Namespace, *, headless: bool) -> int:
    async with _lab(options, keep=options.keep) as made:
        topology = load(made.topology)
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


def _say(text: str) -> None:
    sys.stderr.write(f"lab: {text}\n")


def _replay_screens(recording: "Recording", options: argparse.Namespace) -> int:
    from pgrepl_tui.app import PgReplApp  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.replay import Replay  # noqa: PLC0415 - start-up

    app = PgReplApp(source=Replay(recording, speed=options.speed, at=options.at or 0.0))
    asyncio.run(app.run_async())
    return app.return_code or 0


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
