"""What runs on a pretended machine: servers and detached jobs, as entries of a table instead of processes.

A process has a number that a pid file can hold, and a folder that it works in; it is gone when the table says so.
"""

import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

FIRST = 4_000_000
"""No real process has such a number: /proc/sys/kernel/pid_max goes up to 2^22, and most stop far below."""
_numbers = itertools.count(FIRST)
ALIVE: dict[int, str] = {}
"""All processes of all machines, with the folder that each works in."""


def alive(pid: int) -> bool:
    """Whether there is such a process."""
    return pid in ALIVE


def spawn(folder: Path) -> int:
    """A new process that works in a folder."""
    pid = next(_numbers)
    ALIVE[pid] = str(folder)
    return pid


def end(pid: int) -> None:
    """It is gone."""
    ALIVE.pop(pid, None)


@dataclass
class Job:
    """A detached job; see ``pgrepl_tui/hosts/job.py``. What it does is done at its end.

    Attributes:
        folder: its folder.
        program: the program's file name.
        pid: its process.
        ends: the virtual time of its end.
        work: does it; the exit status and what it wrote.
        target: a folder that it fills, half done until its end; None where it fills none.
    """

    folder: Path
    program: str
    pid: int
    ends: float
    work: Callable[[], tuple[int, bytes]]
    target: Path | None = None
    over: bool = field(default=False)

    def begin(self, shown: str, boot: str) -> None:
        """Make its folder, and the half of what it fills."""
        self.folder.mkdir(parents=True)
        (self.folder / "command").write_text(f"{shown}\n")
        (self.folder / "log").touch()
        (self.folder / "pgid").write_text(f"{self.pid} 1 {boot}\n")
        if self.target is not None and not self.target.exists():
            self.target.mkdir(mode=0o700)
            (self.target / "half").write_text("of a copy")

    def settle(self, now: float) -> None:
        """End it where its time has come."""
        if self.over or not alive(self.pid) or now < self.ends:
            return
        if self.target is not None and (self.target / "half").exists():
            shutil.rmtree(self.target)
        status, said = self.work()
        with (self.folder / "log").open("ab") as log:
            log.write(said)
        (self.folder / "rc").write_text(f"{status}\n")
        self.over = True
        end(self.pid)

    def killed(self, *, noted: bool) -> None:
        """Its group got a signal: it notes its end where it still can; what it filled stays half done."""
        if alive(self.pid) and noted:
            (self.folder / "rc").write_text("143\n")
        end(self.pid)
