"""The line above the keys: the question that waits, with a button for each answer; else how the run stands."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Button, Static

from pgrepl_tui.counted import counted
from pgrepl_tui.events import ON_THE_SPOT, Matched, RunEnded, RunOutcome, Stage
from pgrepl_tui.screens.figures import clock
from pgrepl_tui.screens.plain import plain, plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.signs import ENDINGS, step_sign
from pgrepl_tui.screens.stopping import stopping_text
from pgrepl_tui.screens.widgets.problem import BAD
from pgrepl_tui.screens.widgets.wrapping import Choices
from pgrepl_tui.session.state import Question, SessionState, StepState

BUTTONS = {
    "run": ("Run (Enter)", "primary"),
    "step": ("One step (o)", "default"),
    "retry": ("Retry (r)", "primary"),
    "quit": ("Quit (q)", "default"),
    "skip": ("Skip (x)", "default"),
    "edit": ("Edit hosts (e)", "default"),
    "undo": ("Undo (u)", "default"),
}
"""Choices that a key answers: the button's words and look."""
RECORDED = "This is a recording: the step can be looked at, not run again."


class ChoiceButton(Button):
    """A button that answers the open question with one choice."""

    FOCUS_ON_CLICK: ClassVar[bool] = False
    """The footer has other keys while a button has the focus: the buttons must not move under a mouse that is down."""

    def __init__(self, choice: str) -> None:
        label, look = BUTTONS.get(choice, (plain_line(choice), "default"))
        super().__init__(Content(label), compact=True, classes=f"-{look}")
        self.choice = choice

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer; leaving goes through the dialog that asks first."""
        event.stop()
        await self.run_action("app.leave" if self.choice == "quit" else f"app.choose('{self.choice}')")


class QuestionBar(Widget):
    """What is asked, or what goes on, in one or a few lines."""

    question: reactive[Question | None] = reactive(None, recompose=True)
    """The open question, for which the buttons are made anew."""

    def __init__(self) -> None:
        super().__init__()
        self._text = Content("")
        self._live = True

    def compose(self) -> ComposeResult:
        """The text, and the buttons of an open question."""
        yield Static(self._text, markup=False, id="question-text")
        if self.question is not None and self._live and self.question.asked.kind not in ON_THE_SPOT:
            with Choices(id="choices"):
                yield from self._buttons(self.question)

    def _buttons(self, question: Question) -> Iterator[Button]:
        yield from (ChoiceButton(choice) for choice in question.asked.choices)

    def show(self, scene: Scene) -> None:
        """Draw the question or the standing of a scene."""
        self._text, self._live = bar_text(scene), scene.live
        self.question = scene.open_question
        for text in self.query("#question-text").results(Static):
            text.update(self._text)
        self.set_class(self.question is not None, "-asking")
        self.set_class(self.question is not None and self.question.asked.kind == "failure", "-failed")


def bar_text(scene: Scene) -> Content:
    """The words of the bar."""
    state = scene.state
    if state.ended is not None:
        return _no_more(state.matched) if _was_good(state) else _ended(state.ended)
    if scene.stopping is not None and scene.under_way:
        return stopping_text(state, scene.stopping)
    if scene.open_question is not None:
        return _asked(state, scene.open_question)
    return _at_work(scene)


def _at_work(scene: Scene) -> Content:
    """What goes on, where nothing is asked."""
    state = scene.state
    answered = _answered(state) if not scene.live else Content("")
    running = [step for step in state.steps.values() if step.running]
    if running:
        sign = step_sign(running[-1])
        return Content.assemble(
            (f"{sign.mark} ", sign.style), plain_line(running[-1].info.title), _waits(scene, running[-1])
        )
    failed = _failed(state)
    if failed is not None:
        return failed if scene.live else Content.assemble(failed, (f"\n{RECORDED}", "dim"), answered)
    if state.run is not None and scene.under_way:
        return Content.styled("Looking at the hosts; nothing is changed by this.", "dim") + answered
    words = "Nothing runs yet." if state.run is None else "The run was cut off."
    return Content.styled(words, "dim") + answered


def _waits(scene: Scene, step: StepState) -> str:
    """What a step waits for, and for how long by now, on a stage whose screen has no other place for it."""
    if step.progress is None or step.info.stage not in {Stage.CONNECT, Stage.PREFLIGHT}:
        return ""
    return f": {plain_line(step.progress.phase)} · {clock(max(0.0, scene.now - step.progress.t))}"


def _asked(state: SessionState, question: Question) -> Content:
    """The question; of a failure its first line, for the screen of the stage has it all."""
    asked = question.asked
    if asked.kind != "failure":
        return Content.assemble(("? ", "bold $accent"), plain(asked.text))
    step = state.steps.get(asked.step)
    where = f"{plain_line(step.info.title)}: " if step is not None else ""
    return Content.assemble(("✗ ", "bold $error"), where, plain_line(asked.text.split("\n", 1)[0]))


def _failed(state: SessionState) -> Content | None:
    """The step that ended last, where it did not end well and nothing was begun since."""
    step = state.steps.get(state.current)
    if step is None or step.outcome not in BAD:
        return None
    sign, said = step_sign(step), plain_line(step.message.split("\n", 1)[0])
    return Content.assemble((f"{sign.mark} ", sign.style), f"{plain_line(step.info.title)}: {said}")


def _answered(state: SessionState) -> Content:
    question = state.question
    if question is None or question.answer is None:
        return Content("")
    return Content.styled(f"   (answered “{plain_line(question.answer)}” by {plain_line(question.by)})", "dim")


def _was_good(state: SessionState) -> bool:
    """Whether the run ended well, and its pair, which is still watched, does not match any more."""
    done = state.ended is not None and state.ended.outcome is RunOutcome.DONE
    return done and state.matched is not None and not state.matched.matching and bool(state.matched.reason)


def _no_more(matched: Matched | None) -> Content:
    why = plain(matched.reason) if matched is not None else ""
    return Content.assemble(("! It matched when the run ended; now: ", "$warning bold"), why)


def _ended(ended: RunEnded) -> Content:
    sign = ENDINGS[ended.outcome]
    text = Content.assemble((f"{sign.mark} {sign.word}: ", sign.style), counted(ended.changes, "change"))
    text += f"; {plain(ended.message)}" if ended.message else "."
    return text + (f"\nWhat to do: {plain(ended.remedy)}" if ended.remedy else "")
