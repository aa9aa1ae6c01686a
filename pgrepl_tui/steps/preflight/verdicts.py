"""A row of the preflight table, before it becomes an event."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pgrepl_tui.events import Verdict
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.preflight.survey import Survey


@dataclass(frozen=True)
class Pair:
    """Both surveys and the run's context."""

    ctx: Context
    primary: Survey
    standby: Survey


@dataclass(frozen=True)
class Judged:
    """What was seen on each side, and what it means."""

    verdict: Verdict
    primary: str
    standby: str
    why: str = ""
    remedy: str = ""


def passed(primary: str, standby: str, why: str = "") -> Judged:
    """All well."""
    return Judged(Verdict.PASS, primary, standby, why)


def warned(primary: str, standby: str, why: str, remedy: str = "") -> Judged:
    """Goes on, but the operator should know."""
    return Judged(Verdict.WARN, primary, standby, why, remedy)


def stopped(primary: str, standby: str, why: str, remedy: str) -> Judged:
    """Must not go on."""
    return Judged(Verdict.STOP, primary, standby, why, remedy)


Judge = Callable[[Pair], Awaitable[Judged]]


@dataclass(frozen=True)
class Check:
    """One row of the table."""

    id: str
    title: str
    judge: Judge
