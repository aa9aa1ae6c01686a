"""Clusters whose parts lie in other places: tablespaces, WAL and data directories behind links, mount points."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pgrepl_tui.lab.client import Lab
from tests.lab.running import Ran, run
from tests.lab.test_odd_places import agreed, cut, give, pg_ctl, sends

MEGABYTES = 4


def folders(lab: Lab, *paths: Path) -> None:
    """Empty folders that the lab's user owns."""
    for path in paths:
        path.mkdir(parents=True)
        give(lab, path)


def linked(lab: Lab, link: Path, target: Path) -> None:
    """Move a folder away, and let a link lead to it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(link, target)
    link.symlink_to(target)
    give(lab, target.parent, link)


def mapped(lab: Lab, *, role: str = "standby", **more: object) -> None:
    """Say more about a side in the topology."""
    said = yaml.safe_load(lab.topology.read_text())
    (said["primary"] if role == "primary" else said["standbys"][0]).update(more)
    lab.topology.write_text(yaml.safe_dump(said, sort_keys=False))


async def tablespace(lab: Lab, host: str, name: str, folder: Path, table: str) -> None:
    """A tablespace with a table of a thousand rows."""
    if not folder.exists():
        folders(lab, folder)
    side = lab.primary if host == "primary" else lab.standby
    await lab.sql(side, f"create tablespace {name} location '{folder}'")
    await lab.sql(side, f"create table {table} tablespace {name} as select generate_series(1, 1000) as n")


async def test_tablespaces_and_wal_elsewhere_are_set_aside_with_their_cluster(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        primary, standby = lab.primary.folder / "ts", lab.standby.folder / "ts"
        await tablespace(lab, "primary", "shared", primary / "one", "in_one")
        await tablespace(lab, "primary", "alone", primary / "two", "in_two")
        await tablespace(lab, "standby", "old", standby / "one", "old_table")
        pg_ctl(lab, lab.standby, "stop")
        linked(lab, lab.standby.data / "pg_wal", lab.standby.folder / "wal/pg_wal")
        linked(lab, lab.standby.data, lab.standby.folder / "real/main")
        pg_ctl(lab, lab.standby, "start")

        ran = await run(tmp_path, "run", str(lab.topology), "--yes")
        assert ran.code == 3, ran.out
        assert f"{primary / 'one'} is the primary's own tablespace: both clusters are on one machine" in ran.out

        mapped(
            lab, tablespaces={str(primary / "one"): str(standby / "one"), str(primary / "two"): str(standby / "2 =")}
        )
        give(lab, standby)
        planned = await run(tmp_path, "run", str(lab.topology), "--plan")
        assert f"--waldir {lab.standby.folder}/wal/pg_wal.pgrepl-new" in planned.out
        assert f"mv -T {standby}/one/PG_17_" in planned.out
        await cut(lab, tmp_path, sends("basebackup", "pg_basebackup"))
        await cut(lab, tmp_path, sends("set-aside", "mv -T"))
        await agreed(lab, tmp_path)
        await both_clusters_are_whole(lab, standby)


async def both_clusters_are_whole(lab: Lab, homes: Path) -> None:
    """The standby reads its tablespaces, its WAL is where the old one's was, and the old one starts with all it had."""
    both = "select (select count(*) from in_one) + (select count(*) from in_two)"
    assert await lab.sql(lab.standby, both) == "2000"
    said = await lab.sql(lab.standby, "select pg_tablespace_location(oid) from pg_tablespace order by oid")
    assert said.splitlines()[-2:] == [str(homes / "one"), str(homes / "2 =")]
    assert (lab.standby.data / "pg_wal").resolve() == lab.standby.folder / "wal/pg_wal"
    assert lab.standby.data.is_symlink()
    (old,) = (lab.standby.folder / "real").glob("main.pgrepl-old-*")
    pg_ctl(lab, lab.standby, "stop")
    pg_ctl(lab, lab.standby, "start", old)
    assert await lab.sql(lab.standby, "select count(*) from old_table") == "1000"
    assert (old / "pg_wal").resolve().name.startswith("pg_wal.pgrepl-old-")
    pg_ctl(lab, lab.standby, "stop", old)


async def test_the_log_is_found_and_read_wherever_the_standby_writes_it(tmp_path: Path) -> None:
    """One set-up; then the standby is stopped, logs otherwise, and a run starts and follows it again."""
    async with Lab.start(megabytes=MEGABYTES) as lab:
        logs = lab.standby.folder / "my logs"
        folders(lab, logs)
        (logs / "old.json").write_text('{"error_severity":"FATAL","state_code":"53100","message":"an old one"}\n')
        conf = lab.standby.data / "postgresql.conf"
        logging(conf, logging_collector="on", log_destination="jsonlog", log_directory=str(logs))
        ran = await agreed(lab, tmp_path)
        assert reads(ran, "LOG:  entering standby mode", "LOG:  started streaming WAL from primary at ")
        assert "an old one" not in ran.recording.read_text(), "what stood there before the start is not read"

        pg_ctl(lab, lab.standby, "stop")
        logging(conf, log_destination="csvlog", log_directory="own", log_filename="always the same.log")
        ran = await agreed(lab, tmp_path)
        assert f"tail -F '{lab.standby.data}/own/always the same.csv'" in ran.recording.read_text()
        assert reads(ran, "LOG:  entering standby mode", "LOG:  started streaming WAL from primary at ")

        pg_ctl(lab, lab.standby, "stop")
        logging(conf, log_destination="syslog")
        ran = await agreed(lab, tmp_path)
        assert "warning  its log goes to syslog, where it cannot be read; its state is asked for instead" in ran.out
        assert reads(ran, "by its state: it takes queries, which", "by its state: its WAL receiver streams, and so")

        pg_ctl(lab, lab.standby, "stop")
        logging(conf, log_destination="stderr", logging_collector="off")
        log = Path(f"{lab.standby.data}.log")
        log.chmod(0o200)
        ran = await agreed(lab, tmp_path)
        assert f"warning  db2: {log} cannot be followed: {log}: Permission denied; its state is asked" in ran.out
        assert reads(ran, "by its state: its WAL receiver streams, and so does its sender on the primary")


