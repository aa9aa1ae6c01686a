"""A password typed into the wizard in a real terminal: on no screen, in no clipboard, in no report of a crash."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from pgrepl_tui.lab.client import Lab
from tests.fuzz.counts import count
from tests.fuzz.leaking import Planted, files_of, with_tail
from tests.fuzz.test_leaks import PASSFILE, PROGRAMS, exports, searched, talkative_lab
from tests.lab.running import LIMIT, PROGRAM
from tests.lab.test_main_job import watched_processes
from tests.lab.test_terminal_wizard import CONFIRMATIONS, operators_home
from tests.lab.wizard_driver import Wizard, in_terminal, needs_tmux

pytestmark = needs_tmux
SIZE = (120, 40)
CRASHING = """
import sys
from pgrepl_tui.cli import main
from pgrepl_tui.steps.password import obtain
from pgrepl_tui.steps.primary.role import Role

async def crash(self, ctx):
    mine = (await obtain(ctx)).reveal()
    try:
        raise KeyError(mine)
    except KeyError as error:
        raise RuntimeError(f"a mistake with {mine} and {mine!r} and {mine.encode()!r}") from error

Role.run = crash
raise SystemExit(main(sys.argv[1:]))
"""
COPIES = ("C-c", "C-x", "C-Insert", "S-DC")


async def copied(wizard: Wizard, password: str) -> None:
    """A name can be copied from the form; the password, typed into its field, cannot, by no key and no mouse."""
    await wizard.until("Connect (Enter)")
    await wizard.click("db1")
    wizard.press("Home", "S-End", "C-c")
    await wizard.when(lambda _: wizard.clipboard() == ["db1"], "db1 in the clipboard")
    place = await wizard.find("empty: known already")
    await wizard.click("empty: known already")
    wizard.type_secretly(password)
    await wizard.until("•••", gone="empty: known already")
    for key in COPIES:
        wizard.press("Home", "S-End", key)
    await wizard.until("cannot be copied")
    row = place.row
    wizard.type(f"\x1b[<0;{place.column - 9};{row}M\x1b[<32;{place.column + 9};{row}M\x1b[<0;{place.column + 9};{row}m")
    wizard.type(f"\x1b[<0;{place.column};{row}M\x1b[<0;{place.column};{row}m" * 3)
    wizard.press("C-c")


async def crashed(wizard: Wizard) -> None:
    """To a mistake of the program in the midst of a run, that has the password in its words."""
    await wizard.until("run the primary stage?", "Run (Enter)")
    wizard.press("Enter")
    await wizard.until("A mistake in this program", "a mistake with ********")
    wizard.press("Enter")
    assert await wizard.ended() == 1


async def set_up(wizard: Wizard) -> None:
    """To matching positions, through all screens."""
    await wizard.until("run the primary stage?", "Run (Enter)")
    wizard.press("Enter")
    for question, dialog in CONFIRMATIONS:
        await wizard.until(question, dialog)
        wizard.press("y" if dialog else "Enter")
    await wizard.until("✓ match", "✓ Done")
    for stage, title in enumerate(("Connect", "Preflight", "Primary", "Standby", "Verify"), start=1):
        wizard.press(str(stage))
        await wizard.until(f"[{title}]")
    wizard.press("q")
    assert await wizard.ended() == 0


async def in_the_wizard(home: Path, lab: Lab, program: Sequence[str], planted: Planted) -> dict[str, bytes]:
    """A run with the password typed: every byte that came to the terminal, its last screen, its clipboard."""
    way, stream = (set_up if program == PROGRAM else crashed), home / f"terminal-{len(program)}"
    async with in_terminal(home, str(lab.topology), size=SIZE, program=program) as wizard:
        wizard.tmux("set-option", "-s", "set-clipboard", "on")
        wizard.record(stream)
        await copied(wizard, planted.password)
        wizard.press("Enter")
        await way(wizard)
        clipboard = wizard.clipboard()
        screen = wizard.tmux("capture-pane", "-p", "-e", "-S", "-")
    assert clipboard == ["db1"]
    async with asyncio.timeout(LIMIT):
        while not stream.with_name(f"{stream.name}.whole").exists():
            await asyncio.sleep(0.05)
    sent = stream.read_bytes()
    assert b"cannot be copied" in sent
    assert b"\x1b]52;" in sent
    count("runs in a terminal, its screens and its clipboard searched", of="leaks")
    return {f"last screen, {stream.name}": screen.encode(), f"clipboard, {stream.name}": "\n".join(clipboard).encode()}


async def test_what_is_typed_is_on_no_screen_in_no_clipboard_and_in_no_report(tmp_path: Path) -> None:
    planted, seen = with_tail("bs+quote"), set[str]()
    async with talkative_lab() as lab:
        operators_home(lab, tmp_path)
        artefacts: dict[str, bytes] = {}
        async with watched_processes(seen):
            for program in ([sys.executable, "-c", CRASHING], PROGRAM):
                artefacts |= await in_the_wizard(tmp_path, lab, program, planted)
        assert planted.tail in (lab.standby.home / ".pgrepl-tui" / PASSFILE).read_text()
        artefacts |= files_of(tmp_path)
        artefacts |= files_of(lab.folder, but=frozenset({PASSFILE, PROGRAMS}))
    artefacts["processes"] = "\n".join(seen).encode()
    (report,) = [path for path in artefacts if "/crashes/" in path]
    assert b"a mistake with ********" in artefacts[report]
    recordings = sorted(path for path in artefacts if "/recordings/" in path)
    assert len(recordings) == 2
    for recording in recordings:
        shown = await asyncio.to_thread(exports, Path(recording))
        artefacts |= {f"export {form} of {recording}": data for form, data in shown.items()}
    searched(planted, artefacts)
    count("reports of a crash searched", of="leaks")
