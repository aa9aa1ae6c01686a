"""The replication slot."""

from pgrepl_tui.events import ShownCommand, Stage
from pgrepl_tui.hosts import job
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.server import shown_psql, truth
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import SlotMade
from pgrepl_tui.steps.journal import note
from pgrepl_tui.steps.standby.state import copy_is_used, is_ours, places, stop_it
from pgrepl_tui.steps.step import Look, Preview, Step, blocked, done, needed


class Slot(Step):
    """Make the standby's slot, so that the primary keeps the WAL that it still needs."""

    id, title, stage, host = "slot", "replication slot", Stage.PRIMARY, "primary"
    why = (
        "With a slot of its own, the standby cannot fall so far behind that the primary throws away the WAL that it "
        "needs. The price: a standby that stays away makes WAL pile up on the primary."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when there is a physical slot of that name, or there is to be none."""
        if not ctx.slot:
            return done(f"no slot: kept WAL has to do{await self._left(ctx)}")
        rows = await ctx.primary.server.query(queries.slot(ctx.slot))
        if not rows:
            return needed(f"there is no slot {ctx.slot}")
        if rows[0][0] != "physical":
            return blocked(f"{ctx.slot} is a {rows[0][0]} slot", "drop or rename it, then retry")
        _, active, kept_from = rows[0]
        return await self._in_use(ctx) if truth(active) else self._idle(ctx, kept_from or "")

    async def _left(self, ctx: Context) -> str:
        """A slot that an earlier run made, with a topology that asked for one, keeps WAL for nobody."""
        primary = ctx.primary
        if not primary.facts.has_slots or not await primary.server.query(queries.slot(ctx.application)):
            return ""
        return f"; the slot {ctx.application} of an earlier run still keeps WAL: drop it when the standby streams"

    async def _in_use(self, ctx: Context) -> Look:
        if await self._is_ours(ctx):
            return done(f"{ctx.slot} is there, in use")
        if await copy_is_used(ctx):
            where = f"{places(ctx).new} on {ctx.standby.name}"
            return blocked(f"{ctx.slot} is in use by a server that somebody started in {where}", stop_it(ctx))
        return blocked(
            f"{ctx.slot} is in use, and not by {ctx.standby.name}: two standbys cannot share a slot",
            f"pg_stat_replication on {ctx.primary.name} says who uses it",
        )

    def _idle(self, ctx: Context, kept_from: str) -> Look:
        if not kept_from and ctx.primary.facts.slot_reserves_at_creation:
            return blocked(
                f"{ctx.slot} keeps no WAL: the server gave it up (max_slot_wal_keep_size), or it was never used",
                f"drop it on {ctx.primary.name}, then retry, and it is made anew: "
                f"select pg_drop_replication_slot({queries.literal(ctx.slot)})",
            )
        ctx.slot_there = ctx.slot
        return done(f"{ctx.slot} is there, not in use")

    async def _is_ours(self, ctx: Context) -> bool:
        """The standby in place uses it, or a base backup of an earlier run that is still going."""
        if await is_ours(ctx):
            return True
        return (await job.state(ctx.standby.files, places(ctx).job, ctx.standby.cluster.os_user)).running

    async def preview(self, ctx: Context) -> Preview:
        """One statement."""
        side = ctx.primary
        statement = queries.create_slot(ctx.slot, side.facts)
        return Preview((ShownCommand(side.name, shown_psql(side.cluster, statement)),))

    async def run(self, ctx: Context) -> str:
        """Create it."""
        await note(ctx, ctx.primary, SlotMade(name=ctx.slot))
        ctx.slot_there = ctx.slot
        await ctx.primary.server.change(queries.create_slot(ctx.slot, ctx.primary.facts))
        return f"{ctx.slot} is there"


def left_behind(ctx: Context) -> str:
    """What to know of a slot when a run ends before the standby is proved; empty where there is none.

    It is told even where the answer to its making was lost: it may be there.
    """
    name = ctx.slot_there
    if not name:
        return ""
    drop = f"select pg_drop_replication_slot({queries.literal(name)})"
    return (
        f"the slot {name} stays on {ctx.primary.name} and keeps WAL until the standby uses it: run again to go on; "
        f"undo drops it, or: {drop}"
    )
