"""The base backup, as a detached job on the standby's host."""

import asyncio
import contextlib
import re
import time

from pgrepl_tui.events import CommandEnded, CommandStarted, Progress, ShownCommand, Stage
from pgrepl_tui.hosts import files, job
from pgrepl_tui.hosts.host import Command, HostError
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres import basebackup, queries
from pgrepl_tui.postgres.control import ControlError, parse_control
from pgrepl_tui.postgres.logs import explain
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import Copied
from pgrepl_tui.steps.journal import note
from pgrepl_tui.steps.password import passfile_path
from pgrepl_tui.steps.recorded import shell_line, shown_line
from pgrepl_tui.steps.standby.copy_place import REMEDY, CopyPlace, clear, copy_place, foreign, make, not_ours
from pgrepl_tui.steps.standby.state import copy_is_used, is_ours, places, stop_it
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, blocked, done, needed

POLL = 0.25
STOPPED_WITHIN = 12.0
"""Seconds for the job to end when the operator stops the run: 10 until KILL."""
SIGNALLED = 128
"""What a shell adds to the number of the signal that ended a command."""
SILENT_FOR = 600.0
"""Seconds without a word from pg_basebackup: a spread checkpoint may take minutes, but ours is fast."""

LAST_SEGMENT = r"""
cd -- "$1" && ls | grep -Ex '[0-9A-F]{24}' | sort | tail -n 1
"""


