"""All steps of an undo, and of deleting what was set aside, in order."""

from pgrepl_tui.steps.connect import FindPrimary, FindStandby, ReachPrimary, ReachStandby
from pgrepl_tui.steps.lock import Lock
from pgrepl_tui.steps.plan import Plan
from pgrepl_tui.steps.undo.close import Close
from pgrepl_tui.steps.undo.copy import SetCopyAside
from pgrepl_tui.steps.undo.discard import Discard
from pgrepl_tui.steps.undo.files import PassfileBack, PrimaryFiles, StandbyFiles
from pgrepl_tui.steps.undo.find import FindJournals
from pgrepl_tui.steps.undo.put_back import PutBack
from pgrepl_tui.steps.undo.report import Left
from pgrepl_tui.steps.undo.restart import RestartBack
from pgrepl_tui.steps.undo.role import RoleBack
from pgrepl_tui.steps.undo.slot import DropSlot
from pgrepl_tui.steps.undo.start import StartOld
from pgrepl_tui.steps.undo.stop import StopCopy
from pgrepl_tui.steps.undo.work import Work
from pgrepl_tui.steps.verify.positions import Positions
from pgrepl_tui.steps.verify.streaming import Streaming


def undo(run: str = "") -> Plan:
    """Put back what was before the first of the runs that are not undone yet.

    Args:
        run: the id of a run that has to be among them; empty for whichever there are.
    """
    work = Work(run)
    steps = (
        ReachPrimary(), ReachStandby(), FindPrimary(), FindStandby(),
        Lock(), FindJournals(work),
        SetCopyAside(work), StopCopy(work), PutBack(work), StandbyFiles(work), StartOld(work),
        DropSlot(work), RoleBack(work), PrimaryFiles(work), PassfileBack(work), RestartBack(work), Close(work),
        Left(work),
    )  # fmt: skip
    return Plan("undo", steps, "what was set up on {primary} and {standby} is put back")


def discard() -> Plan:
    """Delete the old data directories on the standby's host, once it streams and the positions match."""
    steps = (
        ReachPrimary(), ReachStandby(), FindPrimary(), FindStandby(),
        Lock(),
        Streaming(), Positions(),
        Discard(),
    )  # fmt: skip
    return Plan("discard", steps, "nothing is left of what was set aside on {standby}")
