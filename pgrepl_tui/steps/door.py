"""The standby's way in to the primary: what address the primary sees, and whether it lets the role in."""

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres.login import Door, Login, replication_login
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.password import VARIABLE, obtain
from pgrepl_tui.steps.step import StepError

SOURCE = 'ip -o route get "$1" 2>/dev/null | sed -n "s/.* src \\([^ ]*\\).*/\\1/p"'


def door(ctx: Context) -> Door:
    """Where and how the standby comes in."""
    primary = ctx.primary
    return Door(primary.address, primary.cluster.port, ctx.user, ctx.topology.replication.sslmode)


async def knock(ctx: Context) -> Login:
    """One real replication login through the standby's own SSH connection.

    Raises:
        StepError: the role's password is not known.
    """
    password = await obtain(ctx)
    if password is None:
        raise StepError(f"the password of {ctx.user} is not known", f"name a file with it in {VARIABLE}", refused=True)
    return await replication_login(ctx.standby.host, door(ctx), password)


async def expected_source(ctx: Context) -> str:
    """The address from which the standby is expected to come, where the primary cannot be asked yet.

    What its own routes say; a translation of addresses on the way is seen only later, by the primary.
    """
    command = Command(
        ("/bin/sh", "-c", SOURCE, "sh", ctx.primary.address), shown=f"ip -o route get {ctx.primary.address}"
    )
    said = (await ctx.standby.host.run(command)).text.strip()
    return said or ctx.standby.address
