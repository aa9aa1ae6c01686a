"""A host whose every command is told to the run's reporter, under the step that caused it."""

import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from pgrepl_tui.events import CommandEnded, CommandStarted, Note
from pgrepl_tui.hosts.host import Command, Conversation, Forward, Host, Result, Sink
from pgrepl_tui.hosts.shell import line, quote
from pgrepl_tui.spoken import are_spoken, bare

if TYPE_CHECKING:
    from pgrepl_tui.steps.context import Context


NOT_RECORDED = "its input is not recorded"
"""The name of a file that is nowhere: a pasted command that needs its input stops there, and changes nothing."""


def shown_line(command: Command, login: str) -> str:
    """A command as the operator reads it: in words where its own are a long script."""
    shown = command.shown or line(command.argv, command.env)
    if are_spoken(shown):
        return shown if command.user in {None, login} else f"{shown}, as {command.user}"
    return _become(command, login) + shown


def shell_line(command: Command, login: str) -> str:
    """A command as it could be typed on its host by ``login``; what goes to its standard input is never in there."""
    if command.paste:
        return _become(command, login) + command.paste
    given = f" < {quote(NOT_RECORDED)}" if command.stdin else ""
    return _become(command, login) + line(command.argv, command.env) + given


def _become(command: Command, login: str) -> str:
    user = command.user or login
    return "" if user == login else f"sudo -u {quote(user)} "


class RecordedHost:
    """Wraps a host; see ``hosts.host.Host``."""

    def __init__(self, host: Host, ctx: "Context", *, silent: bool = False) -> None:
        self._host = host
        self._ctx = ctx
        self._silent = silent

    def silenced(self) -> "RecordedHost":
        """The same host; of its commands only start and end are told, for outputs that are secret or just a file."""
        return RecordedHost(self._host, self._ctx, silent=True)

    @property
    def name(self) -> str:
        """How the host is called on screen."""
        return self._host.name

    @property
    def login(self) -> str:
        """The user that logged in."""
        return self._host.login

    def note(self, text: str) -> None:
        """Tell what is worth a line of its own, under this host's name."""
        self._ctx.reporter.emit(Note(level="info", text=f"{self.name}: {text}"))

    async def run(self, command: Command, sink: Sink | None = None) -> Result:
        """Run a command; its start, output and end are told, unless it is one poll of many."""
        self._ctx.last_asked = f"{self.name}: {bare(shown_line(command, self.login))}"
        if command.poll:
            return await self._host.run(command, sink)
        number, step, started = self._ctx.next_number(), self._ctx.step, time.monotonic()
        self._started(number, command)

        def tell(stream: str, data: bytes) -> None:
            if not self._silent:
                self._ctx.reporter.output(number, step, self.name, stream, command.told(data))
            if sink is not None:
                sink(stream, data)

        status: int | None = None
        try:
            result = await self._host.run(command, tell)
            status = result.status
        finally:
            self._ended(number, step, status, started)
        return result

    def _started(self, number: int, command: Command) -> None:
        self._ctx.reporter.emit(
            CommandStarted(
                number=number,
                step=self._ctx.step,
                host=self.name,
                line=shown_line(command, self.login),
                changes=command.changes,
                paste=shell_line(command, self.login),
            )
        )

    def _ended(self, number: int, step: str, status: int | None, started: float) -> None:
        self._ctx.reporter.end_output(number)
        seconds = time.monotonic() - started
        self._ctx.reporter.emit(CommandEnded(number=number, step=step, status=status, seconds=seconds))

    def follow(self, path: str, *, offset: int, user: str | None) -> AsyncIterator[bytes]:
        """Yield the bytes of a growing file; the caller tells them."""
        return self._host.follow(path, offset=offset, user=user)

    def converse(self, command: Command) -> AbstractAsyncContextManager[Conversation]:
        """Speak to a command; only its start is told."""
        self._ctx.last_asked = f"{self.name}: {bare(shown_line(command, self.login))}"
        self._started(self._ctx.next_number(), command)
        return self._host.converse(command)

    def forward_port(self, address: str, port: int) -> AbstractAsyncContextManager[Forward]:
        """A local port whose connections the host opens."""
        return self._host.forward_port(address, port)

    def forward_socket(self, path: str) -> AbstractAsyncContextManager[Forward]:
        """A local socket whose connections the host opens."""
        return self._host.forward_socket(path)

    async def close(self) -> None:
        """End the connection."""
        await self._host.close()
