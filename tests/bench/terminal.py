"""A program on a pseudo-terminal: keys in, what it draws out, its memory and its time."""

import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from fcntl import ioctl
from pathlib import Path

KEPT = 200_000
"""Bytes of what was drawn that are looked at."""


class Terminal:
    """A program of 120 columns and 36 rows.

    Attributes:
        watched: words that are waited for while other things are done.
        seen_at: when they were drawn first; None before.
    """

    def __init__(self, argv: Sequence[str]) -> None:
        self._master, slave = pty.openpty()
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)
        self._drawn = b""
        self.watched = b"\0"
        self.seen_at: float | None = None

    def read(self, seconds: float) -> None:
        """Take in what is drawn within some seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._take(left)

    def _take(self, seconds: float) -> None:
        if not select.select([self._master], [], [], seconds)[0]:
            return
        self._drawn = (self._drawn + os.read(self._master, 65536))[-KEPT:]
        if self.seen_at is None and self.watched in self._drawn:
            self.seen_at = time.monotonic()

    def press(self, keys: bytes, sign: bytes, patience: float = 5.0) -> float:
        """Press keys and wait until ``sign`` is drawn; the seconds that it took, infinite where it never came."""
        self._drawn = b""
        began = time.monotonic()
        os.write(self._master, keys)
        return time.monotonic() - began if self.wait(sign, patience) else float("inf")

    def wait(self, sign: bytes, patience: float) -> bool:
        """Wait until something is drawn."""
        until = time.monotonic() + patience
        while sign not in self._drawn:
            left = until - time.monotonic()
            if left <= 0 or self._process.poll() is not None:
                return False
            self._take(left)
        return True

    @property
    def megabytes(self) -> float:
        """The memory that it holds now (RSS), in MiB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    @property
    def cpu_seconds(self) -> float:
        """The processor time that it used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        os.close(self._master)
