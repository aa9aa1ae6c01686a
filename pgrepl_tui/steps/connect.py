"""The Connect stage: reach each host, find its cluster, say what was found."""

import asyncio
from dataclasses import replace
from pathlib import PurePosixPath
from typing import ClassVar

from pgrepl_tui.events import HostDescribed, Note, Row, Stage
from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.become import AsksPassword
from pgrepl_tui.hosts.host import Command, Host
from pgrepl_tui.hosts.known_hosts import HostKeyError, OfferedKey
from pgrepl_tui.hosts.remember import remember
from pgrepl_tui.hosts.ssh_login import VARIABLE as FOR_SSH
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.cluster import Cluster, PgCtl, SystemdUnit
from pgrepl_tui.postgres.control import ControlData
from pgrepl_tui.postgres.locate import LocateError, Where, locate
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.control_file import read_control
from pgrepl_tui.steps.host_password import FOR_SUDO, HostPassword
from pgrepl_tui.steps.recorded import RecordedHost
from pgrepl_tui.steps.step import Step, StepError
from pgrepl_tui.topology import Node

LIBPQ_HOME = r"""
home=$(getent passwd "$(id -u)" | cut -d: -f6)
[ -d "$home" ] && [ -w "$home" ] && printf %s "$home"
exit 0
"""


class Reach(Step):
    """Log in to a host; its key has to be known."""

    stage = Stage.CONNECT
    readonly = True
    role: ClassVar[str]

    async def run(self, ctx: Context) -> str:
        """Open the connection and see who we are there."""
        node = node_of(ctx, self.role)
        old = ctx.hosts.pop(self.role, None)
        if old is not None:
            await old.close()
        ctx.passwords.ask = HostPassword(ctx, FOR_SSH)
        connected = await self._connected(ctx, node)
        if isinstance(connected, AsksPassword):
            connected.ask_password = HostPassword(ctx, FOR_SUDO)
        host = RecordedHost(connected, ctx)
        ctx.hosts[self.role] = host
        await host.run(
            Command(("/bin/sh", "-c", "id -un && uname -srm"), user=node.os_user, shown="id -un && uname -srm")
        )
        way = "as" if host.login == node.os_user else f"with sudo as {node.os_user}, logged in as"
        return f"{host.name} answers, its host key is known; commands run {way} {host.login}"

    async def _connected(self, ctx: Context, node: Node) -> Host:
        """Connect; a key that is not on record is put there once the operator agreed, a changed one is a stop.

        Raises:
            HostError: there is no connection, or the key has changed.
            StepError: the operator does not know the key.
        """
        while True:
            try:
                return await ctx.connect(node, self.role, ctx.passwords)
            except HostKeyError as error:
                offer = error.offer
                if error.changed or offer is None:
                    raise
                if await ctx.ask("host-key", key_question(offer), ("no", "yes")) != "yes":
                    raise StepError(error.what, error.remedy, refused=True) from error
                await asyncio.to_thread(remember, offer)
                text = f"the host key of {offer.host} is on record now, in {offer.file}: {offer.fingerprint}"
                ctx.reporter.emit(Note(level="info", text=text))


def key_question(offer: OfferedKey) -> str:
    """What the operator compares before saying yes."""
    return (
        f"The host key of {offer.host} is not known.\n{offer.algorithm}\n{offer.fingerprint}\n"
        f"Compare it with the server's own, on its console: ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub. "
        f"A yes puts it into {offer.file}."
    )


class ReachPrimary(Reach):
    """Log in to the primary's host."""

    id, title, host, role = "reach-primary", "reach the primary's host", "primary", "primary"
    why = "Everything is done over SSH. A host whose key is not known, or has changed, is not talked to."


class ReachStandby(Reach):
    """Log in to the standby's host."""

    id, title, host, role = "reach-standby", "reach the standby's host", "standby", "standby"
    why = "Everything is done over SSH. A host whose key is not known, or has changed, is not talked to."


class Find(Step):
    """Find the cluster on a host and read what it is."""

    stage = Stage.CONNECT
    readonly = True
    role: ClassVar[str]

    async def run(self, ctx: Context) -> str:
        """Find the cluster, read its control file and, where it runs, its server."""
        side = await find_side(ctx, self.role)
        ctx.sides[self.role] = side
        ctx.reporter.emit(HostDescribed(role=self.role, name=side.name, facts=tuple(_facts(side))))
        cluster = side.cluster
        state = f"runs on port {cluster.port}" if cluster.running else "is down"
        if side.control is None:
            return f"PostgreSQL {cluster.major}: {cluster.data} holds no cluster yet"
        return f"PostgreSQL {cluster.major} {state}, data directory {cluster.data}"


class FindPrimary(Find):
    """Find the primary's cluster."""

    id, title, host, role = "find-primary", "find the primary's cluster", "primary", "primary"
    why = "What has to be done depends on the version, on where its files are and on who starts the server."

    async def run(self, ctx: Context) -> str:
        """Find it; a primary has to be up and writable."""
        said = await super().run(ctx)
        side = ctx.primary
        if not side.cluster.running:
            raise StepError(
                f"the primary's server on {side.name} is down",
                f"start it and run again; if it does not start, its log says why ({side.cluster.log}), and what this "
                f"program has written stands in a marked block at the end of {side.cluster.conf}",
            )
        if side.in_recovery:
            raise StepError(
                f"{side.name} is itself a standby (it is in recovery)",
                "name the server that takes writes as primary; were the two swapped in the topology?",
                refused=True,
            )
        return said


class FindStandby(Find):
    """Find the standby's cluster."""

    id, title, host, role = "find-standby", "find the standby's cluster", "standby", "standby"
    why = "An old cluster that stands there is set aside later, never deleted: first it has to be known."


