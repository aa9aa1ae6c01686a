"""The wizard as plain lines, at a terminal, on real hosts: every kind of question, and every way to leave."""

import re
from pathlib import Path

from pgrepl_tui.events import Progress, RunEnded, RunOutcome
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.topology import load
from tests.lab.desk import Desk, assert_plain, at_terminal
from tests.lab.running import everything_in

MEGABYTES = 8
PASSWORD = "corréct horse"
GATE = "[run]: "


def home_of(lab: Lab, folder: Path) -> dict[str, str]:
    """An operator's home in which the lab's hosts have their names."""
    (folder / ".ssh").mkdir(mode=0o700)
    (folder / ".ssh" / "config").write_text(lab.ssh_config.read_text())
    return {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}


def end_of(folder: Path) -> RunEnded:
    """How the only run was recorded to have ended."""
    (path,) = (folder / "pgrepl-tui" / "recordings").iterdir()
    with Recording.open(path) as recording:
        *_, (event, _) = recording.events()
        assert not recording.problems
    assert isinstance(event, RunEnded)
    return event


async def choose_by_number(desk: Desk, data: Path) -> None:
    """Take the cluster with this data directory from the list; its address is found out."""
    shown = await desk.until("cluster, by its number")
    number = re.search(rf"^ +(\d+): .*in {re.escape(str(data))},", shown, re.MULTILINE)
    assert number, shown
    await desk.answer("]: " if "]: " in desk.printed[-6:] else ": ", number[1])
    await desk.answer("reaches it [it is found out]: ", "")


async def test_hosts_and_confirmations_alone_lead_from_nothing_to_matching_positions(tmp_path: Path) -> None:
    async with Lab.start(megabytes=64) as lab:
        more = {**home_of(lab, tmp_path), "ACCESSIBLE": "1"}
        saved = tmp_path / "config" / "pgrepl-tui" / "topologies" / "line-lab.yaml"
        async with at_terminal(tmp_path, **more) as desk:
            await desk.answer("A name for this pair [app-db]: ", "line-lab")
            for host in (lab.primary, lab.standby):
                await desk.answer("an ssh alias: ", host.name)
                await choose_by_number(desk, host.data)
            await desk.answer("Both destinations lead to one machine.", "yes")
            await desk.answer("replication role [replicator]: ", "")
            await desk.answer("[require]: ", "")
            await desk.answer("slot? yes or no [yes]: ", "")
            shown = await desk.answer(GATE, "walk")
            assert "Preflight" in shown
            assert "+listen_addresses" in shown
            assert "takes effect by a restart" in shown
            await desk.answer("“walk” is none of the answers: type run or step or quit.", "run")
            await desk.until("Restart the primary")
            await desk.answer("no or yes [no]: ", "y")
            await desk.answer("“y” is none of the answers: type no or yes.", "yes")
            await desk.answer(GATE, "")
            await desk.answer("no or yes [no]: ", "yes")
            await desk.answer("no or yes [no]: ", "yes")
            await desk.until("WAL positions: match")
            assert await desk.ended() == 0
        assert_plain(desk.printed)
        assert load(saved).same_machine
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
    async with Lab.start(megabytes=MEGABYTES) as lab, at_terminal(tmp_path, "--line", str(lab.topology)) as desk:
        await desk.answer(GATE, "r")
        await desk.answer("no or yes [no]: ", "")
        assert await desk.ended() == 3
        assert "the operator said no" in desk.printed
        assert_plain(desk.printed)


