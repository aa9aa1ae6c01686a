"""A topology: one primary and its standby, as the operator describes them in a YAML file."""

import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pgrepl_tui.topology_fields import Fields
from pgrepl_tui.topology_rules import (
    absolute_path,
    address,
    cluster,
    destination,
    one_of,
    os_user,
    printable,
    role_name,
    same_destination,
    tablespace,
    unit_name,
)
from pgrepl_tui.topology_yaml import Items, TopologyError, Tree, parse, read

__all__ = ["SSL_MODES", "Node", "Replication", "Topology", "TopologyError", "as_mapping", "dump", "load", "loads"]

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""libpq's sslmode values, weakest first (PostgreSQL documentation, "Connection Strings", sslmode)."""


@dataclass(frozen=True, slots=True)
class Node:
    """One cluster and how its host is reached; None is found out when connecting.

    Attributes:
        ssh: ``[user@]host[:port]``, or an alias of the ssh configuration.
        address: the name or address at which the other side reaches it.
        port: PostgreSQL's TCP port.
        cluster: Debian's ``version/name``; stands for ``bin``, ``data`` and ``config``.
        bin: the folder of PostgreSQL's programs.
        data: the data directory.
        config: the folder of postgresql.conf; None is the data directory, or Debian's own for ``cluster``.
        unit: the systemd unit.
        log: the server's log file.
        os_user: the OS user that owns the data directory and runs the server.
        tablespaces: of a standby: folders of the primary's tablespaces, each with the folder that it has here; those
            left out have the same path on both.
    """

    ssh: str
    address: str | None = None
    port: int | None = None
    cluster: str | None = None
    bin: str | None = None
    data: str | None = None
    config: str | None = None
    unit: str | None = None
    log: str | None = None
    os_user: str = "postgres"
    tablespaces: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Replication:
    """How the standby logs in at the primary: the role, libpq's sslmode, and whether it gets a replication slot."""

    user: str = "replicator"
    sslmode: str = "require"
    slot: bool = True


@dataclass(frozen=True, slots=True)
class Topology:
    """One primary and its standbys.

    Attributes:
        name: how the operator calls it.
        primary: the server that is written to.
        standbys: the servers that follow it; exactly one in this version.
        replication: how they log in.
        same_machine: both clusters live on one machine on purpose.
        ssh_config: read in place of ``~/.ssh/config``.
        source: the file it came from.
    """

    name: str
    primary: Node
    standbys: tuple[Node, ...]
    replication: Replication = field(default_factory=Replication)
    same_machine: bool = False
    ssh_config: Path | None = None
    source: Path | None = None


def load(path: Path) -> Topology:
    """Read a topology file.

    Raises:
        TopologyError: it cannot be read, or has a mistake; the text says where, what, and what was meant.
    """
    return loads(read(path), path)


def loads(text: str, source: Path) -> Topology:
    """Read a topology from the text of ``source``, which names it in errors and is where relative paths start.

    Raises:
        TopologyError: there is a mistake in it.
    """
    top = Fields(source, "the topology", parse(source, text))
    topology = Topology(
        name=top.text("name", printable, needed="how you call this pair, such as app-db"),
        ssh_config=_ssh_config(top),
        primary=_node(top.table("primary", "the server that is written to")),
        same_machine=top.flag("same_machine", default=False),
        standbys=_standbys(top),
        replication=_replication(top.table("replication")),
        source=source,
    )
    top.finish()
    _two_clusters(top, topology)
    return topology


def as_mapping(topology: Topology) -> dict[str, Any]:
    """The topology as plain values in the order of the file, what is None left out; it never holds a secret."""
    ssh_config = {"ssh_config": str(topology.ssh_config)} if topology.ssh_config else {}
    return {
        "name": topology.name,
        **ssh_config,
        "primary": _filled(topology.primary),
        "same_machine": topology.same_machine,
        "standbys": [_filled(node) for node in topology.standbys],
        "replication": _filled(topology.replication),
    }


def dump(topology: Topology) -> str:
    """The topology as the text of a YAML file; ``loads`` of it gives an equal topology for the same ``source``."""
    import yaml  # noqa: PLC0415 - slow to import, and --help needs no YAML

    text: str = yaml.safe_dump(as_mapping(topology), sort_keys=False, allow_unicode=True, width=200)
    return text


