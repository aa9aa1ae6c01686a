"""One attempt to connect: the options that it goes by, and what was seen of the other side."""

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pgrepl_tui.hosts import asyncssh_lazily, known_hosts
from pgrepl_tui.hosts.destination import Destination
from pgrepl_tui.hosts.remote_command import WINDOW

if TYPE_CHECKING:
    from asyncssh import SSHClient, SSHClientConnection, SSHClientConnectionOptions, SSHKey

KEEPALIVE_SECONDS = 5
KEEPALIVE_COUNT = 3


@dataclass
class Attempt:
    """One attempt to connect.

    Attributes:
        destination: what the operator wrote.
        host: the host's name after the configuration was read; ``port`` and ``user`` likewise.
        key_name: the name that its key is on record for (HostKeyAlias, or the host).
        jumps: the hosts to go through (ProxyJump), in order.
        key_files: the key files that the configuration names.
        agent: an SSH agent is asked for keys too.
        ciphers: the configuration chooses the ciphers.
        known: the keys on record.
        config: the configuration file, or None for the default one.
        timeout: how long each part may take, in seconds.
        reached: the TCP connection (or the proxy) was there.
        address: the address that it went to.
        offered: the host key that was refused.
        authority: what was refused is the key of a certificate's authority, not the host's own.
    """

    destination: Destination
    host: str
    port: int
    user: str
    key_name: str
    jumps: tuple[str, ...]
    key_files: tuple[str, ...]
    agent: bool
    ciphers: bool
    known: known_hosts.KnownHosts
    config: Path | None
    timeout: float
    reached: bool = field(default=False, init=False)
    address: str = field(default="", init=False)
    offered: "SSHKey | None" = field(default=None, init=False)
    authority: bool = field(default=False, init=False)

    @property
    def where(self) -> str:
        """The host and port, for a message."""
        return f"{self.host}, port {self.port}"

    @property
    def peer(self) -> known_hosts.Peer:
        """What its host key is looked up by."""
        return known_hosts.Peer(self.key_name, self.address, self.port)


def prepare(destination: Destination, config: Path | None, timeout: float) -> Attempt:
    """Read the SSH configuration and the known host keys. Blocks: it reads files, and may run ``Match exec``.

    Raises:
        HostError: a known_hosts file cannot be read.
        ValueError, OSError: the configuration cannot be read or understood.
    """
    options = asyncssh_lazily.load().SSHClientConnectionOptions(
        **_where(destination, config), known_hosts=b"", client_keys=None, agent_path=None
    )
    settings = options.config
    files = known_hosts.files(
        cast("list[str] | None", settings.get("UserKnownHostsFile")),
        cast("list[str] | None", settings.get("GlobalKnownHostsFile")),
        _tokens(destination, options),
    )
    jumps = cast("str | None", settings.get("ProxyJump"))
    return Attempt(
        destination=destination,
        host=options.host,
        port=options.port,
        user=options.username,
        key_name=options.host_key_alias or options.host,
        jumps=tuple(jumps.split(",")) if jumps else (),
        key_files=tuple(cast("list[str]", settings.get("IdentityFile") or [])),
        agent=_has_agent(cast("str | None", settings.get("IdentityAgent"))),
        ciphers=settings.get("Ciphers") is not None,
        known=known_hosts.read(files),
        config=config,
        timeout=timeout,
    )


def _where(destination: Destination, config: Path | None) -> dict[str, Any]:
    return {
        "host": destination.host,
        "port": destination.port or (),
        "username": destination.user or (),
        "config": [str(config)] if config else (),
    }


def _tokens(destination: Destination, options: "SSHClientConnectionOptions") -> dict[str, str]:
    return {
        "d": str(Path.home()),
        "h": options.host,
        "n": destination.host,
        "p": str(options.port),
        "r": options.username,
        "k": options.host_key_alias or destination.host,
        "u": getpass.getuser(),
    }


def _has_agent(configured: str | None) -> bool:

    return bool(configured or os.environ.get("SSH_AUTH_SOCK"))


def options(attempt: Attempt, tunnel: "SSHClientConnection | None") -> Mapping[str, Any]:
    """What asyncssh.connect is called with. The check of the host key cannot be configured away."""
    return {
        **_where(attempt.destination, attempt.config),
        "tunnel": tunnel,
        "known_hosts": attempt.known.keys,
        "client_factory": lambda: _observer(attempt),
        "agent_forwarding": False,
        "x11_forwarding": False,
        "gss_delegate_creds": False,
        "request_pty": False,
        "env": None,
        "send_env": None,
        "compression_algs": None,
        "encoding": None,
        "window": WINDOW,
        "keepalive_interval": KEEPALIVE_SECONDS,
        "keepalive_count_max": KEEPALIVE_COUNT,
        "connect_timeout": attempt.timeout,
        "login_timeout": attempt.timeout,
        **({} if attempt.ciphers else {"encryption_algs": "^aes128-gcm@openssh.com"}),
    }


def _observer(attempt: Attempt) -> "SSHClient":
    """Notes what happens during the attempt; it never trusts a key that is not on record."""

    class Observer(asyncssh_lazily.load().SSHClient):  # type: ignore[misc]  # the base is only known when it is needed
        def connection_made(self, conn: "SSHClientConnection") -> None:
            attempt.reached = True
            peer = conn.get_extra_info("peername")
            attempt.address = peer[0] if peer else ""

        def validate_host_public_key(self, *offer: Any) -> bool:
            attempt.offered = offer[-1]
            return False

        def validate_host_ca_key(self, *offer: Any) -> bool:
            attempt.authority = True
            return self.validate_host_public_key(*offer)

    return cast("SSHClient", Observer())
