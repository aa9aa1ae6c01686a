"""A primary and a standby on scripted hosts, in a context whose events are kept."""

import os
import re
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

from pgrepl_tui.events import Event
from pgrepl_tui.hosts.host import Command, Host, Result
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.hosts.ssh_login import Passwords
from pgrepl_tui.postgres import scram
from pgrepl_tui.postgres.cluster import Cluster, PgCtl
from pgrepl_tui.postgres.conf import replace_settings
from pgrepl_tui.postgres.control import ControlData
from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.entries import Entry, decode
from pgrepl_tui.steps.recorded import RecordedHost
from pgrepl_tui.steps.settings import AUTO_CONF
from pgrepl_tui.steps.standby.state import places, recovery_files
from pgrepl_tui.steps.tag import tag_of
from pgrepl_tui.topology import Node, Replication, Topology
from tests.unit.scripted_host import ScriptedHost, printed, really

IDENTIFIER = "7123456789012345678"
V15 = Major(15)
PASSWORD = "correct horse battery"


@dataclass
class KeepingReporter:
    """Keeps what it is told."""

    events: list[Event] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    outputs: list[bytes] = field(default_factory=list)

    def emit(self, event: Event) -> object:
        """Keep an event."""
        self.events.append(event)
        return None

    def output(self, number: int, step: str, host: str, stream: str, data: bytes) -> None:
        """Keep a piece of output."""
        del number, step, host, stream
        self.outputs.append(data)

    def end_output(self, number: int) -> None:
        """Nothing to keep."""

    def add_secret(self, secret: str) -> None:
        """Keep a secret."""
        self.secrets.append(secret)


async def no_secret(text: str) -> Secret | None:
    """There is nobody to ask."""
    del text
    return None


async def no_connection(node: Node, role: str, passwords: Passwords) -> Host:
    """A test that connects says so itself."""
    del passwords
    raise AssertionError(f"nobody is to connect to {node.ssh} ({role})")


CONTROL = ControlData(
    system_identifier=IDENTIFIER,
    state="in production",
    timeline=1,
    checkpoint=None,
    redo=None,
    minimum_recovery=None,
    block_size=8192,
    wal_block_size=8192,
    wal_segment_size=16 << 20,
    checksums=0,
    control_version=1300,
    settings={},
)


def cluster(major: Major, *, data: str = "/srv/pg/data", port: int = 5432, running: int = 100) -> Cluster:
    """A cluster in folders of its own, its configuration inside."""
    return Cluster(
        major=major,
        bin="/opt/pg/bin",
        data=data,
        config=data,
        hba=f"{data}/pg_hba.conf",
        port=port,
        socket_dir="/tmp",  # noqa: S108 - a socket's usual place
        os_user="postgres",
        control=PgCtl(),
        log=f"{data}.log",
        running=running,
    )


@dataclass
class Two:
    """Both hosts, the context, and what was told."""

    ctx: Context
    primary: ScriptedHost
    standby: ScriptedHost
    told: KeepingReporter

    def noted(self, role: str) -> tuple[Entry, ...]:
        """What the run's journal says on a side's host, as it was written last; nothing where there is none."""
        host = self.primary if role == "primary" else self.standby
        written = [command.stdin.decode() for command in host.asked if "/.pgrepl-tui/journal-" in command.shown]
        return decode(written[-1])[1] if written else ()


def acts(host: ScriptedHost) -> list[Command]:
    """The commands that change something, but for those that write the journal."""
    own = ("/.pgrepl-tui/journal-", "mkdir -m 700 ")
    return [command for command in host.asked if command.changes and not any(part in command.shown for part in own)]


def quiet(host: ScriptedHost) -> None:
    """No backup is open on its server, and no prepared transaction."""
    host.rows("from pg_prepared_xacts").rows("where state = 'backup'").rows("pgBackRest [backup]")
    host.on("/backup_label", err="stat: No such file or directory", status=1)


def two(major: Major = V15, *, replication: Replication | None = None, data: str = "/srv/pg/data") -> Two:
    """A primary that runs and a standby that is down, of one version."""
    told = KeepingReporter()
    topology = Topology("app", Node("db1"), (Node("db2"),), replication or Replication(sslmode="prefer"))
    ctx = Context(topology, told, no_connection, no_secret, "20260101T000000Z")
    hosts = ScriptedHost("db1"), ScriptedHost("db2")
    for role, host, address in (("primary", hosts[0], "192.0.2.1"), ("standby", hosts[1], "192.0.2.2")):
        host.on("mkdir -m 700 /var/lib/postgresql/.pgrepl-tui").on("/.pgrepl-tui/journal-", "journal\0")
        host.rows("from pg_tablespace")
        quiet(host)
        host.on("look once more at").on("postgresql.auto.conf", err="cat: No such file or directory", status=1)
        found = cluster(major, data=data, running=100 if role == "primary" else 0)
        recorded = RecordedHost(host, ctx)
        ctx.hosts[role] = recorded
        control = CONTROL if role == "primary" else replace(CONTROL, system_identifier="42", state="shut down")
        node = topology.primary if role == "primary" else topology.standbys[0]
        ctx.sides[role] = Side(role, node, recorded, found, "/var/lib/postgresql", address, control)
    return Two(ctx, *hosts, told)


