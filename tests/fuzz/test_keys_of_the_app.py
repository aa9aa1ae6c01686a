"""Keys at random in the real app, on a whole run: it answers them to the end, and nothing is agreed to by accident."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from pgrepl_tui import events as ev
from pgrepl_tui.app import PgReplApp
from pgrepl_tui.live import LiveRun
from pgrepl_tui.postgres import scram
from pgrepl_tui.screens.confirm import ConfirmScreen
from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.typed_word import TypedWordScreen
from pgrepl_tui.screens.widgets.question_bar import ChoiceButton
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.steps import door
from tests.fuzz.agreement import changing, objections
from tests.fuzz.counts import count
from tests.fuzz.profile import times
from tests.fuzz.tape import TapedHost, taped_login
from tests.fuzz.taped_run import PASSWORD, Taped
from tests.screens.fake_app import text_of, until

KEYS = 30
SEQUENCES = 12
FORWARD = ("enter", "enter", "enter", "r", "o", "y", "y")
OTHERS = (
    *(
        "q",
        "n",
        "escape",
        "escape",
        "d",
        "f",
        "l",
        "question_mark",
        "1",
        "2",
        "3",
        "4",
        "5",
        "a",
        "x",
        "e",
        "u",
        "X",
        "c",
    ),
    *("t", "tab", "shift+tab", "left", "right", "up", "down", "pageup", "pagedown", "home", "end", "space", "slash"),
    *("ampersand", "v", "w", "G", "g", "N", "j", "k", "ctrl+o", "ctrl+p", "ctrl+s", "ctrl+c", "backspace", "delete"),
    *("s", "h", "full_stop", "comma", "[", "]", "{", "}", "<", ">", "i", "plus", "minus", "f1", "f12", "ü", "密"),
)
SAYS = {"run": {"enter", "r"}, "step": {"o"}, "retry": {"r"}, "skip": {"x"}, "edit": {"e"}, "undo": {"u"},
        "yes": {"y", "enter", "space"}}  # fmt: skip
"""The keys of each answer that lets a run go on."""
PRESSES = {"enter", "space"}
"""The keys that press the button which has the focus, whatever it says."""


@dataclass
class Watched:
    """The answers that the app sent, and what was on the screen when they were."""

    run: LiveRun
    answers: list[tuple[int, str]] = field(default_factory=list)

    def watch(self) -> None:
        """Listen to every answer."""
        real = self.run.answer

        def answer(question: int, choice: str) -> None:
            self.answers.append((question, choice))
            real(question, choice)

        self.run.answer = answer  # type: ignore[method-assign]


def live(taped: Taped, path: Path, patch: pytest.MonkeyPatch) -> Watched:
    """A live run on the taped hosts."""
    hosts = {role: TapedHost(name, taped.logins[role], role, taped.tape)
             for role, name in (("primary", "db1"), ("standby", "db2"))}  # fmt: skip

    async def connect(_run: LiveRun, _node: object, role: str, _passwords: object) -> TapedHost:
        return hosts[role]

    patch.setattr(LiveRun, "_connect", connect)
    patch.setattr(scram, "strong_password", lambda: PASSWORD)
    patch.setattr(door, "replication_login", taped_login(taped.tape))
    watched = Watched(LiveRun(taped.topology, path=path))
    watched.watch()
    return watched


def open_question(app: PgReplApp) -> ev.Asked | None:
    """What the app has shown, and waits for."""
    question = app.session.state.question
    return question.asked if question is not None and question.answer is None else None


async def press(app: PgReplApp, pilot: Pilot[int], watched: Watched, key: str) -> None:
    """Press a key; what it answers, it answers to the question that was on the screen, and by a key that says so."""
    asked, screen, before = open_question(app), app.screen, len(watched.answers)
    on_yes = getattr(app.focused, "id", "") == "yes"
    button = app.focused.choice if isinstance(app.focused, ChoiceButton) else ""
    await pilot.press(key)
    await pilot.pause()
    for question, choice in watched.answers[before:]:
        assert asked is not None, (key, question, choice)
        assert (question, choice) == (asked.question, choice)
        assert choice in asked.choices or choice.startswith("check:")
        if isinstance(screen, CommandPalette):
            assert key == "enter"
        elif choice in SAYS:
            assert key in SAYS[choice] or (key in PRESSES and button == choice), (key, choice)
        if choice == "yes":
            assert isinstance(screen, ConfirmScreen)
            assert key == "y" or on_yes
        if asked.kind == "typed" and choice != asked.choices[0]:
            assert isinstance(screen, TypedWordScreen)
            assert key in PRESSES
        count("answers sent by keys")


async def assert_answers_keys(app: PgReplApp, pilot: Pilot[int]) -> None:
    """Help opens and closes."""
    for _ in range(8):
        if isinstance(app.screen, NoticeScreen) or not app.is_running:
            break
        await pilot.press("escape")
        await pilot.press("question_mark")
        await pilot.pause()
    if app.is_running:
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        assert text_of(app.screen).strip()


@pytest.mark.parametrize("seed", range(SEQUENCES * times()))
async def test_keys_at_random(taped: Taped, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(seed)  # noqa: S311 - the same in every run
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    watched = live(taped, tmp_path / "run.jsonl", monkeypatch)
    app = PgReplApp(source=watched.run)
    async with app.run_test(size=random.choice(((80, 24), (120, 40), (40, 12))), notifications=True) as pilot:
        pressed = 0
        while pressed < KEYS and app.is_running and app._exit is False:
            if pressed % 5 == 0:
                await settled(app, pilot)
            await press(app, pilot, watched, random.choice(FORWARD if random.random() < 0.35 else OTHERS))
            pressed += 1
        if app.is_running and not app._exit:
            await assert_answers_keys(app, pilot)
            watched.run.stop()
    count("sequences of random keys in the app")
    count("keys in them", pressed)
    with Recording.open(tmp_path / "run.jsonl") as recording:
        events = [event for event, _ in recording.events()]
    assert objections(events, taped.confirmed) == []
    count("changing commands in them, each agreed to by a key", changing(events))


async def settled(app: PgReplApp, pilot: Pilot[int]) -> None:
    """Give the run a moment to come to its next question: keys are pressed then, and in between."""
    for _ in range(60):
        if open_question(app) is not None or not app.under_way or not app.is_running:
            return
        await pilot.pause()
        await asyncio.sleep(0.01)
