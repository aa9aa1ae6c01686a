"""Logins and servers that were hardened, or just left odd: each works, or says what stands in the way."""

from pathlib import Path

import pytest

from tests.hosts.pair import DebianPair
from tests.hosts.rootfs import PASSWORD, Release
from tests.hosts.test_ways_in import follows, settings_of

SUDO = "PGREPL_SUDO_PASSWORD_FILE"
FORMS = "find /etc/postgresql /var/lib/postgresql -name .ssh -prune -o ! -type l -exec stat -c '%n %U:%G %a' {} +"


def known_on(pair: DebianPair, *ports: int) -> None:
    """Both hosts' keys are on record for these ports."""
    lines = [
        f"[{host.address}]:{port} {pair.host_keys[host.name]}\n" for host in (pair.db1, pair.db2) for port in ports
    ]
    with (pair.folder / "known_hosts").open("a") as known:
        known.write("".join(lines))


def on_port(pair: DebianPair, login: str, port: int) -> Path:
    """A topology whose hosts are reached on this port."""
    path = pair.topology(login)
    path.write_text(path.read_text().replace("@db1\n", f"@db1:{port}\n").replace("@db2\n", f"@db2:{port}\n"))
    return path


async def test_sudo_in_a_terminal_of_its_own_and_a_shell_that_complains(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        for host in (pair.db1, pair.db2):
            await host.run("echo 'Defaults use_pty, lecture=always' >/etc/sudoers.d/pty")
            await host.run("sed -i '1i echo deprecated >&2' /home/dba/.bashrc /home/typist/.bashrc")
        await pair.set_up(pair.topology("dba"))
        await follows(pair)
        (tmp_path / "sudo").write_text(f"{PASSWORD}\n")
        again = await pair.wizard("run", str(pair.topology("typist")), **{SUDO: str(tmp_path / "sudo")})
        assert (again.code, again.changed()) == (0, []), again.out


@pytest.mark.parametrize("umask", ["077", "000"])
async def test_whatever_the_umask_files_keep_their_modes(release: Release, tmp_path: Path, umask: str) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        for host in (pair.db1, pair.db2):
            await host.run(
                'echo "session optional pam_umask.so nousergroups umask=$1" >>/etc/pam.d/common-session', umask
            )
            await host.run('sed -i "1i umask $1" /home/dba/.bashrc', umask)
        before = {line.split()[0]: line for line in (await pair.db1.run(FORMS)).splitlines()}
        assert umask in await pair.db1.run("su dba -c umask")
        await pair.set_up(pair.topology("dba"))
        await follows(pair)
        after = {line.split()[0]: line for line in (await pair.db1.run(FORMS)).splitlines()}
        assert {name: line for name, line in after.items() if name in before} == {
            name: line for name, line in before.items() if name in after
        }
        new = await pair.db2.run(FORMS)
        loose = [line for line in new.splitlines() if "/var/lib/postgresql/" in line and line[-2:] != "00"]
        assert [line.split()[0] for line in loose] == [f"/var/lib/postgresql/{release.postgres}"], loose
        assert "main.pgrepl-old-" in new


async def test_one_session_a_connection_and_nothing_forwarded(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        known_on(pair, 2301)
        for host in (pair.db1, pair.db2):
            await host.run("echo 'Authorized use only' >/etc/issue.net; echo 'Work tonight' >/etc/motd")
            await host.sshd(
                2301, MaxSessions="1", DisableForwarding="yes", Banner="/etc/issue.net", PrintMotd="yes", PermitTTY="no"
            )
        ran = await pair.set_up(on_port(pair, "postgres", 2301))
        assert "read from db1:2301 by psql at the host" in ran.out
        await follows(pair)
        await pair.db1.run("timeout 20 sh -c 'while pgrep -a sshd | grep -q postgres; do sleep 0.1; done'")


async def test_a_login_that_runs_no_commands_is_a_stop(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        known_on(pair, 2401, 2402, 2403)
        await pair.db1.sshd(2401, ForceCommand="internal-sftp")
        await pair.db1.sshd(2402, ForceCommand="internal-sftp", ChrootDirectory="/srv")
        await pair.db1.sshd(2403, ForceCommand="echo Backups only")
        before = await settings_of(pair.db1)
        ran = {port: await pair.wizard("run", str(on_port(pair, "dba", port)), "--yes") for port in (2401, 2402, 2403)}
        await pair.db1.run("usermod --shell /usr/sbin/nologin dba")
        ran[22] = await pair.wizard("run", str(pair.topology("dba")), "--yes")
        for port, said in (
            (2401, "db1: the login shell does not run commands"),
            (2402, "db1: the login shell does not run commands"),
            (2403, "db1: the login shell does not run commands: Backups only"),
            (22, "db1: the login shell does not run commands: This account is currently not available"),
        ):
            assert (ran[port].code, ran[port].changed()) == (1, []), ran[port].out
            assert said in ran[port].out
            assert "no forced command" in ran[port].out
        assert await settings_of(pair.db1) == before


async def test_root_where_sudo_wants_a_terminal(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        for host in (pair.db1, pair.db2):
            await host.run("echo 'Defaults requiretty' >/etc/sudoers.d/tty")
        ran = await pair.wizard("run", "--plan", str(pair.topology("root")))
        assert (ran.code, ran.changed()) == (0, []), ran.out
