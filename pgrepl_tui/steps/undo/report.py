"""What stands where after an undo."""

from pgrepl_tui.events import Note, Stage
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.undo.work import UndoStep

LIST = 'for d in "$1".pgrepl-undone-*; do [ -d "$d" ] && du -sm -- "$d"; done; :'


class Left(UndoStep):
    """Say what was left, and where."""

    id, title, stage, host = "undo-report", "report", Stage.VERIFY, "standby"
    readonly = True
    unproved = "what was left behind was not looked for"
    why = "The copy takes room and is yours to delete; what others use was left as it is."

    async def run(self, ctx: Context) -> str:
        """The copies that were set aside, with their size; what was left."""
        side = ctx.standby
        command = Command(("/bin/sh", "-c", LIST, "sh", side.cluster.data), user=side.cluster.os_user,
                          shown=f"du -sm {side.cluster.data}.pgrepl-undone-*", quiet_for=1800)  # fmt: skip
        copies = [row.split(None, 1) for row in (await side.host.run(command)).text.splitlines()]
        for size, path in copies:
            text = f"{path} on {side.name} ({size} MB) is a copy that was undone: yours to delete"
            ctx.reporter.emit(Note(level="info", text=text))
        for text in self.work.left.values():
            ctx.reporter.emit(Note(level="warning", text=text))
        state = f"runs on port {side.cluster.port}" if side.cluster.running else "is down"
        return f"the cluster on {side.name} {state}" if side.control else f"there is no cluster on {side.name}"
