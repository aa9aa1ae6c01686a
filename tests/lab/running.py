"""Runs the program as its users do: as a process of its own."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from pgrepl_tui.lab.client import Lab

PROGRAM = [sys.executable, "-m", "pgrepl_tui"]
LIMIT = 900.0
"""Seconds after which a run that hangs is a failure, however slow the machine is."""


@dataclass(frozen=True)
class Ran:
    """How a run ended: its exit code, what it printed, where it was recorded."""

    code: int
    out: str
    err: str

    @property
    def recording(self) -> Path:
        """The path on the line after ``recording:``."""
        lines = self.out.splitlines()
        return Path(lines[lines.index("recording:") + 1])

    def changed(self, word: str = "changed") -> list[str]:
        """The titles of the steps that ended so."""
        rows = [line.split(None, 1) for line in self.out.splitlines() if line.startswith(f"  {word} ")]
        return [row[1].split(":", 1)[0] for row in rows]


def environment(state: Path, **more: str) -> dict[str, str]:
    """The caller's environment with a state folder of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "XDG"))}
    return {**clean, "XDG_STATE_HOME": str(state), "COLUMNS": "120", **more}


async def start(state: Path, *arguments: str, **more: str) -> asyncio.subprocess.Process:
    """Start the program with its output piped to us."""
    return await asyncio.create_subprocess_exec(
        *PROGRAM,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(state, **more),
    )


async def finished(process: asyncio.subprocess.Process) -> int:
    """Read what is left to read, and wait for the end; the exit code."""
    async with asyncio.timeout(LIMIT):
        await process.communicate()
    return process.returncode or 0


async def run(state: Path, *arguments: str, **more: str) -> Ran:
    """Run the program to its end."""
    process = await start(state, *arguments, **more)
    async with asyncio.timeout(LIMIT):
        out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


async def set_up(lab: Lab, state: Path) -> Ran:
    """The whole job on a lab; it has to work."""
    ran = await run(state, "run", str(lab.topology), "--yes")
    assert ran.code == 0, ran.out + ran.err
    return ran


def swap_servers(lab: Lab) -> None:
    """Write the lab's topology anew with primary and standby the wrong way round."""
    topology = yaml.safe_load(lab.topology.read_text())
    topology["primary"], topology["standbys"][0] = topology["standbys"][0], topology["primary"]
    lab.topology.write_text(yaml.safe_dump(topology, sort_keys=False))


def everything_in(*folders: Path) -> bytes:
    """The bytes of all files that can be read below some folders."""
    paths = [path for folder in folders for path in (folder.rglob("*") if folder.is_dir() else [folder])]
    return b"\n".join(path.read_bytes() for path in paths if path.is_file() and not path.is_symlink())
