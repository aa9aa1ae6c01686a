"""The pair on which cells run one after the other: made once, put back to its first state before each cell."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from pgrepl_tui.lab import folder as lab_folder
from pgrepl_tui.lab import ports, wizard_files
from pgrepl_tui.lab.account import Account, lab_account
from pgrepl_tui.lab.binaries import bundled, place
from pgrepl_tui.lab.guard import guarded
from pgrepl_tui.lab.layout import LabHost, Layout
from tests.faults.real.machine import Machine, machine
from tests.faults.real.tapped import Tap

DISK = "600m"
"""A host's disk, where root can mount one: room for both clusters, the copy and the WAL."""
CANARY = """\
CREATE TABLE canary AS SELECT i AS id, md5(i::text) AS word FROM generate_series(1, 5000) AS i;
ALTER TABLE canary ADD PRIMARY KEY (id);
"""
CANARY_SUM = "SELECT count(*), md5(string_agg(id || word, ',' ORDER BY id)) FROM canary"
LEGACY = "CREATE TABLE branches AS SELECT i AS id, md5(i::text) AS town FROM generate_series(1, 500) AS i"
FREEZE = "VACUUM FREEZE"
NO_DISK = "ENOSPC needs a small file system of its own, and this machine lets us mount none (root on Linux can)"


@dataclass
class Ground:
    """The pair.

    Attributes:
        layout: where everything is; the wizard's topology too.
        primary: the machine db1.
        standby: the machine db2.
        tap: what both see.
        disks: each host has a disk of its own, which can be filled.
        canary: what the primary's table has to say.
    """

    layout: Layout
    primary: Machine
    standby: Machine
    tap: Tap
    disks: bool
    canary: str = ""

    @property
    def machines(self) -> tuple[Machine, Machine]:
        """Both."""
        return self.primary, self.standby

    def of(self, role: str) -> Machine:
        """The machine of a role."""
        return self.primary if role == "primary" else self.standby

    def template(self, which: Machine) -> Path:
        """The data directory from which a host's is made anew."""
        return self.layout.folder / f"template-{which.host.name}"

    async def make(self) -> None:
        """Make both clusters, and keep a copy of each."""
        await asyncio.gather(_make(self.primary, CANARY), _make(self.standby, LEGACY))
        await asyncio.gather(*(self._keep(each) for each in self.machines))
        await self.reset()
        self.canary = await self.primary.cluster.sql(CANARY_SUM, "app")

    async def _keep(self, which: Machine) -> None:
        await which.cluster.stop()
        await asyncio.to_thread(_copy, which.host.data, self.template(which))

    async def reset(self) -> None:
        """Both hosts as they were before any run, their servers up."""
        self.tap.set(None)
        self.tap.lines.clear()
        await asyncio.gather(*(self._reset(each) for each in self.machines))

    async def _reset(self, which: Machine) -> None:
        which.relay.heal()
        await which.serve()
        await which.end(signal.SIGQUIT)
        await asyncio.to_thread(which.wipe)
        await asyncio.to_thread(_copy, self.template(which), which.host.data)
        await which.cluster.start()


async def _make(which: Machine, tables: str) -> None:
    await which.cluster.init()
    await which.cluster.start()
    name = "app" if "canary" in tables else "legacy"
    await which.cluster.sql(f"CREATE DATABASE {name}")
    await which.cluster.sql(tables, name)
    for database in (name, "postgres", "template1"):
        await which.cluster.sql(FREEZE, database)


def _copy(old: Path, new: Path) -> None:
    subprocess.run(["cp", "-a", "--", old, new], check=True)


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """The pair, made; all of it goes at the end."""
    account, folder = lab_account(), lab_folder.new_path()
    lab_folder.make(folder, account)
    with guarded(folder):
        async with AsyncExitStack() as opened:
            disks = _mount(folder, opened)
            lab_folder.make_hosts(folder, account) if not disks else _folders(folder, account)
            both = await _pair(folder, account, opened, disks=disks)
            await both.make()
            yield both


async def _pair(folder: Path, account: Account, opened: AsyncExitStack, *, disks: bool) -> Ground:
    bin_dir = place(bundled(), folder, account)
    tap, user_key = Tap(), asyncssh.generate_private_key("ssh-ed25519")
    machines = []
    for name, address in zip(lab_folder.HOSTS, ports.addresses(), strict=True):
        holder = opened.enter_context(ports.reserve_port())
        host = LabHost(name, address, 0, holder.getsockname()[1], folder / name, bin_dir)
        made = machine(host, account, tap, user_key, folder)
        opened.push_async_callback(_leave, made)
        port = await made.relay.listen(address)
        made.host = LabHost(name, address, port, host.pg_port, host.folder, bin_dir)
        await made.serve()
        machines.append(made)
    layout = Layout(folder, os.getpid(), account.name, machines[0].host, machines[1].host)
    wizard_files.write(layout, user_key, {each.host.name: each.key for each in machines})
    return Ground(layout, machines[0], machines[1], tap, disks)


async def _leave(which: Machine) -> None:
    await which.close()
    await which.end(signal.SIGQUIT)


def _mount(folder: Path, opened: AsyncExitStack) -> bool:
    """A disk for each host; False where this machine lets us mount none. A shell unmounts them, whatever ends us."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        return False
    disks = [folder / name for name in lab_folder.HOSTS]
    for disk in disks:
        disk.mkdir()
        options = ["-t", "tmpfs", "-o", f"size={DISK},mode=700", "tmpfs", str(disk)]
        if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
            for made in disks:
                subprocess.run(["umount", "-l", made], check=False, capture_output=True)
                if made.exists():
                    made.rmdir()
            return False
    read_end, write_end = os.pipe()
    script = 'trap "" HUP INT TERM; read -r _; umount -l "$@"'
    holder = subprocess.Popen(["/bin/sh", "-c", script, "sh", *disks], stdin=read_end, start_new_session=True)
    os.close(read_end)

    def unmount() -> None:
        os.close(write_end)
        assert holder.wait(timeout=30) == 0

    opened.callback(unmount)
    return True


def _folders(folder: Path, account: Account) -> None:
    """As ``lab_folder.make_hosts``, on disks that are there."""
    for name in lab_folder.HOSTS:
        for path in (folder / name, *(folder / name / part for part in ("home", "socket"))):
            path.mkdir(mode=0o700, exist_ok=True)
            account.own(path)
