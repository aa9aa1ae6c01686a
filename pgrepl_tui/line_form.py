"""Asks for a topology as plain prompts: each value with its default, a mistake explained and asked again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pgrepl_tui.postgres.found import FoundCluster, Standing
from pgrepl_tui.session.prober import Reached, Wanted
from pgrepl_tui.session.sanitise import harmless
from pgrepl_tui.topology import SSL_MODES, Node, Replication, Topology, TopologyError, dump, loads
from pgrepl_tui.topology_rules import (
    MistakeError,
    Rule,
    absolute_path,
    address,
    cluster,
    destination,
    one_of,
    os_user,
    printable,
    role_name,
)

Ask = Callable[[str], Awaitable[str | None]]
"""Asks for a line; None at the end of the input."""
Say = Callable[[str], None]
Look = Callable[[Wanted], Awaitable[Reached | None]]
"""Looks at a host, and says by itself why it could not; None then."""
FOUND_OUT = "it is found out"
NONE_OF_THESE = "0"


class NoInputError(Exception):
    """The input ended before all was known."""


@dataclass(frozen=True, slots=True)
class Side:
    """One server as it was entered, and what a look at its host has shown."""

    node: Node
    seen: Reached | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """Asks one value after the other.

    Attributes:
        ask: asks for a line.
        say: prints a line.
        look: looks at a host for the clusters that it has; None: nobody can.
    """

    ask: Ask
    say: Say
    look: Look | None = None

    async def topology(self, known: Topology | None = None) -> Topology:
        """Ask for all that a topology needs; what is known already, or was entered before a mistake, is the default.

        Raises:
            NoInputError: the input ended.
        """
        made = known or Topology("", Node(ssh=""), (Node(ssh=""),))
        made = replace(made, name=await self.value("A name for this pair", printable, made.name or "app-db"))
        while True:
            primary = await self._side("primary, the server that takes the writes", made.primary, made)
            standby = await self._side("standby, the server that will follow it", made.standbys[0], made)
            made = replace(made, primary=primary.node, standbys=(standby.node,))
            made = replace(made, same_machine=await self._same_machine(primary, standby, known=made.same_machine))
            made = replace(made, replication=await self._replication(made.replication))
            try:
                return replace(loads(dump(made), Path("what was entered")), source=made.source)
            except TopologyError as error:
                self.say(f"{error.what}: {error.meant}. The two servers are asked for again.")

    async def value(self, what: str, rule: Rule, default: str) -> str:
        """A value that has to be there; Enter takes the default, where there is one."""
        while True:
            typed = await self._typed(f"{what}{f' [{default}]' if default else ''}: ") or default
            if not typed:
                self.say("  This is needed.")
                continue
            try:
                return rule(typed)
            except MistakeError as mistake:
                self.say(f"  That {mistake.what}: {mistake.meant}.")

    async def optional(self, what: str, rule: Rule, default: str | None) -> str | None:
        """A value that may be left out: Enter takes what it was, a dash leaves it out."""
        while True:
            shown = f"{default}, a dash for none" if default else FOUND_OUT
            typed = await self._typed(f"{what} [{shown}]: ")
            if not typed or typed == "-":
                return None if typed else default
            try:
                return rule(typed)
            except MistakeError as mistake:
                self.say(f"  That {mistake.what}: {mistake.meant}.")

    async def yes(self, what: str, *, default: bool) -> bool:
        """A yes or a no."""
        while True:
            typed = (await self._typed(f"{what} yes or no [{'yes' if default else 'no'}]: ")).lower()
            if typed in {"", "yes", "no"}:
                return default if not typed else typed == "yes"
            self.say("  Type yes or no, or press Enter for what stands in brackets.")

    async def _typed(self, prompt: str) -> str:
        typed = await self.ask(prompt)
        if typed is None:
            raise NoInputError("the input ended before all was known; name a topology file instead")
        return typed.strip()

    async def _side(self, title: str, known: Node, given: Topology) -> Side:
        """One server; what was entered before is the default."""
        self.say(f"The {title}.")
        node = replace(known, ssh=await self.value("  ssh destination, as [user@]host[:port] or an ssh alias",
                                                   destination, known.ssh))  # fmt: skip
        seen = await self.look(Wanted(node, given.ssh_config)) if self.look is not None else None
        taken = await self._chosen(node, seen.clusters) if seen is not None and seen.clusters else None
        node = _with(node, taken) if taken is not None else await self._cluster(node)
        reached = await self.optional("  address at which the other server reaches it", address, known.address)
        return Side(replace(node, address=reached), seen)

    async def _chosen(self, node: Node, found: tuple[FoundCluster, ...]) -> FoundCluster | None:
        """One of the clusters that were found; None where it is none of them."""
        self.say("  Clusters that were found there:")
        for number, one in enumerate(found, start=1):
            self.say(f"    {number}: {in_words(one)}")
        self.say(f"    {NONE_OF_THESE}: none of these; it is asked for")
        usual = [str(number) for number, one in enumerate(found, start=1) if _is(one, node)]
        usual = usual or ["1"] * (len(found) == 1)
        choices = tuple(str(number) for number in range(len(found) + 1))
        chosen = await self.value("  cluster, by its number", one_of(choices), usual[0] if usual else "")
        return found[int(chosen) - 1] if chosen != NONE_OF_THESE else None

    async def _cluster(self, known: Node) -> Node:
        """The cluster that cannot be chosen from a list."""
        named = await self.optional("  cluster, as Debian's version/name such as 15/main", cluster, known.cluster)
        data = programs = None
        if named is None:
            data = await self.optional("  data directory", absolute_path, known.data)
        if data is not None:
            programs = await self.value("  folder of PostgreSQL's programs", absolute_path, known.bin or "")
        port = await self.optional("  PostgreSQL's port", _port, str(known.port) if known.port else None)
        user = await self.value("  OS user that owns the cluster", os_user, known.os_user)
        return replace(
            known, cluster=named, data=data, bin=programs, port=int(port) if port else None, os_user=user
        )  # fmt: skip

    async def _same_machine(self, primary: Side, standby: Side, *, known: bool) -> bool:
        """Two clusters on one machine have to be meant; where a look has shown two machines, nothing is asked."""
        machines = [side.seen.machine for side in (primary, standby) if side.seen is not None and side.seen.machine]
        if len(machines) == 2 and machines[0] != machines[1]:
            return False
        one = "Both destinations lead to one machine. " if len(machines) == 2 else ""
        return await self.yes(f"{one}Are both clusters on one machine, on purpose?", default=known)

    async def _replication(self, known: Replication) -> Replication:
        self.say("How the standby logs in at the primary.")
        user = await self.value("  replication role", role_name, known.user)
        mode = await self.value(f"  sslmode, one of {', '.join(SSL_MODES)}", one_of(SSL_MODES), known.sslmode)
        slot = await self.yes("  Use a replication slot?", default=known.slot)
        return replace(known, user=user, sslmode=mode, slot=slot)


def in_words(found: FoundCluster) -> str:
    """A cluster that was found, in one line."""
    version = f"PostgreSQL {found.version}" if found.version else "PostgreSQL of a version that is not known"
    standing = "what it is is not known" if found.standing is Standing.UNKNOWN else str(found.standing)
    parts = [found.name, version, f"port {found.port}" if found.port is not None else "", standing]
    parts += [f"in {found.data}", f"of {found.owner}", found.note]
    return harmless(", ".join(part for part in parts if part)).replace("\n", " ").replace("\r", " ")


def _is(found: FoundCluster, node: Node) -> bool:
    """Whether the cluster is the one that is named already."""
    if node.cluster:
        return found.name == node.cluster
    return node.data is not None and found.data == node.data.rstrip("/")


def _with(node: Node, found: FoundCluster) -> Node:
    """A server with the cluster that was chosen; what was told about another one goes."""
    if _is(found, node):
        return replace(node, port=found.port, os_user=found.owner)
    named = found.name or None
    return replace(
        node,
        cluster=named,
        bin=None if named else found.bin,
        data=None if named else found.data,
        port=found.port,
        os_user=found.owner,
        unit=None,
        log=None,
        config=None,
    )


def _port(text: str) -> str:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 65535:
        raise MistakeError("is not a port", "a port is a number from 1 to 65535")
    return text
