"""All clusters of a host: the scripts run for real, what they say is read, and each place is looked at."""

import os
import subprocess
from pathlib import Path

import pytest

from pgrepl_tui.hosts.host import Command, Result
from pgrepl_tui.postgres import list_scripts
from pgrepl_tui.postgres.found import FoundCluster, Standing
from pgrepl_tui.postgres.list_clusters import (
    Overview,
    found_alone,
    look,
    overview,
    parse_overview,
    running,
    size,
    where_of,
)
from pgrepl_tui.postgres.locate import Where
from tests.unit.scripted_host import ScriptedHost, really

SAMPLE = (Path(__file__).parents[1] / "data" / "controldata" / "17-in-production.txt").read_text()


def control_of(state: str) -> str:
    """What pg_controldata prints for a cluster in this state."""
    said = SAMPLE.replace("in production", state)
    assert state in said
    return said


DEBIAN = "debian\t15 main    5432 online postgres /var/lib/postgresql/15/main    /var/log/postgresql/15-main.log\n"
PLACE = FoundCluster("", "/srv/data", "pg", bin="/opt/bin")
LOOKED = "data=/srv/data\nexists=yes\npg_version=15\npg_control=yes\nserver=postgres (PostgreSQL) 15.4\n"


def host_with(looked: str, state: str = "in production") -> ScriptedHost:
    """A host where a look at a place says this, and its control file that."""
    host = ScriptedHost().on("look at", looked).on("/postgresql.conf", "port = 5434\n")
    return host.on("pg_controldata", control_of(state))


async def only(host: ScriptedHost, place: FoundCluster = PLACE, given: Where | None = None) -> FoundCluster:
    (found,) = await look(host, [place], given)
    return found


@pytest.mark.parametrize(
    ("state", "pid", "standing", "note"),
    [
        ("in production", "pid=7\n", Standing.PRIMARY, ""),
        ("in archive recovery", "pid=7\n", Standing.STANDBY, ""),
        ("starting up", "pid=7\n", Standing.UNKNOWN, "starting up"),
        ("shut down", "", Standing.DOWN, ""),
        ("in production", "", Standing.DOWN, ""),
        ("shut down in recovery", "", Standing.DOWN, "was a standby"),
    ],
)
async def test_what_a_cluster_is_now(state: str, pid: str, standing: Standing, note: str) -> None:
    found = await only(host_with(LOOKED + pid, state))
    assert (found.standing, found.note) == (standing, note)
    assert (found.version, found.port, found.bin, found.owner) == ("15", 5434, "/opt/bin", "pg")


async def test_a_place_with_nothing_in_it_is_empty_and_one_with_something_else_is_not() -> None:
    host = host_with("data=/srv/data\n").on("postgres -V", "postgres (PostgreSQL) 16.1\n")
    host.on("pg_controldata", err="no such file", status=1).on("ls /srv/data", "")
    found = await only(host)
    assert (found.standing, found.version) == (Standing.EMPTY, "16")
    host.on("ls /srv/data", "holiday.jpg\n")
    found = await only(host)
    assert (found.standing, found.note) == (Standing.UNKNOWN, "its control file cannot be read")
    host.on("ls /srv/data", err="Permission denied", status=2)
    assert (await only(host)).standing is Standing.UNKNOWN


async def test_what_cannot_be_looked_at_is_listed_with_the_reason() -> None:
    too_new = await only(host_with(LOOKED.replace("15.4", "19beta1")))
    assert too_new.standing is Standing.UNKNOWN
    assert "19" in too_new.note
    gone = await only(ScriptedHost().loses("look at"))
    assert (gone.data, gone.note) == ("/srv/data", "db1: the connection is lost")