def _filled(part: Node | Replication) -> dict[str, Any]:
    values = {name: getattr(part, name) for name in part.__dataclass_fields__}
    pairs = values.pop("tablespaces", ())
    filled = {name: value for name, value in values.items() if value is not None}
    return {**filled, "tablespaces": dict(pairs)} if pairs else filled


def _node(fields: Fields, *, standby: bool = False) -> Node:
    node = Node(
        ssh=fields.text("ssh", destination, needed="[user@]host[:port], or an alias of ~/.ssh/config"),
        address=fields.optional("address", address),
        port=fields.port("port"),
        cluster=fields.optional("cluster", cluster),
        bin=fields.optional("bin", absolute_path),
        data=fields.optional("data", absolute_path),
        config=fields.optional("config", absolute_path),
        unit=fields.optional("unit", unit_name),
        log=fields.optional("log", absolute_path),
        os_user=fields.text_or("os_user", os_user, "postgres"),
        tablespaces=fields.pairs("tablespaces", tablespace) if standby else (),
    )
    fields.finish()
    _one_place(fields, node)
    return node


def _one_place(fields: Fields, node: Node) -> None:
    """A cluster is named by Debian's version/name or by its folders, and by folders completely."""
    if node.cluster:
        for other in ("bin", "data", "config"):
            if getattr(node, other):
                raise fields.error(
                    other, f"both 'cluster' and '{other}'", "cluster says where all is; keep one of them"
                )
        return
    for given, missing in (("bin", "data"), ("data", "bin"), ("config", "data")):
        if getattr(node, given) and not getattr(node, missing):
            raise fields.error(
                given, f"'{given}' without '{missing}'", f"give both, or neither and let {given} be found out"
            )


def _standbys(top: Fields) -> tuple[Node, ...]:
    line, tree = top.take("standbys", "the servers that follow the primary, a list with '- ' before each")
    if not isinstance(tree, Items):
        raise top.error("standbys", "'standbys' is not a list", "put '- ' before the standby, as in '  - ssh: db2'")
    if not tree.items:
        raise top.error("standbys", "'standbys' is empty", "name one standby, as in '  - ssh: db2'")
    if len(tree.items) > 1:
        second = tree.items[1].line
        what = f"{len(tree.items)} standbys; this version sets up one standby at a time"
        raise TopologyError(top.source, second, what, "keep one, and write a topology file for each of the others")
    return tuple(_standby(top.source, line, item) for item in tree.items)


def _standby(source: Path, line: int, tree: Tree) -> Node:
    return _node(Fields(source, "the standby", tree, line=max(line, tree.line)), standby=True)


def _replication(fields: Fields) -> Replication:
    made = Replication(
        user=fields.text_or("user", role_name, "replicator"),
        sslmode=fields.text_or("sslmode", one_of(SSL_MODES), "require"),
        slot=fields.flag("slot", default=True),
    )
    fields.finish()
    return made


def _ssh_config(top: Fields) -> Path | None:
    """The ssh configuration to read in place of the operator's; relative paths start at the topology file."""
    value = top.optional("ssh_config", printable)
    if value is None:
        return None
    try:
        path = top.source.parent.absolute() / Path(value).expanduser()
        found = path.is_file()
    except (OSError, RuntimeError, ValueError) as error:
        raise top.error("ssh_config", f"'ssh_config' cannot be read: {error}", "check the path") from None
    if not found:
        raise top.error("ssh_config", f"there is no file {path}", "the path starts at the folder of the topology file")
    return path


def _two_clusters(top: Fields, topology: Topology) -> None:
    """The standby must not be the primary: refuse what can be seen in the file; preflight proves the rest."""
    primary, standby = topology.primary, topology.standbys[0]
    if not same_destination(primary.ssh, standby.ssh):
        return
    what = f"the standby is the primary: both are {standby.ssh}"
    if not topology.same_machine:
        raise top.error("standbys", what, "give the second server, or 'same_machine: true' for two clusters on one")
    if not _named(primary) or not _named(standby):
        raise top.error("standbys", what, "name the cluster, or bin and data, of both: they share a machine")
    if _named(primary) == _named(standby):
        raise top.error("standbys", f"{what} and {_named(standby)}", "the standby needs a cluster of its own")


def _named(node: Node) -> str:
    return node.cluster or (posixpath.normpath(node.data) if node.data else "")
