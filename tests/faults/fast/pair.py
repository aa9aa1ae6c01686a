"""Two pretended machines with a primary, an old cluster that runs where the standby is to be, and data in both."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pgrepl_tui.topology import Node, Replication, Topology
from tests.faults.fast import processes, servers
from tests.faults.fast.machine import Machine
from tests.golden.pretended.layout import lay_out
from tests.golden.pretended.sql import NOBODY

VERSION = "9.6"
PRIMARY_ID, OLD_ID = "6197591927813975882", "42"
PORTS = (45432, 45433)
"""Nobody listens there: the servers are entries of a table."""
CANARY = "base/canary"
"""A file that stands for the data."""


@dataclass
class Pair:
    """Both machines."""

    primary: Machine
    standby: Machine

    @property
    def machines(self) -> tuple[Machine, Machine]:
        """Both, the primary's first."""
        return self.primary, self.standby

    def of(self, role: str) -> Machine:
        """The machine of a role."""
        return self.primary if role == "primary" else self.standby

    @property
    def topology(self) -> Topology:
        """Both ends, in the bare layout."""
        nodes = [
            Node(f"db{number}", "127.0.0.1", port, bin=str(machine.world.folder / "bin"),
                 data=str(machine.world.data), log=f"{machine.world.data}.log", os_user=getpass.getuser())
            for number, machine, port in zip((1, 2), self.machines, PORTS, strict=True)
        ]  # fmt: skip
        return Topology("faults", nodes[0], (nodes[1],), Replication(sslmode="prefer"), same_machine=True)

    def heal(self) -> None:
        """The faults are over; whoever is on duty starts a server that is down and has its data in place."""
        for machine in self.machines:
            machine.heal()
            machine.settle()
        if not self.primary.world.pid():
            servers.start(self.primary.world)


@contextmanager
def pair_in(folder: Path) -> Iterator[Pair]:
    """A pair; both servers run. Nothing of it is left in the table of processes at the end."""
    machines = []
    for name, part, port, identifier in zip(("db1", "db2"), ("one", "two"), PORTS, (PRIMARY_ID, OLD_ID), strict=True):
        world = lay_out(folder / part, VERSION, port, identifier=identifier)
        (world.data / CANARY).write_text(f"the data of {name}")
        if identifier == OLD_ID:
            (world.folder / NOBODY).touch()
        machines.append(Machine(name, world))
        servers.start(world)
    try:
        yield Pair(*machines)
    finally:
        processes.ALIVE.clear()
