"""The hosts are what they claim to be, and nothing of them is left behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.hosts.hub import PREFIX, HostFailedError, control_groups, output
from tests.hosts.pair import DebianPair
from tests.hosts.rootfs import Release

ROUND_TRIP = 'exec 3<>"/dev/tcp/$0/22" && read -r -t 60 banner <&3'
STAYS = """
import asyncio, sys
from pathlib import Path
from tests.hosts.pair import DebianPair
from tests.hosts.rootfs import RELEASES
async def main():
    release = next(release for release in RELEASES if release.suite == sys.argv[1])
    async with DebianPair.up(release, Path(sys.argv[2])) as pair:
        print("up", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def left_behind(number: int) -> list[str]:
    """Processes, mounts and links that carry the prefix of a run."""
    word = f"{PREFIX}-{number}-"
    lines: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has just ended
            lines.append(path.read_bytes().decode(errors="replace"))
    return [line for line in [*lines, *Path("/proc/mounts").read_text().splitlines()] if word in line]


def folders(number: int) -> list[Path]:
    """Folders and control groups of a run."""
    places = [Path(tempfile.gettempdir()), *filter(None, [control_groups()])]
    return [path for place in places for path in place.glob(f"{PREFIX}-{number}-*")]


async def test_a_host_is_a_machine_of_its_own_on_a_network_that_leads_nowhere(release: Release, tmp_path: Path) -> None:
    async with DebianPair.up(release, tmp_path) as pair:
        boots = [(await host.run("cat /proc/sys/kernel/random/boot_id")).strip() for host in (pair.db1, pair.db2)]
        assert len({*boots, Path("/proc/sys/kernel/random/boot_id").read_text().strip()}) == 3
        assert (await pair.db1.run("hostname; hostname -I")).split()[:2] == ["db1", pair.db1.address]
        assert "default" not in await pair.db1.run("ip route")
        assert "default" not in await output(*pair.hub.command("ip", "route"))
        assert (await pair.db1.run("ps -e -o comm= | sort -u | grep -c -x postgres")).strip() == "1"

        reach = pair.hub.command("bash", "-c", ROUND_TRIP, pair.db2.address)
        await output(*reach)
        await pair.db2.power_cut()
        with pytest.raises(HostFailedError):
            await output(*pair.hub.command("timeout", "1", *reach[reach.index("bash") :]))
        await pair.db2.start()
        await output(*reach)
        assert await pair.value(pair.db2, "select count(*) from pg_database where datname = 'legacy'") == "1"
        assert (await pair.db2.run("cat /proc/sys/kernel/random/boot_id")).strip() != boots[1]


async def test_nothing_is_left_of_a_run_that_is_killed(release: Release, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STAYS, release.suite, str(tmp_path),
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    assert left_behind(process.pid)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    async with asyncio.timeout(120):
        while left_behind(process.pid):
            await asyncio.sleep(0.05)
    async with DebianPair.up(release, tmp_path / "next"):
        assert folders(process.pid) == []
    assert folders(os.getpid()) == []
