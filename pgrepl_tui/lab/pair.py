"""The pair of hosts, put together: a busy primary, a standby with an old cluster of its own, SSH to both."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
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


@asynccontextmanager
async def pair(folder: Path, account: Account, source: Path, megabytes: int, say: Say) -> AsyncIterator[Layout]:
    """Make and run both hosts in a lab's folder; at the end only the SSH servers stop, the rest is the sweep's.

    Args:
        folder: the lab's folder, made before.
        account: the user of the servers and logins.
        source: the folder of PostgreSQL's programs.
        megabytes: how much data the primary has, in MiB.
        say: is told about each part of the work.

    Raises:
        LabError: a part of it failed.
    """
    lab_folder.make_hosts(folder, account)
    bin_dir = place(source, folder, account)
    user_key = asyncssh.generate_private_key("ssh-ed25519", comment="pgrepl-tui lab")
    host_keys = {name: asyncssh.generate_private_key("ssh-ed25519") for name in lab_folder.HOSTS}
    holders = [ports.reserve_port() for _ in lab_folder.HOSTS]
    seats = zip(lab_folder.HOSTS, ports.addresses(), holders, strict=True)
    runners = {name: _runner(account, folder, name, bin_dir) for name in lab_folder.HOSTS}
    servers: list[asyncssh.SSHAcceptor] = []
    hosts: list[LabHost] = []
    for name, address, holder in seats:
        runner = runners[name]
        login = Login(account, user_key.convert_to_public(), runner.folder / "home", runner.environment)
        servers.append(await serve(address, login, host_keys[name]))
        hosts.append(_host(name, address, servers[-1], holder, folder, bin_dir))
    layout = Layout(folder, os.getpid(), account.name, *hosts)
    wizard_files.write(layout, user_key, host_keys)
    primary, standby = (Cluster(host, runners[host.name]) for host in hosts)
    say("making the two clusters")
    await asyncio.gather(_make_primary(primary, megabytes, say), _make_standby(standby))
    trading = asyncio.create_task(shop.trade(primary))
    try:
        yield layout
    finally:
        trading.cancel()
        for server in servers:
            server.close()
        for holder in holders:
            holder.close()


def _runner(account: Account, folder: Path, name: str, bin_dir: Path) -> Runner:
    return Runner(account, folder / name, environment(account, folder / name / "home", bin_dir, folder))


def _host(
    name: str, address: str, server: asyncssh.SSHAcceptor, holder: socket.socket, folder: Path, bin_dir: Path
) -> LabHost:
    return LabHost(name, address, server.get_port(), holder.getsockname()[1], folder / name, bin_dir)


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
