"""Drop the replication slot that a run made."""

from pgrepl_tui.events import ShownCommand, Stage
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.server import shown_psql, truth
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import SlotMade
from pgrepl_tui.steps.step import Look, Preview, StepError, done, needed
from pgrepl_tui.steps.undo.standing import standing
from pgrepl_tui.steps.undo.work import UndoStep
from pgrepl_tui.steps.wait import until

LET_GO_WITHIN = 10.0
"""Seconds in which a slot is free after its standby was stopped."""


class DropSlot(UndoStep):
    """Drop the slot, unless somebody else uses it now."""

    id, title, stage, host = "undo-slot", "drop the replication slot", Stage.PRIMARY, "primary"
    why = "A slot that nobody reads makes the primary keep WAL until its disk is full. One that is in use is left."

    async def inspect(self, ctx: Context) -> Look:
        """Done when there is none of those that were made."""
        for slot in self._made():
            rows = await ctx.primary.server.query(queries.slot(slot))
            if not rows:
                continue
            kind, active, _ = rows[0]
            if kind != "physical":
                return self._leave(f"{slot} is a {kind} slot, which no run of ours makes")
            if truth(active) and not await self._comes_free(ctx, slot):
                return self._leave(f"{slot} is in use, and not by {ctx.standby.name}")
            return needed(f"{slot} is there, and a run made it")
        return done("no run made one" if not self._made() else "it is not there")

    async def preview(self, ctx: Context) -> Preview:
        """One statement each."""
        side = ctx.primary
        return Preview(tuple(ShownCommand(side.name, shown_psql(side.cluster, drop(slot))) for slot in self._made()))

    async def run(self, ctx: Context) -> str:
        """Drop what is there."""
        server = ctx.primary.server
        for slot in self._made():
            if await server.query(queries.slot(slot)):
                if not await until(lambda slot=slot: _free(ctx, slot), seconds=LET_GO_WITHIN):  # type: ignore[misc]
                    raise StepError(f"{slot} is in use", f"pg_replication_slots on {ctx.primary.name} says by whom")
                await server.change(drop(slot))
        return f"{', '.join(self._made())} is gone"

    def _made(self) -> list[str]:
        return list(dict.fromkeys(entry.name for entry in self.work.of("primary", SlotMade)))

    def _leave(self, why: str) -> Look:
        self.work.left[self.id] = f"the slot was left as it is: {why}"
        return done(f"left as it is: {why}")

    async def _comes_free(self, ctx: Context, slot: str) -> bool:
        """The standby that is to be stopped uses it, or has just been stopped."""
        runs = (await find_side(ctx, "standby", ask=False)).cluster.running
        if runs and (await standing(ctx, self.work)).copy:
            return True
        return await until(lambda: _free(ctx, slot), seconds=LET_GO_WITHIN)


async def _free(ctx: Context, slot: str) -> bool:
    rows = await ctx.primary.server.query(queries.slot(slot), poll=True)
    return not rows or not truth(rows[0][1])


def drop(slot: str) -> str:
    """The statement that drops a slot."""
    return f"select pg_drop_replication_slot({queries.literal(slot)})"
