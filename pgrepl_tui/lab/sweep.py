"""The end of a lab: every process of it, then its folder. Also a program, for the guard.

A process belongs to a lab by the mark in its environment, which everything that the lab starts hands down. A program
that a wizard starts with a clean environment is known by its file or, having no terminal, by its working directory: an
operator's own shell in the lab's folder, or an editor on a file of it, is left alone.
"""

import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from pgrepl_tui.lab.account import MARK
from pgrepl_tui.lab.errors import LabError

PID_FILE = "lab.pid"
"""Made first in every lab's folder; without it nothing is swept."""

PATIENCE = 15.0
"""Seconds that servers get to stop at once, without a checkpoint; after that everything is killed."""

LIMIT = 90.0
"""Seconds until the sweep gives up."""


@dataclass(frozen=True)
class Process:
    """A process of a lab.

    Attributes:
        pid: its process id.
        parent: its parent's process id.
        program: the name of the file it runs.
        arguments: its command line as it shows itself.
    """

    pid: int
    parent: int
    program: str
    arguments: str

    @property
    def is_server(self) -> bool:
        """It is a postmaster or one of its children."""
        return self.program == "postgres"


def processes(folder: Path) -> list[Process]:
    """The processes of the lab in ``folder``, this one excepted."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    found = (_read(pid, folder) for pid in pids if pid != os.getpid())
    return [process for process in found if process is not None]


def sweep(folder: Path) -> None:
    """End every process of the lab in ``folder`` and remove the folder.

    Raises:
        LabError: the folder is not a lab's, or a process does not go.
        OSError: the folder cannot be removed.
    """
    if not (folder / PID_FILE).is_file():
        raise LabError(f"{folder} is not a lab's folder: there is no {PID_FILE} in it.", "Remove it by hand.")
    started = time.monotonic()
    while alive := processes(folder):
        waited = time.monotonic() - started
        if waited > LIMIT:
            left = ", ".join(f"{process.pid} {process.arguments}" for process in alive)
            raise LabError(f"These processes of the lab do not end: {left}", f"End them, then remove {folder}.")
        _end(alive, patient=waited < PATIENCE)
        time.sleep(0.03)
    shutil.rmtree(folder)


def _end(alive: list[Process], *, patient: bool) -> None:
    """Kill what is no server; ask a postmaster first, for it takes its shared memory with it (SIGQUIT: immediate)."""
    servers = {process.pid for process in alive if process.is_server}
    for process in alive:
        if not process.is_server or not patient:
            _signal(process.pid, signal.SIGKILL)
        elif process.parent not in servers:
            _signal(process.pid, signal.SIGQUIT)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # gone already, which is what was wanted


def _read(pid: int, folder: Path) -> Process | None:
    """The process, if it is of the lab and not a zombie; other users' processes cannot be looked into."""
    proc = Path("/proc", str(pid))
    try:
        program, directory = (_path(proc / link) for link in ("exe", "cwd"))
        parent, terminal = _parent_and_terminal(proc)
        marked = f"{MARK}={folder}".encode() in (proc / "environ").read_bytes().split(b"\0")
        works_there = terminal == 0 and folder in directory.parents
        if not (marked or works_there or folder in program.parents):
            return None
        arguments = (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "backslashreplace")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    return Process(pid, parent, program.name, arguments.strip())


def _parent_and_terminal(proc: Path) -> tuple[int, int]:
    """Fields 4 and 7 of /proc/PID/stat; the name before them may hold anything, a bracket too (proc(5))."""
    fields = (proc / "stat").read_bytes().rpartition(b")")[2].split()
    return int(fields[1]), int(fields[4])


def _path(link: Path) -> Path:
    """Where a link in /proc points to; a file that was removed since is still named (proc(5))."""
    return Path(str(link.readlink()).removesuffix(" (deleted)"))


if __name__ == "__main__":
    sweep(Path(sys.argv[1]))
