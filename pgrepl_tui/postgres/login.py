"""One real replication login, opened by the standby's own host: the proof that the standby gets in."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgrepl_tui.hosts.host import Command, Host
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.postgres import conninfo
from pgrepl_tui.postgres.cluster import Cluster
from pgrepl_tui.postgres.logs import refused_address
from pgrepl_tui.postgres.recovery import primary_conninfo

if TYPE_CHECKING:
    import psycopg

CLOSED = "server closed the connection unexpectedly"


@dataclass(frozen=True)
class Door:
    """Where and how the standby logs in."""

    address: str
    port: int
    user: str
    sslmode: str


@dataclass(frozen=True)
class Login:
    """How a replication login went.

    Attributes:
        ok: it worked.
        message: what the server or libpq said where it did not.
        reached: something answered at the address.
        refused_address: the client address that the server named when it refused for want of a pg_hba rule.
        system_identifier: the server's, from IDENTIFY_SYSTEM.
        tls: the connection was encrypted.
    """

    ok: bool
    message: str = ""
    reached: bool = True
    refused_address: str = ""
    system_identifier: str = ""
    tls: bool = False


def own_login(cluster: Cluster, door: Door) -> Command:
    """The same login by a version's own libpq, with the passfile that it finds by itself: as the WAL receiver makes it.

    Args:
        cluster: the standby's, whose psql and environment count, and whose owner's home.
        door: where to.
    """
    where = primary_conninfo(
        cluster.major,
        host=door.address,
        port=door.port,
        user=door.user,
        sslmode=door.sslmode,
        application_name="pgrepl_tui_probe",
    )
    info = f"{where} {conninfo.build({'dbname': 'replication', 'replication': 'true'})}"
    argv = (cluster.program("psql"), "-X", "-w", "-A", "-t", "-q", "-c", "IDENTIFY_SYSTEM", "-d", info)
    return Command(argv, user=cluster.os_user, env=cluster.env)


async def replication_login(host: Host, door: Door, password: Secret, *, timeout: int = 15) -> Login:
    """Log in for replication through the host's own network, and ask the server who it is.

    Args:
        host: the standby's host, which opens the connection.
        door: where to.
        password: the role's.
        timeout: how long the login may take, in seconds.
    """
    import psycopg  # noqa: PLC0415 - start-up stays instant

    async with host.forward_port(door.address, door.port) as forward:
        try:
            connection = await psycopg.AsyncConnection.connect(
                host=door.address,
                hostaddr="127.0.0.1",
                port=forward.port,
                user=door.user,
                password=password.reveal(),
                sslmode=door.sslmode,
                gssencmode="disable",
                replication="true",
                application_name="pgrepl_tui_probe",
                connect_timeout=timeout,
                autocommit=True,
                cursor_factory=psycopg.AsyncClientCursor,
            )
        except psycopg.OperationalError as error:
            return _refused(str(error), forward.port)
        try:
            async with asyncio.timeout(timeout):
                return await _identify(connection)
        except (psycopg.Error, TimeoutError) as error:
            return _refused(f"it let us in, and did not say who it is: {error or 'no answer'}", forward.port)
        finally:
            await connection.close()


async def _identify(connection: "psycopg.AsyncConnection[tuple[str, ...]]") -> Login:
    """IDENTIFY_SYSTEM is known to every walsender since 9.1 (protocol chapter of the manual)."""
    cursor = await connection.execute("IDENTIFY_SYSTEM")
    result = cursor.pgresult
    identifier = result.get_value(0, 0) if result and result.ntuples else None
    return Login(ok=True, system_identifier=(identifier or b"").decode(), tls=connection.pgconn.ssl_in_use)


def _refused(text: str, near_port: int) -> Login:
    """The forwarded port is an inner affair: it is taken out of the message."""
    message = " ".join(text.replace(f"port {near_port}", "the port").split())
    address = refused_address(text) or ""
    return Login(ok=False, message=message, reached=CLOSED not in text or bool(address), refused_address=address)
