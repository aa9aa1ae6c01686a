"""The wizard as plain lines, at a terminal, on real hosts: prompts answered one by one, to matching positions."""

import asyncio
import os
import pty
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pgrepl_tui.events import Progress
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.topology import Topology, load
from tests.lab.running import LIMIT, PROGRAM, environment


class Desk:
    """A terminal with the program on it: what it printed, and the keyboard."""

    def __init__(self, master: int, process: asyncio.subprocess.Process) -> None:
        self._master = master
        self.process = process
        self.printed = ""
        self._read = 0
        self._more = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._take)

    def _take(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the program ended, and its side of the terminal with it
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
        self.printed += data.decode()
        self._more.set()

    async def until(self, words: str) -> str:
        """Wait for words behind those that were waited for last; what was printed up to them."""
        try:
            async with asyncio.timeout(LIMIT):
                while (found := self.printed.find(words, self._read)) < 0:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"never printed {words!r}:\n{self.printed[-3000:]}") from None
        before, self._read = self.printed[self._read : found], found + len(words)
        return before

    async def answer(self, words: str, line: str) -> str:
        """Type a line when it is asked for."""
        before = await self.until(words)
        os.write(self._master, line.encode() + b"\n")
        return before

    async def ended(self) -> int:
        """The exit code."""
        async with asyncio.timeout(LIMIT):
            return await self.process.wait()


@asynccontextmanager
async def at_terminal(state: Path, *arguments: str, **more: str) -> AsyncIterator[Desk]:
    master, slave = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, *arguments, stdin=slave, stdout=slave, stderr=slave, env=environment(state, **more)
    )
    os.close(slave)
    desk = Desk(master, process)
    try:
        yield desk
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)


def assert_plain(printed: str) -> None:
    """Nothing that moves the cursor or colours: lines, and the line ends that the terminal makes."""
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)", printed)


async def enter_the_pair(desk: Desk, topology: Topology) -> None:
    """Type what is known of the lab; all else by Enter."""
    await desk.answer("A name for this pair [app-db]: ", "line-lab")
    for node in (topology.primary, *topology.standbys):
        await desk.answer("an ssh alias: ", node.ssh)
        await desk.answer("[it is found out]: ", "not a cluster")
        await desk.answer("write version/name, such as 15/main.\r\n  cluster", "")
        await desk.answer("data directory [it is found out]: ", node.data or "")
        await desk.answer("programs: ", node.bin or "")
        await desk.answer("port [it is found out]: ", str(node.port))
        await desk.answer("reaches it [it is found out]: ", node.address or "")
        await desk.answer("owns the cluster [postgres]: ", node.os_user)


async def test_prompts_alone_lead_from_nothing_to_matching_positions(tmp_path: Path) -> None:
    async with Lab.start(megabytes=64) as lab:
        topology = load(lab.topology)
        assert topology.ssh_config is not None
        (tmp_path / ".ssh").mkdir(mode=0o700)
        (tmp_path / ".ssh" / "config").write_text(topology.ssh_config.read_text())
        saved = tmp_path / "config" / "pgrepl-tui" / "topologies" / "line-lab.yaml"
        more = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "ACCESSIBLE": "1"}
        async with at_terminal(tmp_path, **more) as desk:
            await enter_the_pair(desk, topology)
            await desk.answer("on purpose? yes or no [no]: ", "yes")
            await desk.answer("replication role [replicator]: ", "")
            await desk.answer("[require]: ", "")
            await desk.answer("slot? yes or no [yes]: ", "")
            shown = await desk.answer("run or step or quit [run]: ", "walk")
            assert "Preflight" in shown
            assert "+listen_addresses" in shown
            assert "takes effect by a restart" in shown
            await desk.answer("“walk” is none of the answers", "run")
            await desk.until("Restart the primary")
            await desk.answer("no or yes [no]: ", "y")
            await desk.answer("“y” is none of the answers", "yes")
            await desk.answer("run or step or quit [run]: ", "")
            await desk.answer("no or yes [no]: ", "yes")
            await desk.answer("no or yes [no]: ", "yes")
            await desk.until("WAL positions: match")
            assert await desk.ended() == 0
        assert_plain(desk.printed)
        assert load(saved).name == "line-lab"
        assert_progress_is_sparse(desk)
        async with at_terminal(tmp_path, "--line", str(saved), **more) as desk:
            assert await desk.ended() == 0
        assert "0 changes" in desk.printed


def assert_progress_is_sparse(desk: Desk) -> None:
    """At most a line for each tenth, where the recording has them all."""
    lines = desk.printed.splitlines()
    path = Path(lines[lines.index("recording:") + 1])
    with Recording.open(path) as recording:
        steps = {event.step for event, _ in recording.events() if isinstance(event, Progress)}
    assert steps
    assert len([line for line in lines if re.match(r" +copying", line)]) <= 11


async def test_no_is_what_enter_means_and_refuses(tmp_path: Path) -> None:
    async with Lab.start(megabytes=16) as lab, at_terminal(tmp_path, "--line", str(lab.topology)) as desk:
        await desk.answer("run or step or quit [run]: ", "r")
        await desk.answer("no or yes [no]: ", "")
        assert await desk.ended() == 3
        assert "the operator said no" in desk.printed
        assert_plain(desk.printed)


async def test_the_end_of_the_input_leaves_the_questions_and_ctrl_c_the_run(tmp_path: Path) -> None:
    async with at_terminal(tmp_path, "--line", HOME=str(tmp_path)) as desk:
        await desk.until("A name for this pair [app-db]: ")
        os.write(desk._master, b"\x04")
        assert await desk.ended() == 4
    async with Lab.start(megabytes=16) as lab, at_terminal(tmp_path, "--line", str(lab.topology)) as desk:
        await desk.until("run or step or quit [run]: ")
        desk.process.send_signal(2)
        assert await desk.ended() == 4
        assert "interrupted" in desk.printed