async def test_an_unknown_host_key_is_accepted_by_the_whole_word_only(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        known = lab.folder / "known_hosts"
        before = [line.split()[:3] for line in known.read_text().splitlines()]
        known.write_text("")
        async with at_terminal(tmp_path, "--line", str(lab.topology)) as desk:
            shown = await desk.answer("no or yes [no]: ", "ye")
            assert "SHA256:" in shown
            assert known.read_text() == ""
            await desk.answer("“ye” is none of the answers", "yes")
            await desk.answer("no or yes [no]: ", "yes")
            await desk.answer(GATE, "quit")
            assert await desk.ended() == 3
        assert [line.split()[:3] for line in known.read_text().splitlines()] == before
        assert_plain(desk.printed)


async def test_a_password_is_nowhere_to_be_seen(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        await lab.sql(lab.primary, f"create role replicator with login replication password '{PASSWORD}'")
        async with at_terminal(tmp_path, "--line", str(lab.topology)) as desk:
            await desk.answer("not shown while you type; Enter for none: ", PASSWORD)
            await desk.answer(GATE, "run")
            await desk.answer("no or yes [no]: ", "yes")
            await desk.answer(GATE, "quit")
            assert await desk.ended() == 3
        assert PASSWORD.encode() not in desk.bytes
        assert PASSWORD.encode() not in everything_in(tmp_path)
        assert_plain(desk.printed)


async def test_a_step_that_failed_is_tried_again_once_the_cause_is_mended(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        config = lab.ssh_config.read_text()
        lab.ssh_config.write_text(config.replace(f"Port {lab.standby.ssh_port}", "Port 1"))
        async with at_terminal(tmp_path, "--line", str(lab.topology)) as desk:
            shown = await desk.until("Your answer, quit or retry")
            assert "refused the connection" in shown
            assert "retry: do this step again" in shown
            lab.ssh_config.write_text(config)
            await desk.answer("[quit]: ", "retry")
            await desk.answer(GATE, "quit")
            assert await desk.ended() == 3


async def test_edit_after_a_failure_asks_again_with_what_was_entered(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        text = lab.topology.read_text().replace(str(lab.standby.data), "/no/such/folder")
        topology = tmp_path / "wrong.yaml"
        topology.write_text(text.replace("ssh_config: ssh_config", f"ssh_config: {lab.ssh_config}"))
        async with at_terminal(tmp_path, "--line", str(topology), XDG_CONFIG_HOME=str(tmp_path / "config")) as desk:
            await desk.answer("[quit]: ", "edit")
            await desk.answer("A name for this pair [lab]: ", "")
            await desk.answer("an ssh alias [db1]: ", "")
            await desk.until("cluster, by its number [")
            await desk.answer("]: ", "")
            await desk.answer("reaches it [127.0.0.11, a dash for none]: ", "")
            await desk.answer("an ssh alias [db2]: ", "")
            shown = await desk.until("cluster, by its number")
            number = re.search(rf"^ +(\d+): .*in {re.escape(str(lab.standby.data))},", shown, re.MULTILINE)
            assert number, shown
            await desk.answer(": ", number[1])
            await desk.answer("reaches it [127.0.0.12, a dash for none]: ", "")
            await desk.answer("yes or no [yes]: ", "")
            await desk.answer("replication role [replicator]: ", "")
            await desk.answer("[require]: ", "")
            await desk.answer("slot? yes or no [yes]: ", "")
            await desk.answer(GATE, "quit")
            assert await desk.ended() == 3


async def test_the_end_of_the_input_leaves_the_questions_and_never_begins_a_stage(tmp_path: Path) -> None:
    async with at_terminal(tmp_path, "--line", HOME=str(tmp_path)) as desk:
        await desk.until("A name for this pair [app-db]: ")
        desk.press(b"\x04")
        assert await desk.ended() == 4
    async with Lab.start(megabytes=MEGABYTES) as lab, at_terminal(tmp_path, "--line", str(lab.topology)) as desk:
        await desk.until(GATE)
        desk.press(b"\x04")
        assert await desk.ended() == 3
        assert "changed " not in desk.printed
        assert end_of(tmp_path).changes == 0


async def test_ctrl_c_ends_the_run_in_order(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab, at_terminal(tmp_path, "--line", str(lab.topology)) as desk:
        await desk.until(GATE)
        desk.press(b"\x03")
        assert await desk.ended() == 4
    assert end_of(tmp_path).outcome is RunOutcome.INTERRUPTED
    assert "Traceback" not in desk.printed


async def test_a_terminal_that_is_closed_ends_the_run_in_order(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab, at_terminal(tmp_path, "--line", str(lab.topology)) as desk:
        await desk.until(GATE)
        desk.close()
        assert await desk.ended() in {3, 4}  # by the signal, or by the end of the input, whichever came first
    assert end_of(tmp_path).outcome in {RunOutcome.REFUSED, RunOutcome.INTERRUPTED}
    assert not (tmp_path / "pgrepl-tui" / "crashes").exists()


async def test_a_dumb_terminal_gets_lines_by_itself_and_no_escape_sequence(tmp_path: Path) -> None:
    long = "x" * 3000
    async with Lab.start(megabytes=MEGABYTES) as lab:
        topology = str(lab.topology)
        async with at_terminal(tmp_path, topology, TERM="dumb", NO_COLOR="1", COLUMNS="40") as desk:
            await desk.answer(GATE, long)
            await desk.answer(f"“{long}” is none of the answers", "quit")
            assert await desk.ended() == 3
    assert b"\x1b" not in desk.bytes
    assert_plain(desk.printed)
