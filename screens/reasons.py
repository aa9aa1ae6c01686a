"""Why a key does nothing now: one row a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand: live or a replay, under way, begun at all, hosts to choose or test, a start screen to go to."""

    live: bool
    under_way: bool
    begun: bool
    hosts_asked: bool
    start_screen: bool
    testable: bool = False


class Reason(NamedTuple):
    """The actions, when they do nothing, and the sentence that says why."""

    actions: frozenset[str]
    when: Callable[[Standing], bool]
    why: str


RUNNING = frozenset({"run_on", "one_step", "stop_run", "choose", "recheck"})
ONLY_REPLAY = "This is a replay: nothing can be run."
REASONS = (
    Reason(frozenset({"only_replay"}), lambda s: not s.live, ONLY_REPLAY),
    Reason(RUNNING, lambda s: not s.under_way and s.begun, "Nothing runs now."),
    Reason(RUNNING, lambda s: not s.under_way, "Nothing runs yet: connect to the hosts first."),
    Reason(
        frozenset({"suspend_process"}),
        lambda s: s.live and s.under_way,
        "A run is under way: asleep, the program could not watch over it. Use another terminal.",
    ),
    Reason(
        frozenset({"connect"}),
        lambda s: s.under_way,
        "A run is under way already; it has to end, or be stopped, first.",
    ),
    Reason(
        frozenset({"connect"}),
        lambda s: not s.hosts_asked,
        "The hosts of this run were given; there is nothing to connect anew.",
    ),
    Reason(frozenset({"test"}), lambda s: not s.testable, "Connections are tested in the form of the Hosts screen."),
    Reason(
        frozenset({"home"}),
        lambda s: not s.start_screen,
        "The program was started on a topology or a recording: it has no start screen.",
    ),
    Reason(
        frozenset({"home"}),
        lambda s: s.live and s.under_way,
        "A run is under way; stop it first, or leave with q.",
    ),
)


def why_not(action: str, standing: Standing) -> str:
    """The first reason against an action; empty where there is none."""
    return next((row.why for row in REASONS if action in row.actions and row.when(standing)), "")
