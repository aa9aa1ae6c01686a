"""Headway of a server that was told to stop or to start: it is waited for as long as it makes some.

How long a shutdown checkpoint takes nobody knows beforehand, and the dots that pg_ctl writes come whatever the server
does. What its processes read and write tells, and which of them are left. All of them work in the data directory, and
so does what they start (``archive_command``).
"""

import asyncio

from pgrepl_tui.hosts.host import Command, Result
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.step import StepError

LOOK_EVERY, TELL_EVERY = 5.0, 15.0
"""Seconds between two looks, and between two that the operator sees: a stop that takes a moment has none."""
STILL_FOR = 120.0
"""Seconds in which nothing moves: longer than the 60 after which a server gives up a standby that does not answer
(wal_sender_timeout)."""

LOOK = r"""
data=$1 waits='' first=none
[ ! -f "$data/postmaster.pid" ] || read -r first < "$data/postmaster.pid" || :
for proc in /proc/[0-9]*; do
    pid=${proc#/proc/}
    IFS= read -r stat 2>/dev/null < "$proc/stat" || continue
    set -- ${stat##*) }
    [ "$proc/cwd" -ef "$data" ] || [ "$pid" = "$first" ] || [ "$2" = "$first" ] || continue
    [ "$1" != D ] || waits=y
    moved=0
    while read -r name value; do
        case $name in rchar:|wchar:|read_bytes:|write_bytes:) moved=$((moved + value)) ;; esac
    done 2>/dev/null < "$proc/io"
    [ "$moved" != 0 ] || moved=$((${12} + ${13}))
    echo "$pid $moved $(tr '\0' ' ' 2>/dev/null < "$proc/cmdline" | head -c 60)"
done
[ -z "$waits" ] || sed -n 's/^nr_written /disk /p' /proc/vmstat
exit 0
"""
"""$1 the data directory. A line a process: its number, the bytes that it has read and written, its title. Where these
may not be read (a server that was started with another group), the server's own processes count by their processor
time. A process that waits for the disk (D) counts nothing meanwhile: then what the machine writes out tells."""


class Headway:
    """Looks now and then whether the server of a side still moves."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._clock = asyncio.get_running_loop().time
        self._begun = self._moved = self._looked = self._told = self._clock()
        self._seen: set[tuple[str, ...]] | None = None

    async def look(self) -> None:
        """Look, where it is time to.

        Raises:
            StepError: nothing has moved for ``STILL_FOR`` seconds.
            HostError: it cannot be looked at.
        """
        if self._clock() - self._looked < LOOK_EVERY:
            return
        self._looked = self._clock()
        tell = self._looked - self._told >= TELL_EVERY
        data, user = self._side.cluster.data, self._side.cluster.os_user
        if tell and self._told == self._begun:
            self._side.host.note(f"the server in {data} takes its time; it is waited for as long as something moves")
        self._told = self._looked if tell else self._told
        argv, shown = ("/bin/sh", "-c", LOOK, "sh", data), spoken(f"what the server in {data} has read and written")
        result = await self._side.host.run(Command(argv, user=user, shown=shown, poll=not tell))
        lines = [line.split(" ", 2) for line in result.text.splitlines()]
        seen = {tuple(words[:2]) for words in lines}
        if seen != self._seen:
            self._seen, self._moved = seen, self._looked
        elif self._looked - self._moved >= STILL_FOR:
            raise self._still([words for words in lines if words[0] != "disk"])

    def _still(self, left: list[list[str]]) -> StepError:
        side = self._side
        named = "; ".join(f"process {words[0]} ({' '.join(words[2:]).strip()})" for words in left)
        return StepError(
            f"nothing has moved for {STILL_FOR:.0f} s in {side.cluster.data} on {side.name}, which was told to stop or "
            f"to start, and may go on with that; there: {named or 'no process'}",
            f"look at what it waits for (its log: {side.cluster.log}); when that is mended, run again",
        )


async def run_while_it_moves(side: Side, command: Command) -> Result:
    """Run a command that stops or starts the server of a side, and wait as long as that makes headway.

    Raises:
        StepError: nothing has moved for ``STILL_FOR`` seconds; the command was ended.
        HostError: as ``Host.run``.
    """
    headway, going = Headway(side), asyncio.create_task(side.host.run(command))
    try:
        while not (await asyncio.wait({going}, timeout=LOOK_EVERY))[0]:
            await headway.look()
        return going.result()
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
