"""A network that leads nowhere, and the process whose end is the end of everything on it.

All hosts are children of the hub's pid namespace, their mounts lie in its mount namespace, their links in its network
namespace: none of these has a name outside, so that nothing can be left behind. The hub's first process reads its
standard input, which is ours; when we end, however that comes, it ends, and the kernel ends and unmounts the rest. Only
empty folders and control groups have to be swept.
"""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

PREFIX = "pgrepl-hosts"
ADDRESS = "10.77.0.1"
PREFIX6 = "fd00:77::"
"""The hosts have an address of each kind, with the same last number."""
HOLD = (
    "import signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
    "print('up', flush=True); sys.stdin.buffer.read()"
)
SECONDS = 600.0


class HostFailedError(Exception):
    """A host did not do what it was told, with what it said."""


class Hub:
    """The network 10.77.0.0/24 and a folder, both to be seen from inside only.

    Args:
        keeper: the process whose child holds the namespaces.
        pid: that child, as this machine counts.
        folder: where the hosts' folders are mounted, in the hub's mount namespace.
    """

    def __init__(self, keeper: asyncio.subprocess.Process, pid: int, folder: Path) -> None:
        self._keeper = keeper
        self.pid = pid
        self.folder = folder

    @classmethod
    @contextlib.asynccontextmanager
    async def up(cls) -> AsyncIterator["Hub"]:
        """A hub; at the end all that ran on it is gone."""
        sweep()
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-"))
        keeper = await asyncio.create_subprocess_exec(
            *("unshare", "--net", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc"),
            *(sys.executable, "-c", HOLD),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert keeper.stdout is not None
            async with asyncio.timeout(SECONDS):
                await keeper.stdout.readline()
            hub = cls(keeper, children(keeper.pid)[0], folder)
            await hub.ip("link set lo up")
            await hub.ip("link add br0 type bridge")
            await hub.ip(f"addr add {ADDRESS}/24 dev br0")
            if has_ipv6():
                await hub.ip(f"addr add {PREFIX6}1/64 dev br0 nodad")
            await hub.ip("link set br0 up")
            yield hub
        finally:
            await _end(keeper)
            sweep(os.getpid())

    def command(self, *argv: str, mounts: bool = False) -> list[str]:
        """A command as it runs on the hub's network; it ends when we do."""
        more = ["--mount"] if mounts else []
        return ["setpriv", "--pdeathsig", "KILL", "nsenter", f"--target={self.pid}", "--net", *more, "--", *argv]

    async def ip(self, words: str) -> None:
        """Run ``ip`` on the hub."""
        await output(*self.command("ip", *words.split()))

    async def mounted(self, *argv: str) -> None:
        """Run a command that sees and changes the hub's mounts."""
        await output(*self.command(*argv, mounts=True))


async def output(*argv: str, stdin: bytes = b"") -> str:
    """Run a command that has to work; what it prints.

    Raises:
        HostFailedError: it did not work.
    """
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(SECONDS):
            out, err = await process.communicate(stdin)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise HostFailedError(f"{' '.join(argv)}: status {process.returncode}: {(out + err).decode(errors='replace')}")
    return out.decode(errors="replace")


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


async def _end(keeper: asyncio.subprocess.Process) -> None:
    """The first process of a pid namespace has ended only when all others in it have."""
    assert keeper.stdin is not None
    keeper.stdin.close()
    try:
        async with asyncio.timeout(SECONDS):
            await keeper.wait()
    except TimeoutError:
        keeper.kill()
        await keeper.wait()


def has_ipv6() -> bool:
    """Whether this kernel's new networks have IPv6 too."""
    return Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").exists()


def control_groups() -> Path | None:
    """Where version 2 of the control groups is mounted."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    return next((Path(mount[1]) for mount in mounts if mount[2] == "cgroup2"), None)


def sweep(own: int = 0) -> None:
    """Remove the empty folders and control groups of runs that ended, and of the run with the process id ``own``."""
    places = [Path(tempfile.gettempdir()), *filter(None, [control_groups()])]
    for place in (found for folder in places for found in folder.glob(f"{PREFIX}-*")):
        number = place.name.removeprefix(f"{PREFIX}-").split("-")[0]
        if number.isdigit() and (int(number) == own or not Path("/proc", number).exists()):
            for folder, _, _ in os.walk(place, topdown=False):
                with contextlib.suppress(OSError):  # a process of it has not quite gone: the next sweep takes it
                    Path(folder).rmdir()


def kill(pid: int) -> None:
    """End a process, which may have ended by itself."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
