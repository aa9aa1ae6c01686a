"""Read positions often: psycopg over a forwarded socket where the login may, else one persistent psql at the host."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pgrepl_tui.hosts.host import Command, Conversation, HostError
from pgrepl_tui.postgres.server import RECORD, Server, SqlError, SqlRow, parse_rows, psql_arguments, shell_psql, truth
from pgrepl_tui.spoken import spoken

if TYPE_CHECKING:
    import psycopg

END = "pgrepl-tui-end-of-answer"
ANSWERS_WITHIN = 15.0
"""Seconds that a query of positions may take: it reads memory."""
MAY_READ = (
    "select case when rolsuper then true else pg_has_role(oid, 'pg_read_all_stats', 'member') end"
    " from pg_roles where rolname = current_user"
)
"""A role that may not read all statistics sees only NULLs in the replication views (manual, monitoring)."""


class Reader(Protocol):
    """Something that answers one query after another, quickly."""

    @property
    def via(self) -> str:
        """How it reads, for the operator."""

    async def query(self, statement: str) -> list[SqlRow]:
        """The rows of a query, all values in text form; raises SqlError or HostError."""


class SocketReader:
    """psycopg, over the server's own socket, forwarded through SSH."""

    via = "psycopg over the forwarded socket"

    def __init__(self, connection: "psycopg.AsyncConnection[tuple[object, ...]]") -> None:
        self._connection = connection

    async def query(self, statement: str) -> list[SqlRow]:
        """The rows of a query."""
        import psycopg  # noqa: PLC0415 - start-up stays instant

        try:
            async with asyncio.timeout(ANSWERS_WITHIN), self._connection.cursor() as cursor:
                await cursor.execute(statement.encode())
                result = cursor.pgresult
        except psycopg.Error as error:
            raise SqlError(error.sqlstate or "", str(error).strip()) from error
        except TimeoutError as error:
            raise SqlError("", f"the server did not answer for {ANSWERS_WITHIN:.0f} s") from error
        if result is None:
            return []
        cells = range(result.nfields)
        return [tuple(_text(result.get_value(row, cell)) for cell in cells) for row in range(result.ntuples)]


class PsqlReader:
    """One psql at the host that stays and answers again and again."""

    via = "psql at the host"

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk

    async def query(self, statement: str) -> list[SqlRow]:
        """The rows of a query."""
        await self._talk.say(f"{statement};\n\\echo {END}\n".encode())
        answer = await self._talk.hear(f"{END}\n".encode())
        return parse_rows(answer.decode("utf-8", "backslashreplace").removesuffix(RECORD))


@asynccontextmanager
async def open_reader(server: Server) -> AsyncIterator[Reader]:
    """The best reader that this login allows."""
    async with AsyncExitStack() as stack:
        reader = await _by_socket(server, stack)
        if reader is None:
            command = Command(
                psql_arguments(server.cluster, "postgres"),
                user=server.cluster.os_user,
                shown=spoken("a psql that stays open"),
                paste=shell_psql(server.cluster, "postgres"),
            )
            reader = PsqlReader(await stack.enter_async_context(server.host.converse(command)))
        yield reader


async def _by_socket(server: Server, stack: AsyncExitStack) -> Reader | None:
    """None where the login has no role of its own, or one that may not read the views."""
    import psycopg  # noqa: PLC0415 - start-up stays instant

    cluster = server.cluster
    socket = f"{cluster.socket_dir}/.s.PGSQL.{cluster.port}"
    try:
        forward = await stack.enter_async_context(server.host.forward_socket(socket))
        connection = await psycopg.AsyncConnection.connect(
            host=str(Path(forward.path).parent),
            port=cluster.port,
            user=server.host.login,
            dbname="postgres",
            connect_timeout=10,
            autocommit=True,
            application_name="pgrepl_tui_reader",
        )
    except (psycopg.OperationalError, HostError):
        return None
    stack.push_async_callback(connection.close)
    reader = SocketReader(connection)
    try:
        rows = await reader.query(MAY_READ)
    except SqlError:
        return None
    return reader if rows and truth(rows[0][0]) else None


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "backslashreplace")
