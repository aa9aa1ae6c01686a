"""The files with which the wizard, or any SSH client, finds the lab."""

import os
from pathlib import Path

import asyncssh
import yaml

from pgrepl_tui.lab.layout import LabHost, Layout

KEY_FILE = "id_ed25519"


def write(layout: Layout, user_key: asyncssh.SSHKey, host_keys: dict[str, asyncssh.SSHKey]) -> None:
    """Write the private key, known_hosts, ssh_config and the topology into the lab's folder.

    Args:
        layout: the lab.
        user_key: the private key that logs in.
        host_keys: the key of each host, by its name.
    """
    hosts = (layout.primary, layout.standby)
    _write_secret(layout.folder / KEY_FILE, user_key.export_private_key("openssh"))
    known = (f"[{host.address}]:{host.ssh_port} {_public(host_keys[host.name])}" for host in hosts)
    (layout.folder / "known_hosts").write_text("".join(f"{line}\n" for line in known))
    layout.ssh_config.write_text("\n".join(_ssh_host(host, layout) for host in hosts))
    layout.topology.write_text(yaml.safe_dump(_topology(layout), sort_keys=False))


def _write_secret(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key("openssh").decode().strip()


def _ssh_host(host: LabHost, layout: Layout) -> str:
    return f"""\
Host {host.name}
    HostName {host.address}
    Port {host.ssh_port}
    User {layout.user}
    IdentityFile {layout.folder / KEY_FILE}
    IdentitiesOnly yes
    UserKnownHostsFile {layout.folder / "known_hosts"}
    StrictHostKeyChecking yes
"""


def _topology(layout: Layout) -> dict[str, object]:
    return {
        "name": "lab",
        "ssh_config": layout.ssh_config.name,
        "primary": _server(layout.primary, layout),
        "same_machine": True,
        "standbys": [_server(layout.standby, layout)],
        "replication": {"user": "replicator", "sslmode": "require", "slot": True},
    }


def _server(host: LabHost, layout: Layout) -> dict[str, object]:
    return {
        "ssh": host.name,
        "address": host.address,
        "port": host.pg_port,
        "bin": str(host.bin),
        "data": str(host.data),
        "os_user": layout.user,
    }
