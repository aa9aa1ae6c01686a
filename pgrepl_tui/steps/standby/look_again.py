"""The last look before the server on the standby's host is stopped."""

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.lock import held_for
from pgrepl_tui.steps.standby.guard_scripts import LOOK_AGAIN
from pgrepl_tui.steps.step import StepError


async def look_again(ctx: Context, identifier: str) -> None:
    """Is it still the directory that was looked at, of this identifier, not on the primary's host, the lock our own?

    Raises:
        StepError: it is not.
    """
    side = ctx.standby
    tool = side.cluster.program("pg_controldata")
    arguments = (side.cluster.data, ctx.identity or "", tool, identifier, *held_for(ctx))
    argv = ("/bin/sh", "-c", LOOK_AGAIN, "sh", *arguments)
    shown = spoken(f"look once more at {side.cluster.data}")
    result = await side.host.run(Command(argv, user=side.cluster.os_user, shown=shown))
    if result.status:
        raise StepError(
            f"not stopped: {result.error_text or result.status}", "look at what it names, then retry", refused=True
        )
