"""A recording in a real terminal of 80x24: played, searched and copied from by keys, and gone through by mouse."""

from pathlib import Path

from tests.lab.wizard_driver import in_terminal, needs_tmux

pytestmark = needs_tmux
SETUP = str(Path(__file__).parents[1] / "data" / "runs" / "setup.jsonl")
STREAMING = "started streaming WAL from primary"


async def test_a_recording_is_gone_through_by_keys(tmp_path: Path) -> None:
    async with in_terminal(tmp_path, "replay", SETUP) as wizard:
        await wizard.until("▶ REPLAY", "playing")
        wizard.press("Space")
        await wizard.until("paused")
        wizard.press("End")
        await wizard.until("[Verify]", "✓ match", "refuses writes (25006)", "✓ Done: 11 changes")
        with wizard.recorded() as stream:
            wizard.press("r")
            await wizard.sent(stream, "This is a replay: nothing can be run.")
        wizard.type("[")
        await wizard.until("[Verify]", gone="✓ Done")
        wizard.press("4", "End", "4")
        await wizard.until("[Standby]", STREAMING)
        wizard.press("C-o")
        await wizard.until("A letter goes there")
        wizard.press("Escape")
        await wizard.until(gone="A letter goes there")
        wizard.press("C-p")
        await wizard.until("Search for commands")
        wizard.type("faster")
        await wizard.until("Faster", gone="Slower")
        wizard.press("Enter")
        await wizard.until("[Standby]", "2x")
        wizard.press("q")
        assert await wizard.ended() == 0


async def test_the_log_is_searched_and_a_line_copied_to_the_terminals_clipboard(tmp_path: Path) -> None:
    async with in_terminal(tmp_path, "replay", SETUP, "--at", "1:00:00") as wizard:
        await wizard.until("✓ Done: 11 changes")
        wizard.tmux("set-option", "-s", "set-clipboard", "on")
        wizard.press("4")
        await wizard.until("[Standby]", STREAMING)
        await wizard.click(STREAMING)
        wizard.type("/")
        await wizard.until("/ ")
        wizard.type("entering")
        await wizard.until("entering standby mode", "/ entering")
        wizard.press("Enter")
        await wizard.until("of 1 match")
        wizard.press("y")
        await wizard.when(lambda _: bool(wizard.clipboard()), "something in the clipboard")
        assert wizard.clipboard()[0].rstrip().endswith("LOG:  entering standby mode")


async def test_a_command_is_copied_as_the_shell_line_that_ran(tmp_path: Path) -> None:
    async with in_terminal(tmp_path, "replay", SETUP, "--at", "1:00:00") as wizard:
        await wizard.until("✓ Done: 11 changes")
        wizard.tmux("set-option", "-s", "set-clipboard", "on")
        wizard.press("l")
        await wizard.until("commands", "du -sm")
        wizard.press("y")
        await wizard.when(lambda _: bool(wizard.clipboard()), "something in the clipboard")
        assert wizard.clipboard()[0].startswith("/bin/sh -c ")


async def test_a_recording_is_gone_through_by_mouse(tmp_path: Path) -> None:
    async with in_terminal(tmp_path, "replay", SETUP, "--speed", "0.25") as wizard:
        await wizard.until("playing")
        await wizard.click_until("playing", "paused")
        await wizard.click_until("3─", "[Primary]", "run the primary stage?")  # the stage's mark on the timeline
        await wizard.click_until("2 Preflight", "[Preflight]")
        await wizard.click_until("? Help", "Stage before")
        await wizard.click_until("Close (Enter)", gone="Stage before")
        await wizard.click_until("l Log", "Commands ·")
        await wizard.click_until("esc Close", "[Preflight]", gone="Commands ·")
        assert await wizard.click_to_end("q Quit") == 0
