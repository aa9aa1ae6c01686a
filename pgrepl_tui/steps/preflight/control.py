"""Check that the servers can be stopped and started, before the first change: systemd takes another user for it."""

from pgrepl_tui.hosts.host import Command, ConnectionLostError, HostError
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.preflight.verdicts import Check, Judged, Pair, passed, stopped
from pgrepl_tui.steps.primary.wanted import wanted
from pgrepl_tui.steps.standby.state import is_ours


async def control(pair: Pair) -> Judged:
    """Who starts and stops each server, and whether we may ask for it where the run will have to."""
    primary, standby = pair.primary.side, pair.standby.side
    shown = (primary.cluster.control.described, standby.cluster.control.described)
    refused = await _refused(primary)
    if refused is not None and await restarts(pair):
        return stopped(*shown, refused.what, refused.remedy)
    refused = await _refused(standby)
    if refused is not None and not (standby.cluster.running and await is_ours(pair.ctx)):
        return stopped(*shown, refused.what, refused.remedy)
    return passed(*shown)


async def restarts(pair: Pair) -> bool:
    """Whether the primary will have to be restarted."""
    values, found = await wanted(pair.ctx)
    return any(found[name].needs_restart for name in values)


async def _refused(side: Side) -> HostError | None:
    """Why we cannot be the user who starts and stops the server; that we can be its owner is known by now."""
    user = side.cluster.control.command(Action.RESTART, side.cluster).user
    if user == side.cluster.os_user:
        return None
    try:
        await side.host.run(Command(("true",), user=user))
    except ConnectionLostError:
        raise
    except HostError as error:
        return error
    return None


CHECKS = (Check("control", "start and stop", control),)
