"""The whole job on Debian hosts: OpenSSH, each way to log in, sudo, and Debian's places for everything."""

from pathlib import Path

from pgrepl_tui.session.secret_forms import forms
from tests.fuzz.leaking import hits, with_tail
from tests.hosts.debian import DebianHost
from tests.hosts.pair import DebianPair
from tests.hosts.rootfs import PASSWORD, Release
from tests.lab.test_main_job import watched_processes

EVERY_LOG = "find /var/log -type f -size -20M -exec cat {} +"
FILES = 'cd /etc/postgresql && find . -type f | sort | xargs stat -c "%n %U:%G %a" && find . -type f | sort | xargs cat'


async def follows(pair: DebianPair) -> None:
    """The standby streams, as its own server says, and its clusters' list too."""
    assert await pair.value(pair.db2, "select status from pg_stat_wal_receiver") == "streaming"
    assert "online,recovery" in await pair.db2.run("pg_lsclusters -h")


async def settings_of(host: DebianHost) -> str:
    """All files below /etc/postgresql, with owners and modes."""
    return await host.run(FILES)


async def test_as_root_and_the_standby_keeps_its_own_configuration(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        major = release.postgres
        await pair.db2.run(f"echo work_mem = 7MB >/etc/postgresql/{major}/main/conf.d/own.conf")
        before = await settings_of(pair.db2)
        ran = await pair.set_up(pair.topology("root"))
        assert "WAL positions: match" in ran.out
        assert ": two machines" in ran.out
        await follows(pair)
        assert await settings_of(pair.db2) == before
        assert await pair.value(pair.db2, "show work_mem") == "7MB"
        assert await pair.value(pair.db2, "select count(*) from pg_database where datname = 'app'") == "1"
        modes = f"stat -c '%U:%G %a' /var/lib/postgresql/{major}/main* /var/log/postgresql/*.log"
        assert set((await pair.db2.run(modes)).splitlines()) == {"postgres:postgres 700", "postgres:adm 640"}

        again = await pair.wizard("run", str(pair.topology("root")))
        assert (again.code, again.changed()) == (0, [])
        assert "done: 0 changes" in again.out


async def test_as_a_sudoer_whose_login_shells_are_csh_and_fish_and_the_cluster_is_found(
    release: Release, tmp_path: Path
) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        await pair.db1.run("usermod --shell /bin/tcsh dba")
        await pair.db2.run("usermod --shell /usr/bin/fish dba")
        topology = pair.topology("dba", cluster=None)
        ran = await pair.set_up(topology)
        assert "as dba, sudo to postgres | as dba, sudo to postgres" in ran.out
        await follows(pair)
        again = await pair.wizard("run", str(topology))
        assert (again.code, again.changed()) == (0, [])


async def test_as_the_owner_with_a_second_cluster_on_the_standbys_host(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        major = release.postgres
        await pair.create_cluster(pair.db2, "second")
        pid = await pair.value(pair.db2, "select pg_postmaster_start_time()", port=5433)
        unnamed = await pair.wizard("run", str(pair.topology("postgres", cluster=None)), "--yes")
        assert unnamed.code == 1
        assert f"db2 has 2 clusters to choose from: {major}/main, {major}/second" in unnamed.out
        assert unnamed.changed() == []

        ran = await pair.set_up(pair.topology("postgres"))
        assert "read from db1 by psycopg over the forwarded socket" in ran.out
        await follows(pair)
        assert await pair.value(pair.db2, "select pg_postmaster_start_time()", port=5433) == pid
        assert await pair.value(pair.db2, "select pg_is_in_recovery()", port=5433) == "f"


async def test_servers_and_operator_that_speak_german(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path, locale="de_DE.UTF-8") as pair:
        for host in (pair.db1, pair.db2):
            assert await pair.value(host, "show lc_messages") == "de_DE.UTF-8"
            await host.run("echo LANG=de_DE.UTF-8 >/etc/default/locale; echo LANG=de_DE.UTF-8 >>/etc/environment")
        topology = pair.topology("dba")
        ran = await pair.wizard("run", str(topology), "--yes", LANG="de_DE.UTF-8", LC_ALL="de_DE.UTF-8")
        assert ran.code == 0, ran.out + ran.err
        await follows(pair)
        log = await pair.db2.run("cat /var/log/postgresql/*.log")
        assert "Datenbanksystem ist bereit" in log
        again = await pair.wizard("run", str(topology))
        assert (again.code, again.changed()) == (0, [])


async def test_what_stands_in_the_way_of_a_login_is_said_before_anything_is_changed(
    release: Release, tmp_path: Path
) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        await pair.db2.run("sed -i '1i echo Welcome to db2' /home/dba/.bashrc")
        noisy = await pair.wizard("run", str(pair.topology("dba")), "--yes")
        assert noisy.code == 1
        assert "db2: the login shell writes text of its own: Welcome to db2" in noisy.out
        assert ".bashrc" in noisy.out

        await pair.db2.run("rm /home/dba/.bashrc")
        await pair.db1.run("echo Defaults requiretty >/etc/sudoers.d/tty")
        terminal = await pair.wizard("run", str(pair.topology("dba")), "--yes")
        assert terminal.code == 1
        assert "Defaults:dba !requiretty" in terminal.out

        (pair.folder / "known_hosts").write_text("")
        unknown = await pair.wizard("run", str(pair.topology("root")), "--yes")
        assert unknown.code == 3
        assert "is not known: ed25519 SHA256:" in unknown.out
        for ran in (noisy, terminal, unknown):
            assert ran.changed() == []


async def test_as_root_where_sudo_is_not_installed(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        for host in (pair.db1, pair.db2):
            await host.run("rm /usr/bin/sudo; ! command -v sudo")
        await pair.set_up(pair.topology("root"))
        await follows(pair)


async def test_as_a_sudoer_with_a_password_which_is_nowhere_to_be_seen(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        topology, variable = pair.topology("typist"), "PGREPL_SUDO_PASSWORD_FILE"
        for host in (pair.db1, pair.db2):
            await host.run("umask 227; echo Defaults logfile=/var/log/sudo.log, loglinelen=0 >/etc/sudoers.d/log")
        nobody = await pair.wizard("run", str(topology), "--yes")
        assert nobody.code == 1
        assert "typist may not run commands as postgres: sudo: a password is required" in nobody.out

        (tmp_path / "wrong").write_text("not it\n")
        wrong = await pair.wizard("run", str(topology), "--yes", **{variable: str(tmp_path / "wrong")})
        assert wrong.code == 1
        assert "incorrect password attempt" in wrong.out

        (tmp_path / "sudo").write_text(f"{PASSWORD}\n")
        planted = with_tail("bs+quote")
        given = {variable: str(tmp_path / "sudo"), "PGREPL_PASSWORD_FILE": str(tmp_path / "role")}
        (tmp_path / "role").write_text(f"{planted.password}\n")
        seen: set[str] = set()
        async with watched_processes(seen):
            ran = await pair.wizard("run", str(topology), "--yes", **given)
        assert ran.code == 0, ran.out
        await follows(pair)
        places = {"output": ran.out, "errors": ran.err, "recording": ran.recording.read_text(), "all": "\n".join(seen)}
        for host in (pair.db1, pair.db2):
            places[f"{host.name}: servers' and sudo's logs"] = logs = await host.run(EVERY_LOG)
            assert "COMMAND=" in logs
            assert "database system is ready" in logs
        await pair.db2.run('! grep -rF "$1" /var/lib/postgresql', PASSWORD)
        assert any(text.startswith("sudo\0-k\0-S\0-p\0") for text in seen)
        for place, text in places.items():
            assert not [form for form in forms(PASSWORD) if form in text], place
        assert hits(planted, {place: text.encode() for place, text in places.items()}) == []
