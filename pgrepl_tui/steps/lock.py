"""One run at a time on a pair: a lock on both hosts, which goes with the connection that holds it."""

import asyncio
import contextlib
import secrets
import time

from pgrepl_tui.events import Note, Progress, Stage
from pgrepl_tui.hosts.host import Command, Conversation, HostError
from pgrepl_tui.steps.carry import tidy
from pgrepl_tui.steps.context import Context, HeldLock, Side
from pgrepl_tui.steps.lock_holder import has_ended, told
from pgrepl_tui.steps.standby.job_holder import holder
from pgrepl_tui.steps.step import Step, StepError
from pgrepl_tui.steps.tag import tag_of

HOLD = r"""
folder=$1 file=$2 who=$3
umask 077
mkdir -p -- "$folder" || exit 1
command -v flock >/dev/null 2>&1 || { echo MISSING; exec cat >/dev/null; }
exec 9>>"$file" || exit 1
tries=0
until flock -n 9; do
    tries=$((tries + 1))
    [ -z "${7-}" ] || [ "$(sed -n 2p -- "$file")" != "$7" ] || { echo SAME; exit 0; }
    [ "$tries" -gt "$4" ] && { echo "BUSY $(sed -n 1p -- "$file")"; exit 0; }
    sleep 1
done
printf '%s\n%s\n' "$who" "${6-}" >"$file"
echo HELD
command -v timeout >/dev/null 2>&1 || exec cat >/dev/null
while [ -n "$(timeout "$5" head -c 1)" ]; do :; done
"""
"""Each wait for a beat ends when the connection does, and the lock goes with it.

A wizard whose machine is gone closes no connection; its beats stop, and the lock goes after so many seconds
(``timeout`` is in coreutils since 7.0, of 2008). The file's first line says who holds it and since when, its second is
the nonce ($6) by which the host is known; $7 is the nonce of the other side's lock: where it is found, both are one.
"""
PATIENCE = 5
"""Seconds for a holder that is about to end: a run that was killed lets its lock go a moment later."""
BEAT = 10.0
"""Seconds between two beats."""
SILENCE = 60
"""Seconds without a beat after which a lock goes: well over the 20 after which a run gives a silent host up."""
_BUSY = "BUSY "


class Lock(Step):
    """Lock both data directories for this run."""

    id, title, stage, host = "lock", "lock both sides", Stage.PREFLIGHT, "standby"
    readonly = True
    plans = False
    why = (
        "Two runs on one pair would undo each other's work. The lock is on both hosts, for the data directory, and "
        "goes with the connection: a run that dies leaves none behind."
    )

    async def run(self, ctx: Context) -> str:
        """Take both locks, then clear what a run before left half-way; who holds one is named."""
        who = told()
        missing = [side.name for side in (ctx.primary, ctx.standby) if not await self._take(ctx, side, who)]
        await self._job(ctx)
        for side in (ctx.primary, ctx.standby):
            await tidy(side)
        if missing:
            return f"no lock on {', '.join(missing)}: there is no flock program; see that nobody else works on the pair"
        return f"held on {ctx.primary.name} and {ctx.standby.name} until this run ends"

    async def _job(self, ctx: Context) -> None:
        """A base backup that outlived its run holds the data directory: the same pair takes it up, another may not."""
        held, primary = await holder(ctx), ctx.primary
        if held is None:
            return
        place = f"{ctx.standby.cluster.data} on {ctx.standby.name}"
        if primary.control is not None and not held.is_for(primary.control.system_identifier):
            raise StepError(
                f"a base backup of another primary runs beside {place}: {held.told}",
                "wait until it has ended, or end it; then run again",
                refused=True,
            )
        ctx.reporter.emit(Note(level="info", text=f"a base backup runs beside {place}: {held.told}"))

    async def _take(self, ctx: Context, side: Side, who: str) -> bool:
        """Hold one side's lock for the rest of the run; False where the host has no flock."""
        file = f"{side.state_dir}/lock-{tag_of(side.cluster.data)}"
        if side.role in ctx.locks:
            return True
        nonce, first = secrets.token_hex(16), next((held.nonce for held in ctx.locks.values() if held), "")
        argv = ("/bin/sh", "-c", HOLD, "sh", side.state_dir, file, who, str(PATIENCE), str(SILENCE), nonce, first)
        command = Command(argv, user=side.cluster.os_user, changes=True, shown=f"flock -n {file}")
        said, talk = await self._ask(ctx, side, command)
        if said.startswith(_BUSY):
            raise StepError(
                f"another run works on {side.cluster.data} on {side.name}: {said.removeprefix(_BUSY)}",
                f"wait until it has ended, or end it; its lock goes with it, {SILENCE} s later at the latest",
                refused=True,
            )
        if said == "SAME":
            raise StepError(
                f"the lock that this run took on {ctx.primary.name} is found on {side.name}: both are one and the same "
                "data directory: the standby IS the primary",
                "correct the topology; nothing was changed",
                refused=True,
            )
        ctx.locks[side.role] = HeldLock(file, who, nonce) if said == "HELD" else None
        if said == "HELD":
            beats = asyncio.create_task(_beat(ctx, side, talk))
            ctx.held.push_async_callback(_end, beats)
        return said == "HELD"

    async def _ask(self, ctx: Context, side: Side, command: Command) -> tuple[str, Conversation]:
        """What the script says first, and the script; a lock that an ended run left is waited for: it goes soon."""
        end, noted = time.monotonic() + SILENCE + BEAT, False
        while True:
            async with contextlib.AsyncExitStack() as stack:
                talk = await stack.enter_async_context(side.host.converse(command))
                said = (await talk.hear(b"\n")).decode("utf-8", "backslashreplace")
                left_behind = said.startswith(_BUSY) and has_ended(said.removeprefix(_BUSY))
                if not left_behind or time.monotonic() > end:
                    ctx.held.push_async_exit(stack.pop_all())
                    return said, talk
            if not noted:
                ctx.reporter.emit(Progress(step=self.id, phase=_waits(side, said.removeprefix(_BUSY))))
                noted = True


def _waits(side: Side, holder: str) -> str:
    return (
        f"{side.name} has not heard yet that the run of {holder} lost its connection or ended: its lock is waited for, "
        f"which goes by itself within {SILENCE} s"
    )


def held_for(ctx: Context) -> tuple[str, str, str, str]:
    """What a guard on the standby's host looks at: our lock there and its holder; the primary's lock and its nonce.

    Empty where there is no lock, or where both clusters are on one machine on purpose.
    """
    own, theirs = ctx.locks.get("standby"), ctx.locks.get("primary")
    mine = (own.file, own.who) if own else ("", "")
    return (*mine, theirs.file, theirs.nonce) if theirs and not ctx.topology.same_machine else (*mine, "", "")


async def _beat(ctx: Context, side: Side, talk: Conversation) -> None:
    """Keep the lock; one that is gone is noted, and nothing is changed from then on."""
    try:
        while True:
            await talk.say(b".")
            await asyncio.sleep(BEAT)
    except HostError as error:
        ctx.lock_lost = f"the lock on {side.name} is gone: {error.what}"


async def _end(beats: asyncio.Task[None]) -> None:
    beats.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await beats
