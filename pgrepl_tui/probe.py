"""A test of a host for the form: log in as a run would, see who may do what, and list the clusters."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pgrepl_tui.hosts.destination import parse
from pgrepl_tui.hosts.host import Command, Host, HostError
from pgrepl_tui.hosts.known_hosts import HostKeyError
from pgrepl_tui.hosts.remember import remember
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.hosts.ssh_login import VARIABLE as FOR_SSH
from pgrepl_tui.hosts.ssh_login import Passwords
from pgrepl_tui.postgres import list_clusters
from pgrepl_tui.postgres.found import FoundCluster
from pgrepl_tui.postgres.list_clusters import Overview
from pgrepl_tui.postgres.locate import Where
from pgrepl_tui.session import crash_file
from pgrepl_tui.session.prober import Doing, Hear, Questions, Reached, Sudo, Unreached, Wanted
from pgrepl_tui.session.redact import Redactor
from pgrepl_tui.steps.connect import key_question
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.host_password import FOR_SUDO, HostPassword
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.topology import Node, Topology

if TYPE_CHECKING:
    from pgrepl_tui.events import Event
    from pgrepl_tui.hosts.ssh import SshHost


class HostProber:
    """Tests hosts over SSH; see ``session.prober.Prober``.

    What was typed is remembered, in memory alone, for the next test of the same destination.
    """

    def __init__(self) -> None:
        self._ssh: dict[str, Passwords] = {}
        self._sudo: dict[str, Secret] = {}
        self._redactor = Redactor()
        crash_file.hide(self._redactor.clean)

    async def probe(self, wanted: Wanted, hear: Hear, questions: Questions) -> None:
        """Test a host."""
        passwords = self._ssh.setdefault(wanted.node.ssh, Passwords())
        test = _Test(wanted, hear, questions, self._redactor, passwords, self._sudo.get(wanted.node.ssh))
        try:
            await test.run()
        except HostKeyError as error:
            hear(Unreached(error.what, error.remedy, unknown_key=error.offer is not None and not error.changed))
        except (HostError, StepError) as error:
            hear(Unreached(error.what, error.remedy))
        finally:
            if test.sudo is not None:
                self._sudo[wanted.node.ssh] = test.sudo


@dataclass
class _Test:
    """One test of one host.

    Attributes:
        sudo: the password that sudo took; None where it took none.
        nobody: sudo's question is not asked any more: there was no answer, or none that helped.
    """

    wanted: Wanted
    hear: Hear
    questions: Questions
    redactor: Redactor
    passwords: Passwords
    sudo: Secret | None
    nobody: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Test it; the connection is closed at the end, whatever happens."""
        ctx = self._context()
        self.passwords.ask = HostPassword(ctx, FOR_SSH)
        host = await self._connected()
        try:
            host.ask_password = _SudoPassword(self, HostPassword(ctx, FOR_SUDO))
            await self._look(host)
        finally:
            await host.close()

    def _context(self) -> Context:
        """What the questions of a run need, with nothing recorded."""
        node = self.wanted.node

        async def ask(text: str) -> Secret | None:
            given = await self.questions.password(text)
            return Secret(given) if given else None

        return Context(Topology("", node, (node,)), _Silent(self.redactor), self._connect, ask, "")

    async def _connect(self, node: Node, role: str, passwords: Passwords) -> "SshHost":
        from pgrepl_tui.hosts import ssh  # noqa: PLC0415 - asyncssh loads only when something connects

        del role
        name = parse(node.ssh).host
        self.hear(Doing(f"connecting to {name}"))
        return await ssh.connect(node.ssh, ssh_config=self.wanted.ssh_config, name=name, passwords=passwords)

    async def _connected(self) -> "SshHost":
        """Connect as a run does; a key that is not on record is put there once the operator agreed."""
        while True:
            try:
                return await self._connect(self.wanted.node, "", self.passwords)
            except HostKeyError as error:
                offer = error.offer
                if error.changed or offer is None or not await self.questions.host_key(key_question(offer)):
                    raise
                await asyncio.to_thread(remember, offer)

    async def _look(self, host: "SshHost") -> None:
        node = self.wanted.node
        self.hear(Doing("looking for clusters"))
        seen = await list_clusters.overview(host, node.os_user)
        owners = _owners(seen, host.login, node.os_user)
        reached = Reached(host.login, host.software, Sudo.NOBODY, node.os_user, (), seen.machine)
        reached = replace(reached, installed=seen.programs)
        if owners:
            if owners[0] != host.login:
                self.hear(Doing(f"asking for sudo to {owners[0]}"))
            reached = await self._as_owner(host, reached, owners[0])
            self.hear(Doing("looking for clusters"))
        clusters = await self._clusters(host, seen, owners)
        alone = not (node.cluster or node.data) and len(clusters) == 1
        alone = alone and await list_clusters.found_alone(host, clusters[0], node.os_user)
        reached = replace(reached, clusters=clusters, alone=alone)
        self.hear(reached)
        await self._measure(host, reached)

    async def _as_owner(self, host: "SshHost", reached: Reached, owner: str) -> Reached:
        """Whether commands may run as the clusters' owner, and how."""
        try:
            await host.run(Command(("true",), user=owner))
        except HostError as error:
            sudo, self.sudo = Sudo.WANTS_PASSWORD if self.nobody else Sudo.NONE, None
            self.nobody = True
            return replace(reached, owner=owner, sudo=sudo, trouble=error.what, remedy=error.remedy)
        sudo = Sudo.OWN if host.login == owner else Sudo.ROOT if host.login == "root" else Sudo.FREE
        return replace(reached, owner=owner, sudo=Sudo.PASSWORD if self.sudo is not None else sudo)

    async def _clusters(self, host: Host, seen: Overview, owners: tuple[str, ...]) -> tuple[FoundCluster, ...]:
        places = [*_given(self.wanted.node), *seen.places]
        for owner in owners:
            try:
                places += await list_clusters.running(host, owner)
            except HostError:  # each place of this owner's says so by itself
                continue
        return await list_clusters.look(host, places, where(self.wanted.node))

    async def _measure(self, host: Host, reached: Reached) -> None:
        """Add the sizes, each as it comes."""

        async def sized(cluster: FoundCluster) -> tuple[FoundCluster, int | None]:
            return cluster, await list_clusters.size(host, cluster)

        for coming in asyncio.as_completed([sized(cluster) for cluster in reached.clusters]):
            cluster, size = await coming
            there = tuple(replace(one, size=size) if one == cluster else one for one in reached.clusters)
            reached = replace(reached, clusters=there)
            self.hear(reached)
        self.hear(replace(reached, complete=True))


