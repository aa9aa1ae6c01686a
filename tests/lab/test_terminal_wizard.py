"""The whole job in a real terminal of 80x24, on real hosts: once with keys only, once with the mouse only."""

import re
import shutil
from pathlib import Path

from pgrepl_tui.lab.client import Lab
from pgrepl_tui.lab.layout import LabHost
from tests.lab.wizard_driver import Wizard, in_terminal, needs_tmux

pytestmark = needs_tmux
MEGABYTES = 16
CONFIRMATIONS = (
    ("Restart the primary", "Please confirm"),
    ("run the standby stage?", ""),
    ("Stop the old cluster", "Please confirm"),
    ("Set the old data directory", "Please confirm"),
)
"""What is asked behind the first gate, and the title of its dialog, where it has one."""


def operators_home(lab: Lab, home: Path) -> Path:
    """A home in which the lab's hosts have their names."""
    (home / ".ssh").mkdir(mode=0o700)
    shutil.copy(lab.ssh_config, home / ".ssh" / "config")
    return home


def saved(lab: Lab, home: Path) -> None:
    """The lab's topology, as the wizard would have saved it."""
    folder = home / "config" / "pgrepl-tui" / "topologies"
    folder.mkdir(parents=True)
    text = lab.topology.read_text().replace("ssh_config: ssh_config", f"ssh_config: {lab.ssh_config}")
    (folder / "lab.yaml").write_text(text)


def row(form: str) -> str:
    """The row that the cursor of a form's list stands on, without its size, which may still be coming."""
    lines = [line.strip(" │▂▁▇▆▅▄▃█") for line in form.splitlines() if "▸" in line and "▸ more" not in line]
    return re.sub(r" [\d.]+ [kMGT]?B | \? | … ", " ", lines[0]) if lines else ""


async def take_from_the_list(wizard: Wizard, host: LabHost, ssh: str) -> None:
    """Choose the cluster of a host by keys, once the cursor is in its list; other labs' may be in the list too."""

    def form(screen: str) -> str:
        return screen.partition(f"ssh        {ssh}")[2].partition("─╯")[0]

    wanted = f"{host.folder.parent.name}/{host.name}/data"[-20:]
    await wizard.when(lambda now: bool(row(form(now))) and "enter Take" in now, f"the list of {ssh}")
    while wanted not in (before := row(form(await wizard.still()))):
        wizard.press("Down")
        await wizard.when(lambda now, before=before: row(form(now)) not in {"", before}, "another row")  # type: ignore[misc] # bound
    wizard.press("Enter")
    # what is asked for next may be so far away that this list is not on the screen any more
    await wizard.when(lambda now: "✓" in row(form(now)) or not row(form(now)), f"that {wanted} was taken")


async def test_keys_alone_lead_from_two_host_names_to_matching_positions(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab, in_terminal(operators_home(lab, tmp_path)) as wizard:
        await wizard.until("New set-up", "q Quit")
        wizard.press("n")
        await wizard.until("Connect (Enter)", "[Connect]")
        wizard.type("db1\r")
        await wizard.until("clusters found")
        wizard.press("Enter")
        await wizard.until("✗ Standby: type where this host is")  # and the cursor is in that field
        wizard.type("db2\t")
        await wizard.when(lambda screen: "✓ logged in" in screen.partition("ssh        db2")[2], "what db2 has")
        wizard.press("Tab")
        await take_from_the_list(wizard, lab.standby, "db2")
        await take_from_the_list(wizard, lab.primary, "db1")
        wizard.press("Enter")
        await wizard.until("Both destinations lead to one machine")
        wizard.press("Space", "c")
        await wizard.until("run the primary stage?", "Run (Enter)")
        wizard.press("Enter")
        for question, dialog in CONFIRMATIONS:
            await wizard.until(question, dialog)
            wizard.press("y" if dialog else "Enter")
        shown = await wizard.until("✓ match", "✓ Done")
        assert "[Verify]" in shown
        wizard.press("q")
        assert await wizard.ended() == 0


async def test_the_mouse_alone_leads_from_a_saved_topology_to_matching_positions(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        saved(lab, operators_home(lab, tmp_path))
        async with in_terminal(tmp_path) as wizard:
            await wizard.click("Open a topology")
            await wizard.click("db1 → db2")
            await wizard.click("Connect (Enter)")
            await wizard.until("run the primary stage?")
            await wizard.click("Run (Enter)")
            for question, dialog in CONFIRMATIONS:
                await wizard.until(question, dialog)
                await wizard.click("Yes (y)" if dialog else "Run (Enter)")
            await wizard.until("✓ match", "✓ Done", "[Verify]")
            await wizard.click_until("2 Preflight", "[Preflight]")
            await wizard.click_until("? Help", "Close (Enter)")
            await wizard.click_until("Close (Enter)", gone="Close (Enter)")
            assert await wizard.click_to_end("q Quit") == 0
