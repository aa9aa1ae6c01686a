"""Detached jobs on a host, through a real SSH connection."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from pgrepl_tui.hosts import job
from pgrepl_tui.hosts.host import Command, HostError
from pgrepl_tui.hosts.ssh import SshHost, connect
from tests.lab.running import LIMIT


def sh(script: str, *arguments: str) -> Command:
    return Command(("/bin/sh", "-c", script, "sh", *arguments))


async def until(host: SshHost, folder: str, wanted: Callable[[job.JobState], bool]) -> job.JobState:
    async with asyncio.timeout(LIMIT):
        while not wanted(state := await job.state(host, folder, None)):
            await asyncio.sleep(0.02)
    return state


def group_of(folder: Path) -> int:
    return int((folder / "pgid").read_text().split()[0])


def members(group: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(") ")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[3]) == group and fields[0] != "Z":
            found.append(int(entry.parent.name))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal" / "jobs" / "copy 1"


async def test_a_job_runs_to_its_end_and_keeps_its_log(ssh_host: SshHost, folder: Path) -> None:
    command = sh('echo "$1 $X"; printf "\\377\\000" >&2; cat; exit 3', "a 'b'\nc")
    await job.start(ssh_host, str(folder), Command(command.argv, env={"X": "y z"}), None)
    assert await until(ssh_host, str(folder), lambda state: not state.running) == job.JobState("ended", 3)
    piece, offset, state = await job.poll(ssh_host, str(folder), 0, None)
    assert (piece, offset, state.status) == (b"a 'b'\nc y z\n\xff\x00", 14, 3)
    assert (await job.poll(ssh_host, str(folder), offset, None))[0] == b""
    assert (await job.poll(ssh_host, str(folder), 8, None))[0] == piece[8:]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "log").stat().st_mode & 0o777 == 0o600
    assert "exit 3" in (folder / "command").read_text()


async def test_a_job_is_absent_then_running_then_forgotten(ssh_host: SshHost, folder: Path) -> None:
    where = str(folder)
    assert await job.state(ssh_host, where, None) == job.JobState("absent")
    assert await job.poll(ssh_host, where, 0, None) == (b"", 0, job.JobState("absent"))
    await job.start(ssh_host, where, sh("echo up; sleep 60"), None)
    assert (await job.state(ssh_host, where, None)).running
    with pytest.raises(HostError, match="still runs"):
        await job.forget(ssh_host, where, None)
    with pytest.raises(HostError, match="could not be started"):
        await job.start(ssh_host, where, sh("true"), None)
    assert await job.stop(ssh_host, where, None) == job.JobState("ended", 143)
    await job.forget(ssh_host, where, None)
    await job.forget(ssh_host, where, None)
    assert not folder.exists()


async def test_a_job_survives_the_connection_and_is_found_again(ssh_config: Path, folder: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    first = await connect("lab", ssh_config=ssh_config)
    await job.start(first, str(folder), sh('echo before; cat "$1"; echo after; exit 5', str(gate)), None)
    first._connection.abort()
    second = await connect("lab", ssh_config=ssh_config)
    assert (await job.state(second, str(folder), None)).running
    await second.run(sh('echo through > "$1"', str(gate)))
    assert (await until(second, str(folder), lambda state: not state.running)).status == 5
    assert (await job.poll(second, str(folder), 0, None))[0] == b"before\nthrough\nafter\n"
    await second.close()


async def test_a_long_log_comes_in_bounded_pieces(
    ssh_host: SshHost, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "PIECE", 100_000)
    await job.start(ssh_host, str(folder), sh("head -c 250000 /dev/zero"), None)
    await until(ssh_host, str(folder), lambda state: not state.running)
    sizes, offset = [], 0
    while True:
        piece, offset, _state = await job.poll(ssh_host, str(folder), offset, None)
        sizes.append(len(piece))
        if not piece:
            break
    assert sizes == [100_000, 100_000, 50_000, 0]


async def test_stop_ends_every_process_of_the_group(ssh_host: SshHost, folder: Path) -> None:
    await job.start(ssh_host, str(folder), sh("sleep 60 & (sleep 60; sleep 60) & sleep 60"), None)
    group = group_of(folder)
    async with asyncio.timeout(LIMIT):
        while len(members(group)) < 5:
            await asyncio.sleep(0.02)
    await job.stop(ssh_host, str(folder), None)
    assert members(group) == []


async def test_stop_kills_what_does_not_listen(
    ssh_host: SshHost, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_STOP_SECONDS", 0.3)
    await job.start(ssh_host, str(folder), sh("trap '' TERM; echo deaf; sleep 60; sleep 60"), None)
    async with asyncio.timeout(LIMIT):
        while (folder / "log").read_bytes() != b"deaf\n":
            await asyncio.sleep(0.02)
    assert await job.stop(ssh_host, str(folder), None) == job.JobState("ended", 137)
    assert members(group_of(folder)) == []


async def test_a_job_without_process_and_status_is_lost(ssh_host: SshHost, folder: Path) -> None:
    await job.start(ssh_host, str(folder), sh("sleep 60"), None)
    os.killpg(group_of(folder), signal.SIGKILL)
    assert await until(ssh_host, str(folder), lambda state: not state.running) == job.JobState("lost")
    assert await job.stop(ssh_host, str(folder), None) == job.JobState("lost")
    await job.forget(ssh_host, str(folder), None)


async def test_children_without_their_leader_still_are_the_job(ssh_host: SshHost, folder: Path) -> None:
    await job.start(ssh_host, str(folder), sh("sleep 60"), None)
    group = group_of(folder)
    async with asyncio.timeout(LIMIT):
        while len(members(group)) < 2:
            await asyncio.sleep(0.02)
    os.kill(group, signal.SIGKILL)
    async with asyncio.timeout(LIMIT):
        while group in members(group):
            await asyncio.sleep(0.02)
    assert (await job.state(ssh_host, str(folder), None)).running
    await job.stop(ssh_host, str(folder), None)
    assert members(group) == []


@pytest.mark.parametrize("stale", ["start", "boot"])
async def test_a_process_number_that_was_given_away_is_not_the_job(
    ssh_host: SshHost, folder: Path, tmp_path: Path, stale: str
) -> None:
    other = tmp_path / "other"
    await job.start(ssh_host, str(other), sh("sleep 60"), None)
    pid, start, boot = (other / "pgid").read_text().split()
    folder.mkdir(parents=True)
    (folder / "log").touch()
    identity = (pid, str(int(start) - 1), boot) if stale == "start" else (pid, start, "another-boot")
    (folder / "pgid").write_text(" ".join(identity) + "\n")
    assert await job.stop(ssh_host, str(folder), None) == job.JobState("lost")
    assert (await job.state(ssh_host, str(other), None)).running
    await job.stop(ssh_host, str(other), None)


async def test_a_program_that_is_not_there_ends_with_127(ssh_host: SshHost, folder: Path) -> None:
    await job.start(ssh_host, str(folder), Command(("no-such-program",)), None)
    state = await until(ssh_host, str(folder), lambda state: not state.running)
    assert state == job.JobState("ended", 127)
    assert b"not found" in (await job.poll(ssh_host, str(folder), 0, None))[0]


async def test_input_for_a_job_is_refused(ssh_host: SshHost, folder: Path) -> None:
    with pytest.raises(HostError, match="no standard input"):
        await job.start(ssh_host, str(folder), Command(("cat",), stdin=b"x"), None)


async def test_a_host_without_setsid_says_so(ssh_host: SshHost, ssh_home: Path, folder: Path) -> None:
    program = ssh_home / "bin" / "setsid"
    program.write_text("#!/bin/sh\necho 'setsid: broken' >&2; exit 1\n")
    program.chmod(0o755)
    with pytest.raises(HostError, match="could not be started: setsid: broken"):
        await job.start(ssh_host, str(folder), sh("true"), None)
    assert not folder.exists()
