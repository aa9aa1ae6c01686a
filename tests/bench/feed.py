"""Appends log lines to a file at a steady pace: python -m tests.bench.feed FILE LINES A_SECOND (0: at once)."""

import sys
import time
from pathlib import Path

LINE = "2026-11-23 03:00:39.226 UTC [%07d] LOG:  restartpoint complete: wrote 12 buffers (0.1%%); 0 WAL file(s) added, sync=0.004 s, total=0.131 s\n"  # noqa: E501 - a line of a log
BATCH = 1_000
LAST = "FATAL:  the last line"


def feed(path: Path, lines: int, pace: int) -> None:
    """Append ``lines`` lines, ``pace`` a second, and a last one that is known by its words."""
    began = time.monotonic()
    with path.open("a", buffering=1 << 20) as file:
        for first in range(0, lines, BATCH):
            file.write("".join(LINE % number for number in range(first, first + BATCH)))
            if pace:
                file.flush()
                time.sleep(max(0.0, began + (first + BATCH) / pace - time.monotonic()))
        file.write(f"2026-11-23 03:00:39.226 UTC [1] {LAST}\n")


if __name__ == "__main__":
    feed(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
