"""Finding a cluster: by Debian's name, by its folders, or the only one; the script that looks is run for real."""

import subprocess
from pathlib import Path

import pytest

from pgrepl_tui.hosts.host import Command, Result
from pgrepl_tui.postgres.cluster import PgCtl, PgCtlCluster, SystemdUnit
from pgrepl_tui.postgres.locate import LOOK, LocateError, Where, locate
from pgrepl_tui.postgres.version import Major, UnsupportedVersionError
from pgrepl_tui.spoken import spoken
from tests.unit.scripted_host import ScriptedHost, really

CONF = "port = 5434\nunix_socket_directories = '/run/pg, /tmp'\nhba_file = '/etc/own/pg_hba.conf'\n"
FOLDERS = Where(bin="/opt/pg/bin", data="/srv/data")
DOWN = "data=/srv/data\nexists=yes\npg_version=15\npg_control=yes\nserver=postgres (PostgreSQL) 15.4\n"
UP = DOWN + "pid=4711\nport=5440\nsocket_dir=/run/own\nlog=/var/log/own.log\n"


def host_with(look: str, conf: str | None = CONF) -> ScriptedHost:
    """A host where a look says this, and postgresql.conf says that."""
    host = ScriptedHost().on("look at", look)
    if conf is None:
        return host.on("/postgresql.conf", err="cat: No such file or directory", status=1)
    return host.on("/postgresql.conf", conf)


async def test_a_running_server_says_itself_where_it_is() -> None:
    cluster = await locate(host_with(UP), FOLDERS)
    assert cluster.major == Major(15)
    assert cluster.data == "/srv/data"
    assert cluster.config == "/srv/data"
    assert cluster.hba == "/etc/own/pg_hba.conf"
    assert (cluster.port, cluster.socket_dir, cluster.log) == (5440, "/run/own", "/var/log/own.log")
    assert cluster.running == 4711
    assert cluster.control == PgCtl()


async def test_of_a_server_that_is_down_its_configuration_tells() -> None:
    cluster = await locate(host_with(DOWN), FOLDERS)
    assert (cluster.port, cluster.socket_dir) == (5434, "/run/pg")
    assert cluster.log == "/srv/data.log"
    assert cluster.running == 0


async def test_without_a_configuration_the_built_in_values_hold() -> None:
    cluster = await locate(host_with(DOWN, conf=None), FOLDERS)
    assert (cluster.port, cluster.socket_dir) == (5432, "/tmp")  # noqa: S108 - the built-in default
    assert cluster.hba == "/srv/data/pg_hba.conf"


async def test_before_9_3_there_was_one_socket_folder() -> None:
    cluster = await locate(host_with(DOWN, "unix_socket_directory = '/run/old'\n"), FOLDERS)
    assert cluster.socket_dir == "/run/old"


@pytest.mark.parametrize(
    ("said", "expected"), [("run", "/srv/data/run"), ("/run/own", "/run/own"), ("@pg", "@pg"), ("", "/srv/data/sock")]
)
async def test_a_sockets_folder_may_be_relative_to_the_data_directory(said: str, expected: str) -> None:
    look = UP.replace("socket_dir=/run/own", f"socket_dir={said}")
    cluster = await locate(host_with(look, "unix_socket_directories = 'sock'\n"), FOLDERS)
    assert cluster.socket_dir == expected


async def test_the_folder_of_a_configuration_leads_to_its_data_directory() -> None:
    """As `pg_ctl -D` takes it: postgresql.conf is there, and says where the data is."""
    elsewhere = UP.replace("/srv/data", "/var/lib/pg")
    host = host_with("data=/srv/data\nexists=yes\nserver=postgres (PostgreSQL) 15.4\n", "data_directory = '/pg'\n")
    host.by("sh /pg /opt/pg/bin", lambda _command: Result(0, elsewhere.encode(), b""))
    cluster = await locate(host, FOLDERS)
    assert (cluster.data, cluster.config, cluster.running) == ("/var/lib/pg", "/srv/data", 4711)
    assert cluster.hba == "/srv/data/pg_hba.conf"


