"""The rule book of log lines: which text means what, and what to do. The first rule that fits explains a text."""

from pgrepl_tui.postgres.log_causes_login import LOGIN_RULES
from pgrepl_tui.postgres.log_causes_start import START_RULES
from pgrepl_tui.postgres.log_causes_stream import STREAM_RULES
from pgrepl_tui.postgres.log_rule import Cause, Rule, rule

_DISK = rule(
    "disk_full",
    r"No space left on device|Disk quota exceeded",
    "The disk (or the quota) of the host that reports it is full.",
    "Free space there, or use a larger file system, and run again; slots without a consumer hold WAL for ever.",
)
_PERMISSION = rule(
    "permission",
    r"Permission denied",
    "The operating system refused access.",
    "Check owner and mode of the path and of every directory above it, and SELinux (ausearch -m avc).",
)

RULES: tuple[Rule, ...] = (_DISK, *LOGIN_RULES, *STREAM_RULES, *START_RULES, _PERMISSION)
"""Every rule, in the order in which they are tried."""


def cause_of(text: str) -> Cause | None:
    """The cause that a message names, or None if no rule knows its text."""
    return next((cause for known in RULES if (cause := known.explain(text)) is not None), None)