@dataclass
class Shown:
    """A row of pg_settings for a scripted server."""

    value: str
    unit: str = ""
    context: str = "sighup"
    source: str = "configuration file"
    file: str = "/srv/pg/data/postgresql.conf"


def show(host: ScriptedHost, table: dict[str, Shown]) -> ScriptedHost:
    """Answer queries on pg_settings from a table, with the rows that were asked for and that are there."""

    def answer(command: Command) -> Result:
        asked = re.findall(r"'([a-z_]+)'", command.stdin.decode().partition("where name in")[2])
        found = ((name, table[name]) for name in asked if name in table)
        rows = [(name, row.value, row.unit, row.context, row.source, row.file) for name, row in found]
        return Result(0, printed(*rows).encode(), b"")

    return host.by("from pg_settings where name in", answer)


def pair_with(major: Major = V15, *, password: str | None = PASSWORD, replication: Replication | None = None) -> Two:
    """A pair whose role's password is known here."""
    pair = two(major, replication=replication)
    if password is not None:
        pair.ctx.password, pair.ctx.password_source = Secret(password), "PGREPL_PASSWORD_FILE"
    return pair


def role_is(pair: Two, *, of: str = PASSWORD, md5: bool = False, **facts: str) -> str:
    """The primary has the role, with these facts in place of the usual; its verifier."""
    stored = scram.verifier("replicator", of, scram=not md5)
    row = {"login": "t", "replication": "t", "verifier": stored, "ended": "f", "limit": "-1"} | facts
    pair.primary.rows("from pg_authid", tuple(row.values()))
    return stored


def pair_in(root: Path, major: Major = V15) -> Two:
    """A pair whose standby's folders are real, with an old cluster in its place."""
    pair = two(major, data=str(root / "data"))
    pair.standby.by("", really)
    pair.ctx.standby.home = str(root / "home")
    (root / "home").mkdir()
    (root / "data").mkdir()
    (root / "data/PG_VERSION").write_text(f"{major}\n")
    (root / "data/postgresql.conf").write_text("port = 6000\n")
    return pair


def copy_in(root: Path, major: Major = V15) -> Path:
    """A complete copy beside it that a run made: the primary's configuration, and what ``-R`` adds."""
    copy = root / "data.pgrepl-new"
    copy.mkdir()
    (copy / "postgresql.conf").write_text("port = 5432\n")
    own, followed = (
        "work_mem = '8MB'\n",
        (
            "primary_conninfo = 'user=replicator host=192.0.2.1 port=5432 application_name=pgrepl_db2_copy'\n"
            "primary_slot_name = 'pgrepl_db2'\n"
        ),
    )
    if facts(major).recovery_conf:
        (copy / "postgresql.auto.conf").write_text(own)
        (copy / "recovery.conf").write_text(f"standby_mode = 'on'\n{followed}")
    else:
        (copy / "postgresql.auto.conf").write_text(own + followed)
        (copy / "standby.signal").touch()
    marked(root / "home/.pgrepl-tui", copy)
    return copy


def configured(pair: Two) -> None:
    """Let the copy be set up to follow the primary, as the configuration step leaves it."""
    new, wanted = places(pair.ctx).new, recovery_files(pair.ctx)
    assert wanted.signal
    pair.standby.on(f"stat {new}/{wanted.signal}", f"8180 postgres postgres 0 1 2 1 0 0 0\0{new}/{wanted.signal}\0")
    pair.standby.on(f"cat {new}/{AUTO_CONF}", replace_settings("", wanted.settings))


def marked(state: Path, copy: Path) -> None:
    """Note that a run made this folder of a copy."""
    argv = ("stat", "-c", "%i %w", "--", str(copy))
    made = subprocess.run(argv, check=True, capture_output=True, text=True, env={**os.environ, "TZ": "UTC0"}).stdout
    state.mkdir(exist_ok=True)
    (state / f"copy-{tag_of(str(copy).removesuffix('.pgrepl-new'))}").write_text(f"{made.strip()} {copy}\n")
