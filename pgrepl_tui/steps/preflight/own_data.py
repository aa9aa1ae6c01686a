"""Checks on what the standby's old cluster has that would be missed: data of its own, and clients at work in it."""

from pgrepl_tui.counted import counted
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.preflight.verdicts import Check, Judged, Pair, passed, stopped, warned
from pgrepl_tui.steps.sessions import clients, in_words
from pgrepl_tui.steps.standby.state import is_ours
from pgrepl_tui.steps.standby.unique import of_the_primary, told, unique


async def unique_data(pair: Pair) -> Judged:
    """A copy of the primary that took writes of its own has the same identifier, often the same timeline."""
    if pair.primary.side.control is None or pair.standby.side.control is None:
        return passed("-", "there is no cluster")
    if not of_the_primary(pair.ctx):
        return passed("-", "a cluster of its own", "all that it holds is its own; it is set aside, not deleted")
    ours = await is_ours(pair.ctx)
    primary, old = pair.primary.side.control, pair.standby.side.control
    if ours and not old.in_recovery:
        return passed("-", "not started since it was copied")
    reasons = await unique(pair.ctx)
    shown = f"timeline {primary.timeline}", f"{old.state}, timeline {old.timeline}, {old.checkpoint}"
    if not reasons:
        return passed(*shown, f"its WAL is that of {pair.primary.side.name}: it has no data of its own")
    return _judged(pair, shown, told(reasons), ours=ours, proven=any(reason.proven for reason in reasons))


def _judged(pair: Pair, shown: tuple[str, str], why: str, *, ours: bool, proven: bool) -> Judged:
    name, cluster = pair.standby.side.name, pair.standby.side.cluster
    if ours and not proven:
        return warned(*shown, f"it cannot be shown that it is a true copy: {why}", "see that its data is the primary's")
    if ours:
        remedy = f"stop it, and take away standby.signal or recovery.conf in {cluster.data}: then it is set aside"
        return stopped(*shown, f"it is set up as a standby, but {why}", f"{remedy} and copied anew by the next run")
    if takes_writes(pair.standby.side):
        why = f"it runs and takes writes, as {pair.primary.side.name} does, which it shares its origin with; it {why}"
        remedy = f"were the two swapped in the topology? If {name} is to be replaced, stop its server yourself"
        return stopped(*shown, why, f"{remedy}, then run again")
    if pair.ctx.nobody_to_ask:
        remedy = f"save what is needed from it; --set-aside-unique {name} agrees to setting it aside"
        return stopped(*shown, why, remedy)
    return warned(*shown, why, f"save what is needed; it is set aside, not deleted, once {name} was typed")


def takes_writes(side: Side) -> bool:
    """A server that runs, and is no standby."""
    return bool(side.cluster.running) and side.control is not None and side.control.in_production


async def in_use(pair: Pair) -> Judged:
    """A server that takes writes and that clients use is not replaced: it may be the primary, with the two swapped."""
    side = pair.standby.side
    if not side.cluster.running or side.control is None or side.in_recovery or await is_ours(pair.ctx):
        return passed("-", "nobody")
    try:
        total, busy = await clients(side)
    except SqlError as error:
        why = f"the cluster that would be replaced takes writes, and cannot be asked who uses it: {error.message}"
        return stopped("-", "not known", why, f"let it be asked; or stop it, if {side.name} is to be replaced")
    if total:
        used = f"{counted(total, 'client session')} {'uses' if total == 1 else 'use'} it"
        why = f"the cluster that would be replaced takes writes, and {used}"
        remedy = f"were the two swapped in the topology? If {side.name} is to be replaced, end its sessions or stop it"
        return stopped("-", in_words(total, busy), why, f"{remedy}, then run again")
    return passed("-", "nobody")


CHECKS = (
    Check("unique-data", "data that only the standby has", unique_data),
    Check("in-use", "who works on the standby", in_use),
)
