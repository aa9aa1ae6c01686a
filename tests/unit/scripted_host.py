"""A host that answers by a script, remembers what it was asked, and refuses what the script does not know."""

import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Self

from pgrepl_tui.hosts.host import Command, ConnectionLostError, Conversation, Forward, Result, Sink
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres.server import FIELD, NULL, RECORD, SqlRow

Answer = Callable[[Command], Result]


class UnexpectedError(AssertionError):
    """The script has no answer to that command."""


class ScriptedHost:
    """Stands for a host. A rule answers the commands that hold its text; of several, the last one given."""

    def __init__(self, name: str = "db1", login: str = "postgres") -> None:
        self.name = name
        self.login = login
        self.asked: list[Command] = []
        self.closed = 0
        self._rules: list[tuple[str, Answer]] = []

    def by(self, part: str, answer: Answer) -> Self:
        """Answer commands that hold ``part`` by a function."""
        self._rules.insert(0, (part, answer))
        return self

    def on(self, part: str, out: str | bytes = "", *, err: str = "", status: int = 0) -> Self:
        """Answer with these words."""
        data = out if isinstance(out, bytes) else out.encode()
        return self.by(part, lambda _command: Result(status, data, err.encode()))

    def rows(self, part: str, *rows: SqlRow) -> Self:
        """Answer a query as psql prints its rows."""
        return self.on(part, printed(*rows))

    def refuses(self, part: str, error: str) -> Self:
        """Answer a statement with an error, as psql prints it."""
        return self.on(part, err=error, status=3)

    def loses(self, part: str) -> Self:
        """Lose the connection at this command."""

        def lost(_command: Command) -> Result:
            raise ConnectionLostError(f"{self.name}: the connection is lost", "Run again.")

        return self.by(part, lost)

    @property
    def texts(self) -> list[str]:
        """All that was asked: each command's own words."""
        return [text_of(command) for command in self.asked]

    @property
    def changes(self) -> list[str]:
        """The commands that may change something, as they are shown."""
        return [command.shown or line(command.argv) for command in self.asked if command.changes]

    async def run(self, command: Command, sink: Sink | None = None) -> Result:
        """Answer by the script."""
        self.asked.append(command)
        text = text_of(command)
        for part, answer in self._rules:
            if part in text:
                result = answer(command)
                if sink is not None and result.out:
                    sink("out", result.out)
                return result
        raise UnexpectedError(f"{self.name} was asked something that is not in the script: {text}")

    def follow(self, path: str, *, offset: int, user: str | None) -> AsyncIterator[bytes]:
        """Not in any script."""
        raise UnexpectedError(f"follow {path} from {offset} as {user}")

    def converse(self, command: Command) -> AbstractAsyncContextManager[Conversation]:
        """Not in any script."""
        raise UnexpectedError(f"converse with {text_of(command)}")

    def forward_port(self, address: str, port: int) -> AbstractAsyncContextManager[Forward]:
        """Not in any script."""
        raise UnexpectedError(f"forward to {address}:{port}")

    def forward_socket(self, path: str) -> AbstractAsyncContextManager[Forward]:
        """Not in any script."""
        raise UnexpectedError(f"forward to {path}")

    async def close(self) -> None:
        """Count it."""
        self.closed += 1


def text_of(command: Command) -> str:
    """All words of a command: as shown, its arguments, its input."""
    return "\n".join((command.shown, line(command.argv, command.env), command.stdin.decode("utf-8", "replace")))


def really(command: Command) -> Result:
    """Run the command on this machine, as the user who runs the tests."""
    ended = subprocess.run(command.argv, input=command.stdin, capture_output=True, check=False, timeout=300)
    return Result(ended.returncode, ended.stdout, ended.stderr)


def printed(*rows: SqlRow) -> str:
    """Rows as psql prints them unaligned: nothing at all for no row (measured with psql 17)."""
    cells = (FIELD.join(NULL if cell is None else cell for cell in row) for row in rows)
    return RECORD.join(cells) + "\n" if rows else ""
