"""Where systemd runs the server, systemd is the one that starts and stops it."""

from pathlib import Path

from tests.hosts.debian import DebianHost
from tests.hosts.pair import DebianPair
from tests.hosts.rootfs import Release

SINCE = "systemctl show -p ActiveEnterTimestampMonotonic --value 'postgresql@*'"


async def main_process(pair: DebianPair, host: DebianHost) -> str:
    """The unit's main process has to be the postmaster that answers."""
    unit = f"postgresql@{host.release.postgres}-main"
    assert (await host.run(f"systemctl is-active {unit}")).strip() == "active"
    number = (await host.run(f"systemctl show -p MainPID --value {unit}")).strip()
    data = await pair.value(host, "show data_directory")
    assert (await host.run(f"sed -n 1p {data}/postmaster.pid")).strip() == number
    return number


async def test_the_units_are_restarted_and_a_power_cut_brings_the_standby_back(
    release: Release, tmp_path: Path
) -> None:
    async with DebianPair.up(release, tmp_path, init="systemd") as pair:
        before = [await main_process(pair, host) for host in (pair.db1, pair.db2)]
        ran = await pair.set_up(pair.topology("dba"))
        after = [await main_process(pair, host) for host in (pair.db1, pair.db2)]
        assert not set(before) & set(after)
        assert f"systemctl restart postgresql@{release.postgres}-main" in ran.recording.read_text()

        await pair.db2.power_cut()
        await pair.db2.start()
        await pair.db2.run(f"systemctl start postgresql@{release.postgres}-main")
        again = await pair.wizard("run", str(pair.topology("dba")))
        assert (again.code, again.changed()) == (0, []), again.out


async def test_a_login_that_may_not_ask_systemd_is_refused_before_anything_is_changed(
    release: Release, tmp_path: Path
) -> None:
    async with DebianPair.up(release, tmp_path, init="systemd") as pair:
        ran = await pair.wizard("run", str(pair.topology("postgres")), "--yes")
        assert ran.code == 3, ran.out
        assert ran.changed() == []
        assert "postgres ALL=(root) NOPASSWD: ALL" in ran.out
