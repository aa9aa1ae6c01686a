"""A live run: recorder, stream and engine put together, behind the face of a source."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pgrepl_tui.engine import Engine
from pgrepl_tui.hosts.destination import parse
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.questions import Answer, Operator
from pgrepl_tui.session import crash_file
from pgrepl_tui.session.recorder import Recorder, default_path
from pgrepl_tui.session.span import RecordingError
from pgrepl_tui.session.stream import Stream
from pgrepl_tui.steps.plan import Plan, set_up
from pgrepl_tui.topology import Node, Topology, as_mapping

if TYPE_CHECKING:
    from pgrepl_tui.events import Asked
    from pgrepl_tui.hosts.host import Host
    from pgrepl_tui.hosts.ssh import SshHost
    from pgrepl_tui.hosts.ssh_login import Passwords
    from pgrepl_tui.session.source import Deliver
    from pgrepl_tui.session.span import Span

FLUSH_EVERY = 0.1
"""Seconds: a program that is killed loses at most so much of a command's output from its recording."""


class Asking:
    """An operator who answers from the screens: each question waits for its answer."""

    def __init__(self) -> None:
        self._answers: dict[int, asyncio.Future[str]] = {}
        self._secrets: dict[int, asyncio.Future[Secret | None]] = {}

    async def ask(self, asked: "Asked") -> Answer:
        """Wait for the operator's choice."""
        future = self._answers.setdefault(asked.question, asyncio.get_running_loop().create_future())
        return Answer(await future)

    async def secret(self, asked: "Asked") -> Secret | None:
        """Wait for the operator's password."""
        future = self._secrets.setdefault(asked.question, asyncio.get_running_loop().create_future())
        return await future

    def answer(self, question: int, choice: str) -> None:
        """The operator chose; a second answer to one question changes nothing."""
        future = self._answers.setdefault(question, asyncio.get_running_loop().create_future())
        if not future.done():
            future.set_result(choice)

    def give(self, question: int, secret: str | None) -> None:
        """The operator gave a password, or has none."""
        future = self._secrets.setdefault(question, asyncio.get_running_loop().create_future())
        if not future.done():
            future.set_result(Secret(secret) if secret else None)


class LiveRun:
    """A run on real hosts; see ``session.source.Source``.

    Args:
        topology: what to set up.
        operator: who answers; None is the operator at the screens, by ``answer`` and ``give_secret``.
        path: the recording; None is a new file in the state folder.
        plan_only: look at everything, change nothing.
        plan: what to do; None is the set-up.
        stays: after a good end, watch the pair until it is stopped.
        meta: more facts for the recording's header.
        nobody_to_ask: nobody can type a word that agrees to what may lose data.
    """

    def __init__(  # noqa: PLR0913 - each is named in the call, and only the topology has to be given
        self,
        topology: Topology,
        *,
        operator: Operator | None = None,
        path: Path | None = None,
        plan_only: bool = False,
        plan: Plan | None = None,
        stays: bool = False,
        meta: Mapping[str, str] | None = None,
        nobody_to_ask: bool = False,
    ) -> None:
        now = datetime.now(UTC)
        self._topology = topology
        self._asking = Asking()
        self._operator = operator or self._asking
        self._plan_only = plan_only
        self._plan = plan or set_up()
        self._stays = stays
        self._nobody_to_ask = nobody_to_ask
        self._password: Secret | None = None
        self._task: asyncio.Task[int] | None = None
        self._stopped = False
        self._hosts: list[SshHost] = []
        path = path or default_path(topology.name, now)
        self._recorder = Recorder(path, topology=as_mapping(topology), started=now, meta=meta)

    @property
    def live(self) -> bool:
        """A run on real hosts."""
        return True

    @property
    def recording(self) -> str:
        """The path of the recording."""
        return str(self._recorder.path)

    async def run(self, deliver: "Deliver") -> int:
        """Run to the end; the exit code.

        Raises:
            RecordingError: it cannot be recorded any more; nothing was done that is not recorded.
            CrashError: a mistake in this program ended it.
        """
        stream = Stream(self._recorder, time.monotonic)
        crash_file.hide(stream.redact)
        if self._password is not None:
            stream.add_secret(self._password.reveal())
        stream.listen(deliver)
        engine = Engine(self._topology, stream, self._operator, self._connect, self._plan_only, self._plan, self._stays)
        engine.password, engine.nobody_to_ask = self._password, self._nobody_to_ask
        flushing = asyncio.create_task(self._flush())
        self._task = asyncio.create_task(self._engine(engine))
        if self._stopped:
            self._task.cancel()
        try:
            return await asyncio.shield(self._task)
        except asyncio.CancelledError:
            self._task.cancel()
            return await self._task
        except RecordingError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold a secret, and goes no further
            raise crash_file.CrashError(crash_file.told(error), self.recording) from None
        finally:
            flushing.cancel()
            self._recorder.sync()

    async def _engine(self, engine: Engine) -> int:
        return (await engine.run()).exit_code

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_EVERY)
            self._recorder.flush()

    async def _connect(self, node: Node, role: str, passwords: "Passwords") -> "Host":
        from pgrepl_tui.hosts import ssh  # noqa: PLC0415 - asyncssh loads only when something connects

        del role
        config, name = self._topology.ssh_config, parse(node.ssh).host
        host = await ssh.connect(node.ssh, ssh_config=config, name=name, passwords=passwords)
        self._hosts.append(host)
        return host

    def read_output(self, span: "Span") -> str:
        """The text of an ``Output`` event, read back from the recording."""
        return self._recorder.read_output(span)

    def give_password(self, password: str) -> None:
        """Give the replication role's password before the run begins."""
        self._password = Secret(password)

    def answer(self, question: int, choice: str) -> None:
        """Answer a question."""
        self._asking.answer(question, choice)

    def give_secret(self, question: int, secret: str | None) -> None:
        """Give the password that was asked for."""
        self._asking.give(question, secret)

    def stop(self) -> None:
        """Stop the run; it ends as interrupted. A second time, cut the connections: a host that hangs keeps nobody."""
        if self._stopped:
            for host in self._hosts:
                host.abandon()
        elif self._task is not None and not self._task.done():
            self._task.cancel()
        self._stopped = True
