"""Keys and answers go on in the next line where one is too short for them: each can be read, and reached."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual.geometry import Region
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Event
from pgrepl_tui.screens.widgets.question_bar import BUTTONS, ChoiceButton
from pgrepl_tui.session.replay import Replay
from tests.screens.fake_app import opened, text_of, until, until_still
from tests.screens.fake_run import FAILURE, GATE, START, FakeRun

SIZES = [(50, 20), (64, 20), (80, 24), (120, 40)]
ALL = ("quit", "retry", "skip", "edit", "undo")
LONG = "the server refused: could not write to a file, for its disk is as full as a disk can be, so free some room"
ASKED = {
    "failure": replace(FAILURE, text=LONG, choices=ALL),
    "gate": replace(GATE, text=f"Run the primary stage? {LONG}. {LONG}. {LONG}. {LONG}"),
}
RUNS = Path(__file__).parents[1] / "data" / "runs"


def apart(regions: Sequence[Region]) -> bool:
    return not any(one.overlaps(other) for index, one in enumerate(regions) for other in regions[:index])


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
async def test_every_answer_is_read_and_clicked(asked: Event, size: tuple[int, int]) -> None:
    run = FakeRun((*START, asked))
    async with opened(run, size) as (app, pilot):
        # the keys of the footer, which may take a line less, come after the question
        offered = asked is ASKED["gate"]
        await until(pilot, lambda: bool(app.screen.query(ChoiceButton)) and not app.drawing)
        await until_still(pilot, lambda: ("One step" in text_of(app.screen.query_one(Footer))) is offered)
        await until(pilot, lambda: all(button.region.area for button in app.screen.query(ChoiceButton)))
        buttons = list(app.screen.query(ChoiceButton))
        for button in buttons:
            assert BUTTONS[button.choice][0] in text_of(button)
            assert app.screen.region.contains_region(button.region)
        assert apart([button.region for button in buttons])
        last = buttons[-1]
        if last.choice == "quit":
            return
        await pilot.click(last)
        await until(pilot, lambda: [choice for _, choice in run.answers] == [last.choice])


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("live", [True, False], ids=["live", "replay"])
async def test_every_key_of_the_footer_is_read(live: bool, size: tuple[int, int]) -> None:
    source = FakeRun((*START, GATE)) if live else Replay.open(RUNS / "setup.jsonl", at=4.0, playing=False)
    async with opened(source, size) as (app, pilot):
        await until_still(pilot, lambda: "Quit" in text_of(app.screen) and not app.drawing)
        await until(pilot, lambda: all(key.region.area for key in app.screen.query(FooterKey) if key.display))
        keys = [key for key in app.screen.query(FooterKey) if key.display]
        assert len(keys) >= 8
        for key in keys:
            assert key.key_display in text_of(key)
            assert key.description in text_of(key)
            assert app.screen.region.contains_region(key.region)
        assert apart([key.region for key in keys])


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_what_connect_does_is_read_in_the_form(size: tuple[int, int]) -> None:
    app = PgReplApp(None, make_source=lambda _: FakeRun())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "Connect (Enter)" in text_of(app.screen))
        words = " ".join(text_of(app.screen.query_one("#form-buttons Static")).split())
        assert words == "Nothing changes until you agree. Tab goes on, ^q quits."
