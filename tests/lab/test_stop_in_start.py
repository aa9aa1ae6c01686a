"""The operator stops a run while pg_ctl starts the standby: the server lives, and the next run takes it from there."""

import asyncio
import signal
from pathlib import Path

from pgrepl_tui.lab.client import Lab
from tests.lab.running import LIMIT, finished, run, start
from tests.lab.test_odd_places import give

PG_CTL = """\
#!/bin/sh
'{real}' "$@"
rc=$?
case " $* " in *" start ") touch '{folder}/began'; n=0
    while [ ! -e '{folder}/go' ] && [ "$n" -lt 600 ]; do sleep 0.1; n=$((n + 1)); done ;;
esac
exit "$rc"
"""
"""As a pg_ctl that waits until the server is up, or is slow: it has started it, and is there for a while."""


def programs_with(lab: Lab, pg_ctl: str) -> Path:
    """The standby's programs, with this pg_ctl among them."""
    folder = lab.standby.folder / "slow"
    folder.mkdir()
    for program in lab.standby.bin.iterdir():
        (folder / program.name).symlink_to(program)
    (folder / "pg_ctl").unlink()
    (folder / "pg_ctl").write_text(pg_ctl.format(real=lab.standby.bin / "pg_ctl", folder=folder))
    (folder / "pg_ctl").chmod(0o755)
    give(lab, folder)
    head, found, tail = lab.topology.read_text().rpartition(f"bin: {lab.standby.bin}")
    assert found
    lab.topology.write_text(f"{head}bin: {folder}{tail}")
    return folder


def server_of(lab: Lab) -> int | None:
    """The standby's process, once it has written its number: pg_ctl did not wait for that."""
    file = lab.standby.data / "postmaster.pid"
    numbers = file.read_text().split() if file.exists() else []
    return int(numbers[0]) if numbers else None


async def test_a_server_that_was_just_started_outlives_the_stop_of_the_run(tmp_path: Path) -> None:
    async with Lab.start(megabytes=8) as lab:
        folder = programs_with(lab, PG_CTL)
        process = await start(tmp_path, "run", str(lab.topology), "--yes")
        async with asyncio.timeout(LIMIT):
            while not (folder / "began").exists() or (server := server_of(lab)) is None:
                assert process.returncode is None, (await process.communicate())[0].decode()
                await asyncio.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert await finished(process) == 4
        assert Path(f"/proc/{server}").exists(), "the server went with the run that had started it"
        (folder / "go").touch()
        again = await run(tmp_path, "run", str(lab.topology), "--yes")
        assert again.code == 0, again.out
        assert server_of(lab) == server
        assert not list((lab.standby.home / ".pgrepl-tui").glob("start-*"))
