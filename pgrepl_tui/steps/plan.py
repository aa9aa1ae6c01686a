"""All steps of a run, in order."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Plan:
    """What a run does.

    Attributes:
        mode: what the run is called in its recording: ``run`` for a set-up.
        steps: in order; the steps of one stage stand together.
        done: what is said at its good end; ``{primary}`` and ``{standby}`` are the hosts' names on screen.
    """

    mode: str
    steps: tuple[Step, ...]
    done: str


def set_up() -> Plan:
    """Set up one standby, and prove it."""
    steps = (
        ReachPrimary(), ReachStandby(), FindPrimary(), FindStandby(),
        Lock(), Preflight(),
        Passfile(), Role(), Tls(), Settings(), Restart(), Hba(), LoginProof(), Slot(),
        StandbySettings(), BaseBackup(), Configure(), Stop(), Swap(), Start(), Follow(),
        Streaming(), Positions(), Mark(), ReadOnly(), Report(),
    )  # fmt: skip
    return Plan("run", steps, "{standby} follows {primary}, and it is proved")
