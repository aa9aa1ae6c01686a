"""A growing file on a host, followed, with nothing left on the host afterwards."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from pgrepl_tui.hosts import asyncssh_lazily
from pgrepl_tui.hosts.host import Command, ConnectionLostError, HostError
from pgrepl_tui.hosts.remote_command import WINDOW

if TYPE_CHECKING:
    from asyncssh import SSHClientProcess, SSHReader

_SCRIPT = """\
if [ -d "$1" ]; then echo "$1: Is a directory" >&2; exit 1; fi
if [ -e "$1" ] && [ ! -r "$1" ]; then echo "$1: Permission denied" >&2; exit 1; fi
exec 3<&0
tail -c "+$2" -F -- "$1" </dev/null 3<&- &
t=$!
trap 'kill "$t"' TERM INT HUP
{ cat; kill "$t"; } <&3 >/dev/null 2>&1 &
exec 3<&-
wait "$t"
"""
"""Nothing here has a terminal that would end it: the end of the standard input does, which comes with the channel's
end and with the connection's."""
_GRACE = 3.0
_ERROR_BYTES = 4096


def command(path: str, offset: int, user: str | None) -> Command:
    """What follows ``path`` from ``offset`` (in bytes) on, until its input ends."""
    argv = ("/bin/sh", "-c", _SCRIPT, "follow", path, str(offset + 1))
    return Command(argv, user=user, shown=f"tail -c +{offset + 1} -F {path}")


async def pieces(name: str, path: str, process: "SSHClientProcess[bytes]") -> AsyncGenerator[bytes, None]:
    """Yield what the started command reads; whoever stops listening ends it.

    Raises:
        HostError: the file cannot be read.
        ConnectionLostError: the connection went away.
    """
    errors = asyncio.create_task(_errors(process))
    try:
        while piece := await _read(process.stdout):
            yield piece
        status = await _status(process)
        if status is None:
            raise ConnectionLostError(f"{name}: the connection was lost while {path} was followed", "Connect again.")
        said = (await errors).decode("utf-8", "backslashreplace").strip()
        said = said or f"tail ended with status {status}"
        raise HostError(f"{name}: {path} cannot be followed: {said}", "Look at the file's owner and mode on the host.")
    finally:
        errors.cancel()
        await _end(process)


async def _read(reader: "SSHReader[bytes]") -> bytes:
    try:
        return await reader.read(WINDOW)
    except (OSError, asyncssh_lazily.load().Error):
        return b""  # the connection broke: there is no exit status either, which the caller reports


async def _errors(process: "SSHClientProcess[bytes]") -> bytes:
    """The last of what it complains of; read all the time, for the channel would stand still."""
    kept = b""
    while piece := await _read(process.stderr):
        kept = (kept + piece)[-_ERROR_BYTES:]
    return kept


async def _status(process: "SSHClientProcess[bytes]") -> int | None:
    """Its exit status; None where none came within the grace, as after a lost connection."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE):
            await process.wait_closed()
    return process.returncode


async def _end(process: "SSHClientProcess[bytes]") -> None:
    """End the input, which ends the rest; where that does not help, a signal and the channel's close do."""
    try:
        process.stdin.write_eof()
        async with asyncio.timeout(_GRACE):
            while await _read(process.stdout):
                pass
            await process.wait_closed()
    except OSError as error:
        logging.getLogger(__name__).debug("the end of a follower was not seen, its channel is closed: %s", error)
    finally:
        process.close()
