"""A command's words arrive as they were, whatever the release's login shells are."""

import random

import pytest

from pgrepl_tui.hosts import shell
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres.locate import LOOK, SEARCH
from tests.hosts.debian import DebianHost
from tests.hosts.hub import Hub
from tests.hosts.rootfs import Release, root

SIGNS = [*"'\"\\!*~#-=()[]{}$?<>|&;` \t\né✓nx0", "$x", "${x}", "\\\\", "\\'", '")']
TELL = ("sh", "-c", 'for word do printf "%s\\0" "$word"; done', "sh")


def words(seed: int) -> list[str]:
    """Made of the characters that some shell takes for something else."""
    made = random.Random(seed)  # noqa: S311 - the same words each time
    return ["".join(made.choices(SIGNS, k=made.randint(1, 12))) for _ in range(60)]


@pytest.mark.parametrize("program", ["/bin/dash", "/bin/bash", "/bin/tcsh", "/usr/bin/fish"])
async def test_the_login_shell_passes_the_words_on(release: Release, program: str) -> None:
    async with Hub.up() as hub:
        host = DebianHost(hub, "db1", "10.77.0.11", release)
        await host.create(root(release))
        await host.start()
        for sent in ([LOOK, SEARCH], *map(words, range(8))):
            line = shell.wrap(Command((*TELL, *sent)), "root")
            heard = await host.run('exec "$1" -c "$2"', program, line)
            assert heard.split("\0")[:-1] == sent