async def test_the_topology_has_the_last_word() -> None:
    where = Where(bin="/opt/pg/bin", data="/srv/data", config="/etc/pg", log="/log", port=6000, os_user="pg")
    host = host_with(UP)
    cluster = await locate(host, where)
    assert (cluster.config, cluster.log, cluster.port, cluster.os_user) == ("/etc/pg", "/log", 6000, "pg")
    assert {command.user for command in host.asked} == {"pg"}
    assert any("/etc/pg/postgresql.conf" in command.argv for command in host.asked)


async def test_a_unit_whose_main_process_is_the_postmaster_starts_and_stops_it() -> None:
    cluster = await locate(host_with(UP + "systemd=yes\nunit=postgresql-15\n"), FOLDERS)
    assert cluster.control == SystemdUnit("postgresql-15")


async def test_a_unit_of_the_topology_holds_where_nothing_is_there_yet() -> None:
    host = host_with("data=/srv/data\nsystemd=yes\n", conf=None).on("/opt/pg/bin/postgres -V", "postgres 16.1\n")
    cluster = await locate(host, Where(bin="/opt/pg/bin", data="/srv/data", unit="postgresql-16"))
    assert cluster.control == SystemdUnit("postgresql-16")
    assert cluster.major == Major(16)
    assert cluster.running == 0


async def test_a_unit_on_a_machine_without_systemd_is_no_unit() -> None:
    cluster = await locate(host_with(UP + "unit=postgresql-15\n"), FOLDERS)
    assert cluster.control == PgCtl()


async def test_no_server_program() -> None:
    with pytest.raises(LocateError, match="no server program /opt/pg/bin/postgres") as caught:
        await locate(host_with("data=/srv/data\nexists=yes\n"), FOLDERS)
    assert "bin" in caught.value.remedy


async def test_a_server_program_that_does_not_run() -> None:
    host = host_with("data=/srv/data\n").on("postgres -V", err="not found", status=127)
    with pytest.raises(LocateError, match="does not run: not found"):
        await locate(host, FOLDERS)


async def test_a_host_that_cannot_be_looked_at() -> None:
    with pytest.raises(LocateError, match="cannot look at /srv/data: no entry"):
        await locate(ScriptedHost().on("look at", err="no entry", status=2), FOLDERS)


@pytest.mark.parametrize("said", ["postgres (PostgreSQL) 19.1", "postgres (PostgreSQL) 8.4.22"])
async def test_a_version_that_is_not_known(said: str) -> None:
    with pytest.raises(UnsupportedVersionError, match="this program knows 9.1"):
        await locate(host_with(f"data=/srv/data\nexists=yes\nserver={said}\n"), FOLDERS)


async def test_debian_keeps_a_cluster_in_folders_of_its_own() -> None:
    host = host_with("data=/var/lib/postgresql/15/main\nexists=yes\n", "port = 5433\n")
    cluster = await locate(host, Where(cluster="15/main"))
    assert cluster.bin == "/usr/lib/postgresql/15/bin"
    assert cluster.config == "/etc/postgresql/15/main"
    assert cluster.hba == "/etc/postgresql/15/main/pg_hba.conf"
    assert cluster.log == "/var/log/postgresql/postgresql-15-main.log"
    assert cluster.socket_dir == "/var/run/postgresql"
    assert cluster.port == 5433
    assert cluster.control == PgCtlCluster("main")
    look = next(command for command in host.asked if command.shown.startswith(spoken("look at")))
    assert look.argv[-2:] == ("/var/lib/postgresql/15/main", "/usr/lib/postgresql/15/bin")


async def test_debians_configuration_may_name_another_data_directory() -> None:
    host = host_with("data=/big/main\n", "data_directory = '/big/main'\n")
    assert (await locate(host, Where(cluster="9.6/main"))).data == "/big/main"
    assert any("/big/main" in text for text in host.texts)


