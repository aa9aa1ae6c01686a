"""A server that is spoken to by psql, at its own host, as the cluster's owner over its Unix socket."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pgrepl_tui.hosts.host import Command, Host
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres.cluster import Cluster
from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.select_list import columns

FIELD, RECORD, NULL = "\x1f", "\x1e", "\x1d"
TOLD = MappingProxyType({FIELD.encode(): b" | ", RECORD.encode(): b"\n", NULL.encode(): b"NULL"})
"""How an answer is told to who reads along: a row a line, as psql writes it."""
VERBOSE = re.compile(r"^(?:.*\s)?\w+:\s+((?!0[012])(?=[A-Z]*[0-9])[0-9A-Z]{5}): (.*)", re.MULTILINE)
"""A refused statement with VERBOSITY verbose: the word for ERROR is in the server's language, the SQLSTATE in none.

Classes 00 to 02 are notices and warnings; a digit tells an SQLSTATE from FATAL."""
ERROR = re.compile(r"(?:ERROR|FATAL|PANIC):\s+(.*)")
ATTEMPT = re.compile(r"^psql: (?:error: )?(.*)", re.MULTILINE)

SqlRow = tuple[str | None, ...]


class SqlError(Exception):
    """The server refused a statement, or could not be reached.

    Attributes:
        sqlstate: its five characters, empty when the server was not reached.
        message: the server's or psql's words.
    """

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(f"{sqlstate}: {message}" if sqlstate else message)
        self.sqlstate = sqlstate
        self.message = message


class AnswerError(ValueError):
    """What came is no answer to what was asked; which command it was, who tells the operator knows."""


def truth(cell: str | None) -> bool:
    """A boolean as a server writes it.

    Raises:
        AnswerError: it is neither t nor f. A login script's words must not count as a no.
    """
    if cell not in {"t", "f"}:
        raise AnswerError(f"neither t nor f: {cell!r:.80}")
    return cell == "t"


def psql_arguments(cluster: Cluster, database: str) -> tuple[str, ...]:
    """The psql of a cluster: no start-up file, no password prompt, fields and rows cut by control characters."""
    form = ("-F", FIELD, "-R", RECORD, "-P", f"null={NULL}")
    where = ("-h", cluster.socket_dir, "-p", str(cluster.port), "-U", cluster.os_user, "-d", database)
    return (cluster.program("psql"), "-X", "-w", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", *form, *where)


def parse_rows(text: str) -> list[SqlRow]:
    """The rows of psql's answer: nothing at all for no row, a newline at the end of the last one."""
    if not text:
        return []
    rows = text.removesuffix("\n").split(RECORD)
    return [tuple(None if field == NULL else field for field in row.split(FIELD)) for row in rows]


@dataclass(frozen=True)
class Server:
    """A server on a host."""

    host: Host
    cluster: Cluster

    async def query(self, *statements: str, database: str = "postgres", poll: bool = False) -> list[SqlRow]:
        """Send read-only statements, each as a message of its own; the rows of the last one.

        Raises:
            SqlError: the server refused one, or did not answer.
        """
        return await self._send(statements, database, changes=False, poll=poll)

    async def value(self, statement: str, *, poll: bool = False) -> str:
        """The single value of a query; empty for NULL or no row."""
        rows = await self.query(statement, poll=poll)
        return (rows[0][0] or "") if rows else ""

    async def truth(self, statement: str, *, poll: bool = False) -> bool:
        """The answer to a yes-or-no question.

        Raises:
            AnswerError: it is neither, or there is none.
        """
        rows = await self.query(statement, poll=poll)
        if len(rows) != 1:
            raise AnswerError(f"not one row, but {len(rows)}")
        return truth(rows[0][0])

    async def change(self, *statements: str, database: str = "postgres") -> list[SqlRow]:
        """Send statements that may change something.

        Raises:
            SqlError: the server refused one.
        """
        return await self._send(statements, database, changes=True, poll=False)

    async def _send(self, statements: Sequence[str], database: str, *, changes: bool, poll: bool) -> list[SqlRow]:
        script = "\\set VERBOSITY verbose\n" + "".join(f"{statement};\n" for statement in statements)
        command = Command(
            psql_arguments(self.cluster, database),
            user=self.cluster.os_user,
            stdin=script.encode(),
            changes=changes,
            shown=shown_psql(self.cluster, *statements),
            paste=shell_psql(self.cluster, database, statements),
            poll=poll,
            cuts=TOLD,
        )
        result = await self.host.run(command)
        if result.status:
            raise _error(result.error_text)
        rows, wanted = parse_rows(result.text), columns(statements[-1])
        if wanted and any(len(row) != wanted for row in rows):
            raise SqlError("", f"this is no answer of psql with {wanted} columns: {result.text[:80]!r}")
        return rows


def shown_psql(cluster: Cluster, *statements: str) -> str:
    """Statements as the line that an operator would type; what only sets up the session is left to the line to paste.

    Not just the last one is told: of a probe it is a mere rollback.
    """
    told = [text for text in statements[:-1] if not text.startswith("set ")]
    return line(("psql", "-p", str(cluster.port), *_commands(cluster, [*told, *statements[-1:]])))


def shell_psql(cluster: Cluster, database: str, statements: Sequence[str] = ()) -> str:
    """Statements as a line that does the same; the program itself sends them by the standard input."""
    where = ("-h", cluster.socket_dir, "-p", str(cluster.port), "-U", cluster.os_user, "-d", database)
    return line((cluster.program("psql"), "-X", "-w", *where, *_commands(cluster, statements)))


def _commands(cluster: Cluster, statements: Sequence[str]) -> list[str]:
    """Statements as arguments of psql."""
    texts = [" ".join(statement.split()) for statement in statements]
    if texts and not facts(cluster.major).psql_takes_commands:
        texts = ["; ".join(texts)]
    return [word for text in texts for word in ("-c", text)]


def _error(text: str) -> SqlError:
    refused = VERBOSE.search(text)
    if refused:
        return SqlError(refused[1], refused[2].strip())
    attempt = ERROR.search(text) or ATTEMPT.search(text)
    return SqlError("", (attempt[1] if attempt else text).strip() or "psql ended without a word")
