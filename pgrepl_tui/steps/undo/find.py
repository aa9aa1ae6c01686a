"""Read the journals of both hosts, and say what is to be undone; or why it must not be."""

from pgrepl_tui.counted import counted
from pgrepl_tui.events import Note, Stage
from pgrepl_tui.hosts import files
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.entries import (
    Copied,
    Entry,
    FileChanged,
    Restarted,
    RoleAllowed,
    RoleMade,
    SlotMade,
    Stopped,
    Swapped,
)
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.undo.files import of_passfile, of_primary, of_standby
from pgrepl_tui.steps.undo.history import History, foreign, probe
from pgrepl_tui.steps.undo.reading import Found, journals
from pgrepl_tui.steps.undo.restore import way_out
from pgrepl_tui.steps.undo.standing import standing
from pgrepl_tui.steps.undo.stop import LOOK_AT_IT, own_life
from pgrepl_tui.steps.undo.work import Journal, UndoStep

WORDS = {
    RoleMade: "made a role", RoleAllowed: "changed a role", SlotMade: "made a slot", Restarted: "restarted the primary",
    Copied: "made a base backup", Stopped: "stopped the old cluster", Swapped: "set the old data directory aside",
}  # fmt: skip


class FindJournals(UndoStep):
    """Find out which runs are not undone yet, and whether all that they did can be put back."""

    id, title, stage, host = "undo-find", "what is to be undone", Stage.PREFLIGHT, "standby"
    readonly = True
    why = (
        "Each run wrote on the hosts, before each change, what undo needs: so it works after a crash and from another "
        "machine. Of several runs the state before the first one is put back. What would be lost is found before "
        "anything is changed."
    )

    async def run(self, ctx: Context) -> str:
        """Read, choose, check; changes nothing."""
        standby, primary = await journals(ctx.standby), await journals(ctx.primary)
        runs = self._chosen(ctx, standby)
        self.work.journals = {"standby": runs, "primary": _partners(ctx, runs, primary)}
        if not runs:
            return f"{self.work.run} is undone already" if self.work.run else "no run is left to undo"
        for journal in runs:
            _tell(ctx, journal, [one for one in self.work.journals["primary"] if one.began.run == journal.began.run])
        await self._whole(ctx)
        count = "1 run" if len(runs) == 1 else f"{len(runs)} runs, back to what was before the first"
        return f"{count}: {', '.join(self.work.runs)}"

    def _chosen(self, ctx: Context, found: Found) -> tuple[Journal, ...]:
        """The open journals of this pair; none where the run that was asked for, or every run, is undone already."""
        if not found.open and not found.undone:
            raise StepError(
                f"there is no journal for {ctx.standby.cluster.data} on {ctx.standby.name}",
                "nothing was set up there by this program, or by a version that kept none: there is nothing to go by",
                refused=True,
            )
        own = ctx.primary.control.system_identifier if ctx.primary.control else ""
        known = [journal for journal in found.open if journal.began.identifier == own]
        runs = tuple(journal for journal in known if journal.began.role == ctx.standby.role)
        if known and not runs:
            _refuse_swapped(ctx, known[-1])
        if self.work.run and self.work.run not in {journal.began.run for journal in runs}:
            if self.work.run in found.undone:
                return ()
            _refuse_unknown(ctx, self.work.run, runs)
        after = found.open[found.open.index(runs[0]) :] if runs else ()
        other = next((journal for journal in after if journal not in runs), None)
        if other is not None:
            raise StepError(
                f"{ctx.standby.name} was made a standby of {other.began.primary} since, by the run {other.began.run}",
                f"undo that one first; its journal is {other.path} on {ctx.standby.name}",
                refused=True,
            )
        return runs

    async def _whole(self, ctx: Context) -> None:
        """Nothing that somebody else did since, or that is gone, stands in the way."""
        now = await standing(ctx, self.work)
        side = ctx.standby
        there = await files.stat(side.files, now.data, side.cluster.os_user)
        ctx.identity = there.place if there else "none"
        if now.lost and now.swap is not None:
            raise StepError(
                f"the old data directory, {now.swap.aside} on {ctx.standby.name}, is not there any more",
                "it was deleted, or renamed by somebody; without it there is nothing to go back to: take the pair "
                f"apart by hand ({', '.join(one.path for one in self.work.journals['primary'])} says what was done)",
                refused=True,
            )
        why = await own_life(ctx, ctx.standby) if now.copy else ""
        if why:
            raise StepError(why, LOOK_AT_IT, refused=True)
        await _untouched(ctx.primary, of_primary(self.work))
        await _untouched(ctx.standby, [*await of_standby(ctx, self.work), *of_passfile(self.work)])


