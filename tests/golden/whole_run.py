"""A whole run of the engine on a pretended pair: laid out, started, set up, and ended with nothing left running."""

import asyncio
import getpass
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pgrepl_tui import events as ev
from pgrepl_tui.engine import Engine
from pgrepl_tui.hosts.host import Host
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.hosts.ssh_login import Passwords
from pgrepl_tui.lab.ports import reserve_port
from pgrepl_tui.questions import Answer
from pgrepl_tui.topology import Node, Replication, Topology
from tests.golden.local_host import LocalHost
from tests.golden.pretended.layout import lay_out
from tests.golden.pretended.world import World
from tests.unit.scripted_pair import KeepingReporter

ADDRESS = "127.0.0.1"


class Agreeing:
    """An operator who agrees, and gives up where something fails."""

    def __init__(self) -> None:
        self.asked: list[ev.Asked] = []

    async def ask(self, asked: ev.Asked) -> Answer:
        """Yes, run; but never try again."""
        self.asked.append(asked)
        wanted = {"gate": "run", "confirm": "yes", "failure": "quit"}[asked.kind]
        return Answer(wanted if wanted in asked.choices else asked.choices[0], "script")

    async def secret(self, asked: ev.Asked) -> Secret | None:
        """There is none to give."""
        self.asked.append(asked)
        return None


@dataclass
class Played:
    """How a run ended, what it told, and what it did on each host."""

    ended: ev.RunEnded
    told: KeepingReporter
    operator: Agreeing
    primary: LocalHost
    standby: LocalHost

    def outcome(self, step: str) -> ev.StepEnded:
        """How a step ended at last."""
        return [event for event in self.told.events if isinstance(event, ev.StepEnded) and event.step == step][-1]

    @property
    def changed(self) -> list[str]:
        """The steps that changed something."""
        return [event.step for event in self.told.events
                if isinstance(event, ev.StepEnded) and event.outcome is ev.Outcome.CHANGED]  # fmt: skip


@dataclass
class Pretended:
    """A pair of one version in a folder."""

    version: str
    primary: World
    standby: World
    ports: tuple[int, int]
    replication: Replication = field(default_factory=lambda: Replication(sslmode="prefer"))

    @property
    def topology(self) -> Topology:
        """Both ends, in the bare layout."""
        nodes = [
            Node(f"db{number}", ADDRESS, port, bin=str(world.folder / "bin"), data=str(world.data),
                 log=f"{world.data}.log", os_user=getpass.getuser())
            for number, world, port in ((1, self.primary, self.ports[0]), (2, self.standby, self.ports[1]))
        ]  # fmt: skip
        return Topology("pretended", nodes[0], (nodes[1],), self.replication, same_machine=True)

    def start(self, world: World) -> None:
        """Start a server by its own pg_ctl, and wait until it is up."""
        argv = (world.folder / "bin/pg_ctl", "-D", world.data, "-l", f"{world.data}.log", "-w", "restart")
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)

    async def run(self) -> Played:
        """One run from Connect to Verify."""
        hosts = {"primary": LocalHost("db1", self.primary.folder / "home"),
                 "standby": LocalHost("db2", self.standby.folder / "home")}  # fmt: skip
        told, operator = KeepingReporter(), Agreeing()

        async def connect(node: Node, role: str, passwords: Passwords) -> Host:
            del node, passwords
            return hosts[role]

        engine = Engine(self.topology, told, operator, connect)
        ended = await asyncio.wait_for(engine.run(), 600)
        return Played(ended, told, operator, hosts["primary"], hosts["standby"])


@contextmanager
def pretended(folder: Path, version: str, *, home: str = "") -> Iterator[Pretended]:
    """A pair: the primary runs, the standby holds an old cluster that is down; ``home`` is their owner's by passwd."""
    with reserve_port() as one, reserve_port() as two:
        ports = (one.getsockname()[1], two.getsockname()[1])
        worlds = [
            lay_out(folder / name, version, port, identifier=identifier, home=home)
            for name, port, identifier in (("one", ports[0], "6197591927813975882"), ("two", ports[1], "42"))
        ]
        pair = Pretended(version, worlds[0], worlds[1], ports)
        try:
            pair.start(pair.primary)
            yield pair
        finally:
            for world in worlds:
                if world.pid():
                    os.kill(world.pid(), signal.SIGKILL)
