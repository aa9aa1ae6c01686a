"""The SSH server of one host of the lab."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from pgrepl_tui.lab.account import Account
from pgrepl_tui.lab.exec_session import ExecSession
from pgrepl_tui.lab.socket_forward import forward_to_socket


@dataclass(frozen=True)
class Login:
    """Who may log in to a host, and what a session finds there.

    Attributes:
        account: the OS user; its name is the only one that may log in, and every command runs as it.
        key: the public key that it logs in with.
        home: the folder that commands start in.
        environment: the whole environment of a command.
    """

    account: Account
    key: asyncssh.SSHKey
    home: Path
    environment: Mapping[str, str]


class SshServer(asyncssh.SSHServer):
    """Lets one user in by one key; runs commands, opens TCP and Unix-socket connections; no pty, no shell, no SFTP."""

    def __init__(self, login: Login) -> None:
        self._login = login

    def public_key_auth_supported(self) -> bool:
        """Keys are the only way in."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """The one user with the one key."""
        return username == self._login.account.name and key.public_data == self._login.key.public_data

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        """A session a command, as many as the client wants."""
        return ExecSession(self._login.account, self._login.home, self._login.environment)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:  # noqa: ARG002 - part of the protocol
        """TCP may be forwarded anywhere."""
        return True

    def unix_connection_requested(self, dest_path: str) -> Awaitable[asyncssh.SSHUNIXSession[bytes]]:
        """A Unix socket is opened as the user that logged in."""
        return forward_to_socket(dest_path, self._login.account)


async def serve(address: str, login: Login, host_key: asyncssh.SSHKey) -> asyncssh.SSHAcceptor:
    """Listen on a free port of ``address``; the acceptor's ``get_port()`` tells which.

    Raises:
        OSError: the address cannot be bound.
    """
    return await asyncssh.listen(
        address,
        0,
        server_factory=lambda: SshServer(login),
        server_host_keys=[host_key],
        encoding=None,
        allow_pty=False,
        line_editor=False,
        agent_forwarding=False,
        compression_algs=None,
        gss_host=None,
        keepalive_interval=15,
    )
