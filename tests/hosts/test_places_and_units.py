"""Where distributions and administrators put things: Red Hat's folders and units, several clusters, odd ports."""

from pathlib import Path

import pytest

from tests.hosts.debian import DebianHost
from tests.hosts.pair import DebianPair
from tests.hosts.redhat import LAYOUTS, Layout, lay_out
from tests.hosts.rootfs import Release

RECEIVER = "select status from pg_stat_wal_receiver"
STARTED = "select pg_postmaster_start_time()"


async def main_process(pair: DebianPair, host: DebianHost, layout: Layout) -> str:
    """The unit's main process has to be the postmaster that answers."""
    number = (await host.run('systemctl show -p MainPID "$1"', layout.unit)).strip().removeprefix("MainPID=")
    assert (await host.run('sed -n 1p "$1"', f"{layout.data}/postmaster.pid")).strip() == number
    assert await pair.value(host, "show data_directory") == layout.data
    return number


@pytest.mark.parametrize("kind", LAYOUTS, ids=lambda layout: str(layout.name))
async def test_red_hats_folders_and_unit_and_the_standby_keeps_its_own_files(
    release: Release, tmp_path: Path, kind: Layout
) -> None:
    layout = kind.of(release.postgres)
    async with DebianPair.up(release, tmp_path, init="systemd", clusters=False) as pair:
        for host, memory in ((pair.db1, "3MB"), (pair.db2, "7MB")):
            await lay_out(host, layout)
            await host.run('echo "work_mem = $2  # $3" >>"$1/postgresql.conf"', layout.data, memory, host.name)
            await host.run('echo "host all $2 127.0.0.9/32 reject" >>"$1/pg_hba.conf"', layout.data, host.name)
            await host.run('systemctl restart "$1"', layout.unit)
        await pair.create_databases()
        before = [await main_process(pair, host, layout) for host in (pair.db1, pair.db2)]
        own = await pair.db2.run('cat "$1/postgresql.conf" "$1/pg_hba.conf"', layout.data)
        if kind.name == "distribution":  # a standby that is down is found as well, and its unit with it
            await pair.db2.run('systemctl stop "$1"', layout.unit)

        topology = pair.topology("dba", cluster=None)
        ran = await pair.set_up(topology)
        assert f"systemctl restart {layout.unit}" in ran.recording.read_text()
        after = [await main_process(pair, host, layout) for host in (pair.db1, pair.db2)]
        assert not set(before) & set(after)
        assert await pair.value(pair.db2, RECEIVER) == "streaming"
        assert await pair.value(pair.db2, "select count(*) from pg_database where datname = 'app'") == "1"

        assert await pair.value(pair.db2, "show work_mem") == "7MB"
        kept = await pair.db2.run('cat "$1/postgresql.conf" "$1/pg_hba.conf"', layout.data)
        lost = [line for line in own.splitlines() if line not in kept.splitlines()]
        assert not lost, lost
        assert "# db1" not in kept
        assert "host all db1" not in kept

        again = await pair.wizard("run", str(topology))
        assert (again.code, again.changed()) == (0, []), again.out

        await pair.db2.power_cut()
        await pair.db2.start()
        await pair.db2.run('systemctl start "$1"', layout.unit)
        once_more = await pair.wizard("run", str(topology))
        assert (once_more.code, once_more.changed()) == (0, []), once_more.out


async def test_one_of_two_clusters_with_its_port_and_socket_in_conf_d(release: Release, tmp_path: Path) -> None:
    name = f"{release.postgres}/other"
    async with DebianPair.up(release, tmp_path) as pair:
        for host in (pair.db1, pair.db2):
            await host.run("install -d -o postgres -g postgres -m 2775 /run/other")
            await host.run('pg_createcluster --locale C.UTF-8 "$1" other >/dev/null', str(release.postgres))
            folder = f"/etc/postgresql/{name}/conf.d"
            await host.run('echo port = 6543 >"$1/a.conf"', folder)
            await host.run('echo "unix_socket_directories = \'/run/other\'" >"$1/b.conf"', folder)
        await pair.db1.run('pg_ctlcluster "$1" other start', str(release.postgres))
        mains = [await pair.value(host, STARTED) for host in (pair.db1, pair.db2)]

        topology = pair.topology("dba", cluster=name)
        ran = await pair.set_up(topology)
        assert "10.77.0.11" in ran.out
        assert await pair.value(pair.db2, RECEIVER, port=6543, socket="/run/other") == "streaming"
        assert await pair.value(pair.db2, "select pg_is_in_recovery()") == "f"
        assert [await pair.value(host, STARTED) for host in (pair.db1, pair.db2)] == mains
        conninfo = await pair.value(pair.db2, "show primary_conninfo", port=6543, socket="/run/other")
        assert "6543" in conninfo
        again = await pair.wizard("run", str(topology))
        assert (again.code, again.changed()) == (0, []), again.out