def node_of(ctx: Context, role: str) -> Node:
    """The topology's node of a role."""
    return ctx.topology.primary if role == "primary" else ctx.topology.standbys[0]


async def find_side(ctx: Context, role: str, *, ask: bool = True) -> Side:
    """Find a side's cluster anew and read its state.

    Args:
        ctx: the run's context.
        role: primary or standby.
        ask: ask the server whether it is in recovery; a server that is just starting would only log a refusal.

    Raises:
        StepError: there is no such cluster, or its server does not answer.
    """
    node, host = node_of(ctx, role), ctx.hosts.get(role)
    if host is None:
        raise StepError(f"the {role}'s host has not been reached yet", "run the Connect stage first")
    try:
        cluster = await locate(host, _where(ctx, role, node))
    except LocateError as error:
        raise StepError(error.what, error.remedy) from error
    side = Side(role, node, RecordedHost(host, ctx) if not isinstance(host, RecordedHost) else host, cluster, "", "")
    side.home, side.address = await _home_and_address(side)
    side.control = await read_control(side)
    if role == "standby" and not side.facts.passfile_in_conninfo:
        await _find_passfile(side)
    if cluster.running and ask:
        try:
            side.in_recovery = await side.server.truth(queries.in_recovery())
            await _own_files(side)
        except SqlError as error:
            if role == "primary":
                what = f"the server on {side.name} runs but cannot be asked: {error}"
                remedy = (
                    f"it has to let the OS user {cluster.os_user} in over its Unix socket, as a superuser of that name"
                )
                raise StepError(what, remedy) from error
    return side


def _where(ctx: Context, role: str, node: Node) -> Where:
    """What the topology says, and what this run has found out while the server was up: one that is down tells less."""
    said = Where(node.cluster, node.bin, node.data, node.config, node.unit, node.log, node.port, node.os_user)
    known = ctx.sides.get(role)
    if known is None:
        return said
    cluster = known.cluster
    unit = cluster.control.unit if isinstance(cluster.control, SystemdUnit) else None
    said = replace(said, unit=said.unit or unit)
    if said.cluster or said.data or cluster.config != cluster.data:
        return said  # pg_lsclusters knows of a cluster that is down as well
    return replace(said, bin=cluster.bin, data=cluster.data)


async def _own_files(side: Side) -> None:
    """Where the running server says that its files are: an include or its command line may have moved them.

    Raises:
        StepError: it reads another postgresql.conf than the one that would be edited.
    """
    conf, hba = (await side.server.query(queries.FILES))[0]
    there = await files.stat(side.host, side.cluster.conf, side.cluster.os_user)
    if conf and (there is None or await _real(side, conf) != there.real_path):
        raise StepError(
            f"the server on {side.name} reads {conf}, not {side.cluster.conf}",
            f"give `config: {PurePosixPath(conf).parent}` in the topology",
            refused=True,
        )
    side.cluster = replace(side.cluster, hba=hba or side.cluster.hba)


async def _real(side: Side, path: str) -> str:
    found = await files.stat(side.host, path, side.cluster.os_user)
    return found.real_path if found else path


async def _home_and_address(side: Side) -> tuple[str, str]:
    """The owner's home folder, and the address under which the other side reaches this host."""
    own = Command(("/bin/sh", "-c", 'printf %s "$HOME"'), user=side.cluster.os_user, shown="echo $HOME")
    home = (await side.host.run(own)).text.strip().rstrip("/")
    if home in {"", "/nonexistent"} or side.cluster.data == home or home.startswith(f"{side.cluster.data}/"):
        raise StepError(
            f"{side.cluster.os_user} on {side.name} has no home folder that can be used ({home or 'none'})",
            "give the user a home folder of its own, outside the data directory",
        )
    script = 'set -- $SSH_CONNECTION; printf "%s\\n" "${3:-}"; hostname -I 2>/dev/null; :'
    lines = (
        await side.host.run(Command(("/bin/sh", "-c", script), shown="echo $SSH_CONNECTION; hostname -I"))
    ).text.split()
    address = side.node.address or (lines[0] if lines else "")
    if not address:
        raise StepError(
            f"the address of {side.name} could not be found out", f"give `address` in the topology's {side.role}"
        )
    return home, address


async def _find_passfile(side: Side) -> None:
    """Where the server's own libpq will find its passfile: in the home that passwd names, whatever HOME says.

    Source: fe-connect.c, pqGetHomeDirectory(), up to 14. Without such a home, a server that pg_ctl starts is told by
    PGPASSFILE.
    """
    own = Command(("/bin/sh", "-c", LIBPQ_HOME), user=side.cluster.os_user, shown="getent passwd $(id -u)")
    side.libpq_home = (await side.host.run(own)).text.strip().rstrip("/")
    if not side.libpq_home and isinstance(side.cluster.control, PgCtl):
        side.cluster = replace(side.cluster, env={"PGPASSFILE": f"{side.home}/.pgpass"})


def _facts(side: Side) -> list[Row]:
    cluster, control = side.cluster, side.control
    return [
        Row("PostgreSQL", str(cluster.major)),
        Row("data directory", cluster.data),
        Row("configuration", cluster.config),
        Row("port", str(cluster.port)),
        Row("address", side.address),
        Row("started by", cluster.control.described),
        Row("owner", cluster.os_user),
        Row("log", cluster.log),
        Row("state", _state(cluster, control, in_recovery=side.in_recovery)),
        Row("system identifier", control.system_identifier if control else "none"),
    ]


def _state(cluster: Cluster, control: ControlData | None, *, in_recovery: bool) -> str:
    if control is None:
        return "no cluster"
    if not cluster.running:
        return control.state
    return "standby, running" if in_recovery else "running"
