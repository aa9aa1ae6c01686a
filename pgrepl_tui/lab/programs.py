"""Programs of the lab, run as its user with nothing of the caller's environment."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pgrepl_tui.lab.account import Account
from pgrepl_tui.lab.errors import LabError


@dataclass(frozen=True)
class Runner:
    """Runs programs as one user, in one folder, with one environment."""

    account: Account
    folder: Path
    environment: Mapping[str, str]

    async def run(self, *argv: str | Path, stdin: str = "") -> str:
        """Run a program to its end and return what it wrote to standard output.

        Raises:
            LabError: it cannot be started, or its exit status is not 0.
        """
        process = await self._start(argv, asyncio.subprocess.PIPE)
        try:
            out, err = await process.communicate(stdin.encode())
        except asyncio.CancelledError:
            process.kill()
            raise
        if process.returncode != 0:
            said = (err or out).decode("utf-8", "backslashreplace").strip()
            raise LabError(f"{Path(argv[0]).name} ended with status {process.returncode}: {said[-2000:]}")
        return out.decode("utf-8", "backslashreplace")

    async def start(self, *argv: str | Path, stdin: str) -> asyncio.subprocess.Process:
        """Start a program whose output nobody reads; it gets ``stdin``, a few KiB at most, at once.

        Raises:
            LabError: it cannot be started.
        """
        process = await self._start(argv, asyncio.subprocess.DEVNULL)
        if process.stdin is not None:
            process.stdin.write(stdin.encode())
            process.stdin.close()
        return process

    async def _start(self, argv: tuple[str | Path, ...], output: int) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env=self.environment,
                start_new_session=True,
                **self.account.spawn,
            )
        except OSError as error:
            raise LabError(
                f"{argv[0]} cannot be started as {self.account.name}: {error.strerror}.",
                "Check that this user may read the file and the folder it is in.",
            ) from error
