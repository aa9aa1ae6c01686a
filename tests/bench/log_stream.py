"""The log view under a flood, beside Textual's Log and lnav: python -m tests.bench.log_stream [--lines N ...].

A process appends lines to a file, 100,000 a second. Ours and Textual's Log follow it over SSH (ours records as well);
lnav reads the file itself. Measured: from a key to its effect on the terminal, whether the last line is there in time,
memory, processor time. Then ours searches all lines, and keys are measured meanwhile; and what it recorded is replayed
at its own pace.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Figures, table
from tests.bench.terminal import Terminal

KEYS = 100
PACE = 100_000
PYTHON = sys.executable
OURS, REPLAY, LOG, LNAV = "ours", "ours, replay", "Textual Log", "lnav"
OPENING = 600.0
"""Seconds that a program may take until it shows the first line: a replay walks through its recording first."""

Press = Callable[[Terminal, int], float]


@dataclass(frozen=True)
class Trial:
    """A program, how many lines it is given, its command for a file, its key, and whether it plays what is there."""

    program: str
    lines: int
    command: Callable[[Path], list[str]]
    press: Press
    plays: bool = False


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--textual", type=int, default=1_000_000, help="the most lines that Textual's Log is given")
    options = parser.parse_args()
    measured: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="pgrepl-bench-") as name:
        folder = Path(name)
        with _ssh_server(folder) as server:
            config = Path(server.stdout.readline().strip()) if server.stdout else folder
            for lines in options.lines:
                for trial in _trials(folder, config, lines, textual=lines <= options.textual):
                    measured.append(_measure(trial, folder))
                    _print(" ".join(measured[-1].cells()))
            if server.stdin:
                server.stdin.close()
    _print(f"\n{table(measured, OURS)}")


def _trials(folder: Path, config: Path, lines: int, *, textual: bool) -> Iterator[Trial]:
    """All programs on so many lines."""
    recording = folder / f"{lines}.jsonl"

    def app(kind: str, path: Path) -> Callable[[Path], list[str]]:
        return lambda file: [PYTHON, "-m", "tests.bench.log_app", kind, str(config), str(file), str(path)]

    yield Trial(OURS, lines, app("ours", recording), _count)
    yield Trial(REPLAY, lines, app("replay", recording), _count, plays=True)
    recording.unlink()
    if textual:
        yield Trial(LOG, lines, app("textual", folder / f"{lines}-textual.jsonl"), _count)
    if lnav := shutil.which("lnav"):
        yield Trial(LNAV, lines, lambda file: [lnav, "-N", str(file)], _help)


def _count(terminal: Terminal, number: int) -> float:
    """The key x counts in the first line."""
    return terminal.press(b"x", f"key:{number}".encode(), 5.0)


def _help(terminal: Terminal, number: int) -> float:
    """The key ? opens and q closes the help."""
    return terminal.press(b"?" if number % 2 else b"q", b"HELP" if number % 2 else b"LOG", 5.0)


def _measure(trial: Trial, folder: Path) -> Figures:
    file = folder / "server.log"
    file.write_text("2026-11-23 03:00:39.226 UTC [1] LOG:  the first line\n")
    began = time.monotonic()
    terminal = Terminal(trial.command(file))
    try:
        if not terminal.wait(b"the first line", OPENING):
            raise SystemExit(f"{trial.program} never showed the first line")
        if trial.plays:
            _print(f"the replay of {trial.lines:,} lines opened in {time.monotonic() - began:.1f} s")
        else:
            terminal.read(1.0)
        figures = _flooded(terminal, trial, file)
        if trial.program == OURS:
            _search(terminal, trial.lines)
        return figures
    finally:
        terminal.close()
        file.unlink()


def _flooded(terminal: Terminal, trial: Trial, file: Path) -> Figures:
    """Keys while the lines come, and what there is when the last one is seen."""
    terminal.watched, terminal.seen_at = b"the last line", None
    cpu, began = terminal.cpu_seconds, time.monotonic()
    feed = None if trial.plays else _feed(file, trial.lines)
    until = began + trial.lines / PACE
    pause = trial.lines / PACE / KEYS * 0.8
    keys = []
    for number in range(1, KEYS + 1):
        terminal.read(pause)
        keys.append(trial.press(terminal, number) * 1000)
    while feed.poll() is None if feed is not None else time.monotonic() < until:
        terminal.read(0.01)
    written = time.monotonic()
    terminal.wait(b"the last line", 0 if terminal.seen_at else 120)
    behind = max(0.0, terminal.seen_at - written) if terminal.seen_at else float("inf")
    share = (terminal.cpu_seconds - cpu) / (time.monotonic() - began)
    return Figures(trial.program, trial.lines, tuple(keys), behind, terminal.megabytes, share)


def _feed(file: Path, lines: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([PYTHON, "-m", "tests.bench.feed", str(file), str(lines), str(PACE)])


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
