"""Pairs of which the topology names the primary as standby, and an operator who answers anything."""

import asyncio
import hashlib
import random
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pgrepl_tui import events as ev
from pgrepl_tui.engine import Engine
from pgrepl_tui.hosts.host import Command, Conversation, Host, Result, Sink
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.hosts.ssh_login import Passwords
from pgrepl_tui.questions import AGAIN, Answer
from pgrepl_tui.steps.plan import Plan, set_up
from pgrepl_tui.steps.preflight.step import CHECKS
from pgrepl_tui.steps.undo.plan import discard, undo
from pgrepl_tui.topology import Node, Topology
from tests.golden.local_host import LocalHost
from tests.golden.pretended.world import World
from tests.golden.whole_run import Pretended
from tests.unit.scripted_pair import KeepingReporter

PLANS: tuple[Callable[[], Plan], ...] = (set_up, set_up, undo, discard)
"""What the operator begins with."""
LOCKS = "flock -n "


@dataclass
class Memory:
    """What was answered to commands that change nothing; forgotten for good once one was sent that may."""

    known: dict[tuple[object, ...], Result] = field(default_factory=dict)
    on: bool = True

    def forget(self) -> None:
        """Nothing is as it was."""
        self.known.clear()
        self.on = False


class WatchedHost(LocalHost):
    """This machine as a host; a question that was asked before is answered from memory, or runs would take minutes."""

    def __init__(self, name: str, home: Path, memory: Memory) -> None:
        super().__init__(name, home)
        self._memory = memory

    @property
    def acts(self) -> list[str]:
        """The commands that may change something, but for the lock's, which makes a file of its own in the home."""
        return [shown for shown in self.changes if not shown.startswith(LOCKS)]

    async def run(self, command: Command, sink: Sink | None = None) -> Result:
        """Run it, or remember."""
        if command.changes:
            self._memory.forget()
        key = (self.name, command.argv, command.stdin, tuple(command.env.items()))
        if key not in self._memory.known:
            result = await super().run(command, sink)
            if self._memory.on:
                self._memory.known[key] = result
            return result
        self.asked.append(command)
        result = self._memory.known[key]
        for stream, data in (("out", result.out), ("err", result.err)):
            if sink is not None and data:
                sink(stream, data)
        return result

    def converse(self, command: Command) -> AbstractAsyncContextManager[Conversation]:
        """The lock is always had: another run is not what this is about."""
        if not command.shown.startswith(LOCKS):
            return super().converse(command)
        self.asked.append(command)
        return _held()


class _Held:
    async def say(self, data: bytes) -> None:
        """A beat."""

    async def hear(self, until: bytes) -> bytes:
        """It is held."""
        del until
        return b"HELD"


@asynccontextmanager
async def _held() -> AsyncIterator[Conversation]:
    yield _Held()


@dataclass
class AnyAnswer:
    """Answers anything that can be answered, more often what goes on, and leaves after so many answers."""

    chance: random.Random
    most: int = 12
    answers: list[str] = field(default_factory=list)

    async def ask(self, asked: ev.Asked) -> Answer:
        """Any of the choices, or another look at any row of the preflight table."""
        choices = [*asked.choices, *[choice for choice in asked.choices if choice not in {"no", "quit"}] * 2]
        if asked.kind in {"gate", "failure"}:
            choices.append(AGAIN + self.chance.choice(CHECKS).id)
        choice = self.chance.choice(choices)
        if len(self.answers) >= self.most:
            choice = "quit" if "quit" in asked.choices else "no"
        self.answers.append(f"{asked.kind}: {choice}")
        return Answer(choice)

    async def secret(self, asked: ev.Asked) -> Secret | None:
        """A password, or none."""
        del asked
        self.answers.append("secret")
        return self.chance.choice([None, Secret("correct horse battery")])


@dataclass
class Swapped:
    """A pair whose primary the topology names as the standby."""

    pair: Pretended
    why: str
    memory: Memory = field(default_factory=Memory)
    hosts: list[WatchedHost] = field(default_factory=list)
    before: tuple[object, ...] = ()

    def __post_init__(self) -> None:
        self.before = self.untouched()

    @property
    def primary(self) -> World:
        """The server that everybody uses."""
        return self.pair.primary

    @property
    def topology(self) -> Topology:
        """The other way round."""
        said = self.pair.topology
        return replace(said, primary=said.standbys[0], standbys=(said.primary,))

    def untouched(self) -> tuple[object, ...]:
        """All that must stay as it is: the process, the directory itself, each file's bytes and mode."""
        world = self.primary
        return (
            world.pid(),
            world.data.stat().st_ino,
            sorted(map(str, world.folder.glob("data*"))),
            *_files(world.data),
        )

    async def connect(self, node: Node, role: str, passwords: Passwords) -> Host:
        """A connection to one of the hosts."""
        del role, passwords
        first = node.data == str(self.primary.data)
        world = self.primary if first else self.pair.standby
        self.hosts.append(WatchedHost(node.ssh, world.folder / "home", self.memory))
        return self.hosts[-1]

    async def play(self, seed: int) -> tuple[ev.RunEnded, AnyAnswer]:
        """One run with any answers."""
        chance = random.Random(seed)  # noqa: S311 - a test's dice
        operator, plan = AnyAnswer(chance), chance.choice(PLANS)()
        engine = Engine(self.topology, KeepingReporter(), operator, self.connect, plan=plan)
        return await asyncio.wait_for(engine.run(), 600), operator

    def check(self, what: str) -> None:
        """The real primary is as it was, and nothing was sent to its host that could have changed it."""
        acts = [act for host in self.hosts if host.name == self.pair.topology.primary.ssh for act in host.acts]
        assert acts == [], f"{what}: sent to the primary's host"
        assert self.untouched() == self.before, f"{what}: the primary is not as it was"
        self.hosts.clear()


def _files(folder: Path) -> Iterator[tuple[str, int, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path), path.stat().st_mode, hashlib.sha256(path.read_bytes()).hexdigest()


def pg_ctl(world: World, action: str) -> None:
    """Stop or start a server by its own program, and wait until it did."""
    argv = (world.folder / "bin/pg_ctl", "-D", world.data, "-l", f"{world.data}.log", "-w", action)
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
