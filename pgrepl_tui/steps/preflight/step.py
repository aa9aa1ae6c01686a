"""The Preflight stage's one step: all rows of the table."""

from pgrepl_tui.counted import counted
from pgrepl_tui.events import CheckDone, Stage, Verdict
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.postgres.text_error import TextError
from pgrepl_tui.steps.connect import find_side
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.preflight import clusters, control, hosts, outside, own_data, room, servers
from pgrepl_tui.steps.preflight.survey import survey
from pgrepl_tui.steps.preflight.verdicts import Check, Pair, stopped
from pgrepl_tui.steps.step import Step, StepError

CHECKS: tuple[Check, ...] = (
    *hosts.CHECKS,
    *clusters.CHECKS,
    *own_data.CHECKS,
    *outside.CHECKS,
    *room.CHECKS,
    *servers.CHECKS,
    *control.CHECKS,
)


class Preflight(Step):
    """Look at both sides, change nothing, and say what stands in the way."""

    id, title, stage, host = "preflight", "preflight checks", Stage.PREFLIGHT, "standby"
    readonly = True
    why = "What would fail half-way is found now, before anything is changed."

    async def run(self, ctx: Context) -> str:
        """All rows, even after one that stops; then the verdict."""
        pair = await _pair(ctx)
        ctx.identity = pair.standby["identity"] or "none"
        rows = [await _row(check, pair) for check in CHECKS]
        stops = [row for row in rows if row.verdict is Verdict.STOP]
        warnings = sum(row.verdict is Verdict.WARN for row in rows)
        if stops:
            first, more = stops[0], f" (and {len(stops) - 1} more)" if len(stops) > 1 else ""
            raise StepError(f"{first.title}: {first.why}{more}", first.remedy, refused=True)
        return f"{counted(len(rows), 'check')}, {counted(warnings, 'warning')}, nothing stands in the way"


async def again(ctx: Context, check: str) -> CheckDone:
    """Look at both sides anew, and judge one row of the table once more.

    Raises:
        TextError: there is no such row.
    """
    known = {row.id: row for row in CHECKS}
    if check not in known:
        raise TextError(f"there is no preflight check called {check}")
    ctx.step = Preflight.id
    return await _row(known[check], await _pair(ctx))


async def _pair(ctx: Context) -> Pair:
    for role in ("primary", "standby"):
        ctx.sides[role] = await find_side(ctx, role)
    return Pair(ctx, await survey(ctx.primary), await survey(ctx.standby))


async def _row(check: Check, pair: Pair) -> CheckDone:
    try:
        judged = await check.judge(pair)
    except SqlError as error:
        judged = stopped("?", "?", f"the server could not be asked: {error}", "look at its log, then run again")
    row = CheckDone(
        id=check.id,
        title=check.title,
        verdict=judged.verdict,
        primary=judged.primary,
        standby=judged.standby,
        why=judged.why,
        remedy=judged.remedy,
    )
    pair.ctx.reporter.emit(row)
    return row
