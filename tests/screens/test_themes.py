"""Both own themes can be read everywhere, and the theme that is chosen is kept."""

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme
from textual.widgets import Input

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Event, HostDescribed, Progress, RunEnded, Stage, StepEnded
from pgrepl_tui.screens.themes import DARK, LIGHT
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.theme_choice import ThemeChoice
from tests.screens.drawn_colours import contrast, drawn
from tests.screens.fake_app import text_of, until
from tests.screens.fake_run import CONFIRM, FAILURE, GATE, START, FakeRun, lines

RUNS = Path(__file__).parents[1] / "data" / "runs"
LEAST = 4.5
"""The contrast that WCAG 2 asks for text of normal size (level AA)."""
THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)


def described(event: Event) -> bool:
    return isinstance(event, HostDescribed) and event.role == "standby"


def checked(event: Event) -> bool:
    return isinstance(event, StepEnded) and event.step == "preflight"


def copying(event: Event) -> bool:
    return isinstance(event, Progress) and 0 < event.done < event.total


def ended(event: Event) -> bool:
    return isinstance(event, RunEnded)


MOMENTS = [
    ("setup", Stage.CONNECT, described),
    ("setup", Stage.PREFLIGHT, checked),
    ("setup", Stage.PRIMARY, ended),
    ("setup", Stage.STANDBY, copying),
    ("setup", Stage.VERIFY, ended),
    ("paused", Stage.VERIFY, ended),
    ("unknown-key", Stage.CONNECT, ended),
    ("unknown-password", Stage.PREFLIGHT, ended),
]


def too_faint(app: PgReplApp) -> list[str]:
    """What on the screen, or in the dialog over it, is hard to read."""
    shown = app.screen.query_one("#dialog") if app.screen.is_modal else app.screen
    return [f"{text!r}: {ratio:.1f}, {colours}" for text, ratio, colours in drawn(shown) if ratio < LEAST]


@THEMES
@pytest.mark.parametrize(("run", "stage", "after"), MOMENTS)
async def test_every_text_of_a_recorded_run_can_be_read(run: str, stage: Stage, after: object, theme: Theme) -> None:
    assert callable(after)
    with Recording.open(RUNS / f"{run}.jsonl") as recording:
        moment = next(event.t for event, _ in recording.events() if after(event))
    app = PgReplApp(source=Replay.open(RUNS / f"{run}.jsonl", at=moment, playing=False))
    async with app.run_test(size=(120, 40)) as pilot:
        app.theme = theme.name
        app.action_stage(stage.value)
        await until(pilot, lambda: not app.drawing and f"[{stage.value.capitalize()}]" in text_of(app.screen))
        await until(pilot, lambda: app.current_theme is theme)
        assert too_faint(app) == []


@THEMES
@pytest.mark.parametrize("asked", [GATE, CONFIRM, FAILURE], ids=lambda asked: asked.kind)
async def test_every_question_can_be_read(theme: Theme, asked: Event) -> None:
    app = PgReplApp(source=FakeRun((*START, *lines("role", 0, 5), asked)))
    async with app.run_test(size=(120, 40)) as pilot:
        app.theme = theme.name
        await until(pilot, lambda: app.session.state.question is not None and not app.drawing)
        await pilot.press("tab")
        assert too_faint(app) == []


@THEMES
async def test_the_help_can_be_read(theme: Theme) -> None:
    app = PgReplApp(source=FakeRun((*START, GATE)))
    async with app.run_test(size=(120, 40)) as pilot:
        app.theme = theme.name
        await until(pilot, lambda: app.session.state.question is not None and not app.drawing)
        await pilot.press("question_mark")
        await until(pilot, lambda: "Keys" in text_of(app.screen))
        assert too_faint(app) == []


@THEMES
async def test_the_form_and_its_hints_can_be_read(theme: Theme) -> None:
    app = PgReplApp(None, make_source=lambda _: FakeRun())
    async with app.run_test(size=(120, 40)) as pilot:
        app.theme = theme.name
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"db 1", "enter")
        await until(pilot, lambda: "✗" in text_of(app.screen))
        assert too_faint(app) == []


@THEMES
async def test_the_hint_in_an_empty_field_with_the_cursor_can_be_read(theme: Theme) -> None:
    app = PgReplApp(None, make_source=lambda _: FakeRun())
    async with app.run_test(size=(120, 40)) as pilot:
        app.theme = theme.name
        await until(pilot, lambda: isinstance(app.focused, Input) and bool(app.focused.placeholder))
        await until(pilot, lambda: app.current_theme is theme and not app.drawing)
        field = app.focused
        assert isinstance(field, Input)
        hints = [one for one in drawn(field) if one.text in field.placeholder]
        assert hints
        assert [one for one in hints if one.contrast < LEAST] == []


@THEMES
def test_the_panel_with_the_focus_is_told_from_the_others(theme: Theme) -> None:
    colours = theme.to_color_system().generate()
    frame, back, blurred = (Color.parse(colours[name]) for name in ("border", "background", "border-blurred"))
    assert contrast(frame.rich_color, back.rich_color) >= 3.0
    assert contrast(frame.rich_color, blurred.rich_color) >= 1.5


async def test_a_theme_that_is_chosen_is_there_the_next_time(tmp_path: Path) -> None:
    choice = ThemeChoice(tmp_path / "config" / "theme")
    app = PgReplApp(source=FakeRun(START), theme=choice)
    async with app.run_test() as pilot:
        assert app.theme == DARK.name
        await pilot.pause()
        assert not choice.path.exists()
        app.theme = "nord"
        await until(pilot, lambda: choice.read() == "nord")
    again = PgReplApp(source=FakeRun(START), theme=choice)
    async with again.run_test():
        assert again.theme == "nord"


@pytest.mark.parametrize(
    ("text", "words"), [("no-such-theme\n", "no theme 'no-such-theme'"), (None, "cannot be read")], ids=["name", "file"]
)
async def test_a_theme_that_is_not_there_is_told_and_the_usual_one_counts(
    tmp_path: Path, text: str | None, words: str
) -> None:
    path = tmp_path / "theme"
    if text is None:
        path.mkdir()
    else:
        path.write_text(text)
    app = PgReplApp(source=FakeRun(START), theme=ThemeChoice(path))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: words in text_of(app.screen))
        assert app.theme == DARK.name


async def test_a_theme_that_cannot_be_kept_is_told_and_worn(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    app = PgReplApp(source=FakeRun(START), theme=ThemeChoice(tmp_path / "file" / "theme"))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.theme = LIGHT.name
        await until(pilot, lambda: "the theme cannot be kept" in text_of(app.screen))
        assert app.theme == LIGHT.name
