"""One host of the pair: its SSH server behind a relay, its PostgreSQL cluster, its power switch."""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from pgrepl_tui.lab.account import Account, environment
from pgrepl_tui.lab.cluster import Cluster
from pgrepl_tui.lab.layout import LabHost
from pgrepl_tui.lab.programs import Runner
from pgrepl_tui.lab.sshd import Login
from tests.faults.real.relay import Relay
from tests.faults.real.tapped import Tap, TappedServer

LIMIT = 180.0
"""Seconds after which something that has to happen on a host will not happen any more, however slow the machine is."""


@dataclass(frozen=True)
class Process:
    """A process of a host: its number, what it runs, how it shows itself, its parent's number and its session's."""

    pid: int
    program: str
    arguments: str
    parent: int
    session: int

    @property
    def is_server(self) -> bool:
        """A postmaster or one of its children."""
        return self.program == "postgres"


@dataclass
class Machine:
    """A host that runs.

    Attributes:
        host: where everything of it is; ``ssh_port`` is the relay's.
        cluster: its cluster.
        account: the user of its server and of its logins.
        relay: the network before it.
        connections: those that its SSH server has.
        key: its host key.
    """

    host: LabHost
    cluster: Cluster
    account: Account
    relay: Relay
    tap: Tap
    login: Login
    key: asyncssh.SSHKey
    connections: set[asyncssh.SSHServerConnection] = field(default_factory=set)
    _server: asyncssh.SSHAcceptor | None = None

    # SSH

    async def serve(self, key: asyncssh.SSHKey | None = None) -> None:
        """Let SSH in, with its host key or another one; the relay leads there."""
        self.hang_up()
        if self._server is not None:
            self._server.close()
        self._server = await asyncssh.listen(
            self.host.address,
            0,
            server_factory=lambda: TappedServer(self.tap, self.host.name, self.login, self.connections),
            server_host_keys=[key or self.key],
            encoding=None,
            allow_pty=False,
            line_editor=False,
            agent_forwarding=False,
            compression_algs=None,
            gss_host=None,
            keepalive_interval=15,
        )
        self.relay.lead_to(self.host.address, self._server.get_port())

    def hang_up(self) -> int:
        """Close all SSH connections at the server, in order; how many there were."""
        there = list(self.connections)
        for connection in there:
            connection.abort()
        return len(there)

    async def close(self) -> None:
        """No SSH any more."""
        self.hang_up()
        if self._server is not None:
            self._server.close()
        await self.relay.close()

    # Processes

    def processes(self) -> list[Process]:
        """Every process of this host, by its environment or, for servers, by where it works."""
        found = (_read(entry, self.host) for entry in os.listdir("/proc") if entry.isdigit())
        return [process for process in found if process is not None]

    def postmaster(self, data: Path | None = None) -> int | None:
        """The process of the server that runs in a data directory."""
        folder = data or self.host.data
        servers = [process for process in self.processes() if process.is_server]
        pids = {process.pid for process in servers}
        for process in servers:
            # a child that has not read its startup packet yet shows its parent's command line
            named = str(folder) in process.arguments and process.parent not in pids
            if named and _works_in(process.pid) == folder:
                return process.pid
        return None

    async def end(self, number: signal.Signals) -> None:
        """End all of its processes: with SIGKILL as when the power goes, else servers by an immediate shutdown."""
        async with asyncio.timeout(LIMIT):
            while there := self.processes():
                servers = {process.pid for process in there if process.is_server}
                for process in there:
                    if not process.is_server or number is signal.SIGKILL:
                        send(process.pid, signal.SIGKILL)
                    elif process.parent not in servers:
                        send(process.pid, signal.SIGQUIT)
                await asyncio.sleep(0.02)

    async def reboot(self) -> None:
        """Power off, and on again: what the machine starts by itself is SSH, and a server where a cluster is."""
        self.relay.refuses = True
        self.relay.reset()
        before = self.processes()
        await self.end(signal.SIGKILL)
        await until(
            lambda: not any(Path(f"/proc/{process.pid}").exists() for process in before),
            "the numbers of the processes are free: a server does not start while its old number is taken",
        )
        if (self.host.data / "PG_VERSION").exists():
            await self.cluster.start()
        self.relay.refuses = False

    # Files

    def wipe(self) -> None:
        """Nothing of its files is left but empty folders."""
        for path in self.host.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        for path in (self.host.home, self.host.socket_dir):
            path.mkdir(mode=0o700)
            self.account.own(path)

    async def shell(self, script: str, *arguments: str | Path) -> str:
        """Run a script as the host's user; what it prints.

        Raises:
            LabError: its status is not 0.
        """
        return await self.cluster.runner.run("/bin/sh", "-c", script, "sh", *arguments)

    async def may(self, script: str, *arguments: str | Path) -> bool:
        """Whether a script ends well."""
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", script, "sh", *arguments),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            stdin=asyncio.subprocess.DEVNULL,
            cwd="/",
            env=self.cluster.runner.environment,
            **self.account.spawn,
        )
        return await process.wait() == 0


def machine(host: LabHost, account: Account, tap: Tap, user_key: asyncssh.SSHKey, lab: Path) -> Machine:
    """A host that does not serve yet."""
    env = environment(account, host.home, host.bin, lab)
    login = Login(account, user_key.convert_to_public(), host.home, env)
    cluster = Cluster(host, Runner(account, host.folder, env))
    key = asyncssh.generate_private_key("ssh-ed25519")
    relay = Relay(lambda: tap.connecting(host.name))
    return Machine(host, cluster, account, relay, tap, login, key)


async def until(condition: Callable[[], bool], what: str, seconds: float = LIMIT) -> None:
    """Wait until something is so, which no event can tell.

    Raises:
        AssertionError: it is not so after these seconds.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.03)
    assert condition(), f"not within {seconds:g} s: {what}"


def send(pid: int, number: signal.Signals) -> None:
    """Signal a process, if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _works_in(pid: int) -> Path | None:
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None


def _read(pid: str, host: LabHost) -> Process | None:
    proc = Path("/proc", pid)
    try:
        works = (proc / "cwd").readlink()
        marked = f"HOME={host.home}".encode() in (proc / "environ").read_bytes().split(b"\0")
        if not marked and host.folder not in (works, *works.parents):
            return None
        program = (proc / "exe").readlink().name.removesuffix(" (deleted)")
        fields = (proc / "stat").read_bytes().rpartition(b")")[2].split()
        arguments = (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "backslashreplace")
    except OSError:
        return None  # gone, a zombie, or somebody else's
    return Process(int(pid), program, arguments.strip(), int(fields[1]), int(fields[3]))
