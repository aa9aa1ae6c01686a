"""The fault matrix: what may go wrong, where in a run, and at which moment; which cells there are.

14 faults at 15 places of a run, before and after the effect of each: 420 cells, less those that cannot be, each with
its reason. Plain data for every tier; how a fault is brought about, and how its effect is judged, is the tier's own.
"""

from enum import StrEnum
from typing import NamedTuple


class Moment(StrEnum):
    """When, relative to the command of a step that has the effect."""

    BEFORE = "before"
    """That command has not run, and does not until the fault is there."""
    AFTER = "after"
    """It has run on its host, and its answer has not come yet."""


class Fault(NamedTuple):
    """Something that goes wrong.

    Attributes:
        id: F1 to F14.
        name: in a few words.
        what: what happens in the world.
    """

    id: str
    name: str
    what: str


class Place(NamedTuple):
    """One of the fifteen places of a run.

    Attributes:
        number: 1 to 15.
        name: what is done there, one word for the tests' ids.
        step: the step of our plan (``pgrepl_tui/steps/plan.py``) that stands for it.
        others: the other steps of our plan that belong to the same row of the reference.
        host: the role whose host has the effect.
        server: the role whose server is meant by F12 there.
        effect: what is done: what "before" and "after" are about.
        actor: what the second actor (F13) does there; empty where there is nothing to be done.
    """

    number: int
    name: str
    step: str
    others: tuple[str, ...]
    host: str
    server: str
    effect: str
    actor: str


class Cell(NamedTuple):
    """A fault at a place at a moment."""

    fault: Fault
    place: Place
    moment: Moment

    @property
    def id(self) -> str:
        """Its name in tests, the matrix and the results."""
        return f"{self.fault.id}-{self.place.number:02}-{self.place.name}-{self.moment}"


FAULTS = (
    Fault("F1", "primary cut off", "every connection to the primary's host is reset; a new one can be made"),
    Fault("F2", "standby cut off", "every connection to the standby's host is reset; a new one can be made"),
    Fault("F3", "black hole", "the host of the step answers nothing any more, on no connection, and resets none"),
    Fault("F4", "wizard killed", "kill -9 of this program"),
    Fault("F5", "quit", "the operator quits, or presses Ctrl-C, or closes the terminal"),
    Fault("F6", "sleep", "this machine sleeps for 120 s, and the time of day jumps"),
    Fault("F7", "host rebooted", "the host of the step reboots: no process of before is left, files are"),
    Fault("F8", "disk full", "no byte can be written any more on the host of the step (ENOSPC)"),
    Fault("F9", "rights lost", "sudo refuses, on the host of the step, all that is asked from now on (EACCES)"),
    Fault("F10", "garbage", "what comes back is no UTF-8, full of escape sequences, and no answer"),
    Fault("F11", "answer lost", "the command does all it has to, and the connection is lost before its answer comes"),
    Fault("F12", "server away", "the server is down, or starting, or has no connection left"),
    Fault("F13", "second actor", "somebody else changes the very thing"),
    Fault("F14", "slow", "everything takes thirty times as long"),
)

PLACES = (
    Place(1, "connect", "reach-primary", ("reach-standby",), "primary", "primary",
          "the connection, its host key checked", "the host has another key now"),
    Place(2, "discover", "find-standby", ("find-primary",), "standby", "standby",
          "the control file of the standby's old cluster is read", "the old cluster is started, or stopped"),
    Place(3, "preflight", "preflight", (), "primary", "primary",
          "the primary's settings are read", "the primary gets another client, and a setting waits for a restart"),
    Place(4, "lock", "lock", (), "standby", "primary",
          "the lock of the standby's data directory is taken", "another run takes that lock"),
    Place(5, "settings", "settings", ("tls",), "primary", "primary",
          "postgresql.conf of the primary is replaced", "postgresql.conf gets a line more"),
    Place(6, "hba", "hba", ("login",), "primary", "primary",
          "pg_hba.conf of the primary is replaced", "pg_hba.conf gets a line more"),
    Place(7, "role", "role", (), "primary", "primary",
          "the role is made", "the role is made by somebody else, with another password"),
    Place(8, "restart", "restart", (), "primary", "primary",
          "the primary is restarted", "the primary is restarted by somebody else"),
    Place(9, "slot", "slot", (), "primary", "primary",
          "the slot is made", "the slot is made, or dropped, by somebody else"),
    Place(10, "stop", "stop", (), "standby", "standby",
          "the old cluster is stopped", "the old cluster is stopped, or started again, by somebody else"),
    Place(11, "set-aside", "set-aside", (), "standby", "primary",
          "the old data directory is renamed, and the copy takes its name", "the old cluster is started"),
    Place(12, "basebackup", "basebackup", (), "standby", "primary",
          "pg_basebackup is started as a detached job", "a folder of somebody else's takes the copy's place"),
    Place(13, "recovery", "configure", ("passfile", "standby-settings"), "standby", "primary",
          "recovery.conf, or standby.signal and the settings, are written into the copy",
          "the passfile gets a line more"),
    Place(14, "start", "start", ("follow", "streaming", "positions", "mark", "read-only"), "standby", "standby",
          "the standby is started", "the standby is started by somebody else"),
    Place(15, "finish", "report", (), "standby", "primary",
          "what was set aside is listed; then the locks are let go", "the data directory that was set aside is moved"),
)  # fmt: skip
"""In the order of the reference; the order in which our plan does them is its own."""

