"""Two Debian hosts, PostgreSQL on each, an operator with a key for both, and the wizard run from the hub."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from tests.hosts.debian import DebianHost
from tests.hosts.hub import Hub, output
from tests.hosts.rootfs import Release, root
from tests.lab.running import Ran, environment

LOGINS = ("root", "dba", "typist", "postgres")
"""root; a sudoer without a password; one with a password; the owner of the clusters."""
LIMIT = 900.0
"""Seconds after which a run that hangs is a failure, however slow the machine is."""
SUDOERS = "dba ALL=(ALL) NOPASSWD: ALL\ntypist ALL=(ALL) ALL\n"


class DebianPair:
    """The primary ``db1`` and, empty but for a cluster of its own, ``db2``.

    Args:
        hub: their network.
        folder: the operator's files: key, known_hosts, ssh_config, topologies, recordings.
        db1: the primary's host.
        db2: the standby's host.
    """

    def __init__(self, hub: Hub, folder: Path, db1: DebianHost, db2: DebianHost) -> None:
        self.hub, self.folder, self.db1, self.db2 = hub, folder, db1, db2
        self.host_keys: dict[str, str] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def up(
        cls, release: Release, folder: Path, *, init: str = "tini", locale: str = "C.UTF-8", clusters: bool = True
    ) -> AsyncIterator["DebianPair"]:
        """Two hosts, with a running cluster ``main`` each if wanted; at the end nothing of them is left."""
        lower = await asyncio.to_thread(root, release)
        folder.mkdir(parents=True, exist_ok=True)
        async with Hub.up() as hub:
            hosts = [DebianHost(hub, f"db{n}", f"10.77.0.{10 + n}", release, init) for n in (1, 2)]
            pair = cls(hub, folder, *hosts)
            await output("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key"))
            await asyncio.gather(*(pair._install(host, lower) for host in hosts))
            pair._write_ssh_config()
            if clusters:
                await asyncio.gather(*(pair.create_cluster(host, "main", locale) for host in hosts))
                await pair.create_databases()
            yield pair

    async def create_databases(self) -> None:
        """One on each side, by which they are told apart."""
        await self.db1.run("createdb app", user="postgres")
        await self.db2.run("createdb legacy", user="postgres")

    async def _install(self, host: DebianHost, lower: Path) -> None:
        await host.create(lower)
        await host.start()
        await host.run("umask 227; cat >/etc/sudoers.d/tests", stdin=SUDOERS.encode())
        key = (self.folder / "key.pub").read_bytes()
        script = (
            'eval "home=~$1"; mkdir -p "$home/.ssh" && cat >"$home/.ssh/authorized_keys" && chown -R "$1:" "$home/.ssh"'
        )
        for login in LOGINS:
            await host.run(script, login, stdin=key)
        public = (await host.run("cat /etc/ssh/ssh_host_ed25519_key.pub")).split()[:2]
        self.host_keys[host.name] = " ".join(public)
        with (self.folder / "known_hosts").open("a") as known:
            known.write(f"{host.address} {self.host_keys[host.name]}\n")

    async def create_cluster(self, host: DebianHost, name: str, locale: str = "C.UTF-8") -> None:
        """A cluster as Debian makes it, started by what starts clusters on this host."""
        major = str(host.release.postgres)
        await host.run('pg_createcluster --locale "$3" "$1" "$2" >/dev/null', major, name, locale)
        if host.init == "systemd":
            await host.run('systemctl daemon-reload; systemctl start "postgresql@$1-$2"', major, name)
        else:
            await host.run('pg_ctlcluster "$1" "$2" start', major, name)

    def _write_ssh_config(self) -> None:
        lines = [f"Host {host.name}\n  HostName {host.address}\n" for host in (self.db1, self.db2)]
        lines.append(f"Host *\n  IdentityFile {self.folder}/key\n  UserKnownHostsFile {self.folder}/known_hosts\n")
        self.ssh_config.write_text("".join(lines))

    @property
    def ssh_config(self) -> Path:
        """The SSH configuration that the topologies name."""
        return self.folder / "ssh_config"

    def topology(self, login: str = "root", cluster: str | None = "", extra: str = "") -> Path:
        """A topology file: both logins, and the clusters' name (``""`` the release's ``main``, None left out)."""
        name = f"{self.db1.release.postgres}/main" if cluster == "" else cluster
        line = f"cluster: {name}" if name else "os_user: postgres"
        nodes = [f"ssh: {login}@{host.name}\n    {line}\n" for host in (self.db1, self.db2)]
        path = self.folder / f"{login}.yaml"
        path.write_text(
            f"name: app-db\nprimary:\n    {nodes[0]}standbys:\n  - {nodes[1]}"
            f"replication:\n  user: replicator\nssh_config: ./ssh_config\n{extra}"
        )
        return path

    async def start(self, *arguments: str, **more: str) -> asyncio.subprocess.Process:
        """Start the program on the hub, with nobody at a terminal, and its output piped to us."""
        return await asyncio.create_subprocess_exec(
            *self.hub.command(sys.executable, "-m", "pgrepl_tui", *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**environment(self.folder / "state"), "HOME": str(self.folder), **more},
        )

    async def wizard(self, *arguments: str, **more: str) -> Ran:
        """Run the program on the hub, to its end."""
        return await ended(await self.start(*arguments, **more))

    async def set_up(self, topology: Path) -> Ran:
        """The whole job; it has to work."""
        ran = await self.wizard("run", str(topology), "--yes")
        assert ran.code == 0, ran.out + ran.err
        return ran

    async def value(
        self, host: DebianHost, statement: str, *, port: int = 5432, database: str = "postgres", socket: str = ""
    ) -> str:
        """One value of a server, asked on its own host, over its socket in this folder."""
        psql = 'exec psql -X -A -t -p "$1" -d "$2" ${4:+-h "$4"} -c "$3"'
        return (await host.run(psql, str(port), database, statement, socket, user="postgres")).strip()


async def ended(process: asyncio.subprocess.Process, limit: float = LIMIT) -> Ran:
    """Wait for the end of a run; one that takes longer than ``limit`` seconds is ended."""
    try:
        async with asyncio.timeout(limit):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ran(process.returncode if process.returncode is not None else -1, out.decode(), err.decode())
