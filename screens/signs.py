"""Signs: the mark, the word and the colour of a state. The mark and the word say it without the colour."""

from dataclasses import dataclass

from pgrepl_tui.events import Finding, Outcome, RunOutcome, Stage, Verdict
from pgrepl_tui.session.state import SessionState, StepState


@dataclass(frozen=True, slots=True)
class Sign:
    """A mark of one character, the word for it, and a style."""

    mark: str
    word: str
    style: str = ""


WAITING = Sign("·", "", "dim")
NEEDED = Sign("○", "will change", "")
READY = Sign("✓", "already so", "$success")
LOOKED = Sign("✓", "looked at", "$success")
"""Of a step that only looks: there was nothing that could have been already so."""
BLOCKED = Sign("!", "blocked", "$warning bold")
RUNNING = Sign("▶", "running", "$primary bold")
FAILED = Sign("✗", "failed", "$error bold")

OUTCOMES = {
    Outcome.CHANGED: Sign("✓", "changed", "$success"),
    Outcome.UNCHANGED: READY,
    Outcome.FAILED: FAILED,
    Outcome.REFUSED: Sign("✗", "refused", "$error bold"),
    Outcome.INTERRUPTED: Sign("!", "interrupted", "$warning bold"),
    Outcome.SKIPPED: Sign("!", "left out", "$warning bold"),
}
FINDINGS = {Finding.DONE: READY, Finding.NEEDED: NEEDED, Finding.BLOCKED: BLOCKED}
VERDICTS = {
    Verdict.PASS: Sign("✓", "pass", "$success"),
    Verdict.WARN: Sign("!", "warn", "$warning bold"),
    Verdict.STOP: Sign("✗", "stop", "$error bold"),
}
NOTES = {
    "info": Sign("·", "to know", "dim"),
    "warning": Sign("!", "warning", "$warning bold"),
    "error": Sign("✗", "error", "$error bold"),
}
ENDINGS = {
    RunOutcome.DONE: Sign("✓", "Done", "$success bold"),
    RunOutcome.FAILED: Sign("✗", "Failed", "$error bold"),
    RunOutcome.REFUSED: Sign("✗", "Refused", "$error bold"),
    RunOutcome.INTERRUPTED: Sign("!", "Interrupted", "$warning bold"),
}


def step_sign(step: StepState) -> Sign:
    """The sign of a step: how it ended, that it runs, or what a look at it found."""
    if step.outcome is Outcome.UNCHANGED and step.finding is not Finding.DONE:
        return LOOKED
    if step.outcome is not None:
        return OUTCOMES[step.outcome]
    if step.running:
        return RUNNING
    return FINDINGS[step.finding] if step.finding is not None else WAITING


def stage_sign(state: SessionState, stage: Stage) -> Sign:
    """The sign of a stage: the worst of its steps, and whether the run is in it."""
    signs = [step_sign(step) for step in state.stage_steps(stage)]
    if stage is Stage.PREFLIGHT and any(check.verdict is Verdict.STOP for check in state.checks):
        return VERDICTS[Verdict.STOP]
    for bad in (FAILED, *(OUTCOMES[bad] for bad in (Outcome.REFUSED, Outcome.INTERRUPTED, Outcome.SKIPPED))):
        if bad in signs:
            return bad
    if signs and all(sign.mark == "✓" for sign in signs):
        return Sign("✓", "done", "$success")
    here = state.run is not None and state.ended is None and state.stage is stage
    return RUNNING if here else WAITING
