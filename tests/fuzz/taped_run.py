"""A whole run of the engine: once on a real pair, with a tape running, and then as often as wanted from the tape."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from pgrepl_tui import events as ev
from pgrepl_tui.engine import Engine
from pgrepl_tui.hosts import ssh
from pgrepl_tui.hosts.destination import parse
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.postgres import login as login_module
from pgrepl_tui.postgres import scram
from pgrepl_tui.questions import Answer, Operator
from pgrepl_tui.steps import door
from pgrepl_tui.topology import Topology, load
from tests.fuzz.agreement import OF_THEIR_OWN
from tests.fuzz.tape import Change, Tape, TapedHost, TapingHost, taped_login
from tests.unit.scripted_pair import KeepingReporter
from tests.unit.virtual_time import VirtualLoop

if TYPE_CHECKING:
    from pgrepl_tui.hosts.host import Host
    from pgrepl_tui.hosts.ssh_login import Passwords
    from pgrepl_tui.postgres.login import Door, Login
    from pgrepl_tui.topology import Node

PASSWORD = "kX9-taped-run-2f81c0a7d4e6"
NO_CHOICE = "none of the choices"
LONGEST = 3 * 3600.0
"""Seconds of a run's own time after which it is one that comes to no end."""


class Choosing:
    """An operator who answers by a function; what is not among the choices is passed on as it is."""

    def __init__(self, choose: Callable[[ev.Asked], str]) -> None:
        self._choose = choose

    async def ask(self, asked: ev.Asked) -> Answer:
        """Choose."""
        return Answer(self._choose(asked), "script")

    async def secret(self, asked: ev.Asked) -> Secret | None:
        """A password, or none."""
        return Secret(PASSWORD) if self._choose(asked) == "given" else None


def agree(asked: ev.Asked) -> str:
    """Run, yes, or the word that stands for it; and no second try."""
    if asked.kind == "typed":
        return asked.choices[-1]
    wanted = {"gate": "run", "confirm": "yes", "failure": "quit", "secret": "none"}.get(asked.kind, "")
    return wanted if wanted in asked.choices else asked.choices[0]


@dataclass(repr=False)
class Taped:
    """A tape, and the run that is on it."""

    tape: Tape
    topology: Topology
    events: list[ev.Event]
    logins: dict[str, str]

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Short, where hypothesis tells of an example: a tape is megabytes."""
        printer.text("<a taped run>")

    @property
    def confirmed(self) -> frozenset[str]:
        """The steps before which the operator was asked by themselves."""
        asked = (event for event in self.events if isinstance(event, ev.Asked))
        return frozenset(event.step for event in asked if event.kind in OF_THEIR_OWN)

    def play(
        self, operator: Operator, change: Change | None = None, *, slips: bool = False
    ) -> tuple[ev.RunEnded, list[ev.Event]]:
        """The run again, in no time: how it ended, and all that it told.

        Args:
            operator: who answers.
            change: changes what the hosts answer.
            slips: the operator may give answers that are none; the run then ends there.

        Raises:
            Exception: a mistake in the program.
        """
        told = KeepingReporter()
        hosts = {
            role: TapedHost(name, self.logins[role], role, self.tape, change)
            for role, name in (("primary", "db1"), ("standby", "db2"))
        }

        async def connect(node: "Node", role: str, passwords: "Passwords") -> "Host":
            del node, passwords
            return hosts[role]

        engine = Engine(self.topology, told, operator, connect)

        async def bounded() -> ev.RunEnded:
            try:
                return await asyncio.wait_for(engine.run(), LONGEST)
            except LookupError as error:
                if not slips or NO_CHOICE not in str(error):
                    raise
            return next(event for event in told.events if isinstance(event, ev.RunEnded))

        with pytest.MonkeyPatch.context() as patch, asyncio.Runner(loop_factory=VirtualLoop) as runner:
            patch.setattr(scram, "strong_password", lambda: PASSWORD)
            patch.setattr(door, "replication_login", taped_login(self.tape))
            patch.setattr(time, "monotonic", runner.get_loop().time)
            patch.delenv("PGREPL_PASSWORD_FILE", raising=False)
            return runner.run(bounded()), told.events


async def tape_a_run(megabytes: int = 8) -> Taped:
    """Set up a real pair, with the tape running."""
    tape, told, logins = Tape(), KeepingReporter(), {}
    real_login = login_module.replication_login

    async def kept(host: "Host", where: "Door", password: Secret) -> "Login":
        tape.logins.append(await real_login(host, where, password))
        return tape.logins[-1]

    async with Lab.start(megabytes=megabytes) as lab:
        topology = load(lab.topology)

        async def connect(node: "Node", role: str, passwords: "Passwords") -> "Host":
            name = parse(node.ssh).host
            host = await ssh.connect(node.ssh, ssh_config=topology.ssh_config, name=name, passwords=passwords)
            logins[role] = host.login
            return TapingHost(host, role, tape)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scram, "strong_password", lambda: PASSWORD)
            patch.setattr(door, "replication_login", kept)
            patch.delenv("PGREPL_PASSWORD_FILE", raising=False)
            ended = await asyncio.wait_for(Engine(topology, told, Choosing(agree), connect).run(), 1800)
        assert ended.outcome is ev.RunOutcome.DONE, ended
    return Taped(tape, topology, told.events, logins)