async def test_one_data_directory_is_listed_once_under_debians_name() -> None:
    host = host_with("data=/var/lib/postgresql/15/main\npid=9\nserver=postgres (PostgreSQL) 15.4\nexists=yes\n")
    named = FoundCluster("15", "/var/lib/postgresql/15/main", "postgres", "15/main", "/usr/lib/postgresql/15/bin", 5432)
    plain = FoundCluster("", "/link/to/main", "postgres", bin="/usr/lib/postgresql/15/bin")
    for places in ([named, plain], [plain, named]):
        (found,) = await look(host, places)
        assert (found.name, found.data) == ("15/main", "/var/lib/postgresql/15/main")


async def test_what_runs_comes_first_and_what_is_empty_last() -> None:
    def looked(command: Command) -> Result:
        data = command.argv[-2]
        return Result(
            0, f"data={data}\nexists=yes\nserver=postgres (PostgreSQL) 15.1\n{running_at(data)}".encode(), b""
        )

    def running_at(data: str) -> str:
        return "pid=5\n" if data == "/c" else ""

    def control(command: Command) -> Result:
        return Result(1, b"", b"no") if command.argv[-1] == "/a" else Result(0, controls(command.argv[-1]), b"")

    def controls(data: str) -> bytes:
        return control_of("in production" if data == "/c" else "shut down").encode()

    host = ScriptedHost().by("look at", looked).on("/postgresql.conf", "").by("pg_controldata", control).on("ls /a", "")
    found = await look(host, [FoundCluster("", data, "pg", bin="/b") for data in ("/a", "/b", "/c")])
    assert [cluster.data for cluster in found] == ["/c", "/b", "/a"]


async def test_what_the_topology_says_about_a_place_counts() -> None:
    host = host_with(LOOKED)
    given = Where(bin="/opt/bin", data="/srv/data", config="/etc/pg", port=7000, os_user="pg")
    assert (await only(host, given=given)).port == 7000
    assert any("/etc/pg/postgresql.conf" in text for text in host.texts)
    assert (await only(host, given=Where(bin="/opt/bin", data="/other", port=7000))).port == 5434


def test_debians_list_is_read_even_with_a_blank_in_the_path_or_no_owner() -> None:
    text = DEBIAN + "debian\t9.6 my-old 5433 down,binaries_missing <unknown> /big disk/9.6 /var/log/x.log\n"
    seen = parse_overview(text + "debian\tnonsense\n", "postgres")
    assert seen.places == (
        FoundCluster("15", "/var/lib/postgresql/15/main", "postgres", "15/main", "/usr/lib/postgresql/15/bin", 5432),
        FoundCluster("9.6", "/big disk/9.6", "postgres", "9.6/my-old", "/usr/lib/postgresql/9.6/bin", 5433),
    )
    assert where_of(seen.places[0]) == Where(cluster="15/main", os_user="postgres")


def test_what_systemd_starts_is_found_where_its_unit_says() -> None:
    text = (
        "unit\tpostgresql-15.service\tUser=postgres\n"
        "unit\tpostgresql-15.service\tEnvironment=PGDATA=/var/lib/pgsql/15/data/ PG_OOM_ADJUST_VALUE=0\n"
        "unit\tpostgresql-15.service\tExecStart={ path=/usr/pgsql-15/bin/postmaster ; "
        "argv[]=/usr/pgsql-15/bin/postmaster -D ${PGDATA} ; ignore_errors=no ; pid=0 ; status=0/0 }\n"
        "unit\tpostgresql-shop.service\tExecStart={ path=/opt/pg/bin/pg_ctl ; "
        "argv[]=/opt/pg/bin/pg_ctl start -D /srv/shop -s -w -t 300 ; ignore_errors=no }\n"
        "unit\tpostgresql-shop.service\tUser=shop\n"
        "unit\tpostgresql.service\tExecStart={ path=/bin/true ; argv[]=/bin/true ; ignore_errors=no }\n"
    )
    assert parse_overview(text, "postgres").places == (
        FoundCluster("", "/var/lib/pgsql/15/data", "postgres", bin="/usr/pgsql-15/bin"),
        FoundCluster("", "/srv/shop", "shop", bin="/opt/pg/bin"),
    )


