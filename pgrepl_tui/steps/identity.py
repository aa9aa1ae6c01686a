"""By what a data directory is known again after it was renamed, and after the machine was started anew."""

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.step import StepError

FUNCTION = """\
identity() { printf '%s:%s' "$(stat -c %i -- "$1" 2>/dev/null)" "$(stat -c %i:%Y -- "$1/PG_VERSION" 2>/dev/null)"; }
"""
"""Its inode, and the inode and time of PG_VERSION, which nothing writes after initdb or the copy: a folder that got the
inode of a deleted one is not taken for it. Not the device: its number may be another after a reboot."""

SCRIPT = FUNCTION + 'for path in "$@"; do identity "$path"; echo; done\n'
NOTHING = ":"


async def identities(side: Side, *paths: str) -> list[str]:
    """Of each path, the identity of the data directory there; ``NOTHING`` where there is none.

    Raises:
        StepError: they could not be looked at.
    """
    argv = ("/bin/sh", "-c", SCRIPT, "sh", *paths)
    command = Command(argv, user=side.cluster.os_user, shown=f"stat {' '.join(paths)}")
    found = (await side.files.run(command)).text.splitlines()
    if len(found) != len(paths):
        raise StepError(f"{', '.join(paths)} on {side.name} cannot be looked at", "look there, then retry")
    return found
