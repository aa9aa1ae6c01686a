"""Passwords for SSH: typed at a terminal or read from a file, once a host, and nowhere to be seen."""

import asyncio
import contextlib
import os
import pty
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from pgrepl_tui.session.secret_forms import forms
from tests.hosts.pair import DebianPair
from tests.hosts.rootfs import PASSWORD, Release
from tests.hosts.test_ways_in import follows
from tests.lab.desk import Desk
from tests.lab.running import environment
from tests.lab.test_main_job import watched_processes

FILE = "PGREPL_SSH_PASSWORD_FILE"


def without_a_key(pair: DebianPair) -> None:
    """The operator has no key, so that passwords are all that is left."""
    pair.ssh_config.write_text(pair.ssh_config.read_text().replace(f"IdentityFile {pair.folder}/key", "Compression no"))


async def password_of_dba(pair: DebianPair) -> None:
    """A password for the sudoer who needs none for sudo."""
    for host in (pair.db1, pair.db2):
        await host.run("chpasswd", stdin=f"dba:{PASSWORD}\n".encode())


@contextlib.asynccontextmanager
async def desk(pair: DebianPair, *arguments: str) -> AsyncIterator[Desk]:
    """The program at a terminal, on the hub."""
    master, slave = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *pair.hub.command(sys.executable, "-m", "pgrepl_tui", *arguments),
        stdin=slave, stdout=slave, stderr=slave, env={**environment(pair.folder / "state"), "HOME": str(pair.folder)},
    )  # fmt: skip
    os.close(slave)
    at = Desk(master, process)
    try:
        yield at
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        at.close()


def seen_in(places: list[str]) -> list[str]:
    return [form for form in forms(PASSWORD) for place in places if form in place]


async def test_typed_at_the_terminal_once_a_host_with_a_second_one_for_sudo(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        without_a_key(pair)
        seen: set[str] = set()
        async with watched_processes(seen), desk(pair, "run", str(pair.topology("typist")), "--yes") as at:
            await at.answer("Password of typist on 10.77.0.11, port 22, for SSH: ", "wrong")
            await at.answer("Password of typist on 10.77.0.11, port 22, for SSH (that was not it): ", PASSWORD)
            await at.answer("Password of typist on db1, for sudo: ", PASSWORD)
            await at.answer("Password of typist on 10.77.0.12, port 22, for SSH: ", PASSWORD)
            await at.answer("Password of typist on db2, for sudo: ", PASSWORD)
            assert await at.ended() == 0, at.printed
            await at.until("WAL positions: match")
        assert at.printed.count("?        Password of ") == 5
        await follows(pair)
        recordings = [path.read_text() for path in (tmp_path / "state").rglob("*.jsonl")]
        logs = await pair.db2.run("cat /var/log/postgresql/*.log; find / -xdev -name '*.log' -type f -exec cat {} +")
        assert len(recordings) == 1
        assert not seen_in([*recordings, logs, at.printed, "\n".join(seen)])


async def test_by_the_dialogue_of_pam_with_a_password_from_a_file(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        without_a_key(pair)
        await password_of_dba(pair)
        for host in (pair.db1, pair.db2):
            options = {"ChallengeResponseAuthentication": "yes", "PasswordAuthentication": "no"}
            await host.sshd(2222, **options, AuthenticationMethods="keyboard-interactive")
        known = (tmp_path / "known_hosts").read_text()
        (tmp_path / "known_hosts").write_text(known.replace("10.77.0.11", "[10.77.0.11]:2222"))
        with (tmp_path / "known_hosts").open("a") as more:
            more.write(f"[10.77.0.12]:2222 {pair.host_keys['db2']}\n")
        topology = pair.topology("dba")
        topology.write_text(topology.read_text().replace("@db1", "@db1:2222").replace("@db2", "@db2:2222"))

        (tmp_path / "file").write_text(f"{PASSWORD}\n")
        ran = await pair.wizard("run", str(topology), "--yes", **{FILE: str(tmp_path / "file")})
        assert ran.code == 0, ran.out + ran.err
        await follows(pair)
        again = await pair.wizard("run", str(topology), **{FILE: str(tmp_path / "file")})
        assert (again.code, again.changed()) == (0, [])
        assert not seen_in([ran.out, ran.err, ran.recording.read_text(), again.recording.read_text()])


async def test_what_stands_in_the_way_of_a_password_is_said(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        without_a_key(pair)
        await password_of_dba(pair)
        topology = str(pair.topology("dba"))
        nobody = await pair.wizard("run", topology, "--yes")
        assert "It would take a password, and none was given" in nobody.out
        assert FILE in nobody.out

        missing = await pair.wizard("run", topology, "--yes", **{FILE: str(tmp_path / "nowhere")})
        assert f"{FILE}: {tmp_path}/nowhere cannot be read" in missing.out

        (tmp_path / "file").write_text("wrong\n")
        wrong = await pair.wizard("run", topology, "--yes", **{FILE: str(tmp_path / "file")})
        assert "10.77.0.11, port 22 did not take the password of dba" in wrong.out

        (tmp_path / "file").write_text(f"{PASSWORD}\n")
        await pair.db1.run("chage -d 0 dba")
        expired = await pair.wizard("run", topology, "--yes", **{FILE: str(tmp_path / "file")})
        assert "password" in expired.out
        assert "expired" in expired.out

        await pair.db1.run("passwd --lock dba; usermod --expiredate 1 dba")
        locked = await pair.wizard("run", topology, "--yes", **{FILE: str(tmp_path / "file")})
        for ran in (nobody, missing, wrong, expired, locked):
            assert (ran.code in {1, 3}, ran.changed()) == (True, []), ran.out
            assert not seen_in([ran.out, ran.err, ran.recording.read_text()])
