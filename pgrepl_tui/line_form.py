"""Asks for a topology as plain prompts: each value with its default, a mistake explained and asked again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

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
FOUND_OUT = "it is found out"


class NoInputError(Exception):
    """The input ended before all was known."""


@dataclass(frozen=True, slots=True)
class Form:
    """Asks one value after the other.

    Attributes:
        ask: asks for a line.
        say: prints a line.
    """

    ask: Ask
    say: Say

    async def topology(self) -> Topology:
        """Ask for all that a topology needs.

        Raises:
            NoInputError: the input ended.
        """
        name = await self.value("A name for this pair", printable, "app-db")
        primary, standby = Node(ssh=""), Node(ssh="")
        while True:
            primary = await self._node("primary, the server that takes the writes", primary)
            standby = await self._node("standby, the server that will follow it", standby)
            same = await self.yes("Are both clusters on one machine, on purpose?", default=False)
            made = Topology(name, primary, (standby,), await self._replication(), same_machine=same)
            try:
                return replace(loads(dump(made), Path("what was entered")), source=None)
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

    async def _node(self, title: str, known: Node) -> Node:
        """One server; what was entered before is the default."""
        self.say(f"The {title}.")
        ssh = await self.value("  ssh destination, as [user@]host[:port] or an ssh alias", destination, known.ssh)
        named = await self.optional("  cluster, as Debian's version/name such as 15/main", cluster, known.cluster)
        data = programs = None
        if named is None:
            data = await self.optional("  data directory", absolute_path, known.data)
        if data is not None:
            programs = await self.value("  folder of PostgreSQL's programs", absolute_path, known.bin or "")
        port = await self.optional("  PostgreSQL's port", _port, str(known.port) if known.port else None)
        reached = await self.optional("  address at which the other server reaches it", address, known.address)
        user = await self.value("  OS user that owns the cluster", os_user, known.os_user)
        return Node(
            ssh=ssh, cluster=named, data=data, bin=programs, port=int(port) if port else None, address=reached,
            os_user=user,
        )  # fmt: skip

    async def _replication(self) -> Replication:
        self.say("How the standby logs in at the primary.")
        user = await self.value("  replication role", role_name, "replicator")
        mode = await self.value(f"  sslmode, one of {', '.join(SSL_MODES)}", one_of(SSL_MODES), "require")
        slot = await self.yes("  Use a replication slot?", default=True)
        return Replication(user=user, sslmode=mode, slot=slot)


def _port(text: str) -> str:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 65535:
        raise MistakeError("is no port", "a port is a number from 1 to 65535")
    return text
