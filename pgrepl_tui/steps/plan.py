"""All steps of a run, in order."""

from pgrepl_tui.steps.connect import FindPrimary, FindStandby, ReachPrimary, ReachStandby
from pgrepl_tui.steps.lock import Lock
from pgrepl_tui.steps.preflight.step import Preflight
from pgrepl_tui.steps.primary.hba import Hba
from pgrepl_tui.steps.primary.login import LoginProof
from pgrepl_tui.steps.primary.passfile import Passfile
from pgrepl_tui.steps.primary.restart import Restart
from pgrepl_tui.steps.primary.role import Role
from pgrepl_tui.steps.primary.settings import Settings
from pgrepl_tui.steps.primary.slot import Slot
from pgrepl_tui.steps.primary.tls import Tls
from pgrepl_tui.steps.standby.configure import Configure
from pgrepl_tui.steps.standby.copy import BaseBackup
from pgrepl_tui.steps.standby.follow import Follow
from pgrepl_tui.steps.standby.settings import StandbySettings
from pgrepl_tui.steps.standby.start import Start
from pgrepl_tui.steps.standby.stop import Stop
from pgrepl_tui.steps.standby.swap import Swap
from pgrepl_tui.steps.step import Step
from pgrepl_tui.steps.verify.mark import Mark
from pgrepl_tui.steps.verify.positions import Positions
from pgrepl_tui.steps.verify.readonly import ReadOnly
from pgrepl_tui.steps.verify.report import Report
from pgrepl_tui.steps.verify.streaming import Streaming


def all_steps() -> tuple[Step, ...]:
    """The steps of setting up one standby."""
    return (
        ReachPrimary(), ReachStandby(), FindPrimary(), FindStandby(),
        Lock(), Preflight(),
        Passfile(), Role(), Tls(), Settings(), Restart(), Hba(), LoginProof(), Slot(),
        StandbySettings(), BaseBackup(), Configure(), Stop(), Swap(), Start(), Follow(),
        Streaming(), Positions(), Mark(), ReadOnly(), Report(),
    )  # fmt: skip
