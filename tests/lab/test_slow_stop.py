"""A real server that takes long to stop is waited for as long as it moves, and one that hangs is given up and named.

At a fast shutdown a server archives what WAL there is before it goes; how long that takes is up to archive_command.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pgrepl_tui.hosts.ssh import connect
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.steps import headway
from pgrepl_tui.steps.carry import carry_out
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.headway import run_while_it_moves
from pgrepl_tui.steps.recorded import RecordedHost
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.topology import load
from tests.lab.running import LIMIT
from tests.lab.test_odd_places import pg_ctl
from tests.unit.scripted_pair import KeepingReporter, no_connection, no_secret

WRITES = "test ! -e {0}/slow || for i in 1 2 3 4 5 6 7 8; do echo %p >>{0}/wrote; sleep 0.5; done"
HANGS = "test ! -e {0}/slow || sleep 600"


async def ask_for(side: Side, action: Action) -> None:
    """As the steps ask for a stop, and for a restart."""
    if action is Action.RESTART:
        await carry_out(side, action)
    else:
        await run_while_it_moves(side, side.cluster.control.command(action, side.cluster))


@asynccontextmanager
async def standby_of(lab: Lab) -> AsyncIterator[tuple[Side, KeepingReporter]]:
    """The lab's second server, found over SSH as a run finds it."""
    topology, reporter = load(lab.topology), KeepingReporter()
    ctx = Context(topology, reporter, no_connection, no_secret, "0")
    host = await connect(topology.standbys[0].ssh, ssh_config=topology.ssh_config)
    ctx.hosts["standby"] = RecordedHost(host, ctx)
    try:
        yield await find_side(ctx, "standby"), reporter
    finally:
        await host.close()


async def archives(lab: Lab, command: str) -> None:
    """Let the server archive by this command, which is slow from now on; there is WAL to be archived."""
    for setting in ("archive_mode = on", f"archive_command = '{command.format(lab.standby.home)}'"):
        await lab.sql(lab.standby, f"alter system set {setting}")
    pg_ctl(lab, lab.standby, "restart")
    await lab.sql(lab.standby, "create table if not exists written ()")
    (lab.standby.home / "slow").touch()


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that gives up after two seconds in which nothing moves, and looks often."""
    for name, seconds in (("LOOK_EVERY", 0.3), ("TELL_EVERY", 1.0), ("STILL_FOR", 2.0)):
        monkeypatch.setattr(headway, name, seconds)


async def test_a_stop_that_takes_longer_than_nothing_may_move_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    async with Lab.start(megabytes=1) as lab, standby_of(lab) as (side, reporter):
        await archives(lab, WRITES)
        result = await run_while_it_moves(side, side.cluster.control.command(Action.STOP, side.cluster))
        assert (result.status, (lab.standby.data / "postmaster.pid").exists()) == (0, False)
        assert (lab.standby.home / "wrote").read_text().count("\n") >= 8, "it took 4 s at least"
        assert any("takes its time" in repr(event) for event in reporter.events)
        assert any(b"postgres" in piece for piece in reporter.outputs), "what it waits for is on the screen"


@pytest.mark.parametrize("action", [Action.STOP, Action.RESTART])
async def test_one_that_hangs_is_given_up_by_the_name_of_what_hangs(
    action: Action, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    async with Lab.start(megabytes=1) as lab, standby_of(lab) as (side, _):
        await archives(lab, HANGS)
        with pytest.raises(StepError, match="nothing has moved for 2 s") as caught:
            await ask_for(side, action)
        assert "(sleep 600)" in caught.value.what
        old = int((lab.standby.data / "postmaster.pid").read_text().split()[0])
        (lab.standby.home / "slow").unlink()
        os.kill(hanging(lab), signal.SIGKILL)
        if action is Action.RESTART:  # it went on, and is taken up
            assert (await carry_out(side, action))[0] == 0
            assert int((lab.standby.data / "postmaster.pid").read_text().split()[0]) != old
        else:
            async with asyncio.timeout(LIMIT):
                while Path(f"/proc/{old}").exists():
                    await asyncio.sleep(0.05)


def hanging(lab: Lab) -> int:
    """The process that hangs in the data directory."""
    (found,) = (int(proc.name) for proc in Path("/proc").glob("[0-9]*") if hangs_in(lab.standby.data, proc))
    return found


def hangs_in(data: Path, proc: Path) -> bool:
    """Whether a process is the one that hangs there; one that ends while it is looked at is not."""
    try:
        return (proc / "cmdline").read_bytes() == b"sleep\x00600\x00" and (proc / "cwd").resolve() == data
    except (FileNotFoundError, ProcessLookupError):
        return False
