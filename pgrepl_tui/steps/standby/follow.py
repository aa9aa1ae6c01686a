"""Follow the standby's log until it streams."""

import asyncio
import time
from dataclasses import dataclass

from pgrepl_tui.events import Stage
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.logs import Cause
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.standby.log_source import logging_of
from pgrepl_tui.steps.standby.log_watch import LogWatch
from pgrepl_tui.steps.standby.state import RECOVERY_CONF, recovery_files
from pgrepl_tui.steps.step import Step, StepError

POLL = 0.3
TURN = 2.0
"""Seconds after which it is looked whether the log goes on in another file."""
PATIENCE = 12.0
"""Seconds for which a cause in the log may stand before the step gives up: the receiver tries again every 5 s."""
QUIET = 120.0
"""Seconds without a log line and without replay moving on: then it is stuck."""
FIRST_LOOK = 3.0
"""Seconds that the log gets to say that the server is ready: until then a query would only log a refusal."""
HOPELESS = {"wal_removed", "slot_invalidated", "system_id", "timeline_diverged", "ahead_of_primary"}
"""Causes that only a new copy mends."""

GONE = "gone"
RECOVERING = r"""
[ -d "/proc/$1" ] || echo gone
for stat in /proc/[0-9]*/stat; do
    read -r line <"$stat" 2>/dev/null || continue
    set -- "$1" ${line##*) }
    [ "$3" = "$1" ] || continue
    title=$(tr '\0' ' ' <"${stat%/stat}/cmdline" 2>/dev/null)
    case $title in "postgres: startup"*|"postgres: "*": startup"*) echo "$title $((${13} + ${14}))" ;; esac
done
exit 0
"""
"""$1 the postmaster's process; prints the title and the processor time of the process that replays. The title names the
WAL segment (ps_status.c); the time moves on where update_process_title is off. proc_pid_stat(5): fields 4, 14, 15."""
STATES = (
    ("standby mode", "it is in recovery: pg_is_in_recovery()"),
    ("consistent", "it takes queries, which it does only when it is consistent"),
    ("ready", "it takes queries"),
    ("streaming", "its WAL receiver streams, and so does its sender on the primary"),
)
"""The milestones that a standby which streams has passed, whatever its log says and in whatever language."""


class Follow(Step):
    """Read the standby's log as it starts, until its WAL receiver streams."""

    id, title, stage, host = "follow", "follow the log until it streams", Stage.STANDBY, "standby"
    readonly = True
    why = (
        "Redo, consistency, read-only connections, streaming: the log says how far the start is, and why it fails when "
        "it does. What counts is the WAL receiver's own state, not the text."
    )

    async def run(self, ctx: Context) -> str:
        """Follow, and watch the views; end on streaming, on a cause that stays, or on silence."""
        if ctx.log_marks is None and await streams(ctx):
            return "it streams"
        watch = LogWatch(ctx, await logging_of(ctx))
        try:
            seconds = await self._until_streaming(ctx, watch)
            await watch.turn()
            await watch.settle()
        finally:
            await watch.end()
        for name, proof in STATES:
            watch.reached(name, f"by its state: {proof}")
        return f"the standby streams, {seconds:.1f} s after it was followed"

    async def _until_streaming(self, ctx: Context, watch: LogWatch) -> float:
        begun = moved = turned = time.monotonic()
        before, primary = "", Unanswered()
        await watch.turn()
        await watch.ready(within=FIRST_LOOK)
        while not await _asked(ctx, primary):
            now, position = time.monotonic(), await _moves(ctx)
            if now - turned > TURN:
                await watch.turn()
                turned = now
            if position != before:
                before, moved = position, now
            if watch.cause is not None and now - watch.caused > PATIENCE:
                raise StepError(
                    f"the standby does not stream: {watch.cause.cause} Its log: {watch.cause_line}",
                    _remedy(ctx, watch.cause),
                )
            if position.startswith(GONE):
                raise StepError(f"the standby's server has ended: {watch.last or 'without a word'}",
                                watch.cause.remedy if watch.cause else f"see {watch.where}, then retry")  # fmt: skip
            if now - max(moved, watch.heard) > QUIET:
                raise StepError(f"nothing has moved for {QUIET:.0f} s: {watch.last or 'the log is silent'}",
                                f"look at {watch.where} and at the primary's log, then retry")  # fmt: skip
            await asyncio.sleep(POLL)
        return time.monotonic() - begun


def _remedy(ctx: Context, cause: Cause) -> str:
    if cause.name not in HOPELESS:
        return cause.remedy
    signal = recovery_files(ctx).signal or RECOVERY_CONF
    side = ctx.standby
    return (
        f"{cause.remedy} To have it made by this program: stop the server on {side.name}, remove "
        f"{side.cluster.data}/{signal}, do not start it, and run again; what is there is set aside."
    )


async def streams(ctx: Context) -> bool:
    """True where the standby is in recovery, its receiver streams, and the primary has a sender for it that streams."""
    try:
        return await _receives(ctx) and await _sends(ctx)
    except SqlError:
        return False


async def _receives(ctx: Context) -> bool:
    """The standby's end; one that takes no queries yet is just starting."""
    standby = ctx.standby
    try:
        if not await standby.server.truth(queries.in_recovery(), poll=True):
            return False
        if standby.facts.has_wal_receiver_view:
            rows = await standby.server.query(queries.receiver(standby.facts), poll=True)
            return bool(rows) and rows[0][1] == "streaming"
    except SqlError:
        return False
    return True


async def _sends(ctx: Context) -> bool:
    """The primary's end; raises SqlError where it cannot be asked."""
    rows = await ctx.primary.server.query(queries.sender(ctx.application, ctx.primary.facts), poll=True)
    return bool(rows) and rows[0][3] == "streaming"


@dataclass
class Unanswered:
    """Since when the primary has not answered; None where it does."""

    since: float | None = None


async def _asked(ctx: Context, primary: Unanswered) -> bool:
    """Whether it streams; a primary that has not answered for ``PATIENCE`` seconds is no reason to go on waiting.

    Raises:
        StepError: the primary cannot be asked.
    """
    try:
        streaming = await _receives(ctx) and await _sends(ctx)
    except SqlError as error:
        now = time.monotonic()
        primary.since = now if primary.since is None else primary.since
        if now - primary.since > PATIENCE:
            raise StepError(
                f"{ctx.primary.name} cannot be asked whether it sends: {error.message}",
                f"see {ctx.primary.cluster.log} on {ctx.primary.name}, then retry",
            ) from error
        return False
    primary.since = None
    return streaming


async def _moves(ctx: Context) -> str:
    """What changes as long as the standby replays: its position; while it takes no queries, the process that does."""
    side = ctx.standby
    try:
        return await side.server.value(f"select {side.facts.replay_lsn_function}()", poll=True)
    except SqlError:
        argv = ("/bin/sh", "-c", RECOVERING, "sh", str(side.cluster.running))
        return (await side.host.run(Command(argv, user=side.cluster.os_user, poll=True))).text
