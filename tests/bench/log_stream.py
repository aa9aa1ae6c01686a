"""The log view under a flood, beside Textual's Log and lnav: python -m tests.bench.log_stream [--lines N ...].

A process appends lines to a file, 100,000 a second. Ours and Textual's Log follow it over SSH (ours records as well);
lnav reads the file itself. Measured: from a key to its effect on the terminal, whether the last line is there in time,
memory, processor time. Then ours searches all lines, and keys are measured meanwhile.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.terminal import Terminal

KEYS = 40
PACE = 100_000
PYTHON = sys.executable


@dataclass
class Figures:
    """What was measured of one program: milliseconds of its keys, seconds it was behind, MiB, share of a processor."""

    program: str
    lines: int
    keys: list[float]
    behind: float
    megabytes: float
    cpu: float

    @property
    def median(self) -> float:
        """The median of the keys, in ms."""
        return statistics.median(self.keys)

    def __str__(self) -> str:
        ordered = sorted(self.keys)
        p90, worst = ordered[int(len(ordered) * 0.9)], ordered[-1]
        keys = f"key p50 {self.median:7.1f}  p90 {p90:7.1f}  max {worst:7.1f} ms"
        rest = f"behind {self.behind:5.2f} s  RSS {self.megabytes:7.1f} MiB  cpu {self.cpu:.2f}"
        return f"{self.program:<14}{self.lines:>11,} lines  {keys}  {rest}"


Press = Callable[[Terminal, int], float]


@dataclass(frozen=True)
class Trial:
    """A program, how many lines it is given, its command for a file, its key, and whether it is searched afterwards."""

    program: str
    lines: int
    command: Callable[[Path], list[str]]
    press: Press
    search: bool = False


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--textual", type=int, default=1_000_000, help="the most lines that Textual's Log is given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pgrepl-bench-") as name:
        folder = Path(name)
        with _ssh_server(folder) as server:
            config = Path(server.stdout.readline().strip()) if server.stdout else folder
            for lines in options.lines:
                _compare(folder, config, lines, textual=lines <= options.textual)
            if server.stdin:
                server.stdin.close()


def _compare(folder: Path, config: Path, lines: int, *, textual: bool) -> None:
    """All programs on so many lines, and the ratios to ours."""

    def app(kind: str) -> Callable[[Path], list[str]]:
        return lambda file: _app(kind, config, file, folder)

    ours = _measure(Trial("ours over ssh", lines, app("ours"), _count, search=True), folder)
    _print(str(ours))
    others = []
    if textual:
        others.append(Trial("Textual Log", lines, app("textual"), _count))
    if lnav := shutil.which("lnav"):
        others.append(Trial("lnav", lines, lambda file: [lnav, "-N", str(file)], _help))
    for other in (_measure(trial, folder) for trial in others):
        keys, memory = other.median / ours.median, other.megabytes / ours.megabytes
        _print(f"{other}\n{'':14}to ours: key {keys:.1f} x, memory {memory:.1f} x, cpu {other.cpu / ours.cpu:.1f} x")


def _app(kind: str, config: Path, file: Path, folder: Path) -> list[str]:
    recording = folder / f"{kind}-{time.monotonic_ns()}.jsonl"
    return [PYTHON, "-m", "tests.bench.log_app", kind, str(config), str(file), str(recording)]


def _count(terminal: Terminal, number: int) -> float:
    """The key x counts in the first line."""
    return terminal.press(b"x", f"key:{number}".encode(), 5.0)


def _help(terminal: Terminal, number: int) -> float:
    """The key ? opens and q closes the help."""
    return terminal.press(b"?" if number % 2 else b"q", b"HELP" if number % 2 else b"LOG", 5.0)


def _measure(trial: Trial, folder: Path) -> Figures:
    file = folder / "server.log"
    file.write_text("2026-11-23 03:00:39.226 UTC [1] LOG:  the first line\n")
    terminal = Terminal(trial.command(file))
    try:
        if not terminal.wait(b"the first line", 20):
            raise SystemExit(f"{trial.program} never showed the first line")
        terminal.read(1.0)
        figures = _flooded(terminal, trial, file)
        if trial.search:
            _search(terminal, trial.lines)
        return figures
    finally:
        terminal.close()
        file.unlink()


def _flooded(terminal: Terminal, trial: Trial, file: Path) -> Figures:
    """Keys while the lines come, and what there is when the last one is seen."""
    terminal.watched = b"the last line"
    cpu, began = terminal.cpu_seconds, time.monotonic()
    feed = subprocess.Popen([PYTHON, "-m", "tests.bench.feed", str(file), str(trial.lines), str(PACE)])
    pause = trial.lines / PACE / KEYS * 0.8
    keys = []
    for number in range(1, KEYS + 1):
        terminal.read(pause)
        keys.append(trial.press(terminal, number) * 1000)
    while feed.poll() is None:
        terminal.read(0.01)
    written = time.monotonic()
    terminal.wait(b"the last line", 0 if terminal.seen_at else 120)
    behind = max(0.0, terminal.seen_at - written) if terminal.seen_at else float("inf")
    share = (terminal.cpu_seconds - cpu) / (time.monotonic() - began)
    return Figures(trial.program, trial.lines, keys, behind, terminal.megabytes, share)


def _search(terminal: Terminal, lines: int) -> None:
    """Search all lines for what is in none of them, and press keys meanwhile."""
    terminal.watched, terminal.seen_at = b"0 matches \x1b", None
    began, number = time.monotonic(), KEYS
    terminal.press(b"/nowhere\r", b"0 matches", 10)
    keys = []
    while terminal.seen_at is None and time.monotonic() - began < 300:
        number += 1
        keys.append(_count(terminal, number) * 1000)
        terminal.read(0.05)
    took = (terminal.seen_at or float("inf")) - began
    middle = f"p50 {statistics.median(keys):.1f} ms, max {max(keys):.1f} ms of {len(keys)}" if keys else "none"
    _print(f"search of {lines:,} lines: {took:.1f} s; keys meanwhile {middle}; RSS {terminal.megabytes:.1f} MiB")


def _ssh_server(folder: Path) -> "subprocess.Popen[str]":
    argv = [PYTHON, "-m", "tests.bench.ssh_server", str(folder)]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
