"""A round trip of half a second: it takes minutes, and it works."""

from pathlib import Path

from tests.hosts.far_away import far_away
from tests.hosts.pair import DebianPair, ended
from tests.hosts.rootfs import Release


async def test_half_a_second_away(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        await pair.set_up(pair.topology("root"))
        near = pair.ssh_config.read_text()
        hosts = (pair.db1, pair.db2)
        async with far_away(pair.hub, 3001, hosts[0].address, 0.25), far_away(pair.hub, 3002, hosts[1].address, 0.25):
            for port, host in zip((3001, 3002), hosts, strict=True):
                way = f"HostName 10.77.0.1\n  Port {port}\n  HostKeyAlias {host.name}\n"
                near = near.replace(f"HostName {host.address}\n", way)
                with (tmp_path / "known_hosts").open("a") as known:
                    known.write(f"[{host.name}]:{port} {pair.host_keys[host.name]}\n")
            pair.ssh_config.write_text(near)
            again = await ended(await pair.start("run", str(pair.topology("root"))), limit=900)
            assert (again.code, again.changed()) == (0, []), again.out
