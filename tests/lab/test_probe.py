"""The test of a connection, on the lab's two hosts: what it finds, what it asks, what stands in its way."""

import asyncio
import contextlib
import os
import socket
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pgrepl_tui.lab.client import Lab
from pgrepl_tui.lab.layout import LabHost
from pgrepl_tui.postgres.found import FoundCluster, Standing
from pgrepl_tui.probe import HostProber
from pgrepl_tui.session.prober import Doing, Heard, Reached, Sudo, Unreached, Wanted
from pgrepl_tui.topology import Node, load
from tests.lab.probed import Answers, probed
from tests.lab.running import LIMIT, set_up

MEGABYTES = 8


async def reached(node: Node, config: Path | None, answers: Answers | None = None) -> Reached:
    """The end of a test that has to work."""
    last = (await probed(node, config, answers))[-1]
    assert isinstance(last, Reached), last
    assert last.complete
    return last


async def unreached(node: Node, config: Path | None, answers: Answers | None = None) -> Unreached:
    """The end of a test that does not get in."""
    last = (await probed(node, config, answers))[-1]
    assert isinstance(last, Unreached), last
    return last


def at(found: Reached, data: Path) -> FoundCluster:
    """The cluster with this data directory; the machine may have others."""
    return next(cluster for cluster in found.clusters if cluster.data == str(data))


def as_lab_user(lab: Lab, *command: str) -> None:
    become = {"user": lab.user, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, capture_output=True, cwd="/", **become)  # type: ignore[call-overload]


def pg_ctl(lab: Lab, host: LabHost, *words: str) -> None:
    as_lab_user(lab, str(host.bin / "pg_ctl"), "-D", str(host.data), "-l", str(host.log), "-w", *words)


@contextlib.asynccontextmanager
async def second_cluster(lab: Lab) -> AsyncIterator[Path]:
    """Another cluster on the standby's host, which is down."""
    data = lab.standby.folder / "second cluster"
    as_lab_user(lab, str(lab.standby.bin / "initdb"), "-D", str(data), "-A", "trust", "--no-sync")
    yield data


