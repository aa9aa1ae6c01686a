"""How a host is reached, as everything above this floor sees it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

Sink = Callable[[str, bytes], None]
"""Takes a piece of output as it arrives: the stream (``out`` or ``err``) and the bytes."""


class HostError(Exception):
    """A host could not be reached or did not answer as it should.

    Attributes:
        what: what went wrong, in a sentence.
        remedy: what the operator can do next.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class ConnectionLostError(HostError):
    """The connection ended before the command's exit status came: nobody knows whether it finished."""


class CommandFailedError(HostError):
    """A command that has to work ended with another status than 0."""


@dataclass(frozen=True)
class Command:
    """A command for a host.

    Attributes:
        argv: the program and its arguments, never shell text.
        user: the OS user to run it as; None is the user that logged in.
        stdin: what it reads on its standard input; may hold secrets, and is never shown or recorded.
        env: extra environment variables, none of them secret.
        quiet_for: give up after this many seconds without any output, in seconds.
        changes: it may change something on the host.
        shown: the line to show in place of the quoted argv; it may be ``spoken``.
        paste: the line to copy in place of the quoted argv, where that would do nothing without its input.
        poll: one of many like it: its start and end are not worth a line in the command log.
        cuts: bytes of its output that only a program can read, each with what is told in its place.
    """

    argv: tuple[str, ...]
    user: str | None = None
    stdin: bytes = b""
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    quiet_for: float = 60.0
    changes: bool = False
    shown: str = ""
    poll: bool = False
    paste: str = ""
    cuts: Mapping[bytes, bytes] = field(default_factory=lambda: MappingProxyType({}))

    def told(self, data: bytes) -> bytes:
        """A piece of its output as it is told; each cut is one byte, so that no piece can end within one."""
        for cut, shown in self.cuts.items():
            data = data.replace(cut, shown)
        return data


@dataclass(frozen=True)
class Result:
    """How a command ended, and all that it wrote."""

    status: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Standard output as text; a byte that is not UTF-8 is shown by its number in hex."""
        return self.out.decode("utf-8", "backslashreplace")

    @property
    def error_text(self) -> str:
        """Standard error as text, stripped."""
        return self.err.decode("utf-8", "backslashreplace").strip()


@dataclass(frozen=True)
class Forward:
    """The near end of a forwarded connection: a TCP port on 127.0.0.1, or the path of a socket."""

    port: int = 0
    path: str = ""


class Conversation(Protocol):
    """A running command that is spoken to; it ends when the conversation is left."""

    async def say(self, data: bytes) -> None:
        """Write to its standard input."""

    async def hear(self, until: bytes) -> bytes:
        """Read its standard output up to and without ``until``.

        Raises:
            ConnectionLostError: it ended, or did not come to ``until`` in 15 s.
        """


class Host(Protocol):
    """One connection to one host."""

    @property
    def name(self) -> str:
        """How the host is called on screen."""

    @property
    def login(self) -> str:
        """The user that logged in."""

    async def run(self, command: Command, sink: Sink | None = None) -> Result:
        """Run a command to its end, whatever its status.

        Args:
            command: what to run.
            sink: gets each piece of output as it arrives.

        Raises:
            ConnectionLostError: the connection went away, or the command was silent for too long.
        """

    def follow(self, path: str, *, offset: int, user: str | None) -> AsyncIterator[bytes]:
        """Yield the bytes of a growing file from ``offset`` (in bytes) on, for ever; nothing stays on the host."""

    def converse(self, command: Command) -> AbstractAsyncContextManager[Conversation]:
        """Start a command and speak to it; its standard input is closed and it is ended at the end."""

    def forward_port(self, address: str, port: int) -> AbstractAsyncContextManager[Forward]:
        """A local TCP port whose connections the host opens to ``address:port``."""

    def forward_socket(self, path: str) -> AbstractAsyncContextManager[Forward]:
        """A local Unix socket whose connections the host opens to its own socket ``path``."""

    async def close(self) -> None:
        """End the connection."""
