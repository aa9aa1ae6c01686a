"""What goes wrong gives one clear message, and nothing is lost."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from pgrepl_tui.lab.client import Lab
from tests.lab.running import Ran, finished, run, start, swap_servers

MEGABYTES = 8


async def untouched(lab: Lab) -> tuple[str, str, bytes, bytes]:
    """What must not change when nothing was agreed to: both servers' start times, the primary's files."""
    started = "select pg_postmaster_start_time()"
    conf, hba = (lab.primary.data / name for name in ("postgresql.conf", "pg_hba.conf"))
    servers = await lab.sql(lab.primary, started), await lab.sql(lab.standby, started)
    return *servers, conf.read_bytes(), hba.read_bytes()


async def topology(lab: Lab, tmp_path: Path, old: str, new: str) -> Path:
    """The lab's topology with one thing changed."""
    text = lab.topology.read_text()
    assert old in text
    path = tmp_path / "topology.yaml"
    path.write_text(text.replace(old, new).replace("ssh_config: ssh_config", f"ssh_config: {lab.ssh_config}"))
    return path


def says(ran: Ran, code: int, *words: str) -> None:
    """One clear message, and what to do next."""
    assert ran.code == code, ran.out + ran.err
    for word in words:
        assert word in ran.out, ran.out
    assert "what to do: " in ran.out
    assert "Traceback" not in ran.out + ran.err