async def test_a_configuration_is_read_as_the_server_reads_it(tmp_path: Path) -> None:
    conf = tmp_path / "postgresql.conf"
    conf.write_text("#port = 1\nport=1111\n  Port 2222 # two\nUNIX_SOCKET_DIRECTORIES = '/run/''x'\nport_x = 5\n")
    host = host_with(DOWN).by("/postgresql.conf", really)
    cluster = await locate(host, Where(bin="/opt/pg/bin", data="/srv/data", config=str(tmp_path)))
    assert (cluster.port, cluster.socket_dir) == (2222, "/run/'x")
    (tmp_path / "postgresql.conf").unlink()
    assert (await locate(host, Where(bin="/b", data="/srv/data", config=str(tmp_path)))).port == 5432


@pytest.mark.parametrize(
    ("unit", "expected"), [(None, "postgresql@15-main"), ("postgresql@15-other", "postgresql@15-other")]
)
async def test_debian_with_systemd(unit: str | None, expected: str) -> None:
    cluster = await locate(host_with("data=/d\nsystemd=yes\n", ""), Where(cluster="15/main", unit=unit))
    assert cluster.control == SystemdUnit(expected)


async def test_a_debian_cluster_that_is_not_there() -> None:
    with pytest.raises(LocateError, match="no cluster 15/main") as caught:
        await locate(host_with("", conf=None), Where(cluster="15/main"))
    assert "pg_lsclusters" in caught.value.remedy


@pytest.mark.parametrize("name", ["main", "15", "15-main", "15/", "/main", "15/main/x", "15/..;rm"])
async def test_what_is_no_debian_name_is_refused_before_anything_is_asked(name: str) -> None:
    host = ScriptedHost()
    with pytest.raises(LocateError, match="is not Debian's version/name"):
        await locate(host, Where(cluster=name))
    assert host.asked == []


async def test_the_only_debian_cluster() -> None:
    host = host_with("data=/d\n", "").on("look for clusters", "debian 15/main /var/lib/postgresql/15/main\n")
    cluster = await locate(host, Where(port=7000, os_user="pg"))
    assert cluster.config == "/etc/postgresql/15/main"
    assert (cluster.port, cluster.os_user) == (7000, "pg")


