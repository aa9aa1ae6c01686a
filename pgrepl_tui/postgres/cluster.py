"""A cluster (one data directory under one server) and the commands that start and stop it, by layout."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.hosts.shell import quote
from pgrepl_tui.postgres.version import Major

A_DAY = 86_400
"""Seconds that a server may take to stop or to start, where it makes headway."""


class Action(StrEnum):
    """What can be asked of a server."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    RELOAD = "reload"


class Control(Protocol):
    """Who starts and stops the server: pg_ctl, Debian's pg_ctlcluster, or systemd."""

    @property
    def described(self) -> str:
        """How the operator knows it."""

    def command(self, action: Action, cluster: "Cluster") -> Command:
        """The command for an action."""


@dataclass(frozen=True)
class Cluster:
    """A cluster on a host.

    Attributes:
        major: its major version.
        bin: the folder of the server's own programs.
        data: its data directory, links resolved.
        config: the folder of postgresql.conf.
        hba: the path of pg_hba.conf.
        port: the port that it listens on.
        socket_dir: the folder of its Unix socket.
        os_user: who owns it; the superuser of the same name is the one that initdb makes.
        control: who starts and stops it.
        log: where its standard error goes.
        running: the process id of its postmaster, 0 when it is down.
        env: what its server has to find in its environment, where pg_ctl starts it.
    """

    major: Major
    bin: str
    data: str
    config: str
    hba: str
    port: int
    socket_dir: str
    os_user: str
    control: Control
    log: str
    running: int = 0
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def conf(self) -> str:
        """The path of postgresql.conf."""
        return f"{self.config}/postgresql.conf"

    @property
    def config_inside(self) -> bool:
        """True where the configuration lies in the data directory, so that a base backup brings the primary's."""
        return self.config == self.data

    def program(self, name: str) -> str:
        """The path of one of its programs."""
        return f"{self.bin}/{name}"


@dataclass(frozen=True)
class PgCtl:
    """A cluster that is started by pg_ctl, with its output going to a file."""

    @property
    def described(self) -> str:
        """How the operator knows it."""
        return "pg_ctl"

    def command(self, action: Action, cluster: Cluster) -> Command:
        """The pg_ctl command; a start or restart keeps the log where it was.

        A start does not wait (``-W``): a standby may need long to become consistent, and is watched by its log. With
        its configuration elsewhere a server is started from there: pg_hba.conf and pg_ident.conf are looked for in
        the folder of its own -D, the last one given. A restart has the options of the last start (postmaster.opts).

        How long a shutdown checkpoint takes nobody knows beforehand, so pg_ctl is given a day, and it is for others to
        see whether the server makes headway (steps/headway.py). A restart that pg_ctl gave up while it waits for the
        stop would never start the server again.
        """
        argv = [cluster.program("pg_ctl"), "-D", cluster.data]
        if action in {Action.START, Action.RESTART}:
            argv += ["-l", cluster.log]
        if action is Action.START and not cluster.config_inside:
            options = f"-D {quote(cluster.config)} -c data_directory={quote(cluster.data)}"
            argv += ["-o", options]  # pg_ctl hands this to a shell
        waits = {
            Action.START: ["-W"],
            Action.STOP: ["-m", "fast", "-w", "-t", str(A_DAY)],
            Action.RESTART: ["-m", "fast", "-w", "-t", str(A_DAY)],
            Action.RELOAD: [],
        }
        words = (*argv, *waits[action], str(action))
        return Command(words, user=cluster.os_user, env=cluster.env, changes=True, quiet_for=_patience(action))


@dataclass(frozen=True)
class PgCtlCluster:
    """A Debian cluster on a machine without systemd."""

    name: str

    @property
    def described(self) -> str:
        """How the operator knows it."""
        return f"pg_ctlcluster {self.name}"

    def command(self, action: Action, cluster: Cluster) -> Command:
        """The pg_ctlcluster command, as the cluster's owner."""
        fast = ("--mode", "fast") if action in {Action.STOP, Action.RESTART} else ()
        argv = ("pg_ctlcluster", *fast, str(cluster.major), self.name, str(action))
        return Command(argv, user=cluster.os_user, changes=True, quiet_for=_patience(action))


@dataclass(frozen=True)
class SystemdUnit:
    """A cluster that systemd runs: systemd is the one that starts and stops it."""

    unit: str

    @property
    def described(self) -> str:
        """How the operator knows it."""
        return f"systemd unit {self.unit}"

    def command(self, action: Action, cluster: Cluster) -> Command:  # noqa: ARG002 - part of the protocol
        """The systemctl command, as root."""
        argv = ("systemctl", str(action), self.unit)
        return Command(argv, user="root", changes=True, quiet_for=_patience(action))


def _patience(action: Action) -> float:
    """Seconds of silence: a reload takes a moment; a stop or start is silent for as long as it takes."""
    return 60.0 if action is Action.RELOAD else A_DAY + 60.0