async def test_unknown_and_changed_host_keys_are_refused(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        known = lab.folder / "known_hosts"
        text = known.read_text()
        before = await untouched(lab)
        known.write_text("")
        says(await run(tmp_path, "run", str(lab.topology)), 3, "SHA256:", "not known")
        one, two = text.splitlines()
        swapped = f"{one.split(' ', 1)[0]} {two.split(' ', 1)[1]}\n{two.split(' ', 1)[0]} {one.split(' ', 1)[1]}\n"
        known.write_text(swapped)
        says(await run(tmp_path, "run", str(lab.topology)), 1, "changed")
        assert await untouched(lab) == before


async def test_a_target_that_a_restore_left_in_the_primarys_files_stops_a_run(tmp_path: Path) -> None:
    """The primary takes no notice of it; its copy would reach it, and become a server of its own."""
    async with Lab.start(megabytes=MEGABYTES) as lab:
        await lab.sql(lab.primary, "alter system set recovery_target = 'immediate'")
        await lab.sql(lab.primary, "alter system set recovery_target_action = 'promote'")
        before = await untouched(lab)
        says(await run(tmp_path, "run", str(lab.topology), "--yes"), 3, "postgresql.auto.conf", "recovery_target")
        assert await untouched(lab) == before
        await lab.sql(lab.primary, "alter system reset recovery_target")
        assert (await run(tmp_path, "run", str(lab.topology), "--yes")).code == 0
        assert await lab.sql(lab.standby, "select pg_is_in_recovery()") == "t"


async def test_an_unreachable_host_and_a_wrong_key_are_named(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        before = await untouched(lab)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            nobody = free.getsockname()[1]
        config = lab.ssh_config.read_text()
        lab.ssh_config.write_text(config.replace(f"Port {lab.standby.ssh_port}", f"Port {nobody}"))
        says(await run(tmp_path, "run", str(lab.topology)), 1, "db2", "refused")
        lab.ssh_config.write_text(config)
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(lab.folder / "id_ed25519")
        says(await run(tmp_path, "run", str(lab.topology)), 1, "db1", "key")
        assert await untouched(lab) == before


async def test_a_wrong_password_is_refused_before_anything_changes(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        await lab.sql(lab.primary, "create role replicator with login replication password 'the right one'")
        before = await untouched(lab)
        unknown = await run(tmp_path, "run", str(lab.topology), "--yes")
        says(unknown, 3, "replicator", "PGREPL_PASSWORD_FILE")
        wrong = tmp_path / "password"
        wrong.write_text("another one\n")
        ran = await run(tmp_path, "run", str(lab.topology), "--yes", PGREPL_PASSWORD_FILE=str(wrong))
        says(ran, 3, "not the role's password")
        assert await untouched(lab) == before
        wrong.write_text("the right one\n")
        ran = await run(tmp_path, "run", str(lab.topology), "--yes", PGREPL_PASSWORD_FILE=str(wrong))
        assert ran.code == 0, ran.out
        assert "the right one" not in ran.out + ran.recording.read_text()


async def test_swapped_hosts_do_not_touch_the_primary(tmp_path: Path) -> None:
    """Once db2 follows db1, a topology that has them the wrong way round is refused."""
    async with Lab.start(megabytes=MEGABYTES) as lab:
        assert (await run(tmp_path, "run", str(lab.topology), "--yes")).code == 0
        before = await untouched(lab)
        swap_servers(lab)
        says(await run(tmp_path, "run", str(lab.topology), "--yes"), 3, "is itself a standby")
        assert await untouched(lab) == before


async def test_one_cluster_named_twice_is_refused(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        before = await untouched(lab)
        wrong = await topology(lab, tmp_path, str(lab.standby.data), str(lab.primary.data))
        text = wrong.read_text().replace("db2\n", "db1b\n")
        wrong.write_text(text.replace(f"port: {lab.standby.pg_port}", f"port: {lab.primary.pg_port}"))
        config = lab.ssh_config.read_text()
        again = config[config.index("Host db1") : config.index("Host db2")].replace("Host db1", "Host db1b")
        lab.ssh_config.write_text(config + again)
        says(await run(tmp_path, "run", str(wrong), "--yes"), 3, "the standby IS the primary")
        assert await untouched(lab) == before


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 600 MB, which the lab's user may enter."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("a small file system needs root to mount it")
    disk = Path(tempfile.mkdtemp(prefix="pgrepl-disk-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600m,mode=755", "tmpfs", disk], check=False).returncode:
        disk.rmdir()
        pytest.skip("this machine does not let root mount a file system")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)
    disk.rmdir()


async def move_standby(lab: Lab, disk: Path) -> Path:
    """Move the standby's old cluster to another file system and start it there; its new data directory."""
    shutil.chown(disk, lab.user)
    become = {"user": lab.user, "extra_groups": [], "cwd": "/"}
    pg_ctl, new = str(lab.standby.bin / "pg_ctl"), disk / "data"
    for command in (
        [pg_ctl, "-D", lab.standby.data, "-m", "fast", "-w", "stop"],
        ["cp", "-a", lab.standby.data, new],
        [pg_ctl, "-D", new, "-l", lab.standby.log, "-w", "start"],
    ):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **become)  # type: ignore[call-overload]
    return new


async def test_a_full_disk_is_seen_before_anything_changes(tmp_path: Path, small_disk: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        wrong = await topology(lab, tmp_path, str(lab.standby.data), str(await move_standby(lab, small_disk)))
        fill(small_disk, leave=100)
        before = await untouched(lab)
        says(await run(tmp_path, "run", str(wrong), "--yes"), 3, "room for the copy", "make room in")
        assert await untouched(lab) == before


async def test_a_disk_that_fills_up_during_the_copy_leaves_the_old_cluster_running(
    tmp_path: Path, small_disk: Path
) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        other = await topology(lab, tmp_path, str(lab.standby.data), str(await move_standby(lab, small_disk)))
        before = await lab.sql(lab.standby, "select pg_postmaster_start_time()")
        process = await start(tmp_path, "run", str(other), "--yes")
        assert process.stdout is not None
        lines = []
        async for raw in process.stdout:
            lines.append(raw.decode())
            if "replication role: the role" in lines[-1]:
                fill(small_disk, leave=30)
        says(Ran(await finished(process), "".join(lines), ""), 1, "No space left on device")
        assert await lab.sql(lab.standby, "select pg_postmaster_start_time()") == before
        (small_disk / "balloon").unlink()
        ran = await run(tmp_path, "run", str(other), "--yes")
        assert ran.code == 0, ran.out


def fill(disk: Path, *, leave: int) -> None:
    """Fill a file system up to ``leave`` megabytes."""
    free = shutil.disk_usage(disk).free - (leave << 20)
    with (disk / "balloon").open("wb") as balloon:
        os.posix_fallocate(balloon.fileno(), 0, free)