async def test_the_only_server_that_runs() -> None:
    host = host_with(UP).on("look for clusters", "folders /opt/pg/bin /srv/my data\n")
    cluster = await locate(host, Where(log="/l"))
    look = next(command for command in host.asked if command.shown.startswith(spoken("look at")))
    assert look.argv[-2:] == ("/srv/my data", "/opt/pg/bin")
    assert (cluster.bin, cluster.log) == ("/opt/pg/bin", "/l")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ("", "0 clusters to choose from: none"),
        ("debian 15/main /d\ndebian 16/main /e\n", "2 clusters to choose from: 15/main, 16/main"),
        ("folders /bin /d\nfolders /bin /e\n", "2 clusters to choose from: /d, /e"),
    ],
)
async def test_none_or_several_are_a_question_for_the_topology(found: str, words: str) -> None:
    with pytest.raises(LocateError, match=words) as caught:
        await locate(ScriptedHost().on("look for clusters", found), Where())
    assert "name one in the topology" in caught.value.remedy


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A data directory, and a folder with a server program that says its version."""
    data, programs = tmp_path / "data dir", tmp_path / "bin"
    (data / "global").mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    (data / "global/pg_control").touch()
    programs.mkdir()
    server = programs / "postgres"
    server.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.4'\n")
    server.chmod(0o755)
    return data, programs


def look(data: Path, programs: Path) -> dict[str, str]:
    """What the script says of a real folder."""
    result: Result = really(Command(("/bin/sh", "-c", LOOK, "sh", str(data), str(programs))))
    assert result.status == 0
    assert result.error_text == ""
    return dict(row.split("=", 1) for row in result.text.splitlines())


def test_a_look_at_a_cluster_that_is_down(folders: tuple[Path, Path]) -> None:
    said = look(*folders)
    assert said["data"] == str(folders[0])
    assert said["pg_version"] == "15"
    assert said["server"] == "postgres (PostgreSQL) 15.4"
    assert not {"pid", "port", "log", "unit"} & set(said)


def test_a_look_resolves_a_link(folders: tuple[Path, Path], tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folders[0])
    assert look(link, folders[1])["data"] == str(folders[0])


def test_a_look_at_nothing(folders: tuple[Path, Path], tmp_path: Path) -> None:
    for missing in (tmp_path / "none", tmp_path / "none/deeper"):
        said = look(missing, folders[1])
        assert said["data"] == str(missing)
        assert "exists" not in said


def test_a_postmaster_that_is_gone_does_not_run(folders: tuple[Path, Path]) -> None:
    (folders[0] / "postmaster.pid").write_text("4194305\n/x\n0\n5432\n/tmp\n")
    assert "pid" not in look(*folders)


@pytest.mark.parametrize("to_a_file", [True, False])
def test_a_postmaster_that_runs_is_asked_where_its_log_goes(
    folders: tuple[Path, Path], tmp_path: Path, *, to_a_file: bool
) -> None:
    log = tmp_path / "server.log"
    # A logging collector reads a pipe: that is no path to look at.
    target = log.open("wb") if to_a_file else subprocess.PIPE
    with subprocess.Popen(["sleep", "60"], cwd=folders[0], stderr=target) as process:
        (folders[0] / "postmaster.pid").write_text(f"{process.pid}\n{folders[0]}\n0\n5444\n/run/x\n\n")
        said = look(*folders)
        process.kill()
    assert (said["pid"], said["port"], said["socket_dir"]) == (str(process.pid), "5444", "/run/x")
    assert said.get("log") == (str(log) if to_a_file else None)


def test_a_number_that_is_another_process_by_now_is_no_postmaster(folders: tuple[Path, Path], tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path) as process:
        (folders[0] / "postmaster.pid").write_text(f"{process.pid}\n{folders[0]}\n0\n5444\n/run/x\n\n")
        said = look(*folders)
        process.kill()
    assert "pid" not in said


SYSTEMCTL = r"""#!/bin/sh
case "$1 $4" in
"list-unit-files postgresql*") printf '%s enabled\n' postgresql@.service postgresql-14.service postgresql-15.service ;;
"show "*) case $* in
    *@*) echo Environment=PGDATA=__DATA__ ;;
    *14*) echo Environment=PGDATA=__DATA__-of-another/ ;;
    *) printf '%s\n' "ExecStart={ path=/b/postmaster ; argv[]=/b/postmaster __ARGV__ ; }" "Environment=__ENV__" ;;
    esac ;;
esac
"""


@pytest.mark.parametrize(
    ("argv", "env", "unit"),
    [
        ("-D ${PGDATA}", "PGDATA={}/ PG_OOM_ADJUST_FILE=/proc/self/oom_score_adj", "postgresql-15"),
        ("-D {}", "", "postgresql-15"),
        ("-D ${PGDATA}", "PGDATA=/srv/elsewhere", ""),
        ("--backup {}", "OLD={}", ""),
    ],
)
def test_of_a_server_that_is_down_the_unit_that_starts_it_is_found(
    tmp_path: Path, argv: str, env: str, unit: str
) -> None:
    data, programs = tmp_path / "data", tmp_path / "bin"
    data.mkdir()
    programs.mkdir()
    text = SYSTEMCTL.replace("__ARGV__", argv.replace("{}", str(data))).replace("__ENV__", env.replace("{}", str(data)))
    (programs / "systemctl").write_text(text.replace("__DATA__", str(data)))
    (programs / "systemctl").chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-c", LOOK, "sh", str(data), "/b"],
        env={"PATH": f"{programs}:/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [line for line in done.stdout.splitlines() if line.startswith("unit=")] == ([f"unit={unit}"] if unit else [])