def reads(ran: Ran, *lines: str) -> bool:
    """Whether the milestones of a run have these words, each once."""
    told = [line for line in ran.out.splitlines() if line.startswith("           log: ")]
    return all(sum(words in line for line in told) == 1 for words in lines)


def logging(conf: Path, **settings: str) -> None:
    """Say at the end of a configuration file how to log."""
    with conf.open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


async def test_a_huge_configuration_elsewhere_and_a_primary_whose_commits_hang(tmp_path: Path) -> None:
    """WAL level minimal in an include, a socket elsewhere, a reject at the end, synchronous standbys that are gone."""
    async with Lab.start(megabytes=MEGABYTES) as lab:
        etc = await configured_elsewhere(lab)
        conf = lab.standby.data / "postgresql.conf"
        nested = {"a/one.conf": "include 'deep/two.conf'\n", "a/deep/two.conf": "work_mem = '5MB'\n"}
        for name, text in nested.items():
            (lab.standby.data / name).parent.mkdir(exist_ok=True)
            (lab.standby.data / name).write_text(text)
        conf.write_text(f"{padding(10_000)}{conf.read_text()}include 'a/one.conf'\n{padding(10_000)}")
        give(lab, lab.standby.data / "a")

        ran = await agreed(lab, tmp_path)
        assert "commits hang on db1: they wait for 1 of these, and none stream" in ran.out
        assert {"server settings", "restart the primary", "pg_hba rule"} <= set(ran.changed())
        said = await lab.sql(lab.primary, "select current_setting('wal_level'), current_setting('config_file')")
        assert said == f"replica|{etc}/postgresql.conf"
        assert await lab.sql(lab.standby, "show work_mem") == "5MB"
        assert await lab.sql(lab.primary, "select sync_state from pg_stat_replication") == "sync"
        rules = (etc / "pg_hba.conf").read_text().splitlines()
        assert rules[-1].endswith("reject")
        assert any("replicator" in rule for rule in rules)
        await lab.sql(lab.primary, "create table waits_for_the_standby ()")


async def configured_elsewhere(lab: Lab) -> Path:
    """Move the primary's configuration out of its data directory, and make it hard to work with; its folder."""
    side, etc = lab.primary, lab.primary.folder / "etc"
    folders(lab, etc, etc / "conf.d", side.folder / "sockets")
    pg_ctl(lab, side, "stop")
    for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
        shutil.move(side.data / name, etc / name)
    conf, hba = etc / "postgresql.conf", etc / "pg_hba.conf"
    (etc / "conf.d/10-wal.conf").write_text("wal_level = minimal\nmax_wal_senders = 0\ninclude 'more'\n")
    (etc / "conf.d/more").write_text("synchronous_standby_names = '*'\n")
    conf.write_text(f"{padding(10_000)}{conf.read_text()}include_dir 'conf.d'\n{padding(10_000)}")
    logging(
        conf,
        data_directory=str(side.data),
        external_pid_file=str(etc / "pid"),
        unix_socket_directories=f"{side.folder}/sockets, {side.socket_dir}",
    )
    hba.write_text(f"{hba.read_text()}host replication all all reject\nhost all all all reject\n")
    give(lab, etc)
    mapped(lab, role="primary", config=str(etc))
    pg_ctl(lab, side, "start", etc)
    return etc


def padding(lines: int) -> str:
    """Lines such as fill the files of others."""
    return "".join(f"# remark {n}\n" if n % 2 else f"app.setting_{n} = 'value {n}'  # why\n" for n in range(lines))


@pytest.fixture
def mounted() -> Iterator[Path]:
    """An empty file system, mounted."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("to mount a file system needs root")
    place = Path(tempfile.mkdtemp(prefix="pgrepl-mount-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m,mode=700", "tmpfs", place], check=False).returncode:
        place.rmdir()
        pytest.skip("this machine does not let root mount a file system")
    yield place
    subprocess.run(["umount", "-l", place], check=True)
    place.rmdir()


async def test_places_that_cannot_be_renamed_are_refused_before_any_change(tmp_path: Path, mounted: Path) -> None:
    """Mount points and parents of others; a folder inside the mount is as good as any."""
    async with Lab.start(megabytes=MEGABYTES) as lab:
        shutil.chown(mounted, lab.user)
        closed = lab.standby.folder / "closed"
        closed.mkdir(mode=0o755)
        for data, why, remedy in (
            (mounted, "it is a mount point, which cannot be renamed", f"make a folder inside it, {mounted}/main"),
            (closed / "main", f"may not write into {closed}, so there can be no copy", f"chown {lab.user} {closed}"),
        ):
            mapped(lab, data=str(data))
            ran = await run(tmp_path, "run", str(lab.topology), "--yes")
            assert ran.code == 3, ran.out
            assert why in ran.out
            assert remedy in ran.out
            assert ran.changed() == []
        mapped(lab, data=f"{mounted}/main", port=lab.standby.pg_port)
        pg_ctl(lab, lab.standby, "stop")
        ran = await agreed(lab, tmp_path)
        assert "there is no cluster on the standby yet" in ran.out
        assert (mounted / "main/standby.signal").exists()
        pg_ctl(lab, lab.standby, "stop", mounted / "main")
