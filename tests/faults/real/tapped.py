"""A host's SSH server with a tap: each command is seen as it comes, and one of them can be held at a moment."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import asyncssh

from pgrepl_tui.lab.account import Account
from pgrepl_tui.lab.exec_session import ExecSession
from pgrepl_tui.lab.sshd import Login, SshServer
from tests.faults.table import Moment

NOISE = ".noise"
"""In a login's home, when it shouts: sourced before each command, as bash does with .bashrc for sshd."""
GARBAGE = b"\x1b]0;owned\x07\x1b[2J\xff\xfe\x9b31m[/foo]\x00 no answer \xc3\x28\r\n"
KEPT = 65536


@dataclass(eq=False)
class Seen:
    """A command as its host saw it.

    Attributes:
        host: the host's name.
        line: what was sent.
        argv: what was to run; empty for a connection that has just come.
        stdin: the first part of what came on its standard input.
        said: the first part of what it wrote to its standard output.
        began: when its process started; None where it never did.
        status: its exit status, once it ended.
        noisy: the host's start-up file shouted before it.
    """

    host: str
    line: str = ""
    argv: list[str] = field(default_factory=list)
    stdin: bytearray = field(default_factory=bytearray)
    said: bytearray = field(default_factory=bytearray)
    began: float | None = None
    status: int | None = None
    noisy: bool = False
    session: "TappedSession | None" = None

    @property
    def script(self) -> str:
        """The text that a shell was given, where it was one."""
        return self.argv[2] if self.argv[:2] == ["/bin/sh", "-c"] and len(self.argv) > 2 else ""

    def runs(self, program: str) -> bool:
        """It is this program."""
        return bool(self.argv) and self.argv[0].rpartition("/")[2] == program


Match = Callable[[Seen], bool]


class Trap:
    """Holds the first command that matches, at a moment, until it is let go.

    ``after`` is where its exit status would be sent; for a command that stays, where it says ``says``.
    """

    def __init__(self, match: Match, moment: Moment, says: bytes = b"") -> None:
        self.match = match
        self.moment = moment
        self.says = says
        self.seen: Seen | None = None
        self.at = 0.0
        self.sprung = asyncio.Event()
        self.released = asyncio.Event()

    def catches(self, seen: Seen, moment: Moment) -> bool:
        """This is the one; it stays the only one."""
        if self.seen is not None or moment is not self.moment or not self.match(seen):
            return False
        self.seen, self.at = seen, time.monotonic()
        self.sprung.set()
        return True

    def release(self) -> None:
        """Let it go on."""
        self.released.set()


class Tap:
    """What the hosts of a pair see, and the trap that is set; ``lines`` are all command lines since it was emptied."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.lines: set[str] = set()
        self.trap: Trap | None = None

    def set(self, trap: Trap | None) -> None:
        """Set a trap and forget what was seen before."""
        if self.trap is not None:
            self.trap.release()
        self.trap = trap
        self.seen.clear()

    async def connecting(self, host: str) -> None:
        """A connection comes in."""
        seen = Seen(host)
        trap = self.trap
        if trap is not None and trap.catches(seen, Moment.BEFORE):
            await trap.released.wait()

    async def starting(self, seen: Seen) -> None:
        """A command has come, and does not run yet."""
        self.seen.append(seen)
        self.lines.add(seen.line)
        trap = self.trap
        if trap is not None and trap.catches(seen, Moment.BEFORE):
            await trap.released.wait()

    def caught_saying(self, seen: Seen) -> Trap | None:
        """The trap, where a command that stays has just said the word."""
        trap = self.trap
        if trap is None or not trap.says or trap.says not in seen.said:
            return None
        return trap if trap.catches(seen, Moment.AFTER) else None

    def caught_ending(self, seen: Seen) -> Trap | None:
        """The trap, where this command's end is waited for."""
        trap = self.trap
        return trap if trap is not None and not trap.says and trap.catches(seen, Moment.AFTER) else None


