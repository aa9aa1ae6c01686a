"""The event types, nothing else.

An event is one fact about a run. ``t`` is the time in seconds since the session began; the stream that takes an
event in stamps it. Texts that came from a host are already harmless (no control characters but newline, carriage
return and tab) and free of secrets when an event is recorded.
"""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """The stages of a set-up, in order."""

    CONNECT = "connect"
    PREFLIGHT = "preflight"
    PRIMARY = "primary"
    STANDBY = "standby"
    VERIFY = "verify"


class Finding(StrEnum):
    """What a look at a step (read-only) found."""

    DONE = "done"
    NEEDED = "needed"
    BLOCKED = "blocked"


class Outcome(StrEnum):
    """How a step ended.

    Nothing to do, something changed, it failed, the operator said no, it was cut off, or it failed and was left out.
    """

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    FAILED = "failed"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    SKIPPED = "skipped"


class Verdict(StrEnum):
    """The verdict of a preflight row."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    STOP = "stop"


class Danger(StrEnum):
    """How much a step can hurt."""

    NONE = ""
    INTERRUPTS = "interrupts"
    REPLACES = "replaces"


class Activation(StrEnum):
    """What makes a change of a step take effect."""

    NONE = ""
    RELOAD = "reload"
    RESTART = "restart"


class RunOutcome(StrEnum):
    """How a whole run ended."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact about a run, ``t`` seconds after the session began."""

    t: float = 0.0


@dataclass(frozen=True, slots=True)
class StepInfo:
    """What is always true of a step. ``host`` is the role of the host that it changes: primary or standby."""

    id: str
    title: str
    stage: Stage
    host: str
    why: str


@dataclass(frozen=True, slots=True)
class ShownCommand:
    """A command as the operator may read it: secrets masked, one shell line."""

    host: str
    line: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """A unified diff of one file on one host."""

    host: str
    path: str
    diff: str


@dataclass(frozen=True, slots=True)
class Row:
    """One named value of a view's row."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A run began. ``started`` is UTC in ISO 8601; ``primary`` and ``standby`` are how they are called on screen.

    ``mode`` is what it does: run, plan, or undo. ``run_id`` is in the names of what it leaves on the hosts.
    """

    topology: str
    started: str
    primary: str
    standby: str
    mode: str = "run"
    run_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade(Event):
    """The steps of this run, in order."""

    steps: tuple[StepInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostDescribed(Event):
    """What was found out about a host: ``role`` is primary or standby, ``facts`` are for the operator to read."""

    role: str
    name: str
    facts: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDone(Event):
    """A preflight row: what was seen on each side, the verdict, why, and what mends it.

    One that comes again stands in the place of the first.
    """

    id: str
    title: str
    verdict: Verdict
    primary: str
    standby: str
    why: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepInspected(Event):
    """A read-only look at a step found it done, needed or blocked."""

    step: str
    finding: Finding
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPreviewed(Event):
    """What a step would change now."""

    step: str
    commands: tuple[ShownCommand, ...] = ()
    diffs: tuple[FileDiff, ...] = ()
    activation: Activation = Activation.NONE
    danger: Danger = Danger.NONE
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(Event):
    """A step began to run."""

    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnded(Event):
    """A step ended. ``message`` says what happened, ``remedy`` what to do next where it failed."""

    step: str
    outcome: Outcome
    message: str = ""
    remedy: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandStarted(Event):
    """A command went to a host. ``number`` ties its output and its end to it; ``changes``: it may change something.

    ``line`` is for reading, and may be words; ``paste`` is for copying: what really ran, as a line for ``/bin/sh`` of
    the login (empty in a recording of an older version).
    """

    number: int
    step: str
    host: str
    line: str
    changes: bool = False
    paste: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output(Event):
    """A piece of a command's output (``stream`` is ``out`` or ``err``) or of a server log (``log``).

    At most 32 KiB, as the connection gave it: a line may be cut anywhere between two pieces.
    """

    number: int
    step: str
    host: str
    stream: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnded(Event):
    """A command ended. ``status`` None means that the connection was lost, which is a failure."""

    number: int
    step: str
    status: int | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """How far a long step is: ``phase`` in words, ``done`` and ``total`` in bytes (0 where not known)."""

    step: str
    phase: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone(Event):
    """A line of the standby's log that marks progress of its start; ``name`` as in postgres/logs.py."""

    step: str
    name: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Event):
    """The operator was asked. ``choices`` in order, the first is the safe one and the default.

    ``kind``: ``gate`` (before a stage), ``confirm`` (something that interrupts or replaces), ``failure`` (what now),
    ``host-key`` (an unknown key: is it the host's?), ``secret`` (a password is needed), ``typed`` (something is
    deleted: the second choice has to be typed). A gate or a failure can also be answered with ``check:ID``: look at
    that preflight row once more, then ask again.
    """

    question: int
    kind: str
    stage: Stage
    step: str
    text: str
    choices: tuple[str, ...]


ON_THE_SPOT = frozenset({"confirm", "host-key", "secret", "typed"})
"""Kinds of questions that come in the middle of a step, which waits for the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Event):
    """The answer to a question; ``by`` is ``operator``, or the option that answered, such as ``--yes``."""

    question: int
    answer: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryPosition(Event):
    """The primary's own WAL position, read from the primary. ``lsn`` is its text form; ``via`` says how it was read."""

    lsn: str
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandbyPosition(Event):
    """The standby's own WAL positions, read from the standby."""

    received: str
    replayed: str
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSeen(Event):
    """The standby's row of pg_stat_replication, read from the primary; empty where there is none."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSeen(Event):
    """The row of pg_stat_wal_receiver, or what stands for it below 9.6, read from the standby."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReached(Event):
    """The marked record reached a point: written, sent, received or replayed, ``seconds`` after it was made."""

    lsn: str
    point: str
    seconds: float
    seen_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched(Event):
    """The verdict on the positions.

    ``lsn`` was read from the primary; ``received`` and ``replayed`` from the standby, later; ``written_since`` is what
    the primary wrote meanwhile, in bytes.
    """

    matching: bool
    lsn: str
    received: str
    replayed: str
    written_since: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Event):
    """A remark for the operator. ``level`` is info, warning or error."""

    level: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(Event):
    """The run ended; ``changes`` counts the steps that changed something, ``exit_code`` is the program's.

    Positions may still come after it: the pair is watched until the operator leaves.
    """

    outcome: RunOutcome
    exit_code: int
    changes: int
    message: str = ""
    remedy: str = ""


EVENT_TYPES: tuple[type[Event], ...] = (
    RunStarted, PlanMade, HostDescribed, CheckDone, StepInspected, StepPreviewed, StepStarted, StepEnded,
    CommandStarted, Output, CommandEnded, Progress, Milestone, Asked, Answered, PrimaryPosition, StandbyPosition,
    SenderSeen, ReceiverSeen, MarkReached, Matched, Note, RunEnded,
)  # fmt: skip
"""Every event type, for the recording's reader."""