def test_the_rest_of_an_overview() -> None:
    text = "machine\tid/boot\nuser\tpostgres\nprograms\t/usr/lib/postgresql/15/bin\n"
    text += "folders\tpostgres\t/usr/pgsql-16/bin\t/var/lib/pgsql/16/data\nrunning\tshop\nrunning\tshop\nrunning\t\n"
    place = FoundCluster("", "/var/lib/pgsql/16/data", "postgres", bin="/usr/pgsql-16/bin")
    seen = parse_overview(text, "postgres")
    assert seen == Overview("id/boot", True, ("/usr/lib/postgresql/15/bin",), (place,), ("shop",))
    assert seen.all_owners == ("shop", "postgres")


async def test_the_overview_runs_on_this_machine_as_whoever_logged_in() -> None:
    host = ScriptedHost().by("look for clusters", really)
    seen = await overview(host, "root")
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert seen.machine.endswith(f"/{boot}")
    assert seen.user
    assert host.asked[0].user is None
    assert not (await overview(ScriptedHost().by("look for clusters", really), "no-such-user-here")).user


def test_a_process_that_a_server_started_is_no_server(tmp_path: Path) -> None:
    """The scripts look at real processes: one called postgres, and one of the same name that it started."""
    program = tmp_path / "postgres"
    program.write_bytes(Path("/bin/sh").resolve().read_bytes())
    program.chmod(0o755)
    data = tmp_path / "data dir"
    data.mkdir()
    script = f"echo $$ >postmaster.pid; {program} -c 'read x; :'; :"
    server = subprocess.Popen([program, "-c", script], cwd=data, stdin=subprocess.PIPE)
    try:
        while not (data / "postmaster.pid").exists() or not (data / "postmaster.pid").read_text().strip():
            os.sched_yield()
        said = subprocess.run(list_scripts.running(), capture_output=True, text=True, check=True).stdout
        assert said.splitlines().count(f"{tmp_path}\t{data}") == 1
        (data / "postmaster.pid").write_text("1\n")
        said = subprocess.run(list_scripts.running(), capture_output=True, text=True, check=True).stdout
        assert f"{tmp_path}\t{data}" not in said
    finally:
        server.communicate()


async def test_where_the_servers_of_a_user_run() -> None:
    host = ScriptedHost().on("look for servers of shop", "/opt/pg/bin\t/srv/my data\nnonsense\n")
    assert await running(host, "shop") == [FoundCluster("", "/srv/my data", "shop", bin="/opt/pg/bin")]
    assert host.asked[0].user == "shop"


async def test_the_size_of_a_directory_and_what_takes_too_long(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    cluster = FoundCluster("15", str(tmp_path), "pg")
    host = ScriptedHost().by("du -sk", really)
    measured = await size(host, cluster)
    assert measured is not None
    assert measured >= 100_000
    assert host.asked[0].user == "pg"
    assert host.asked[0].quiet_for <= 15
    assert await size(ScriptedHost().loses("du -sk"), cluster) is None
    assert await size(ScriptedHost().on("du -sk", err="du: cannot access", status=1), cluster) is None


async def test_a_run_finds_the_only_cluster_of_the_user_alone() -> None:
    place = FoundCluster("15", "/srv/data", "pg", bin="/opt/bin")
    host = host_with(LOOKED).on("look for clusters", "folders /opt/bin /srv/data\n")
    assert await found_alone(host, place, "pg")
    assert not await found_alone(host, place, "postgres")
    assert not await found_alone(host_with(LOOKED).on("look for clusters", ""), place, "pg")
    other = host_with(LOOKED.replace("data=/srv/data", "data=/srv/other"))
    assert not await found_alone(other.on("look for clusters", "folders /opt/bin /srv/other\n"), place, "pg")


async def test_nothing_of_it_may_change_a_host() -> None:
    host = host_with(LOOKED).on("look for", "").on("du -sk", "4\t/srv/data\n")
    (cluster,) = await look(host, [PLACE])
    await overview(host, "pg")
    await running(host, "pg")
    await size(host, cluster)
    assert host.asked
    assert host.changes == []
