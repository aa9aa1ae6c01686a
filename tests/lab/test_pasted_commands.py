"""What the command log copies: each line, typed on its host, ends as the command did."""

from pathlib import Path

from pgrepl_tui.hosts import ssh
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.state import CommandState, fold
from pgrepl_tui.steps.recorded import NOT_RECORDED
from tests.lab.running import run


def commands_of(path: Path) -> list[CommandState]:
    with Recording.open(path) as recording:
        return list(fold(event for event, _ in recording.events()).commands.values())


async def test_what_only_reads_can_be_pasted_and_ends_as_it_did(tmp_path: Path) -> None:
    async with Lab.start(megabytes=16) as lab:
        ran = await run(tmp_path, "run", str(lab.topology), "--plan")
        assert ran.code == 0, ran.out + ran.err
        commands = commands_of(ran.recording)
        assert all(command.paste for command in commands)
        reads = [command for command in commands if command.ended and not command.changes]
        assert len(reads) > 40
        assert any(command.paste != command.line for command in reads)
        for name in ("db1", "db2"):
            host = await ssh.connect(name, ssh_config=lab.ssh_config, name=name)
            for command in (one for one in reads if one.host == name and NOT_RECORDED not in one.paste):
                result = await host.run(Command(("/bin/sh", "-c", command.paste)))
                assert result.status == command.status, (command.paste, result.error_text)
            await host.close()
