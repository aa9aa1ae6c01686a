"""Follow the standby's log until it streams."""

import asyncio
import contextlib
import re
import time

from pgrepl_tui.events import CommandStarted, Milestone, Stage
from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.logs import Cause, explain, milestone
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.standby.settings import configured
from pgrepl_tui.steps.standby.state import RECOVERY_CONF, recovery_files
from pgrepl_tui.steps.step import Step, StepError

POLL = 0.3
PATIENCE = 12.0
"""Seconds for which a cause in the log may stand before the step gives up: the receiver tries again every 5 s."""
QUIET = 120.0
"""Seconds without a log line and without replay moving on: then it is stuck."""
FIRST_LOOK = 3.0
"""Seconds that the log gets to say that the server is ready: until then a query would only log a refusal."""
LOOK_BACK = 64 * 1024
HOPELESS = {"wal_removed", "slot_invalidated", "system_id", "timeline_diverged", "ahead_of_primary"}
"""Causes that only a new copy mends."""


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
        if ctx.log_offset is None and await streams(ctx):
            return "it streams"
        path, offset = await self._log(ctx)
        watch = LogWatch(ctx, path)
        tail = asyncio.create_task(watch.read(path, offset))
        try:
            seconds = await self._until_streaming(ctx, watch, tail)
            await watch.settle()
        finally:
            tail.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await tail
            ctx.reporter.end_output(watch.number)
        return f"the standby streams, {seconds:.1f} s after it was followed"

    async def _until_streaming(self, ctx: Context, watch: "LogWatch", tail: "asyncio.Task[None]") -> float:
        begun = moved = time.monotonic()
        replayed = ""
        await watch.ready(within=FIRST_LOOK)
        while not await streams(ctx):
            if tail.done() and tail.exception() is not None:
                raise tail.exception() or StepError("the log could not be followed")
            now, position = time.monotonic(), await _replayed(ctx)
            if position != replayed:
                replayed, moved = position, now
            if watch.cause is not None and now - watch.caused > PATIENCE:
                raise StepError(
                    f"the standby does not stream: {watch.cause.cause} Its log: {watch.cause_line}",
                    _remedy(ctx, watch.cause),
                )
            if now - max(moved, watch.heard) > QUIET:
                raise StepError(f"nothing has moved for {QUIET:.0f} s: {watch.last or 'the log is silent'}",
                                f"look at {ctx.standby.cluster.log} and at the primary's log, then retry")  # fmt: skip
            await asyncio.sleep(POLL)
        return time.monotonic() - begun

    async def _log(self, ctx: Context) -> tuple[str, int]:
        """The log file and where to begin: where it ended before the start, else a look back."""
        side = ctx.standby
        path = await collected(ctx) or side.cluster.log
        found = await files.stat(side.files, path, side.cluster.os_user)
        size = found.size if found else 0
        begin = ctx.log_offset if ctx.log_offset is not None and path == side.cluster.log else max(0, size - LOOK_BACK)
        return path, begin


READY = {"ready", "streaming"}


def _remedy(ctx: Context, cause: Cause) -> str:
    if cause.name not in HOPELESS:
        return cause.remedy
    signal = recovery_files(ctx).signal or RECOVERY_CONF
    side = ctx.standby
    return (
        f"{cause.remedy} To have it made by this program: stop the server on {side.name}, remove "
        f"{side.cluster.data}/{signal}, do not start it, and run again; what is there is set aside."
    )


class LogWatch:
    """Reads a growing log: tells it, marks the milestones, remembers the last cause of trouble."""

    def __init__(self, ctx: Context, path: str) -> None:
        self._ctx = ctx
        self._rest = b""
        self.number = ctx.next_number()
        self.heard = time.monotonic()
        self.caused = 0.0
        self.cause: Cause | None = None
        self.cause_line = ""
        self.last = ""
        self._seen: set[str] = set()
        self._ready, self._streaming = asyncio.Event(), asyncio.Event()
        name = ctx.standby.name
        ctx.reporter.emit(
            CommandStarted(number=self.number, step=Follow.id, host=name, line=line(("tail", "-F", path)))
        )

    async def read(self, path: str, offset: int) -> None:
        """Read until cancelled."""
        side = self._ctx.standby
        async with contextlib.aclosing(side.host.follow(path, offset=offset, user=side.cluster.os_user)) as pieces:  # type: ignore[type-var]
            async for data in pieces:
                self.heard = time.monotonic()
                self._ctx.reporter.output(self.number, Follow.id, side.name, "log", data)
                *lines, self._rest = re.split(rb"\r?\n", self._rest + data)
                for raw in lines:
                    self._line(raw.decode("utf-8", "backslashreplace"))

    def _line(self, text: str) -> None:
        self.last = text or self.last
        name = milestone(text, self._ctx.standby.cluster.major)
        if name and name not in self._seen:
            self._seen.add(name)
            self._ctx.reporter.emit(Milestone(step=Follow.id, name=name, line=text))
            self.cause = None
            if name in READY:
                self._ready.set()
            if name == "streaming":
                self._streaming.set()
        found = explain(text)
        if found is not None and self.cause is None:
            self.cause, self.cause_line, self.caused = found, text, time.monotonic()

    async def ready(self, *, within: float) -> None:
        """Wait until the log says that queries are taken, or for some seconds: in another language it never does."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), within)

    async def settle(self) -> None:
        """The views may be quicker than the log: give its line a moment. In another language it never comes."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._streaming.wait(), 2.0)


async def streams(ctx: Context) -> bool:
    """True where the standby is in recovery, its receiver streams, and the primary has a sender for it that streams."""
    standby, primary = ctx.standby, ctx.primary
    try:
        if await standby.server.value(queries.in_recovery(), poll=True) != "t":
            return False
        if standby.facts.has_wal_receiver_view:
            rows = await standby.server.query(queries.receiver(standby.facts), poll=True)
            if not rows or rows[0][1] != "streaming":
                return False
        rows = await primary.server.query(queries.sender(ctx.application, primary.facts), poll=True)
    except SqlError:
        return False
    return bool(rows) and rows[0][3] == "streaming"


async def _replayed(ctx: Context) -> str:
    try:
        return await ctx.standby.server.value(f"select {ctx.standby.facts.replay_lsn_function}()", poll=True)
    except SqlError:
        return ""


async def collected(ctx: Context) -> str:
    """The file of the logging collector, where one is used: the newest one; the server need not answer for that."""
    side = ctx.standby
    said = await configured(ctx, ["logging_collector", "log_directory"])
    folder = said.get("log_directory", "")
    if said.get("logging_collector") != "on" or not folder:
        return ""
    where = folder if folder.startswith("/") else f"{side.cluster.data}/{folder}"
    command = Command(("/bin/sh", "-c", 'ls -t -- "$1" | sed -n 1p', "sh", where), user=side.cluster.os_user, poll=True)
    newest = (await side.host.run(command)).text.strip()
    return f"{where}/{newest}" if newest else ""