_WORD = re.compile(r"""(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+""", re.DOTALL)
_PIECE = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)""", re.DOTALL)
_ESCAPED = re.compile(r'\\(["$`\\])')


def _words(text: str) -> list[str]:
    """As ``/bin/sh`` splits what ``hosts.shell`` makes: ``shlex.split`` takes less between double quotes, and long."""
    return [_PIECE.sub(_plain, word) for word in _WORD.findall(text)]


def _plain(piece: re.Match[str]) -> str:
    return _ESCAPED.sub(r"\1", piece[2]) if piece[2] else piece[1] or piece[3] or ""


def arguments(line: str) -> list[str]:
    """The command in a line that ``hosts.shell.wrap`` made, for a login that is the owner itself."""
    script = _words(line)[-1].replace('"$n"', '"\n"')
    return _words(script.partition("; exec ")[2])


class _Gate:
    """A channel whose output can be held back: what the process says after that waits in order."""

    def __init__(self, channel: "asyncssh.SSHServerChannel[bytes]", session: "TappedSession") -> None:
        self._channel = channel
        self._session = session
        self._waiting: list[tuple[str, tuple[Any, ...]]] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def write(self, data: bytes, datatype: int | None = None) -> None:
        seen = self._session.seen
        if datatype is None and len(seen.said) < KEPT:
            seen.said += data
        if self._waiting is None:
            self._hold(self._session.tap.caught_saying(seen))
        self._do("write", data, datatype)

    def exit(self, status: int) -> None:
        self._session.seen.status = status
        if self._waiting is None:
            self._hold(self._session.tap.caught_ending(self._session.seen))
        self._do("exit", status)

    def exit_with_signal(self, name: str) -> None:
        self._session.seen.status = -1
        self._do("exit_with_signal", name)

    def shout(self) -> None:
        """Garbage, before what is held back."""
        if not self._channel.is_closing():
            self._channel.write(GARBAGE)
            self._channel.write(GARBAGE, asyncssh.EXTENDED_DATA_STDERR)

    def _hold(self, trap: Trap | None) -> None:
        if trap is not None:
            self._waiting = []
            self._session.later(self._let_go(trap))

    def _do(self, name: str, *arguments: Any) -> None:
        if self._waiting is not None:
            self._waiting.append((name, arguments))
        elif not self._channel.is_closing():
            getattr(self._channel, name)(*arguments)

    async def _let_go(self, trap: Trap) -> None:
        await trap.released.wait()
        waiting, self._waiting = self._waiting or [], None
        for name, arguments in waiting:
            self._do(name, *arguments)


class TappedSession(ExecSession):
    """A command whose start and end the tap may hold."""

    def __init__(self, tap: Tap, host: str, account: Account, home: Path, environment: Mapping[str, str]) -> None:
        super().__init__(account, home, environment)
        self.tap = tap
        self.seen = Seen(host, session=self)
        self.gate: _Gate
        self._lost = False
        self._input = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, chan: "asyncssh.SSHServerChannel[bytes]") -> None:
        self.gate = _Gate(chan, self)
        super().connection_made(cast("asyncssh.SSHServerChannel[bytes]", self.gate))

    def exec_requested(self, command: str) -> bool:
        self.seen.line = command
        self.seen.argv = arguments(command)
        return super().exec_requested(command)

    def session_started(self) -> None:
        self.later(self._enter())

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if len(self.seen.stdin) < KEPT:
            self.seen.stdin += data
        self._input.set()
        super().data_received(data, datatype)

    def eof_received(self) -> bool:
        self._input.set()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._input.set()
        super().connection_lost(exc)

    def later(self, work: Any) -> None:
        """Do it in a task that is kept."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _enter(self) -> None:
        if self.seen.runs("psql"):
            await self._input.wait()  # its statements come that way, and say which it is
        await self.tap.starting(self.seen)
        if self._lost:
            return
        noise = self._home / NOISE
        if noise.exists():
            self.seen.noisy = True
            self._command = f'. "{noise}"; {self._command}'
        self.seen.began = time.monotonic()
        super().session_started()


class TappedServer(SshServer):
    """An SSH server that knows its connections."""

    def __init__(self, tap: Tap, host: str, login: Login, connections: "set[asyncssh.SSHServerConnection]") -> None:
        super().__init__(login)
        self._tap = tap
        self._host = host
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - part of the protocol
        if self._connection is not None:
            self._connections.discard(self._connection)

    def session_requested(self) -> "asyncssh.SSHServerSession[bytes]":
        login = self._login
        return TappedSession(self._tap, self._host, login.account, login.home, login.environment)
