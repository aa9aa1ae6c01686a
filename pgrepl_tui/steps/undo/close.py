"""Mark the runs as undone: their journals are renamed, and stay."""

import posixpath

from pgrepl_tui.events import ShownCommand, Stage
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.step import Look, Preview, StepError, done, needed
from pgrepl_tui.steps.undo.reading import journals
from pgrepl_tui.steps.undo.work import UndoStep

RENAME = r"""
set -eu
cd -- "$1"
shift
for name in "$@"; do
    [ ! -e "journal-$name" ] || mv -T -- "journal-$name" "undone-$name"
done
sync .
"""


class Close(UndoStep):
    """Rename the journals, the primary's first: as long as the standby's are there, an undo finds what is left."""

    id, title, stage, host = "undo-journal", "mark the runs as undone", Stage.PRIMARY, "standby"
    why = "The journals stay on the hosts, under another name: a later undo has nothing to do with these runs any more."

    async def inspect(self, ctx: Context) -> Look:
        """Done when no journal of these runs is open."""
        if not self.work.runs:
            return done("no run is left to undo")
        there = [journal for side in (ctx.primary, ctx.standby) for journal in (await journals(side)).open]
        waiting = sorted({one.began.run for one in there} & {*self.work.runs})
        return needed(f"{', '.join(waiting)}") if waiting else done("they are marked")

    async def preview(self, ctx: Context) -> Preview:
        """A rename each."""
        sides = (ctx.primary, ctx.standby)
        moves = [(side.name, name) for side in sides for name in self._names(side)]
        return Preview(tuple(ShownCommand(host, _shown(name)) for host, name in moves))

    async def run(self, ctx: Context) -> str:
        """Rename."""
        for side in (ctx.primary, ctx.standby):
            names = self._names(side)
            if not names:
                continue
            argv = ("/bin/sh", "-c", RENAME, "sh", side.state_dir, *names)
            shown = " && ".join(map(_shown, names))
            result = await side.host.run(Command(argv, user=side.cluster.os_user, changes=True, shown=shown))
            if result.status:
                what = f"the journals on {side.name} could not be renamed: {result.error_text}"
                raise StepError(what, f"look at {side.state_dir}, then retry")
        return f"undone: {', '.join(self.work.runs)}"

    def _names(self, side: Side) -> list[str]:
        """The journals' names without what they begin with; the newest first, which an undo has to do with first."""
        paths = [journal.path for journal in reversed(self.work.journals.get(side.role, ()))]
        return [posixpath.basename(path).removeprefix("journal-") for path in paths]


def _shown(name: str) -> str:
    return line(("mv", f"journal-{name}", f"undone-{name}"))
