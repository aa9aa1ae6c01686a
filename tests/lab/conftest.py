"""An SSH server in this process, a login on it, and a host connected to it."""

import os
import pwd
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from pgrepl_tui.hosts.ssh import SshHost, connect
from pgrepl_tui.lab.account import Account
from pgrepl_tui.lab.sshd import Login, serve


@pytest.fixture
def ssh_account() -> Account:
    entry = pwd.getpwuid(os.geteuid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=False)


@pytest.fixture
def ssh_home(tmp_path: Path) -> Path:
    """The login's home on the host; ``bin`` in it comes first in its PATH."""
    home = tmp_path / "login"
    (home / "bin").mkdir(parents=True)
    return home


@pytest.fixture
async def ssh_server(
    tmp_path: Path, ssh_home: Path, ssh_account: Account, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[asyncssh.SSHAcceptor]:
    """It takes the key ``key`` of the operator, whose home is empty but for that and known_hosts."""
    operator = tmp_path / "operator"
    operator.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(operator))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    key, host_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    key.write_private_key(operator / "key")
    (operator / "key").chmod(0o600)
    environment = {"PATH": f"{ssh_home}/bin:{os.environ['PATH']}", "HOME": str(ssh_home)}
    server = await serve("127.0.0.1", Login(ssh_account, key, ssh_home, environment), host_key)
    known = f"[127.0.0.1]:{server.get_port()} {host_key.export_public_key().decode()}"
    (operator / "known_hosts").write_text(known)
    async with server:
        yield server


@pytest.fixture
def ssh_config(tmp_path: Path, ssh_account: Account, ssh_server: asyncssh.SSHAcceptor) -> Path:
    """A configuration in which the server is called ``lab``."""
    operator = tmp_path / "operator"
    config = operator / "config"
    config.write_text(
        f"Host lab\n  HostName 127.0.0.1\n  Port {ssh_server.get_port()}\n  User {ssh_account.name}\n"
        f"  IdentityFile {operator}/key\n  UserKnownHostsFile {operator}/known_hosts\n"
    )
    return config


@pytest.fixture
async def ssh_host(ssh_config: Path) -> AsyncIterator[SshHost]:
    host = await connect("lab", ssh_config=ssh_config, timeout=60)
    yield host
    await host.close()
