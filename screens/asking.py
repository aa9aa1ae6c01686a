"""The operator's answers: from keys and buttons, and from the dialogs that open for what interrupts or replaces."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App

from pgrepl_tui.events import ON_THE_SPOT
from pgrepl_tui.screens.confirm import ConfirmScreen
from pgrepl_tui.screens.dialog import Dialog
from pgrepl_tui.screens.host_key import HostKeyScreen
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.secret import SecretScreen
from pgrepl_tui.screens.typed_word import DeleteScreen, SetAsideScreen, TypedWordScreen

if TYPE_CHECKING:
    from pgrepl_tui.events import Asked
    from pgrepl_tui.session.source import Source

DISCARD = "discard"
"""The step that deletes."""
FAILED = "A step failed: press r to try it again, e to edit the hosts, or q to leave."
NOTHING = "Nothing waits for an answer."
JUST_NOW = "This question has just come up: read it, then answer."
WAITS = "A row can be looked at again while the run waits: after the checks, or after a failure."
ANSWERS = frozenset({"choose", "one_step", "recheck", "run_on"})
"""Actions that answer the open question."""


class Asking:
    """Opens the dialog of a question once, takes it away when the question is gone, and hands answers to the source."""

    def __init__(self, app: App[int], source: Callable[[], "Source | None"]) -> None:
        self._app = app
        self._source = source
        self._opened: int | None = None
        self._shown: int | None = None

    def reset(self) -> None:
        """Another run begins, with questions of its own."""
        self._opened = self._shown = None

    def show(self, scene: Scene) -> None:
        """Open or close the dialog for a scene."""
        question = scene.open_question
        number = self._shown = question.asked.question if question is not None else None
        if self._opened is not None and number != self._opened:
            self._opened = None
            if isinstance(self._app.screen, ConfirmScreen | TypedWordScreen | SecretScreen):
                self._app.pop_screen()
        if question is not None and question.asked.kind in ON_THE_SPOT and self._opened is None:
            self._opened = number
            self._open(question.asked, scene)

    def _open(self, asked: "Asked", scene: Scene) -> None:
        if asked.kind == "secret":
            self._app.push_screen(SecretScreen(asked.text), lambda secret: self._give(asked.question, secret))
        else:
            no, yes = asked.choices
            made = _dialog(asked, scene)
            self._app.push_screen(made, lambda agreed: self._answer(asked.question, yes if agreed else no))

    @staticmethod
    def why_not(scene: Scene, action: str, choice: object = "") -> str:
        """Why an answer cannot be given now, in a sentence; empty where it can.

        Args:
            scene: how things stand.
            action: one of ``ANSWERS``.
            choice: the answer of ``choose``; of ``run_on``, whether a failure may be tried again.
        """
        question = scene.open_question
        asked = question.asked if question is not None else None
        if action == "recheck":
            return "" if asked is not None and asked.kind in {"gate", "failure"} else WAITS
        if action != "choose" and asked is not None and asked.kind == "failure":
            return "" if action == "run_on" and choice else FAILED
        if action != "choose":
            return "" if asked is not None and asked.kind == "gate" else NOTHING
        if asked is None:
            return NOTHING
        if choice in asked.choices:
            return ""
        return f"The answer is one of: {', '.join(map(plain_line, asked.choices))}."

    def run_on(self, scene: Scene, *, retry: bool) -> None:
        """Answer a gate with "run", a failure with "retry" when that was meant; else say what the key would do."""
        question = scene.open_question
        if question is not None and question.asked.kind == "failure" and not retry:
            self._tell(FAILED)
        elif question is not None and question.asked.kind == "failure":
            self.choose(scene, "retry")
        else:
            self.choose(scene, "run")

    def choose(self, scene: Scene, choice: str) -> None:
        """Answer the open question with a choice, if it is one of its choices."""
        question, why = scene.open_question, self.why_not(scene, "choose", choice)
        if question is None or why:
            self._tell(why)
        else:
            self._answer(question.asked.question, choice)

    def look_again(self, scene: Scene, check: str) -> None:
        """Answer a gate or a failure by asking for one more look at a preflight row."""
        question = scene.open_question
        if question is None or not check:
            self._tell("Choose a row of the preflight checks first.")
        else:
            self._answer(question.asked.question, f"check:{check}")

    def _answer(self, question: int, choice: str) -> None:
        source = self._source()
        if question != self._shown:  # a key that was on its way was meant for something else
            self._tell(JUST_NOW)
        elif source is not None:
            source.answer(question, choice)

    def _give(self, question: int, secret: str | None) -> None:
        source = self._source()
        if source is not None:
            source.give_secret(question, secret)

    def _tell(self, text: str) -> None:
        self._app.notify(text, markup=False, timeout=4)


def _dialog(asked: "Asked", scene: Scene) -> Dialog[bool]:
    if asked.kind == "host-key":
        return HostKeyScreen(asked.text)
    text = confirm_text(asked, scene)
    if asked.kind != "typed":
        return ConfirmScreen(text)
    return (DeleteScreen if asked.step == DISCARD else SetAsideScreen)(text, asked.choices[-1])


def confirm_text(asked: "Asked", scene: Scene) -> str:
    """What is asked, and on which host it happens."""
    step = scene.state.steps.get(asked.step)
    run = scene.state.run
    if step is None or run is None:
        return asked.text
    name = getattr(run, step.info.host, "")
    return f"{asked.text}\n\nStep: {step.info.title}\nHost: {name} ({step.info.host})"
