"""A server that stops or starts is waited for as long as it makes headway, and is given up when nothing moves."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Note
from pgrepl_tui.hosts.host import Command, ConnectionLostError, Result, Sink
from pgrepl_tui.steps import headway
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.headway import LOOK, LOOK_EVERY, STILL_FOR, TELL_EVERY, run_while_it_moves
from pgrepl_tui.steps.step import StepError
from tests.unit import virtual_time
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import Two, two

STOP = Command(("pg_ctl", "stop"), user="postgres", changes=True)
AN_HOUR = 3600.0


def looks(pair: Two) -> list[Command]:
    return [command for command in pair.standby.asked if LOOK in command.argv]


class Slow:
    """A host's ``run`` that takes its time over the stop, and answers the look as it is told."""

    def __init__(self, pair: Two, seconds: float, said: list[str]) -> None:
        self._seconds, self._said, self._run = seconds, said, pair.standby.run
        pair.standby.by("has read and written", self._look)
        pair.standby.run = self.run  # type: ignore[method-assign]
        self.given_up = False

    def _look(self, _command: Command) -> Result:
        return Result(0, (self._said.pop(0) if len(self._said) > 1 else self._said[0]).encode(), b"")

    async def run(self, command: Command, sink: Sink | None = None) -> Result:
        if command != STOP:
            return await self._run(command, sink)
        try:
            await asyncio.sleep(self._seconds)
        except asyncio.CancelledError:
            self.given_up = True
            raise
        return Result(0, b"server stopped\n", b"")


def test_a_stop_that_takes_an_hour_is_waited_for_as_long_as_bytes_move() -> None:
    async def work() -> None:
        pair = two()
        Slow(pair, AN_HOUR, [f"7 {number} postgres: checkpointer\n" for number in range(2000)])
        assert (await run_while_it_moves(pair.ctx.standby, STOP)).text == "server stopped\n"
        assert virtual_time.clock() == pytest.approx(1000 + AN_HOUR)
        told = [command for command in looks(pair) if not command.poll]
        assert 0 < len(told) <= AN_HOUR / TELL_EVERY
        assert len(looks(pair)) > len(told)
        assert [event.text for event in pair.told.events if isinstance(event, Note)] == [
            "db2: the server in /srv/pg/data takes its time; it is waited for as long as something moves"
        ]

    virtual_time.run(work())


@pytest.mark.parametrize(
    ("said", "named"),
    [("7 5000 postgres: walsender db2\n9 1 postgres\n", "process 7 (postgres: walsender db2)"), ("", "no process")],
)
def test_one_in_which_nothing_moves_is_given_up_and_what_is_left_is_named(said: str, named: str) -> None:
    async def work() -> None:
        pair = two()
        slow = Slow(pair, AN_HOUR, ["7 1 postgres: walsender db2\n", said])
        with pytest.raises(StepError, match="nothing has moved for 120 s") as caught:
            await run_while_it_moves(pair.ctx.standby, STOP)
        assert named in caught.value.what
        assert slow.given_up
        assert STILL_FOR <= virtual_time.clock() - 1000 <= STILL_FOR + 4 * LOOK_EVERY

    virtual_time.run(work())


def test_a_process_that_goes_and_a_disk_that_writes_are_headway_a_title_is_none() -> None:
    async def work(said: list[str]) -> None:
        pair = two()
        Slow(pair, 200.0, said)
        await run_while_it_moves(pair.ctx.standby, STOP)

    virtual_time.run(work(["7 1 a\n8 1 b\n"] * 20 + ["8 1 b\n"]))
    virtual_time.run(work([f"7 1 a\ndisk {number}\n" for number in range(100)]))
    with pytest.raises(StepError):
        virtual_time.run(work([f"7 1 walsender 0/{number}\n" for number in range(100)]))


def test_a_stop_that_is_over_at_once_is_not_looked_at() -> None:
    async def work() -> None:
        pair = two()
        Slow(pair, 1.0, ["7 1 a\n"])
        await run_while_it_moves(pair.ctx.standby, STOP)
        assert not looks(pair)

    virtual_time.run(work())


def test_the_end_of_the_command_is_told_as_it_was() -> None:
    async def work() -> None:
        pair = two()
        pair.standby.loses("pg_ctl stop")
        with pytest.raises(ConnectionLostError):
            await run_while_it_moves(pair.ctx.standby, STOP)

    virtual_time.run(work())


@contextmanager
def working_in(folder: Path, script: str) -> Iterator[None]:
    """A process whose working folder is a data directory, as all of a server's."""
    with subprocess.Popen(["/bin/sh", "-c", script], cwd=folder, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it is there
        try:
            yield
        finally:
            process.kill()


def here(folder: Path) -> Side:
    pair = two()
    pair.standby.by("has read and written", really)
    side = pair.ctx.standby
    side.cluster = replace(side.cluster, data=str(folder))
    return side


@pytest.mark.parametrize("name", ["data", "data [1] *"])
async def test_real_processes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that writes moves; one that sleeps does not; one that works elsewhere is nothing to us."""
    folder = tmp_path / name
    folder.mkdir()
    monkeypatch.setattr(headway, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(headway, "STILL_FOR", 0.5)
    writes = "echo; while :; do echo x >/dev/null; done"
    with working_in(folder, writes):
        look = headway.Headway(here(folder)).look
        end = asyncio.get_running_loop().time() + 1.5
        while asyncio.get_running_loop().time() < end:
            await look()
    with working_in(tmp_path, writes), working_in(folder, "echo; exec sleep 60"):
        look = headway.Headway(here(folder)).look
        with pytest.raises(StepError, match=r"\(sleep 60\)$"):
            await forever(look)


async def forever(look: Callable[[], Awaitable[None]]) -> None:
    while True:
        await look()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users of one group less")
def test_a_server_of_another_group_counts_by_its_processor_time() -> None:
    """What it reads and writes, and where it works, only processes with its user and its group may see."""
    with tempfile.TemporaryDirectory() as name, as_nobody("echo; while :; do :; done", group=65534) as busy:
        Path(name).chmod(0o755)
        (Path(name) / "postmaster.pid").write_text(f"{busy.pid}\n{name}\n")
        seen: set[bytes] = set()
        end = time.monotonic() + 60
        while len(seen) < 3 and time.monotonic() < end:
            with as_nobody(LOOK, name, group=0) as look:
                assert look.stdout is not None
                (line,) = look.stdout.read().splitlines()
            assert line.split()[0] == str(busy.pid).encode()
            seen.add(line.split()[1])
        assert len(seen) == 3


@contextmanager
def as_nobody(script: str, *arguments: str, group: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A script of the user nobody, in a group."""
    argv = ["/bin/sh", "-c", script, "sh", *arguments]
    with subprocess.Popen(argv, user=65534, group=group, extra_groups=[], cwd="/", stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()
