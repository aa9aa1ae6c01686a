"""What was left behind, and where."""

from pgrepl_tui.counted import counted
from pgrepl_tui.events import Note, Stage
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.step import Step

LIST = 'for d in "$1".pgrepl-old-*; do [ -d "$d" ] && du -sm -- "$d"; done; :'


class Report(Step):
    """Say what stands where now."""

    id, title, stage, host = "report", "report", Stage.VERIFY, "standby"
    readonly = True
    unproved = "what was left behind was not looked for"
    why = "What was set aside takes room and is yours to delete; the slot keeps WAL for as long as it is there."

    async def run(self, ctx: Context) -> str:
        """Old data directories with their size, the slot."""
        side = ctx.standby
        command = Command(("/bin/sh", "-c", LIST, "sh", side.cluster.data), user=side.cluster.os_user,
                          shown=f"du -sm {side.cluster.data}.pgrepl-old-*", quiet_for=1800)  # fmt: skip
        aside = [row.split(None, 1) for row in (await side.host.run(command)).text.splitlines()]
        for size, path in aside:
            text = f"{path} on {side.name} ({size} MB) is the old cluster; undo puts it back, discard deletes it"
            ctx.reporter.emit(Note(level="info", text=text))
        if ctx.slot:
            text = f"the slot {ctx.slot} makes {ctx.primary.name} keep WAL for as long as the standby is away"
            ctx.reporter.emit(Note(level="info", text=text))
        return f"{counted(len(aside), 'old data directory')} set aside" if aside else "nothing was left behind"
