"""What the steps of a run know and share: both sides, the topology, and the way to tell and to ask."""

import asyncio
import zlib
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Protocol

from pgrepl_tui.events import Event
from pgrepl_tui.hosts.host import Host
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.hosts.ssh_login import Passwords
from pgrepl_tui.postgres.cluster import Cluster
from pgrepl_tui.postgres.control import ControlData
from pgrepl_tui.postgres.facts import Facts, facts
from pgrepl_tui.postgres.server import Server
from pgrepl_tui.steps.recorded import RecordedHost
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.topology import Node, Topology

STATE_FOLDER = ".pgrepl-tui"
LONGEST = 63
"""Bytes of a name on a server (NAMEDATALEN - 1)."""


class Reporter(Protocol):
    """Takes the facts of a run as they happen."""

    def emit(self, event: Event) -> object:
        """Take an event; its time is set here."""

    def output(self, number: int, step: str, host: str, stream: str, data: bytes) -> None:
        """Take a piece of a command's output."""

    def end_output(self, number: int) -> None:
        """There is no more output of this command."""

    def add_secret(self, secret: str) -> None:
        """From now on this text is replaced wherever it stands."""


class AskSecret(Protocol):
    """Asks the operator for a password."""

    async def __call__(self, text: str) -> Secret | None:
        """Ask; None where there is nobody to ask, or there is no password."""


class Ask(Protocol):
    """Asks the operator to choose."""

    async def __call__(self, kind: str, text: str, choices: tuple[str, ...]) -> str:
        """Ask a question of a kind; one of the choices, of which the first is the safe one."""


async def nobody(kind: str, text: str, choices: tuple[str, ...]) -> str:
    """There is nobody to ask: the safe choice."""
    del kind, text
    return choices[0]


class Connector(Protocol):
    """Opens the connection to a node's host."""

    async def __call__(self, node: Node, role: str, passwords: Passwords) -> Host:
        """Connect; raises HostError."""


@dataclass
class Side:
    """One end of the pair, as far as it is known."""

    role: str
    node: Node
    host: RecordedHost
    cluster: Cluster
    home: str
    address: str
    control: ControlData | None = None
    in_recovery: bool = False
    libpq_home: str = ""
    """Where a libpq that no conninfo tells of a passfile looks for one; empty where that is the home."""

    @property
    def name(self) -> str:
        """How the host is called on screen."""
        return self.host.name

    @property
    def server(self) -> Server:
        """The server, spoken to at its own host."""
        return Server(self.host, self.cluster)

    @property
    def files(self) -> Host:
        """The host for reading and writing files, whose contents are not told."""
        return self.host.silenced()

    @property
    def facts(self) -> Facts:
        """What is true of its version."""
        return facts(self.cluster.major)

    @property
    def state_dir(self) -> str:
        """Our own folder on this host, outside the data directory, 0700."""
        return f"{self.home}/{STATE_FOLDER}"


@dataclass(frozen=True)
class HeldLock:
    """A lock of this run on a host: its file, what that says of the holder, and a number that only this host has."""

    file: str
    who: str
    nonce: str


@dataclass
class Context:
    """All that the steps of one run share."""

    topology: Topology
    reporter: Reporter
    connect: Connector
    ask_secret: AskSecret
    run_id: str
    step: str = ""
    hosts: dict[str, RecordedHost] = field(default_factory=dict)
    sides: dict[str, Side] = field(default_factory=dict)
    given: Secret | None = None
    """The role's password as it was typed before the run; None where it has to be found, made or asked for."""
    password: Secret | None = None
    password_source: str = ""
    log_marks: dict[str, int] | None = None
    """How long the standby's log files were when it was started; None where this run has not started it."""
    locks: dict[str, HeldLock | None] = field(default_factory=dict)
    """By role; None where the host has no flock."""
    lock_lost: str = ""
    held: AsyncExitStack = field(default_factory=AsyncExitStack)
    releasing: set[asyncio.Task[None]] = field(default_factory=set)
    """In these tasks locks go; a host that hangs may hold one up."""
    numbers: int = 0
    last_asked: str = ""
    """The host and the command whose answer came last, for an error about what cannot be understood in it."""
    copied_bytes: int | None = None  # looked up once (see primary/wanted.py)
    journal: dict[str, str] = field(default_factory=dict)
    ask: Ask = nobody
    slot_there: str = ""
    """The slot that keeps WAL for the standby, once it is there: a run that ends before it is used names it."""
    identity: str | None = None
    """Device and inode of the standby's data directory when preflight, or an undo, looked; "none": there was none."""
    nobody_to_ask: bool = False
    """Nobody is there who could agree to what has to be agreed to by a typed word."""
    passwords: Passwords = field(default_factory=Passwords)

    def side(self, role: str) -> Side:
        """The primary's or the standby's side.

        Raises:
            StepError: it has not been found yet.
        """
        if role not in self.sides:
            raise StepError(f"the {role} has not been found yet", "run the Connect stage first")
        return self.sides[role]

    @property
    def primary(self) -> Side:
        """The primary's side."""
        return self.side("primary")

    @property
    def standby(self) -> Side:
        """The standby's side."""
        return self.side("standby")

    @property
    def user(self) -> str:
        """The replication role."""
        return self.topology.replication.user

    @property
    def tls(self) -> bool:
        """True where a plain connection is not good enough."""
        return self.topology.replication.sslmode in {"require", "verify-ca", "verify-full"}

    @property
    def application(self) -> str:
        """The name under which the primary sees this standby; also the name of its slot.

        The whole name of the host is in it: 10.0.0.1 and 10.0.0.2, or db1.east and db1.west, must not share a slot.
        """
        word = "".join(c if c.isascii() and c.isalnum() else "_" for c in self.standby.name.lower())
        name = f"pgrepl_{word}"
        return name if len(name) <= LONGEST else f"{name[: LONGEST - 9]}_{zlib.crc32(name.encode()):08x}"

    @property
    def copier(self) -> str:
        """The name under which the primary sees the base backup, which is not yet the standby."""
        return f"{self.application[:58]}_copy"

    @property
    def slot(self) -> str:
        """The standby's slot on the primary; empty where there is to be none."""
        return self.application if self.topology.replication.slot and self.primary.facts.has_slots else ""

    def next_number(self) -> int:
        """A number for the next command."""
        self.numbers += 1
        return self.numbers
