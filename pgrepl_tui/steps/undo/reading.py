"""The journals of earlier runs, read from a host."""

import re
from dataclasses import dataclass

from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.entries import JournalError, decode
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.tag import tag_of
from pgrepl_tui.steps.undo.work import Journal

LIST = 'cd -- "$1" 2>/dev/null && ls -tr | grep -E "^(journal|undone)-[0-9A-Za-z]+-$2[.]jsonl$"; :'
"""In the order in which they were written last: by the host's own clock, not by those of whoever ran the program."""
NAME = re.compile(r"(journal|undone)-([0-9A-Za-z]+)-\w+\.jsonl")


@dataclass(frozen=True)
class Found:
    """The journals of a data directory: those that are not undone, the oldest first, and the undone runs' ids."""

    open: tuple[Journal, ...]
    undone: frozenset[str]


async def journals(side: Side) -> Found:
    """Read the journals of a side's data directory.

    Raises:
        StepError: one cannot be understood.
    """
    argv = ("/bin/sh", "-c", LIST, "sh", side.state_dir, tag_of(side.cluster.data))
    command = Command(argv, user=side.cluster.os_user, shown=f"ls {side.state_dir}/journal-*")
    names = (await side.host.run(command)).text.split()
    found = [match for match in map(NAME.fullmatch, names) if match]
    undone = frozenset(match[2] for match in found if match[1] == "undone")
    return Found(tuple([await _read(side, match[0]) for match in found if match[1] == "journal"]), undone)


async def _read(side: Side, name: str) -> Journal:
    path = f"{side.state_dir}/{name}"
    data = await files.read(side.files, path, side.cluster.os_user)
    try:
        began, entries = decode((data or b"").decode("utf-8", "replace"))
    except JournalError as error:
        raise StepError(
            f"the journal {path} on {side.name} cannot be understood: {error}",
            "undo it with the version that wrote it; where it is damaged, put back by hand what its other lines name",
            refused=True,
        ) from error
    return Journal(path, began, entries)
