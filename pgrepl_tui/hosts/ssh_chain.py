"""The connections to a host: those to its jump hosts, each of which is checked in the same way, and its own."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pgrepl_tui.hosts import asyncssh_lazily, destination, ssh_attempt, ssh_errors
from pgrepl_tui.hosts.ssh_login import Passwords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncssh import SSHClientConnection

_CLOSE_SECONDS = 2.0
_MOST_JUMPS = 8


@dataclass(frozen=True)
class Way:
    """What all connections of a chain go by.

    Attributes:
        config: the SSH configuration; None is the operator's own.
        seconds: how long each connection and its login may take.
        passwords: those of the run.
    """

    config: Path | None
    seconds: float
    passwords: Passwords


async def connect(where: destination.Destination, way: Way) -> "list[SSHClientConnection]":
    """The connections to a host, its own at the end; none is left where one fails.

    Raises:
        HostKeyError: a host's key is not known, or has changed.
        HostError: a host cannot be reached, or lets nobody in.
    """
    chain: list[SSHClientConnection] = []
    try:
        await _extend(where, way, chain)
    except BaseException:
        await close(chain)
        raise
    return chain


async def last(
    where: destination.Destination, way: Way, jumps: "Sequence[SSHClientConnection]"
) -> "SSHClientConnection":
    """One more connection to a host, through the same jump hosts; raises as `connect` does."""
    return await _log_in(await _prepared(where, way), jumps)


async def close(chain: "Sequence[SSHClientConnection]") -> None:
    """End connections, the last one first."""
    for connection in reversed(chain):
        connection.close()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await connection.wait_closed()
        except TimeoutError:
            connection.abort()


async def _extend(
    where: destination.Destination, way: Way, chain: "list[SSHClientConnection]", via: tuple[str, ...] = ()
) -> None:
    """Add the connections to a host's jump hosts, each of which is checked in the same way, and its own.

    As with OpenSSH only the first hop's own ProxyJump counts, and one that is its own jump host is reached directly.
    """
    attempt = await _prepared(where, way)
    jumps = [] if chain or len(via) >= _MOST_JUMPS else attempt.jumps
    for jump in jumps:
        if jump in via:
            break
        await _extend(destination.parse(jump), way, chain, (*via, *jumps))
    chain.append(await _log_in(attempt, chain))


async def _prepared(where: destination.Destination, way: Way) -> ssh_attempt.Attempt:
    try:
        return await asyncio.to_thread(ssh_attempt.prepare, where, way.config, way.seconds, way.passwords)
    except (ValueError, OSError) as error:
        raise ssh_errors.of_configuration(error, way.config) from error


async def _log_in(attempt: ssh_attempt.Attempt, chain: "Sequence[SSHClientConnection]") -> "SSHClientConnection":
    """Connect and log in; again where the connection was lost while the operator was asked for the password."""
    try:
        while True:
            try:
                return await _connected(attempt, chain[-1] if chain else None)
            except (OSError, ValueError, asyncssh_lazily.load().Error) as error:
                if ssh_errors.denies(error):
                    attempt.login.denied()
                elif await attempt.login.answered():
                    continue
                raise await asyncio.to_thread(ssh_errors.of_connecting, error, attempt) from error
    finally:
        await attempt.login.withdraw()


async def _connected(attempt: ssh_attempt.Attempt, tunnel: "SSHClientConnection | None") -> "SSHClientConnection":
    try:
        async with asyncio.timeout(attempt.timeout) as clock:
            attempt.login.begin(clock)
            options = ssh_attempt.options(attempt, tunnel)
            connection: SSHClientConnection = await asyncssh_lazily.load().connect(**options)
    finally:
        attempt.login.leave()
    return connection
