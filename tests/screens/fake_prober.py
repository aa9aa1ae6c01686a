"""A prober that goes by a script for each destination."""

import asyncio
from collections.abc import Awaitable, Callable

from pgrepl_tui.postgres.found import FoundCluster, Standing
from pgrepl_tui.session.prober import Doing, Hear, Heard, Questions, Reached, Sudo, Wanted

Script = Callable[[Hear, Questions], Awaitable[None]]

MAIN = FoundCluster(
    "15",
    "/var/lib/postgresql/15/main",
    "postgres",
    "15/main",
    "/usr/lib/postgresql/15/bin",
    5432,
    Standing.PRIMARY,
    48_300_000_000,
)
OLD = FoundCluster(
    "9.6",
    "/var/lib/postgresql/9.6/reports",
    "postgres",
    "9.6/reports",
    "/usr/lib/postgresql/9.6/bin",
    5433,
    Standing.DOWN,
    7_100_000_000,
)
OWN = FoundCluster("17", "/srv/pg/shop data", "shop", "", "/opt/pgsql/bin", 6000, Standing.PRIMARY, 512_000_000)
FOLLOWER = FoundCluster(
    "15",
    "/var/lib/pgsql/15/data",
    "postgres",
    "",
    "/usr/pgsql-15/bin",
    5432,
    Standing.STANDBY,
    48_200_000_000,
)
ROOM = FoundCluster("15", "/var/lib/pgsql/15/data", "postgres", "", "/usr/pgsql-15/bin", 5432, Standing.EMPTY)


def reached(*clusters: FoundCluster, sudo: Sudo = Sudo.FREE, alone: bool = False, **more: object) -> Reached:
    """A login that worked, with all that was found."""
    said: dict[str, object] = {"machine": "one/1", "complete": True, **more}
    return Reached("dba", "OpenSSH_9.2p1 Debian-2", sudo, "postgres", clusters, alone=alone, **said)  # type: ignore[arg-type] # each by name


class FakeProber:
    """Tells what is scripted for a destination; where nothing is, connecting never ends."""

    def __init__(self, **scripts: Script | Heard) -> None:
        self.scripts: dict[str, Script | Heard] = dict(scripts)
        self.wanted: list[Wanted] = []
        self.abandoned: list[str] = []

    async def probe(self, wanted: Wanted, hear: Hear, questions: Questions) -> None:
        """Go by the script."""
        self.wanted.append(wanted)
        hear(Doing(f"connecting to {wanted.node.ssh}"))
        script = self.scripts.get(wanted.node.ssh, hangs)
        try:
            if callable(script):
                await script(hear, questions)
            else:
                hear(script)
        except asyncio.CancelledError:
            self.abandoned.append(wanted.node.ssh)
            raise

    @property
    def tested(self) -> list[str]:
        """The destinations, in the order of their tests."""
        return [wanted.node.ssh for wanted in self.wanted]


async def hangs(hear: Hear, questions: Questions) -> None:
    """A host that does not answer."""
    del hear, questions
    await asyncio.Event().wait()
