"""The end of a terminal, and signals: the run ends in order, its recording is complete, a later run goes on."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from pgrepl_tui.events import Event, RunEnded, RunOutcome
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.session.recording import Recording
from tests.lab.running import LIMIT, run
from tests.lab.silent_host import silent_host
from tests.lab.wizard_driver import Wizard, in_terminal, needs_tmux

pytestmark = needs_tmux
SHELL = ["bash", "--norc", "-i"]


async def gone(pid: int) -> None:
    """Wait for the end of a process that is not our child."""
    async with asyncio.timeout(LIMIT):
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.05)


def last_event(home: Path) -> Event:
    """The last event of the only recording, which has no damage."""
    (path,) = (home / "state" / "pgrepl-tui" / "recordings").iterdir()
    with Recording.open(path) as recording:
        *_, (event, _) = recording.events()
        assert not recording.problems
    return event


def assert_interrupted(event: Event) -> None:
    assert isinstance(event, RunEnded)
    assert event.outcome is RunOutcome.INTERRUPTED
    assert "run again" in event.remedy


async def connecting(wizard: Wizard) -> None:
    """Begin the run."""
    await wizard.until("Connect (Enter)", "127.0.0.1")
    wizard.press("Enter")
    await wizard.until("● REC", "▶ reach the primary")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_ends_the_run_in_order_and_gives_the_terminal_back(tmp_path: Path, number: int) -> None:
    async with silent_host(tmp_path) as topology, in_terminal(tmp_path, str(topology)) as wizard:
        await connecting(wizard)
        os.kill(wizard.pid, number)
        assert await wizard.ended() == 4
        await wizard.until("silent-", gone="│")
    assert_interrupted(last_event(tmp_path))


async def test_a_terminal_that_is_closed_ends_the_run_in_order(tmp_path: Path) -> None:
    async with silent_host(tmp_path) as topology, in_terminal(tmp_path, str(topology)) as wizard:
        await connecting(wizard)
        pid = wizard.pid
        wizard.close()
        await gone(pid)
    assert_interrupted(last_event(tmp_path))
    assert not (tmp_path / "state" / "pgrepl-tui" / "crashes").exists()


async def test_a_signal_with_no_run_under_way_just_leaves(tmp_path: Path) -> None:
    async with in_terminal(tmp_path) as wizard:
        await wizard.until("New set-up")
        os.kill(wizard.pid, signal.SIGTERM)
        assert await wizard.ended() == 0


async def test_a_terminal_that_is_closed_in_the_base_backup_loses_nothing(tmp_path: Path) -> None:
    async with Lab.start(megabytes=400) as lab:
        async with in_terminal(tmp_path, str(lab.topology)) as wizard:
            for screen, answer in (
                ("Connect (Enter)", "Enter"),
                ("run the primary stage?", "Enter"),
                ("Restart the primary", "y"),
                ("run the standby stage?", "Enter"),
            ):
                await wizard.until(screen)
                wizard.press(answer)
            await wizard.until("▶ base backup")
            pid = wizard.pid
            wizard.close()
            await gone(pid)
        assert_interrupted(last_event(tmp_path))
        again = await run(tmp_path / "again", "run", str(lab.topology), "--yes")
        assert again.code == 0, again.out + again.err
        assert "WAL positions: match" in again.out


async def test_ctrl_z_goes_to_the_shell_and_fg_comes_back(tmp_path: Path) -> None:
    async with in_terminal(tmp_path, program=SHELL, PS1="shell: ") as wizard:
        await wizard.until("shell:")
        wizard.start_program()
        await wizard.until("New set-up", "q Quit")
        wizard.press("C-z")
        await wizard.until("Stopped", "shell:", gone="New set-up")
        wizard.type("fg\r")
        await wizard.until("New set-up", "q Quit")
        wizard.press("n")
        await wizard.until("Standby (slave)", "Connect (Enter)")


async def test_ctrl_z_during_a_run_says_why_not_and_so_without_a_shell(tmp_path: Path) -> None:
    async with in_terminal(tmp_path) as wizard:
        await wizard.until("New set-up")
        wizard.press("C-z")
        await wizard.until("There is no shell here")
    async with silent_host(tmp_path) as topology, in_terminal(tmp_path, str(topology)) as wizard:
        await connecting(wizard)
        wizard.press("C-z")
        await wizard.until("A run is under way: asleep")