async def test_both_hosts_with_nothing_but_their_names(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        one, two = await asyncio.gather(*(reached(Node(name), lab.ssh_config) for name in ("db1", "db2")))
        for host, found in ((lab.primary, one), (lab.standby, two)):
            assert (found.login, found.owner, found.sudo, found.trouble) == (lab.user, lab.user, Sudo.OWN, "")
            assert found.software.startswith("AsyncSSH_")
            cluster = at(found, host.data)
            assert (cluster.standing, cluster.port, cluster.bin) == (Standing.PRIMARY, host.pg_port, str(host.bin))
            assert (cluster.version, cluster.owner, cluster.name, cluster.note) == ("17", lab.user, "", "")
            assert cluster.size is not None
            assert 20_000_000 < cluster.size < 500_000_000
        assert one.machine == two.machine
        assert len(one.machine) > 10

        given = load(lab.topology).primary
        assert at(await reached(given, lab.ssh_config), lab.primary.data).standing is Standing.PRIMARY

        assert (await set_up(lab, tmp_path)).code == 0
        assert at(await reached(Node("db2"), lab.ssh_config), lab.standby.data).standing is Standing.STANDBY
        pg_ctl(lab, lab.standby, "stop", "-m", "fast")
        down = await reached(replaced(given, lab.standby), lab.ssh_config)
        cluster = at(down, lab.standby.data)
        assert (cluster.standing, cluster.note, cluster.port) == (Standing.DOWN, "was a standby", lab.standby.pg_port)


def replaced(node: Node, host: LabHost) -> Node:
    """The node of another host."""
    return Node(host.name, bin=str(host.bin), data=str(host.data), os_user=node.os_user)


async def test_two_clusters_on_one_host_and_a_place_for_a_third() -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab, second_cluster(lab) as second:
        node = Node("db2", bin=str(lab.standby.bin), data=str(second), os_user=lab.user)
        found = await reached(node, lab.ssh_config)
        assert at(found, lab.standby.data).standing is Standing.PRIMARY
        there = at(found, second)
        assert (there.standing, there.port, there.version) == (Standing.DOWN, 5432, "17")
        assert not found.alone
        places = [cluster.data for cluster in found.clusters]
        assert places.index(str(lab.standby.data)) < places.index(str(second))
        assert len(set(places)) == len(places)

        room = lab.standby.folder / "room for one"
        empty = Node("db2", bin=str(lab.standby.bin), data=str(room), os_user=lab.user)
        place = at(await reached(empty, lab.ssh_config), room)
        assert (place.standing, place.version) == (Standing.EMPTY, "17")
        assert not room.exists()


async def test_what_a_test_says_while_it_goes_on_and_that_the_sizes_come_last() -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        heard = await probed(Node("db1"), lab.ssh_config)
        doing = [one.text for one in heard if isinstance(one, Doing)]
        assert doing[:2] == ["connecting to db1", "looking for clusters"]
        lists = [one for one in heard if isinstance(one, Reached)]
        assert at(lists[0], lab.primary.data).size is None
        assert not lists[0].complete
        assert [one.complete for one in lists[:-1]] == [False] * (len(lists) - 1)


async def test_an_unknown_key_is_asked_about_with_its_fingerprint_and_a_yes_puts_it_on_record() -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        known = lab.folder / "known_hosts"
        known.write_text("")
        no = Answers(accepts=False)
        refused = await unreached(Node("db1"), lab.ssh_config, no)
        assert refused.unknown_key
        assert known.read_text() == ""
        yes = Answers(accepts=True)
        await reached(Node("db1"), lab.ssh_config, yes)
        name = f"[{lab.primary.address}]:{lab.primary.ssh_port}"
        listed = subprocess.run(["ssh-keygen", "-l", "-F", name, "-f", known], capture_output=True, check=True)
        fingerprint = listed.stdout.decode().split()[-1]
        assert fingerprint.startswith("SHA256:")
        assert all(fingerprint in text for text in (no.asked[0], yes.asked[0], refused.what))
        again = Answers()
        await reached(Node("db1"), lab.ssh_config, again)
        assert again.asked == []


async def test_a_changed_key_is_a_stop_and_nobody_is_asked() -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        known = lab.folder / "known_hosts"
        one, two = (line.split(" ", 1) for line in known.read_text().splitlines())
        known.write_text(f"{one[0]} {two[1]}\n{two[0]} {one[1]}\n")
        answers = Answers(accepts=True)
        stop = await unreached(Node("db1"), lab.ssh_config, answers)
        assert "has CHANGED" in stop.what
        assert not stop.unknown_key
        assert answers.asked == []


async def test_a_user_that_is_not_let_in_a_dead_port_and_a_name_that_is_none() -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        wrong = await unreached(Node("nosuchuser@db1"), lab.ssh_config)
        assert "nosuchuser" in wrong.what
        assert wrong.remedy
        with socket.create_server(("127.0.0.1", 0)) as held:
            port = held.getsockname()[1]
        dead = await unreached(Node(f"127.0.0.1:{port}"), lab.ssh_config)
        assert f"127.0.0.1, port {port} refused the connection" in dead.what
        assert "SSH server" in dead.remedy
        nothing = await unreached(Node("a b"), lab.ssh_config)
        assert "no spaces" in nothing.what
        assert "user@host" in nothing.remedy


async def test_a_cluster_of_a_user_that_the_login_may_not_become_is_listed_with_the_reason() -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        node = Node("db1", bin=str(lab.primary.bin), data="/no/such/place", os_user="daemon")
        found = await reached(node, lab.ssh_config)
        shut = at(found, Path("/no/such/place"))
        assert shut.standing is Standing.UNKNOWN
        assert f"{lab.user} may not run commands as daemon" in shut.note
        assert at(found, lab.primary.data).standing is Standing.PRIMARY


async def test_an_abandoned_test_leaves_no_connection_and_no_process() -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        heard: list[Heard] = []
        probing = asyncio.create_task(HostProber().probe(Wanted(Node("db1"), lab.ssh_config), heard.append, Answers()))
        async with asyncio.timeout(LIMIT):
            while not any(isinstance(one, Doing) and "clusters" in one.text for one in heard):
                await asyncio.sleep(0.001)
        probing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probing
        async with asyncio.timeout(LIMIT):
            while any("look" in " ".join(process.command) for process in shells(lab)):
                await asyncio.sleep(0.05)
        assert isinstance(heard[-1], Doing)


def shells(lab: Lab) -> list["Shell"]:
    """The shells that run on the hosts, with what they were told to do."""
    found = []
    for process in lab.processes():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            words = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"sh"):
                found.append(Shell([word.decode("utf-8", "replace") for word in words]))
    return found


@dataclass(frozen=True)
class Shell:
    """A shell."""

    command: list[str]
