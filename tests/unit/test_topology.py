"""A topology file is read strictly, written back, and never surprises."""

import dataclasses
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui.topology import Node, Replication, Topology, TopologyError, as_mapping, dump, load, loads

SMALL = """\
name: app-db
primary:
  ssh: db1.example.org
standbys:
  - ssh: db2.example.org
"""
FULL = """\
---
name: "Größe № 1"                # a comment
ssh_config: ssh_config
primary:
  ssh: root@db1:2222
  address: 10.0.0.11
  port: 5433
  cluster: 9.6/main
  unit: postgresql@9.6-main
  log: /var/log/postgresql/postgresql-9.6-main.log
  os_user: pg96
same_machine: true
standbys:
  - ssh: db1:2222
    address: fe80::1
    bin: /usr/pgsql-9.6/bin/
    data: /srv//pg/./data
    config: /etc/pg
    tablespaces: {/srv//ts: /fast/ts, "/a b/": "/c=d"}
replication: {user: 'walker', sslmode: verify-full, slot: false}
"""


def test_a_small_file_gets_the_defaults() -> None:
    topology = loads(SMALL, Path("t.yaml"))
    assert topology == Topology(
        name="app-db",
        primary=Node(ssh="db1.example.org"),
        standbys=(Node(ssh="db2.example.org"),),
        replication=Replication(user="replicator", sslmode="require", slot=True),
        same_machine=False,
        ssh_config=None,
        source=Path("t.yaml"),
    )
    assert topology.primary.os_user == "postgres"


def test_every_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "ssh_config").touch()
    topology = loads(FULL, tmp_path / "t.yaml")
    assert topology.name == "Größe № 1"
    assert topology.ssh_config == tmp_path / "ssh_config"
    assert topology.same_machine
    assert topology.primary == Node(
        ssh="root@db1:2222",
        address="10.0.0.11",
        port=5433,
        cluster="9.6/main",
        unit="postgresql@9.6-main",
        log="/var/log/postgresql/postgresql-9.6-main.log",
        os_user="pg96",
    )
    assert topology.standbys == (
        Node(
            ssh="db1:2222",
            address="fe80::1",
            bin="/usr/pgsql-9.6/bin",
            data="/srv/pg/data",
            config="/etc/pg",
            tablespaces=(("/srv/ts", "/fast/ts"), ("/a b", "/c=d")),
        ),
    )
    assert topology.replication == Replication("walker", "verify-full", slot=False)


@pytest.mark.parametrize("text", [SMALL.replace("\n", "\r\n"), "\ufeff" + SMALL, SMALL + "...\n", SMALL + "\n\n# end"])
def test_files_of_other_editors_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(text.encode())
    assert load(path) == dataclasses.replace(loads(SMALL, path), source=path)


@pytest.mark.parametrize(
    "ssh",
    ["db1", "me@db1", "db1:22", "me@10.0.0.1:2222", "[::1]:22", "me@[fe80::1%eth0]", "::1"],
)
def test_ssh_destinations_that_are_read(ssh: str) -> None:
    assert loads(SMALL.replace("db1.example.org", f"'{ssh}'"), Path("t")).primary.ssh == ssh


def test_a_dump_reads_back_equal(tmp_path: Path) -> None:
    (tmp_path / "ssh_config").touch()
    for text in (SMALL, FULL):
        topology = loads(text, tmp_path / "t.yaml")
        assert loads(dump(topology), tmp_path / "t.yaml") == topology


NO_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104 - refused, not bound
HOST = st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True)
FOLDER = st.from_regex(r"(/[ \w.+-]{0,9}[\w+-]){1,3}", fullmatch=True).filter(str.isprintable)
NODES = st.builds(
    Node,
    ssh=HOST,
    address=st.none() | HOST | st.ip_addresses().map(str).filter(lambda ip: ip not in NO_ADDRESS),
    port=st.none() | st.integers(1, 65535),
    unit=st.none() | st.from_regex(r"[a-z0-9][a-z0-9@-]{0,20}", fullmatch=True),
    log=st.none() | FOLDER,
    os_user=st.from_regex(r"[a-z_][a-z0-9_-]{0,20}", fullmatch=True).filter(lambda name: name != "root"),
).flatmap(
    lambda node: st.one_of(
        st.just(node),
        st.from_regex(r"[0-9]{1,2}/[a-z]{1,9}", fullmatch=True).map(lambda c: dataclasses.replace(node, cluster=c)),
        st.tuples(FOLDER, FOLDER, st.none() | FOLDER).map(
            lambda f: dataclasses.replace(node, bin=f[0], data=f[1], config=f[2])
        ),
    )
)
NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=15)
TOPOLOGIES = st.builds(
    Topology,
    name=NAMES
    | st.sampled_from(["no", "1", "12:30:45", "0x1f", "null", "2001-01-01", "- a", "a: b", "#", "'", '"', "1e3"]),
    primary=NODES,
    standbys=NODES.map(lambda node: (dataclasses.replace(node, ssh="other." + node.ssh),)),
    replication=st.builds(
        Replication,
        user=NAMES.filter(lambda n: not n.startswith("pg_")),
        sslmode=st.sampled_from(["disable", "require"]),
    ),
    same_machine=st.booleans(),
    source=st.just(Path("t.yaml")),
).filter(lambda t: t.primary.ssh != t.standbys[0].ssh)


