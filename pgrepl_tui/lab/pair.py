"""The pair of hosts, put together: a busy primary, a standby with an old cluster of its own, SSH to both."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from pgrepl_tui.lab import folder as lab_folder
from pgrepl_tui.lab import ports, shop, wizard_files
from pgrepl_tui.lab.account import Account, environment
from pgrepl_tui.lab.binaries import place
from pgrepl_tui.lab.cluster import Cluster
from pgrepl_tui.lab.layout import LabHost, Layout
from pgrepl_tui.lab.programs import Runner
from pgrepl_tui.lab.sshd import Login, serve

Say = Callable[[str], None]
"""Takes a line about what the lab does now."""

LEGACY = """\
CREATE TABLE branches (id int PRIMARY KEY, town text NOT NULL, closed date);
INSERT INTO branches VALUES (1, 'Bergen', '2019-04-30'), (2, 'Porto', NULL), (3, 'Gdansk', '2021-11-05');
"""
"""What is in the database ``legacy`` of the standby's old cluster, to be found again once it was set aside."""


@dataclass(frozen=True)
class Ground:
    """What both hosts stand on.

    Attributes:
        folder: the lab's folder, made before.
        account: the user of the servers and logins.
        source: the folder of PostgreSQL's programs.
    """

    folder: Path
    account: Account
    source: Path


@dataclass(frozen=True)
class Pair:
    """Both hosts, running.

    Attributes:
        layout: where everything is.
        primary: the cluster that the shop writes to.
    """

    layout: Layout
    primary: Cluster


@dataclass(frozen=True)
class _Machine:
    host: LabHost
    cluster: Cluster
    host_key: asyncssh.SSHKey


@asynccontextmanager
async def pair(ground: Ground, megabytes: int, say: Say) -> AsyncIterator[Pair]:
    """Make and run both hosts; at the end their SSH servers stop, and the rest is the sweep's.

    Args:
        ground: where and as whom.
        megabytes: how much data the primary has, in MiB.
        say: is told about each part of the work.

    Raises:
        LabError: a part of it failed.
    """
    lab_folder.make_hosts(ground.folder, ground.account)
    bin_dir = place(ground.source, ground.folder, ground.account)
    user_key = asyncssh.generate_private_key("ssh-ed25519", comment="pgrepl-tui lab")
    async with AsyncExitStack() as opened:
        machines = [
            await _open(name, address, ground, bin_dir, user_key, opened)
            for name, address in zip(lab_folder.HOSTS, ports.addresses(), strict=True)
        ]
        first, second = machines
        layout = Layout(ground.folder, os.getpid(), ground.account.name, first.host, second.host)
        wizard_files.write(layout, user_key, {machine.host.name: machine.host_key for machine in machines})
        say("making the two clusters")
        await asyncio.gather(_make_primary(first.cluster, megabytes, say), _make_standby(second.cluster))
        yield Pair(layout, first.cluster)


async def _open(  # noqa: PLR0913, PLR0917 - each is another thing that the two hosts share or differ by
    name: str, address: str, ground: Ground, bin_dir: Path, user_key: asyncssh.SSHKey, opened: AsyncExitStack
) -> _Machine:
    """Open a host to SSH, and hold a port for its PostgreSQL server, until ``opened`` closes."""
    folder = ground.folder / name
    env = environment(ground.account, folder / "home", bin_dir, ground.folder)
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    holder = opened.enter_context(ports.reserve_port())
    login = Login(ground.account, user_key.convert_to_public(), folder / "home", env)
    server = await serve(address, login, host_key)
    opened.callback(server.close)
    host = LabHost(name, address, server.get_port(), holder.getsockname()[1], folder, bin_dir)
    return _Machine(host, Cluster(host, Runner(ground.account, folder, env)), host_key)


async def _make_primary(cluster: Cluster, megabytes: int, say: Say) -> None:
    await cluster.init()
    say(f"making the primary's tables, {megabytes} MiB")
    await cluster.start(shop.LOAD_OPTIONS)
    await shop.fill(cluster, megabytes)
    await cluster.stop()
    await cluster.start()


async def _make_standby(cluster: Cluster) -> None:
    await cluster.init()
    await cluster.start()
    await cluster.sql("CREATE DATABASE legacy")
    await cluster.sql(LEGACY, "legacy")
