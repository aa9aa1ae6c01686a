"""A host that hangs freezes nothing: keys answer, stop works, and what is wrong is said after a bounded time."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pgrepl_tui.lab.client import Lab
from tests.lab.running import set_up
from tests.lab.silent_host import silent_host
from tests.lab.wizard_driver import Wizard, in_terminal, needs_tmux

pytestmark = needs_tmux


async def assert_keys_answer(wizard: Wizard) -> None:
    """Help opens and closes, another screen comes and the run's comes back."""
    wizard.press("?")
    await wizard.until("Keys", "Close (Enter)")
    wizard.press("Escape")
    await wizard.until("[Connect]", gone="Close (Enter)")
    wizard.press("5")
    await wizard.until("[Verify]")
    wizard.press("f")
    await wizard.until(gone="[Verify]")


@contextmanager
def hanging(lab: Lab) -> Iterator[None]:
    """Both SSH servers stand still; what they take in is taken in by the kernel, as with a machine that swaps."""
    os.kill(lab.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(lab.pid, signal.SIGCONT)


async def test_a_host_that_never_answers_ssh_can_be_given_up_at_once(tmp_path: Path) -> None:
    async with silent_host(tmp_path) as topology, in_terminal(tmp_path, str(topology)) as wizard:
        await wizard.until("Connect (Enter)", "127.0.0.1")
        wizard.press("Enter")
        await wizard.until("▶ reach the primary")
        await assert_keys_answer(wizard)
        wizard.press("C-s")
        await wizard.until("Interrupted", gone="● REC")
        wizard.press("q")
        assert await wizard.ended() == 4


async def test_a_host_that_never_answers_ssh_is_named_after_a_bounded_time(tmp_path: Path) -> None:
    async with silent_host(tmp_path) as topology, in_terminal(tmp_path, str(topology)) as wizard:
        await wizard.until("Connect (Enter)", "127.0.0.1")
        wizard.press("Enter")
        await wizard.until("took the connection, but did not complete", "Is it an SSH server?", "Retry (r)")


async def test_hosts_that_hang_in_the_middle_of_a_run_can_be_given_up(tmp_path: Path) -> None:
    async with Lab.start(megabytes=8) as lab, in_terminal(tmp_path, str(lab.topology)) as wizard:
        await to_the_gate(wizard)
        with hanging(lab):
            await begin(wizard)
            with wizard.recorded() as stream:
                wizard.press("C-s")
                await wizard.sent(stream, "Stopping: waiting for db")
            wizard.press("?")
            await wizard.until("Close (Enter)")
            wizard.press("Escape")
            await wizard.until("Interrupted", gone="● REC")
            wizard.press("q")
            assert await wizard.ended() == 4


async def test_a_second_stop_waits_for_no_host_and_a_later_run_goes_on(tmp_path: Path) -> None:
    async with Lab.start(megabytes=8) as lab:
        async with in_terminal(tmp_path, str(lab.topology)) as wizard:
            await to_the_gate(wizard)
            with hanging(lab):
                await begin(wizard)
                with wizard.recorded() as stream:
                    wizard.press("C-s", "C-s")  # both within the 2 s that the hosts get to answer
                    await wizard.sent(stream, "Not waited for any more")
                await wizard.until("Interrupted", gone="● REC")
                wizard.press("q")
                assert await wizard.ended() == 4
        await set_up(lab, tmp_path)


async def test_leaving_a_second_time_waits_for_no_host(tmp_path: Path) -> None:
    async with Lab.start(megabytes=8) as lab, in_terminal(tmp_path, str(lab.topology)) as wizard:
        await to_the_gate(wizard)
        with hanging(lab):
            await begin(wizard)
            wizard.press("q")
            await wizard.until("Stop and leave (l)")
            with wizard.recorded() as stream:
                wizard.press("l")
                await wizard.sent(stream, "Stopping: waiting for db")
                wizard.press("q")
                assert await wizard.ended() == 4


async def test_hosts_that_hang_are_told_as_lost_after_a_bounded_time(tmp_path: Path) -> None:
    async with Lab.start(megabytes=8) as lab, in_terminal(tmp_path, str(lab.topology)) as wizard:
        await to_the_gate(wizard)
        with hanging(lab):
            await begin(wizard)
            await wizard.until("the connection was", "What to do:", "Retry (r)")


async def begin(wizard: Wizard) -> None:
    """Run the stage that the gate asks for."""
    wizard.press("Enter")
    await wizard.until("▶", gone="Run (Enter)")


async def to_the_gate(wizard: Wizard) -> None:
    """From the form to the first question."""
    await wizard.until("Connect (Enter)", "db1")
    wizard.press("Enter")
    await wizard.until("Run (Enter)")
