"""Reads the standby's log as it grows: tells it, marks the milestones, remembers the last cause of trouble."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from pgrepl_tui.events import CommandStarted, Milestone, Note
from pgrepl_tui.hosts.host import Command, ConnectionLostError, HostError
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres.log_reader import STDERR, LogReader, readable
from pgrepl_tui.postgres.logs import Cause, explain, milestone
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.recorded import shell_line
from pgrepl_tui.steps.standby.log_source import CLOCK, Logging, LogSource, log_source

FOLLOW = "follow"
"""The step that follows."""
LOOK_BACK = 64 * 1024
"""Bytes of a log that are read where it is not known how long it was at the start."""
LOOK_BACK_SECONDS = 60
JOURNAL_POLL = 0.5
KEPT = 2
"""Files that are read at once: the present one and, for its last lines, the one before."""
READY = {"ready", "streaming"}
CURSOR = b"-- cursor: "
TO_PRIMARY = "could not connect to the primary server"
CLIENTS = {
    "no_hba_entry", "hba_reject", "password_missing_in_role", "password_expired", "wrong_password", "ident_failed",
    "not_replication_role", "role_cannot_login", "role_missing", "role_connection_limit", "max_connections",
    "starting_up", "hot_standby_off", "login_refused",
}  # fmt: skip
"""Causes that the standby's log also names when it turns a client of its own away: no trouble of ours."""


