"""One attempt to connect: the options that it goes by, and what was seen of the other side."""

import getpass
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pgrepl_tui.hosts import asyncssh_lazily, known_hosts
from pgrepl_tui.hosts.destination import Destination
from pgrepl_tui.hosts.remote_command import WINDOW
from pgrepl_tui.hosts.ssh_login import Login, Passwords

if TYPE_CHECKING:
    from asyncssh import SSHClient, SSHClientConnection, SSHClientConnectionOptions, SSHKey

KEEPALIVE_SECONDS = 4
KEEPALIVE_COUNT = 3
"""A host that is silent is given up when the next beat would be due: after 16 s."""


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
        login: answers where the server wants a password.
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
    login: Login = field(init=False)

    @property
    def where(self) -> str:
        """The host and port, for a message."""
        return f"{self.host}, port {self.port}"

    @property
    def peer(self) -> known_hosts.Peer:
        """What its host key is looked up by."""
        return known_hosts.Peer(self.key_name, self.address, self.port)


def prepare(destination: Destination, config: Path | None, timeout: float, passwords: Passwords) -> Attempt:
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
    attempt = Attempt(
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
    attempt.login = Login(attempt.user, attempt.where, passwords, timeout)
    return attempt


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
        **_keys(attempt),
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
        "login_timeout": 0,  # the caller's clock, which stops while the operator is asked
        **({} if attempt.ciphers else {"encryption_algs": "^aes128-gcm@openssh.com"}),
    }


def _keys(attempt: Attempt) -> Mapping[str, Any]:
    """The configured key files that are there: like OpenSSH, go on without the others."""
    there = [name for name in attempt.key_files if Path(name).expanduser().exists()]
    return {"client_keys": there, "ignore_encrypted": True} if len(there) < len(attempt.key_files) else {}


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

        async def password_auth_requested(self) -> str | None:
            return await attempt.login.password()

        def password_change_requested(self, *_prompt: str) -> Any:
            attempt.login.change()
            return NotImplemented

        def kbdint_auth_requested(self) -> str:
            attempt.login.challenge()
            return ""

        async def kbdint_challenge_received(
            self, _name: str, instructions: str, _lang: str, prompts: Sequence[tuple[str, bool]]
        ) -> list[str] | None:
            return await attempt.login.answers(instructions, prompts)

    return cast("SSHClient", Observer())
