"""What outlives the lab's process, however that ends, and cleans up after it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pgrepl_tui.lab.errors import LabError
from pgrepl_tui.lab.sweep import LIMIT

LOG_FILE = "lab.log"
"""In the lab's folder: what the lab and its guard have to say once nobody listens."""

_WAIT_THEN = 'trap "" HUP INT TERM; read -r _; exec "$@"'


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Inside, this process may die in any way, by kill -9 too: the lab's processes and its folder go all the same.

    A shell in a session of its own reads a pipe that only this process holds. At its end the shell becomes the sweep.

    Raises:
        LabError: at the end: the sweep failed, and the folder is still there.
    """
    read_end, write_end = os.pipe()
    with (folder / LOG_FILE).open("ab") as log:
        guard = subprocess.Popen(
            ["/bin/sh", "-c", _WAIT_THEN, "guard", sys.executable, "-m", "pgrepl_tui.lab.sweep", folder],
            stdin=read_end,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    os.close(read_end)
    try:
        yield
    finally:
        os.close(write_end)
        status = guard.wait(timeout=LIMIT + 30)
    if status != 0:
        raise LabError(f"The lab in {folder} could not be removed.", f"{folder / LOG_FILE} says why.")