class _SudoPassword:
    """Answers sudo: with what is known from an earlier test, else as in a run; and notes what came of it."""

    def __init__(self, test: _Test, ask: HostPassword) -> None:
        self._test = test
        self._ask = ask

    async def __call__(self, text: str, *, attempt: int) -> Secret | None:
        test = self._test
        if test.nobody:
            return None
        test.hear(Doing("asking for sudo's password"))
        known = test.sudo if attempt == 1 else None
        test.sudo = known or await self._ask(text, attempt=attempt)
        test.nobody = test.sudo is None
        return test.sudo


class _Silent:
    """Takes the facts of a test, of which only the secrets matter."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def emit(self, event: "Event") -> None:
        """Not kept."""

    def output(self, number: int, step: str, host: str, stream: str, data: bytes) -> None:
        """Not kept."""

    def end_output(self, number: int) -> None:
        """Not kept."""

    def add_secret(self, secret: str) -> None:
        """From now on it is in no report of a crash."""
        self._redactor.add(secret)


def where(node: Node) -> Where:
    """What a topology says about a cluster."""
    return Where(node.cluster, node.bin, node.data, node.config, node.unit, node.log, node.port, node.os_user)


def _given(node: Node) -> list[FoundCluster]:
    """The place that was typed, if one was."""
    if not node.cluster and not (node.bin and node.data):
        return []
    version = (node.cluster or "").partition("/")[0]
    return [FoundCluster(version, node.data or "", node.os_user, node.cluster or "", node.bin or "", node.port)]


def _owners(seen: Overview, login: str, user: str) -> tuple[str, ...]:
    """Whose clusters to look at, first those for which nobody has to be become; the user that was typed, if there."""
    wanted = [*([login] if login in seen.all_owners else []), *([user] if seen.user else []), *seen.all_owners]
    return tuple(dict.fromkeys(wanted))