@settings(max_examples=60, deadline=None)
@given(TOPOLOGIES)
def test_any_topology_survives_its_file(topology: Topology) -> None:
    assert loads(dump(topology), Path("t.yaml")) == topology


def test_a_mapping_of_it_is_plain_and_complete() -> None:
    assert as_mapping(loads(SMALL, Path("t.yaml"))) == {
        "name": "app-db",
        "primary": {"ssh": "db1.example.org", "os_user": "postgres"},
        "same_machine": False,
        "standbys": [{"ssh": "db2.example.org", "os_user": "postgres"}],
        "replication": {"user": "replicator", "sslmode": "require", "slot": True},
    }


FOREVER = 30
"""Seconds that only a bomb that goes off would take, however slow the machine is."""


def _read(path: Path) -> TopologyError | None:
    try:
        load(path)
    except TopologyError as error:
        return error
    return None


def _reads_or_refuses(path: Path) -> None:
    began = time.monotonic()
    error = _read(path)
    assert time.monotonic() - began < FOREVER
    if error:
        assert str(error).startswith(str(path))
        assert str(error).isprintable()
        assert error.meant


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=300))
def test_random_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "random.yaml"
    path.write_bytes(data)
    _reads_or_refuses(path)


PIECES = st.sampled_from(
    [
        *[
            "\n",
            "  ",
            "\t",
            ": ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "&a ",
            "*a",
            "<<: ",
            "!!x ",
            '"',
            "'",
            "\\x",
            "#",
            "|\n",
            "%",
        ],
        *["no", "1e9", "\r", "\u2028", "\x00", "\ud800", "? ", "name: ", "ssh: ", "-", "@", "~", "/", "..", "\\ud800"],
        *["---\n", ">\n", "\U000e0041"],
    ]
)


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from([SMALL, FULL]),
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 9), PIECES | st.text(max_size=5)), min_size=1, max_size=4),
)
def test_mutated_files_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, cuts: list[tuple[int, int, str]]
) -> None:
    for place, length, piece in cuts:
        at = place % (len(text) + 1)
        text = text[:at] + piece + text[at + length :]
    path = tmp_path_factory.getbasetemp() / "mutated.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    _reads_or_refuses(path)


def _bomb(of: str) -> str:
    """Ten lines, each of which repeats the one before ten times, written with ``of``."""
    lines = [f"a{i}: &a{i} " + of.format(", ".join([f"*a{i - 1}"] * 10)) for i in range(1, 11)]
    return "\n".join(["a0: &a0 {x: 1}", *lines])


BOMBS = {
    "alias bomb": _bomb("[{}]"),
    "merge bomb": _bomb("{{<<: [{}]}}"),
    "half a million numbers": "a: [" + "1," * 490_000 + "1]",
    "a list of lines": "- 1\n" * 240_000,
    "a deep list": "[" * 900_000,
    "a deep block": "- " * 450_000 + "x",
    "deep mappings": "{a: " * 200_000,
    "many keys": "".join(f"k{i}: 1\n" for i in range(80_000)),
    "complex keys": "? " * 400_000,
    "a huge key": "x" * 990_000 + ": 1",
    "a huge quoted key": "? '" + "x" * 990_000 + "'\n: 1",
    "a huge name": "name: " + "x" * 990_000,
    "a huge number": SMALL.replace("ssh: db1.example.org", "ssh: db1.example.org\n  port: " + "1" * 900_000),
    "comments": "#\n" * 490_000,
    "over a megabyte": "#" * 1_000_001,
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "python"])
def test_bombs_are_refused_before_they_go_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bomb: str, *, pure: bool
) -> None:
    if pure:
        monkeypatch.delattr("yaml.CSafeLoader", raising=False)
    path = tmp_path / "bomb.yaml"
    path.write_text(BOMBS[bomb])
    began = time.monotonic()
    with pytest.raises(TopologyError) as caught:
        load(path)
    assert time.monotonic() - began < FOREVER
    assert len(str(caught.value)) < len(str(path)) + 300
