"""What is shown of the commands of recorded runs is shell text, or words that are marked as such."""

import re
import subprocess
from pathlib import Path

from pgrepl_tui.events import CommandStarted, StepPreviewed
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.spoken import are_spoken, prompted

RUNS = Path(__file__).parents[1] / "data" / "runs"
PROGRAM = re.compile(r"(?:\w+=\S+ )*(?:\S*/)?(?P<name>[\w-]+)")
POSTGRES = {"pg_basebackup", "pg_controldata", "pg_ctl", "postgres", "psql"}
LINUX = {"cat", "cd", "chmod", "du", "echo", "flock", "grep", "id", "install", "ip", "ls", "mkdir", "mv", "readlink"}
LINUX |= {"rm", "sha256sum", "stat", "tail"}


def shown() -> set[str]:
    """The lines of all commands, of those that ran and those that were announced."""
    lines: set[str] = set()
    for path in RUNS.glob("*.jsonl"):
        with Recording.open(path) as recording:
            for event, _ in recording.events():
                if isinstance(event, CommandStarted):
                    lines.add(event.line)
                elif isinstance(event, StepPreviewed):
                    lines.update(command.line for command in event.commands)
    return lines


LINES = shown()


def program(line: str) -> str:
    found = PROGRAM.match(line)
    return found["name"] if found else ""


def test_what_stands_behind_a_prompt_can_be_read_by_a_shell() -> None:
    """``sh -n`` reads, and runs nothing."""
    text = [line for line in LINES if "$ " in prompted("db1", line)[0]]
    assert len(text) > 100
    refused = [line for line in text if subprocess.run(["/bin/sh", "-n"], input=line.encode(), check=False).returncode]
    assert not refused
    assert {program(line) for line in text} <= POSTGRES | LINUX


def test_words_name_no_sudo_and_have_no_prompt() -> None:
    words = [line for line in LINES if are_spoken(line)]
    assert {"# stop the", "# state of", "# whose is", "# look at"} <= {" ".join(line.split()[:3]) for line in words}
    assert not [line for line in words if "sudo" in line]
    assert {prompted("db1", line)[0] for line in words} == {"db1: "}