async def _untouched(side: Side, known: list[History]) -> None:
    """Nobody else changed one of the files since.

    Raises:
        StepError: somebody did.
    """
    nows = await probe(side, (history.path for history in known))
    for history, now in zip(known, nows, strict=True):
        why = await foreign(side, history, now)
        if why:
            raise StepError(why, way_out(history), refused=True)


def _refuse_swapped(ctx: Context, journal: Journal) -> None:
    """In that run it was the primary: what was done there must not be put back as if it were a standby."""
    raise StepError(
        f"in the run {journal.began.run} {ctx.standby.name} was the primary, and {journal.began.standby} the standby",
        "name the server that takes writes as primary; were the two swapped in the topology?",
        refused=True,
    )


def _refuse_unknown(ctx: Context, run: str, runs: tuple[Journal, ...]) -> None:
    """A run without a journal: it changed nothing, or it was on other hosts."""
    there = ", ".join(journal.began.run for journal in runs)
    remedy = "give the topology, or the recording of one of these" if there else "there is nothing to undo"
    raise StepError(
        f"there is no journal of the run {run} on {ctx.standby.name}: it changed nothing that undo would put back"
        + (f"; not undone are {there}" if there else ""),
        remedy,
        refused=True,
    )


def _partners(ctx: Context, runs: tuple[Journal, ...], found: Found) -> tuple[Journal, ...]:
    """The same runs' journals on the primary, in the same order.

    Raises:
        StepError: one is missing, or a later run of another pair built upon what these did.
    """
    by_run = {journal.began.run: journal for journal in found.open if journal.began.role == ctx.primary.role}
    for journal in runs:
        begun = journal.began.run in by_run or journal.began.run in found.undone
        if not begun and journal.entries:
            raise StepError(
                f"the journal of the run {journal.began.run} is not on {ctx.primary.name}",
                f"it was with {journal.began.primary} ({journal.began.primary_data}): is this still the same server?",
                refused=True,
            )
    own = tuple(by_run[journal.began.run] for journal in runs if journal.began.run in by_run)
    later = found.open[found.open.index(own[0]) :] if own else ()
    other = next((journal for journal in later if journal not in own), None)
    if other is not None:
        raise StepError(
            f"{other.began.standby} was made a standby of {ctx.primary.name} since, by the run {other.began.run}, and "
            "may need what these runs changed",
            f"undo that one first; where its host is gone, rename {other.path} on {ctx.primary.name}",
            refused=True,
        )
    return own


def _tell(ctx: Context, journal: Journal, others: list[Journal]) -> None:
    entries: list[Entry] = [entry for one in (*others, journal) for entry in one.entries]
    count = len({entry.path for entry in entries if isinstance(entry, FileChanged)})
    did = [f"wrote {counted(count, 'file')}"] if count else []
    did += dict.fromkeys(WORDS[type(entry)] for entry in entries if type(entry) in WORDS)
    text = f"the run {journal.began.run}, by {journal.began.by}, {', '.join(did) or 'changed nothing'}"
    ctx.reporter.emit(Note(level="info", text=text))