_F = {fault.id: fault for fault in FAULTS}
_P = {place.name: place for place in PLACES}
EVERY_CELL = tuple(Cell(fault, place, moment) for fault in FAULTS for place in PLACES for moment in Moment)

_NOTHING_WRITTEN = "nothing is written on a host there"
_LAST_WORD = "nothing is asked of the host any more: the run has said its last word"
_BOTH = tuple(Moment)
_RULES: tuple[tuple[str, str, tuple[Moment, ...], str], ...] = (
    ("F8", "connect", _BOTH, _NOTHING_WRITTEN),
    ("F8", "discover", _BOTH, _NOTHING_WRITTEN),
    ("F8", "preflight", _BOTH, _NOTHING_WRITTEN),
    ("F8", "finish", _BOTH, _NOTHING_WRITTEN),
    ("F9", "connect", (Moment.BEFORE,), "there is no session yet that could lose its rights"),
    ("F9", "finish", (Moment.AFTER,), _LAST_WORD),
    ("F10", "finish", (Moment.AFTER,), _LAST_WORD),
    *(("F11", place.name, (Moment.BEFORE,), "there is no effect yet whose answer could be lost") for place in PLACES),
    ("F11", "finish", (Moment.AFTER,), _LAST_WORD),
    ("F12", "connect", _BOTH, "no server is spoken to there"),
    ("F12", "finish", (Moment.AFTER,), _LAST_WORD),
    ("F13", "connect", (Moment.AFTER,), "a connection that stands does not look at the key again"),
    ("F13", "finish", (Moment.AFTER,), _LAST_WORD),
    ("F14", "finish", (Moment.AFTER,), _LAST_WORD),
)
IMPOSSIBLE: dict[Cell, str] = {
    Cell(_F[fault], _P[place], moment): why for fault, place, moments, why in _RULES for moment in moments
}
"""Cells that cannot be, each with its reason."""

POSSIBLE = tuple(cell for cell in EVERY_CELL if cell not in IMPOSSIBLE)

_B, _A = Moment.BEFORE, Moment.AFTER
_CHOSEN: dict[str, tuple[tuple[str, Moment], ...]] = {
    "F1": (("settings", _B), ("hba", _A), ("role", _A), ("restart", _A), ("slot", _A), ("basebackup", _A)),
    "F2": (("lock", _A), ("basebackup", _A), ("stop", _A), ("set-aside", _A), ("recovery", _B), ("start", _A)),
    "F3": (("connect", _A), ("restart", _A), ("basebackup", _A), ("set-aside", _B)),
    "F4": (("settings", _A), ("role", _A), ("restart", _A), ("slot", _A), ("basebackup", _A), ("stop", _A),
           ("set-aside", _A), ("start", _A)),
    "F5": (("restart", _A), ("basebackup", _A), ("set-aside", _B), ("start", _A)),
    "F6": (("lock", _A), ("basebackup", _A), ("start", _B)),
    "F7": (("settings", _A), ("basebackup", _A), ("set-aside", _A), ("start", _A)),
    "F8": (("settings", _B), ("basebackup", _A), ("recovery", _B), ("start", _B)),
    "F9": (("settings", _B), ("role", _B), ("set-aside", _B), ("start", _B)),
    "F10": (("discover", _A), ("settings", _B), ("slot", _A), ("set-aside", _A)),
    "F11": (("role", _A), ("restart", _A), ("set-aside", _A)),
    "F12": (("preflight", _B), ("role", _B), ("restart", _B), ("basebackup", _B)),
    "F13": (("lock", _B), ("settings", _B), ("role", _B), ("set-aside", _B)),
    "F14": (("basebackup", _B), ("start", _B)),
}  # fmt: skip
CHOSEN = tuple(Cell(_F[fault], _P[place], moment) for fault, cells in _CHOSEN.items() for place, moment in cells)
"""Sixty cells of the real tier (``PGREPL_FAULTS=chosen``); ``make test-faults`` plays all."""


_EXCUSES: tuple[tuple[str, str, tuple[Moment, ...], str, str], ...] = (
    *(("F12", place.name, _BOTH, "I1", "the fault may be that the primary is down: it comes back when that is over")
      for place in PLACES if place.server == "primary"),
    ("F8", "restart", (_A,), "I1",
     "no server starts without room for its lock file: that it is down is said, and the next run has it up"),
)  # fmt: skip
EXCUSED: dict[Cell, dict[str, str]] = {
    Cell(_F[fault], _P[place], moment): {invariant: why}
    for fault, place, moments, invariant, why in _EXCUSES
    for moment in moments
}
"""Invariants that cannot hold at the end of a cell's struck run, each with its reason; after the next run all do."""


class Invariant(NamedTuple):
    """What holds after every cell."""

    id: str
    what: str


INVARIANTS = (
    Invariant("I1", "the primary's data is the same, and its server is up, or coming up by a restart that goes on"),
    Invariant("I2", "there are never two nodes that take writes"),
    Invariant("I3", "the standby's old data is intact, in its place or set aside"),
    Invariant("I4", "configuration parses, owner and mode are the same; or it is put back byte for byte"),
    Invariant("I5", "no secret is in any artefact"),
    Invariant("I6", "no process, slot, lock or temporary file is left that the journal does not list"),
    Invariant("I7", "running again ends in the same state, and a run after that changes nothing"),
    Invariant("I8", "what is shown is true: steps told as done are done, and the exit code fits"),
    Invariant("I9", "the fault is on the screen within 20 s"),
)