class LogWatch:
    """Follows the log wherever it goes on: a collector begins a new file by time and by size."""

    def __init__(self, ctx: Context, logging: Logging) -> None:
        self._ctx = ctx
        self._logging = logging
        self.tails: dict[LogSource, asyncio.Task[None]] = {}
        self._numbers: dict[LogSource, int] = {}
        self.heard = time.monotonic()
        self.caused = 0.0
        self.cause: Cause | None = None
        self.cause_line = ""
        self.last = ""
        self.seen: set[str] = set()
        self._ready, self._streaming = asyncio.Event(), asyncio.Event()

    @property
    def where(self) -> str:
        """What is read now, for the operator."""
        source = next(reversed(self.tails), LogSource())
        return source.path or (" ".join(("journalctl", *source.journal)) if source.journal else "the system's log")

    async def turn(self) -> None:
        """Look where the server logs now, and follow it there.

        Raises:
            HostError: the host cannot be asked any more.
        """
        for source, tail in list(self.tails.items()):
            if tail.done() and not tail.cancelled() and (error := tail.exception()):
                self._gave_up(source, error)
        source = await log_source(self._ctx, self._logging)
        if source in self.tails or source in self._numbers:
            return
        if not self.tails and not source.path and not source.journal:
            self._numbers[source] = 0
            self._note(f"its log goes to {', '.join(sorted(self._logging.destinations))}, where it cannot be read")
            return
        self._begin(source)
        for oldest in list(self.tails)[:-KEPT]:
            self.tails.pop(oldest).cancel()

    def _begin(self, source: LogSource) -> None:
        number = self._numbers[source] = self._ctx.next_number()
        side = self._ctx.standby
        argv = ("tail", "-F", source.path) if source.path else ("journalctl", "-f", *source.journal)
        user = side.cluster.os_user if source.path else "root"
        paste = shell_line(Command(argv, user=user), side.host.login)
        self._ctx.reporter.emit(
            CommandStarted(number=number, step=FOLLOW, host=side.name, line=line(argv), paste=paste)
        )
        self.tails[source] = asyncio.create_task(self._read(source, number))

    def _gave_up(self, source: LogSource, error: BaseException) -> None:
        """A log that cannot be read is told once, and done without; a lost connection is not."""
        if isinstance(error, ConnectionLostError) or not isinstance(error, HostError):
            raise error
        del self.tails[source]
        self._note(error.what)

    def _note(self, why: str) -> None:
        text = f"{why}; its state is asked for instead: pg_stat_wal_receiver, the replayed position, its processes"
        self._ctx.reporter.emit(Note(level="warning", text=text))

    async def _read(self, source: LogSource, number: int) -> None:
        """Read until cancelled."""
        side, begin = self._ctx.standby, 0
        if source.path:
            begin = await self._first_byte(source.path)
            pieces = side.host.follow(source.path, offset=begin, user=side.cluster.os_user)
        else:
            pieces = _journal(self._ctx, source.journal)
        reader = LogReader(source.form, within=begin > 0)
        async with contextlib.aclosing(pieces) as found:  # type: ignore[type-var]
            async for data in found:
                self._take(reader, data, number)

    def _take(self, reader: LogReader, data: bytes, number: int) -> None:
        self.heard = time.monotonic()
        side, tell = self._ctx.standby, self._ctx.reporter.output
        entries = reader.feed(data)
        if reader.form == STDERR:
            tell(number, FOLLOW, side.name, "log", data)
        for entry in entries:
            shown = readable(entry, reader.form)
            if reader.form != STDERR:
                tell(number, FOLLOW, side.name, "log", f"{shown}\n".encode())
            self.entry(entry, shown)

    async def _first_byte(self, path: str) -> int:
        """Where a file ended before the start; else some way back from its end."""
        known, side = self._ctx.log_marks, self._ctx.standby
        if known is not None:
            return known.get(path, 0)
        command = Command(("stat", "-Lc", "%s", "--", path), user=side.cluster.os_user, poll=True)
        size = (await side.host.run(command)).text.strip()
        return max(0, int(size) - LOOK_BACK) if size.isdigit() else 0

    def entry(self, entry: str, shown: str) -> None:
        """Take one entry of the log, and how it is shown."""
        first = shown.partition("\n")[0]
        self.last = first or self.last
        name = milestone(entry, self._ctx.standby.cluster.major)
        if name:
            self.reached(name, first)
        found = explain(entry)
        if found is not None and self.cause is None and not _of_a_client(found, entry):
            self.cause, self.cause_line, self.caused = found, first, time.monotonic()

    def reached(self, name: str, line: str) -> None:
        """A milestone was passed, as a line of the log or a look at the server says; each is told once."""
        if name in self.seen:
            return
        self.seen.add(name)
        self._ctx.reporter.emit(Milestone(step=FOLLOW, name=name, line=line))
        self.cause = None
        if name in READY:
            self._ready.set()
        if name == "streaming":
            self._streaming.set()

    async def ready(self, *, within: float) -> None:
        """Wait until the log says that queries are taken, or for some seconds: in another language it never does."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), within if self.tails else 0.5)

    async def settle(self) -> None:
        """The views may be quicker than the log: give its line a moment. In another language it never comes."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._streaming.wait(), 2.0 if self.tails else 0.0)

    async def end(self) -> None:
        """Stop reading."""
        for tail in self.tails.values():
            tail.cancel()
        await asyncio.gather(*self.tails.values(), return_exceptions=True)
        for number in self._numbers.values():
            self._ctx.reporter.end_output(number)


def _of_a_client(cause: Cause, entry: str) -> bool:
    """Whether the standby speaks of a client of its own, not of its own login at the primary."""
    return cause.name in CLIENTS and TO_PRIMARY not in entry and not entry.startswith("\t")


async def _journal(ctx: Context, select: tuple[str, ...]) -> AsyncIterator[bytes]:
    """The journal's entries since the start, as they come.

    Raises:
        HostError: it cannot be read.
    """
    side = ctx.standby
    since = (ctx.log_marks or {}).get(CLOCK, 0)
    begin = ("--since", f"@{since}" if since else f"-{LOOK_BACK_SECONDS}s")
    while True:
        argv = ("journalctl", "-q", "--no-pager", "-o", "cat", "--show-cursor", *select, *begin)
        result = await side.host.run(Command(argv, user="root", poll=True))
        if result.status:
            raise HostError(f"the journal of {side.name} cannot be read: {result.error_text}")
        text, mark, cursor = result.out.rpartition(CURSOR)
        if mark:
            begin = ("--after-cursor", cursor.decode("ascii", "replace").strip())
        if said := text if mark else result.out:
            yield said
        await asyncio.sleep(JOURNAL_POLL)
