"""One command over SSH: a process in its own session, joined to the channel byte for byte."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import asyncssh

from pgrepl_tui.lab.account import Account

GRACE = ((signal.SIGHUP, 1.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 1.0))
"""What a process group gets after its channel is lost, and how long each has to work, in seconds."""


class ExecSession(asyncssh.SSHServerSession[bytes]):
    """Runs ``/bin/sh -c COMMAND`` as the lab's user.

    Everything is driven by callbacks: when one side is full, the other is not read. The process leads a session of its
    own, as under OpenSSH; when the channel is lost its process group is ended, and what left it by setsid lives on.
    """

    def __init__(self, account: Account, home: Path, environment: Mapping[str, str]) -> None:
        self._account = account
        self._home = home
        self._environment = environment
        self._command = ""
        self._child = _Child()
        self._channel: asyncssh.SSHServerChannel[bytes]
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Keep the channel."""
        self._channel = chan

    def exec_requested(self, command: str) -> bool:
        """Accept any command."""
        self._command = command
        return True

    def session_started(self) -> None:
        """Start the process."""
        self._task = asyncio.get_running_loop().create_task(self._start())

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:  # noqa: ARG002 - part of the protocol
        """Pass input on."""
        self._child.write(data)

    def eof_received(self) -> bool:
        """Pass the end of input on, and keep the channel open for output."""
        self._child.write_eof()
        return True

    def pause_writing(self) -> None:
        """The channel is full: stop reading the process's output."""
        self._child.pause_output()

    def resume_writing(self) -> None:
        """The channel has room again."""
        self._child.resume_output()

    def signal_received(self, signal: str) -> None:
        """Pass a signal to the whole process group, as OpenSSH does."""
        self._child.pass_signal(f"SIG{signal}")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - part of the protocol
        """End what still runs in the process group."""
        if not self._child.finished:
            self._task = asyncio.get_running_loop().create_task(self._end(self._task))

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self._child.channel = self._channel
        self._channel.pause_reading()  # here: asyncssh resumes reading on its own after session_started
        try:
            await loop.subprocess_exec(
                lambda: self._child,
                *("/bin/sh", "-c", self._command),
                cwd=self._home,
                env=self._environment,
                start_new_session=True,
                **self._account.spawn,
            )
        except (OSError, ValueError) as error:  # a command with a NUL in it, or too long
            self._child.refuse(f"lab: {error}\n")
            return
        self._child.resume_writing()

    async def _end(self, starting: asyncio.Task[None] | None) -> None:
        if starting is not None:
            await starting
        await self._child.end()


class _Child(asyncio.SubprocessProtocol):
    """The process's side of a session."""

    def __init__(self) -> None:
        self.channel: asyncssh.SSHServerChannel[bytes] | None = None
        self.finished = False
        self._transport: asyncio.SubprocessTransport | None = None
        self._group = 0
        self._open = {1, 2}
        self._exited = False
        self._early = b""
        self._early_signals: list[str] = []
        self._eof = False
        self._full = False
        self._stalled = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self._group = self._transport.get_pid()
        self.write(self._early)
        for name in self._early_signals:
            self.pass_signal(name)
        if self._eof:
            self.write_eof()
        if self._full:
            self.pause_output()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if self.channel is not None and not self.channel.is_closing():
            self.channel.write(data, asyncssh.EXTENDED_DATA_STDERR if fd == 2 else None)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 - part of the protocol
        self._open.discard(fd)
        if fd == 0:
            self.resume_writing()  # what still comes is thrown away, so that the end of input is seen
        self._finish()

    def process_exited(self) -> None:
        self._exited = True
        self._finish()

    def pause_writing(self) -> None:
        """The process does not read its input: let the client wait."""
        self._stalled = True
        if self.channel is not None:
            self.channel.pause_reading()

    def resume_writing(self) -> None:
        """The process reads again; not at once, for asyncio's pipes do not bear being written or closed from here."""
        self._stalled = False
        asyncio.get_running_loop().call_soon(self._read_channel)

    def _read_channel(self) -> None:
        if not self._stalled and self.channel is not None and not self.channel.is_closing():
            self.channel.resume_reading()

    def write(self, data: bytes) -> None:
        stdin = self._stdin()
        if self._transport is None:
            self._early += data
        elif stdin is not None and not stdin.is_closing():
            stdin.write(data)

    def write_eof(self) -> None:
        self._eof = True
        stdin = self._stdin()
        if stdin is not None and not stdin.is_closing():
            stdin.write_eof()

    def refuse(self, why: str) -> None:
        """The process could not be started: say so, with the shell's status for that."""
        self.finished = True
        if self.channel is not None and not self.channel.is_closing():
            self.channel.write(why.encode(), asyncssh.EXTENDED_DATA_STDERR)
            self.channel.exit(126)

    def pause_output(self) -> None:
        self._full = True
        for pipe in self._outputs():
            pipe.pause_reading()

    def resume_output(self) -> None:
        self._full = False
        for pipe in self._outputs():
            pipe.resume_reading()

    def pass_signal(self, name: str) -> None:
        number = getattr(signal, name, None)
        if self._transport is None:
            self._early_signals.append(name)
        elif isinstance(number, signal.Signals) and not self._exited:
            with contextlib.suppress(ProcessLookupError):  # gone, and asyncio has not heard of it yet
                os.killpg(self._group, number)

    async def end(self) -> None:
        """Hang up, then terminate, then kill the process group, until nobody is left in it."""
        if self._transport is None:
            return
        for number, seconds in GRACE:
            if await self._group_ends(number, seconds):
                break
        self.finished = True
        self._transport.close()

    async def _group_ends(self, number: signal.Signals, seconds: float) -> bool:
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            os.killpg(self._group, number)
            while asyncio.get_running_loop().time() < deadline:
                await asyncio.sleep(0.05)  # the kernel tells nobody when a group is empty
                os.killpg(self._group, 0)
        except ProcessLookupError:
            return True
        return False

    def _stdin(self) -> asyncio.WriteTransport | None:
        if self._transport is None:
            return None
        return cast("asyncio.WriteTransport | None", self._transport.get_pipe_transport(0))

    def _outputs(self) -> list[asyncio.ReadTransport]:
        if self._transport is None:
            return []
        pipes = (self._transport.get_pipe_transport(fd) for fd in sorted(self._open))
        return [cast("asyncio.ReadTransport", pipe) for pipe in pipes if pipe is not None]

    def _finish(self) -> None:
        """Report the exit status once the process is gone and all that it wrote is on its way."""
        if self._open or not self._exited or self.finished or self._transport is None:
            return
        self.finished = True
        status = self._transport.get_returncode()
        self._transport.close()
        if self.channel is None or self.channel.is_closing() or status is None:
            return
        if status < 0:
            self.channel.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
        else:
            self.channel.exit(status)
