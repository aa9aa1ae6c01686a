"""The wizard as plain prompts and lines: for screen readers, dumb terminals, and whoever likes it better.

Nothing moves the cursor, nothing is coloured, nothing spins; a line, once printed, stays as it is.
"""

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from pgrepl_tui import events as ev
from pgrepl_tui.headless import put, stopping, typed
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.line_form import Form, NoInputError
from pgrepl_tui.line_probe import LineProbe
from pgrepl_tui.lines import TITLES, Lines, summary
from pgrepl_tui.live import LiveRun
from pgrepl_tui.probe import HostProber
from pgrepl_tui.questions import Answer
from pgrepl_tui.session.state import SessionState, apply
from pgrepl_tui.session.topologies import SaveError, Shelf, TakenError
from pgrepl_tui.steps.plan import set_up
from pgrepl_tui.steps.undo.plan import undo

if TYPE_CHECKING:
    from pgrepl_tui.session.span import Span
    from pgrepl_tui.steps.plan import Plan
    from pgrepl_tui.topology import Topology

INTERRUPTED = 4
WORDS = {
    "run": "run: do all steps of this stage",
    "step": "step: do one step, then ask again",
    "quit": "quit: stop here; a later run goes on from where it stands",
    "retry": "retry: do this step again",
    "skip": "skip: leave this step out; the end of the run says that it was",
    "edit": "edit: stop here, and change what was entered",
    "undo": "undo: stop here, and put back what this set-up has changed",
    "no": "no: leave it as it is",
    "yes": "yes: do it",
}
"""What each choice means."""
IN_FULL = {"confirm", "host-key"}
"""Kinds of questions whose yes has to be typed as a whole word."""


class LineOperator:
    """Asks the operator, a question a time, with its choices in words; Enter takes the safe one."""

    async def ask(self, asked: "ev.Asked") -> Answer:
        """Choose; at the end of the input nothing more is begun: it quits where that can be chosen, else says no."""
        put(f"\nQuestion: {asked.text}")
        for choice in asked.choices:
            put(f"  {WORDS.get(choice, choice)}")
        default = asked.choices[0]
        while True:
            line = await typed(f"Your answer, {' or '.join(asked.choices)} [{default}]: ")
            if line is None:
                put("")
                return Answer("quit" if "quit" in asked.choices else default, "the end of the input")
            word = line.strip() if asked.kind == "typed" else line.strip().lower()
            found = _meant(word, asked)
            if found or not word:
                return Answer(found or default)
            put(f"  “{line.strip()}” is none of the answers: type {' or '.join(asked.choices)}.")

    async def secret(self, asked: "ev.Asked") -> Secret | None:
        """Ask for a password; it is not shown. Enter says that there is none."""
        put(f"\nQuestion: {asked.text}")
        line = await typed("The password, which is not shown while you type; Enter for none: ", shown=False)
        return Secret(line) if line else None


def _meant(word: str, asked: "ev.Asked") -> str:
    """The choice that was typed, whole or begun; what changes something has to be typed whole."""
    if word in asked.choices or not word:
        return word
    if asked.kind == "typed":
        return ""
    begun = [choice for choice in asked.choices if choice.startswith(word)]
    whole = asked.kind in IN_FULL and begun == ["yes"]
    return begun[0] if len(begun) == 1 and not whole else ""


class LineView:
    """Prints a run: each stage's looks and previews before it is asked about, then what happens."""

    def __init__(self) -> None:
        self.state = SessionState()
        self._lines = Lines(put, plan=True)
        self._shown: dict[tuple[type[ev.Event], str], ev.Event] = {}

    def take(self, event: "ev.Event", _span: "Span") -> None:
        """Print one event; a question is printed by who asks it, and what was said already is not said again."""
        self.state = apply(self.state, event)
        if isinstance(event, ev.Asked) or (isinstance(event, ev.Answered) and event.by == "operator"):
            return
        if isinstance(event, ev.StepInspected | ev.StepPreviewed):
            key, said = (type(event), event.step), replace(event, t=0.0)
            if self._shown.get(key) == said:
                return
            self._shown[key] = said
        self._lines.take(event)


async def run(topology: "Topology | None") -> int:
    """Ask for a topology where none is given, and run it; the exit code.

    Raises:
        RecordingError: the run cannot be recorded.
    """
    probe = LineProbe(HostProber())
    try:
        given = topology or await _asked_for(probe, None)
        while True:
            code, then = await _carried_out(given, set_up())
            if then == "undo":
                return (await _carried_out(given, undo()))[0]
            if then != "edit":
                return code
            given = await _asked_for(probe, given)
    except NoInputError as error:
        put(f"\n{error}")
        return INTERRUPTED


async def _carried_out(topology: "Topology", plan: "Plan") -> tuple[int, str]:
    """Run a plan; its exit code, and the answer that ended it, which may ask for what comes next."""
    live = LiveRun(topology, operator=LineOperator(), plan=plan)
    view = LineView()
    stages = dict.fromkeys(TITLES[step.stage] for step in plan.steps)
    put(f"Stages: {', '.join(stages)}. Ctrl+C stops the run; nothing is lost by it.")
    with stopping(live.stop):
        code = await live.run(view.take)
    put("")
    for line in summary(view.state, live.recording):
        put(line)
    put("")
    return code, view.state.question.answer or "" if view.state.question is not None else ""


async def _asked_for(probe: LineProbe, known: "Topology | None") -> "Topology":
    """A topology from prompts, saved as a file where that is possible.

    Raises:
        NoInputError: the input ended before all was known.
    """
    put("This sets up PostgreSQL streaming replication. Enter takes what stands in brackets; Ctrl+C leaves.")
    topology = await Form(typed, put, probe.look).topology(known)
    try:
        topology = _saved(topology)
    except SaveError as error:
        put(f"warning: {error}")
    else:
        put(f"Saved; the next time: pgrepl-tui --line {shlex.quote(str(topology.source))}")
    return topology


def _saved(topology: "Topology") -> "Topology":
    """The topology with its new file, beside one of the same name that holds something else."""
    try:
        return Shelf().save(topology)
    except TakenError as error:
        return Shelf().save(topology, path=error.free)
