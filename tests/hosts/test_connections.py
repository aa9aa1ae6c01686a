"""The test of a connection on Debian hosts: each way to log in, sudo with its password, Debian's list of clusters."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from tests.hosts.debian import DebianHost
from tests.hosts.pair import DebianPair
from tests.hosts.rootfs import PASSWORD, Release
from tests.lab.running import LIMIT, environment

SCRIPT = """
import asyncio, dataclasses, json, sys
from pathlib import Path
from pgrepl_tui.probe import HostProber
from pgrepl_tui.session.prober import Wanted
from pgrepl_tui.topology import Node

class Answers:
    asked = []

    async def host_key(self, text):
        self.asked.append(text)
        return False

    async def password(self, text):
        self.asked.append(text)
        return sys.argv[3] or None

async def main():
    heard, answers = [], Answers()
    await HostProber().probe(Wanted(Node(sys.argv[1]), Path(sys.argv[2])), heard.append, answers)
    last = heard[-1]
    print(json.dumps({"kind": type(last).__name__, "asked": answers.asked, **dataclasses.asdict(last)}, default=str))

asyncio.run(main())
"""


async def probed(pair: DebianPair, destination: str, secret: str = "") -> dict[str, Any]:
    """The end of a test from the hub, as plain values."""
    words = (sys.executable, "-c", SCRIPT, destination, str(pair.folder / "ssh_config"), secret)
    process = await asyncio.create_subprocess_exec(
        *pair.hub.command(*words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**environment(pair.folder / "state"), "HOME": str(pair.folder)},
    )
    async with asyncio.timeout(LIMIT):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    said: dict[str, Any] = json.loads(out)
    return said


async def settings_and_data(host: DebianHost) -> str:
    """What a test must leave as it was: the configuration, and when the servers were started."""
    return await host.run("cd /etc/postgresql && find . -type f | sort | xargs md5sum; ps -C postgres -o pid,lstart")


async def test_each_login_sees_the_clusters_and_says_how_it_becomes_their_owner(
    release: Release, tmp_path: Path
) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        major = str(release.postgres)
        await pair.create_cluster(pair.db2, "second")
        await pair.db2.run(f"pg_ctlcluster {major} second stop")
        before = await settings_and_data(pair.db2)
        for login, secret, sudo in (
            ("root", "", "Sudo.ROOT"),
            ("dba", "", "Sudo.FREE"),
            ("typist", PASSWORD, "Sudo.PASSWORD"),
            ("postgres", "", "Sudo.OWN"),
        ):
            said = await probed(pair, f"{login}@db2", secret)
            assert (said["login"], said["owner"], said["sudo"]) == (login, "postgres", sudo)
            assert said["software"].startswith("OpenSSH_")
            assert len(said["asked"]) == (login == "typist")
            assert [(row["name"], row["standing"], row["port"]) for row in said["clusters"]] == [
                (f"{major}/main", "primary", 5432),
                (f"{major}/second", "down", 5433),
            ]
            assert all(row["size"] > 10_000_000 and row["owner"] == "postgres" for row in said["clusters"])
            assert not said["alone"]
        assert await settings_and_data(pair.db2) == before
        one, two = await probed(pair, "dba@db1"), await probed(pair, "dba@db2")
        assert one["alone"]
        assert [row["name"] for row in one["clusters"]] == [f"{major}/main"]
        assert one["machine"] != two["machine"]


async def test_without_sudos_password_the_clusters_are_listed_all_the_same(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        said = await probed(pair, "typist@db1")
        assert said["sudo"] == "Sudo.WANTS_PASSWORD"
        (row,) = said["clusters"]
        assert (row["name"], row["standing"], row["port"]) == (f"{release.postgres}/main", "?", 5432)
        assert "a password is required" in row["note"]
        assert len(said["asked"]) == 1


async def test_a_standby_and_an_empty_place_are_told_apart(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path, init="systemd") as pair:
        await pair.set_up(pair.topology("root"))
        (row,) = (await probed(pair, "dba@db2"))["clusters"]
        assert row["standing"] == "standby"
        major = str(release.postgres)
        await pair.db2.run(f"systemctl stop postgresql@{major}-main && rm -r /var/lib/postgresql/{major}/main")
        (row,) = (await probed(pair, "dba@db2"))["clusters"]
        assert (row["standing"], row["owner"]) == ("empty", "postgres")
