"""What the command log gets of a command: words to read, and the line that really ran, with no secret in either."""

import asyncio
import shlex

import pytest

from pgrepl_tui.events import CommandStarted
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres.server import Server
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.recorded import NOT_RECORDED, shell_line, shown_line
from tests.unit.scripted_pair import two

SCRIPT = "test -e \"$1\" || echo 'it'\"'\"'s not there'\n"


def run(line: str) -> str:
    """What ``/bin/sh`` makes of a line."""

    async def started() -> str:
        process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", line, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        return (await process.communicate())[0].decode()

    return asyncio.run(started())


@pytest.mark.parametrize(
    ("command", "shown", "shell"),
    [
        (Command(("id", "-un")), "id -un", "id -un"),
        (Command(("id",), user="root"), "id", "id"),
        (Command(("id",), user="postgres"), "sudo -u postgres id", "sudo -u postgres id"),
        (Command(("id",), user="my user"), "sudo -u 'my user' id", "sudo -u 'my user' id"),
        (Command(("cat", "/a b"), env={"LC_ALL": "C"}), "LC_ALL=C cat '/a b'", "LC_ALL=C cat '/a b'"),
        (Command(("/bin/sh", "-c", "x\ny"), shown="mv a b"), "mv a b", "/bin/sh -c 'x\ny'"),
        (Command(("/bin/sh", "-c", "x"), shown=spoken("look"), user="pg"), "# look, as pg", "sudo -u pg /bin/sh -c x"),
        (Command(("psql",), stdin=b"select 1", shown="a", paste="psql -c x"), "a", "psql -c x"),
    ],
)  # fmt: skip
def test_a_command_is_shown_in_words_and_copied_as_it_ran(command: Command, shown: str, shell: str) -> None:
    assert shown_line(command, "root") == shown
    assert shell_line(command, "root") == shell


def test_the_copied_line_does_in_a_shell_what_the_command_did() -> None:
    command = Command(("/bin/sh", "-c", SCRIPT, "sh", "/no such $(place)"), shown=spoken("look for a place"))
    assert run(shell_line(command, "me")) == "it's not there\n"


def test_a_command_that_needs_its_input_stops_where_it_is_pasted_and_writes_nothing() -> None:
    command = Command(("sh", "-c", "cat; echo written"), stdin=b"the secret", shown=spoken("write /etc/x"))
    line = shell_line(command, "me")
    assert "the secret" not in line
    assert shlex.split(line)[-1] == NOT_RECORDED
    answer = run(line)
    assert NOT_RECORDED in answer
    assert not answer.endswith("written\n")


async def test_what_a_run_records_has_both_lines_and_sql_as_psql_takes_it() -> None:
    pair = two()
    pair.primary.on("psql", "")
    side = pair.ctx.primary
    await Server(side.host, side.cluster).change("set log_statement = 'none'", "create role\n  r")
    (started,) = [event for event in pair.told.events if isinstance(event, CommandStarted)]
    assert started.line.endswith("psql -p 5432 -c 'create role r'")
    assert started.paste.endswith("""-d postgres -c "set log_statement = 'none'" -c 'create role r'""")
    assert not any(ord(char) < 0x20 for char in started.paste)