class BaseBackup(Step):
    """Copy the primary beside the standby's data directory."""

    id, title, stage, host = "basebackup", "base backup", Stage.STANDBY, "standby"
    why = (
        "The whole primary is copied into a new folder beside the standby's data directory; the old cluster is not "
        "touched and goes on until the copy is complete. The copy runs as a job of its own on the standby's host: a "
        "lost connection does not end it, and a run that was cut off takes it up again."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when the standby is in place, or an earlier run's copy is complete and its WAL is kept by the slot."""
        if await is_ours(ctx):
            return done("the standby is a copy of this primary already")
        place, user = places(ctx), ctx.standby.cluster.os_user
        state = await job.state(ctx.standby.files, place.job, user)
        if state.running:
            return needed("a base backup of an earlier run is still going: it is taken up")
        hindrance = await self._hindrance(ctx)
        if hindrance is not None:
            return hindrance
        if state.status == 0 and await self._is_copy(ctx):
            if await self._can_go_on(ctx):
                return done("an earlier run's copy is complete, and the primary still has the WAL that it needs")
            return needed("an earlier run's copy is complete, but the primary has thrown away the WAL that it needs")
        return needed(f"nothing of {ctx.primary.name} is on {ctx.standby.name} yet")

    async def _hindrance(self, ctx: Context) -> Look | None:
        """What somebody else has in the copy's place, or does with the copy."""
        theirs = await foreign(ctx, (await copy_place(ctx)).folders)
        if theirs:
            return blocked(not_ours(ctx, theirs), REMEDY)
        if await copy_is_used(ctx):
            return blocked(f"a server runs in {places(ctx).new}, which is not in its place yet", stop_it(ctx))
        return None

    async def preview(self, ctx: Context) -> Preview:
        """The pg_basebackup command."""
        where = await copy_place(ctx)
        command, wal = self._command(ctx, where), where.wal
        notes = [f"{places(ctx).new} is removed first where an earlier run made it and left it"]
        notes.append(f"the old data directory {places(ctx).data} is not touched by this step")
        if wal.beside:
            notes.append(f"the WAL is written to {wal.beside}, beside the old cluster's ({wal.link})")
        elif wal.link:
            notes.append(f"the WAL goes into the data directory, not to {wal.link}: {wal.why}")
        return Preview((ShownCommand(ctx.standby.name, command.shown),), notes=tuple(notes))

    async def run(self, ctx: Context) -> str:
        """Start the job, or take up the one that runs; follow it to its end."""
        side, place, user = ctx.standby, places(ctx), ctx.standby.cluster.os_user
        where = await copy_place(ctx)
        command = self._command(ctx, where)
        if not (await job.state(side.files, place.job, user)).running:
            await note(ctx, side, Copied(folder=place.new, job=place.job))
            await job.forget(side.files, place.job, user)
            await clear(ctx, where.folders)
            await make(ctx, where.folders)
            await job.start(side.host, place.job, command, user)
        started = time.monotonic()
        try:
            last = await self._follow(ctx, command)
        except asyncio.CancelledError:
            with contextlib.suppress(TimeoutError, HostError):  # a host that hangs: the next run takes the copy up
                async with asyncio.timeout(STOPPED_WITHIN):
                    await job.stop(side.host, place.job, user)
            raise
        seconds = max(time.monotonic() - started, 0.001)
        return f"{last.done / 1e6:.0f} MB copied in {seconds:.1f} s, {last.done / 1e6 / seconds:.0f} MB/s"

    async def confirm(self, ctx: Context) -> Look:
        """The copy is complete and has the primary's system identifier."""
        if not await self._is_copy(ctx):
            raise StepError(f"{places(ctx).new} is not a copy of the primary", "look at it, then retry")
        if not (ctx.slot and ctx.primary.facts.slot_reserves_at_creation) and not await self._can_go_on(ctx):
            keep = ctx.primary.facts.keep_wal_setting
            raise StepError(
                f"the copy is complete, but {ctx.primary.name} has thrown away the WAL that follows it already",
                f"raise {keep} on {ctx.primary.name} (it has to last for the copy), reload it, then retry",
            )
        return done("the copy is complete")

    def _command(self, ctx: Context, where: CopyPlace) -> Command:
        side, primary, major = ctx.standby, ctx.primary, ctx.standby.cluster.major
        way = basebackup.Way(
            host=primary.address,
            port=primary.cluster.port,
            user=ctx.user,
            sslmode=ctx.topology.replication.sslmode,
            passfile=passfile_path(ctx),
        )
        copied = basebackup.Wanted(
            target=where.new,
            slot=ctx.slot,
            label=f"pgrepl-tui {ctx.run_id}",
            tablespaces=where.tablespaces,
            wal_dir=where.wal.beside,
        )
        arguments = basebackup.arguments(major, copied, way)
        env = {**basebackup.environment(major, way), "PGAPPNAME": ctx.copier}
        path = side.cluster.program("pg_basebackup")
        argv, shown = basebackup.program(path, major, arguments), line((path, *arguments), env)
        return Command(argv, user=side.cluster.os_user, env=env, changes=True, shown=shown)

    async def _is_copy(self, ctx: Context) -> bool:
        side, place = ctx.standby, places(ctx)
        command = Command((side.cluster.program("pg_controldata"), place.new), user=side.cluster.os_user)
        result = await side.host.run(command)
        if result.status:
            return False
        try:
            control = parse_control(result.text)
        except ControlError:
            return False
        return ctx.primary.control is not None and control.system_identifier == ctx.primary.control.system_identifier

    async def _can_go_on(self, ctx: Context) -> bool:
        """True where the primary still has the segment in which the copy's own WAL ends: there streaming begins."""
        side, primary = ctx.standby, ctx.primary
        folder = f"{places(ctx).new}/{side.facts.wal_dir}"
        command = Command(("/bin/sh", "-c", LAST_SEGMENT, "sh", folder), user=side.cluster.os_user,
                          shown=spoken(f"the last WAL segment in {folder}"))  # fmt: skip
        last = (await side.host.run(command)).text.strip()
        path = f"{primary.cluster.data}/{primary.facts.wal_dir}/{last}"
        return bool(last) and await files.stat(primary.host, path, primary.cluster.os_user) is not None

    async def _follow(self, ctx: Context, command: Command) -> Progress:
        """Read the job's log as it grows; its end is its exit status."""
        side, place, user = ctx.standby, places(ctx), ctx.standby.cluster.os_user
        number, begun = ctx.next_number(), time.monotonic()
        shown, paste = shown_line(command, side.host.login), shell_line(command, side.host.login)
        ctx.reporter.emit(
            CommandStarted(number=number, step=self.id, host=side.name, line=shown, changes=True, paste=paste)
        )
        watch, offset, heard = Watch(ctx), 0, time.monotonic()
        while True:
            data, offset, state = await job.poll(side.host, place.job, offset, user)
            if data:
                heard = time.monotonic()
                ctx.reporter.output(number, self.id, side.name, "err", data)
                watch.read(data)
                await watch.ask_primary()
            elif not state.running:
                break
            elif time.monotonic() - heard > SILENT_FOR:
                raise StepError(
                    f"pg_basebackup has been silent for {SILENT_FOR:.0f} s", "look at the primary's load and log"
                )
            else:
                await watch.ask_primary()
                await asyncio.sleep(POLL)
        ctx.reporter.end_output(number)
        seconds = time.monotonic() - begun
        ctx.reporter.emit(CommandEnded(number=number, step=self.id, status=state.status, seconds=seconds))
        if state.status != 0:
            raise watch.failure(state.status)
        return watch.progress


class Watch:
    """Reads pg_basebackup's output: its phases, its progress, and the last words when it fails."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._rest = ""
        self._tail: list[str] = []
        self.progress = Progress(step=BaseBackup.id, phase="starting")

    def read(self, data: bytes) -> None:
        """Take a piece of output; progress lines end with a carriage return."""
        *lines, self._rest = re.split(r"[\r\n]", self._rest + data.decode("utf-8", "backslashreplace"))
        for text in lines:
            self._line(text.strip())

    async def ask_primary(self) -> None:
        """The primary knows better than the once-a-second figures of pg_basebackup how far it is (13 and later)."""
        primary = self._ctx.primary
        if not primary.facts.progress_view or self.progress.phase != basebackup.COPYING:
            return
        rows = await primary.server.query(queries.backup_progress(self._ctx.copier), poll=True)
        if rows:
            done, total = (int(cell or 0) for cell in rows[0])
            self._tell(Progress(step=BaseBackup.id, phase=basebackup.COPYING, done=min(done, total), total=total))

    def _tell(self, progress: Progress) -> None:
        if progress.done >= self.progress.done:
            self.progress = progress
            self._ctx.reporter.emit(progress)

    def _line(self, text: str) -> None:
        if not text:
            return
        seen = basebackup.read_line(text)
        if seen.phase or seen.total:
            old = self.progress
            self._tell(
                Progress(
                    step=BaseBackup.id,
                    phase=seen.phase or old.phase,
                    done=max(seen.done, old.done),
                    total=seen.total or old.total,
                )
            )
        if not seen.total:
            self._tail = [*self._tail[-9:], text]

    def failure(self, status: int | None) -> StepError:
        """Why it failed, from its last lines."""
        if self._rest.strip():
            self._line(self._rest.strip())
        errors = basebackup.trouble(self._tail)
        said = " ".join(errors) or "it named no error"
        cause = next((found for found in map(explain, errors) if found), None)
        end = _end(status)
        if not errors:
            remedy = f"look into the system log of {self._ctx.standby.name} (memory, a restart, a kill)"
        else:
            remedy = "mend what it names"
        usual = f"{remedy}, then run again; nothing on the old cluster was touched"
        return StepError(f"pg_basebackup {end}: {said}", cause.remedy if cause else usual)


def _end(status: int | None) -> str:
    """How it ended; a status above 128 is the signal that ended it, and none is left where its whole job was killed."""
    if status is None:
        return "was killed, or its host went down"
    return f"was ended by signal {status - SIGNALLED}" if status > SIGNALLED else f"ended with status {status}"
