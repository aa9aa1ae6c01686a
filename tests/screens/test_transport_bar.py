"""The bar of a replay: what it shows at each width, and what the mouse does on it."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.content import Content
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Note
from pgrepl_tui.screens.go_to import GoToScreen
from pgrepl_tui.screens.widgets.timeline import Timeline
from pgrepl_tui.screens.widgets.transport_bar import TransportBar
from pgrepl_tui.session.moves import END
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from tests.screens.fake_app import opened, text_of, until
from tests.screens.replayed import EVENTS, FAILED_AT, WARNED_AT, recorder_of, replay, write

SIZES = [(120, 40), (80, 24), (50, 20)]


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    return write(tmp_path / "run.jsonl")


def bar(app: PgReplApp) -> TransportBar:
    return app.screen.query_one(TransportBar)


def shown(app: PgReplApp) -> list[str]:
    """The bar's lines."""
    return text_of(bar(app)).split("\n")


def place(app: PgReplApp, text: str) -> tuple[int, int]:
    """Where a text stands in the bar."""
    for y, line in enumerate(shown(app)):
        if text in line:
            return line.index(text), y
    raise AssertionError(f"no {text!r} in {shown(app)}")


def cell_of(app: PgReplApp, t: float) -> tuple[int, int]:
    """Where a time of the session is on the line."""
    line = bar(app)._line
    assert line is not None
    return bar(app)._left + line.cell(t), 0


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_stages_and_troubles_stand_on_the_line_at_every_width(recorded: Path, size: tuple[int, int]) -> None:
    async with opened(replay(recorded, at=30.0), size) as (app, _):
        first, *more = shown(app)
        assert len(more) == (size[0] >= 100)
        assert len(first) == size[0]
        line = first[cell_of(app, 0.0)[0] :].rsplit(" ", 2)[0]
        for sign, t in (("1", 0.0), ("2", 2.0), ("3", 10.0), ("4", 20.0), ("!", WARNED_AT), ("✗", FAILED_AT)):
            if size[0] > 50 or sign not in "12!":
                assert first[cell_of(app, t)[0]] == sign
        assert line.count("●") == 1
        assert line.index("●") == cell_of(app, 30.0)[0] - cell_of(app, 0.0)[0]
        assert "00:00:30" in first
        assert "00:01:00" in first


async def test_a_wide_bar_names_the_stages_and_counts_the_events(recorded: Path) -> None:
    source = replay(recorded, at=30.0)
    async with opened(source) as (app, _):
        assert "event 14 of 20" in shown(app)[1]
        assert place(app, "Primary") == (cell_of(app, 10.0)[0], 1)
        assert place(app, "Standby") == (cell_of(app, 20.0)[0], 1)


async def test_ascii_terminals_see_the_same_signs(recorded: Path) -> None:
    app = PgReplApp(source=replay(recorded, at=30.0), ascii_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "00:00:30" in text_of(app.screen))
        (line,) = shown(app)
        assert line.isascii()
        assert line[cell_of(app, FAILED_AT)[0]] == "x"
        assert line.count("*") == 1


async def test_a_message_leaves_the_line_to_be_seen(recorded: Path) -> None:
    async with opened(replay(recorded, at=60.0)) as (app, pilot):
        before = shown(app)
        await pilot.press("full_stop")
        await until(pilot, lambda: END in text_of(app.screen))
        assert shown(app) == before


def test_names_are_shortened_or_left_out_where_there_is_no_room(recorded: Path) -> None:
    source = replay(recorded)
    assert "Connect" not in Timeline(source, 40).names().plain
    assert Timeline(source, 40).names().plain.split() == ["Pref", "Primar", "Standby"]
    assert Timeline(source, 12).names().plain.split() == ["Standby"]
    assert [len(Timeline(source, room).names().plain) for room in (1, 7, 40, 200)] == [1, 7, 40, 200]


def test_every_cell_has_a_goal_in_the_recording_and_marks_are_met_exactly(recorded: Path) -> None:
    source = replay(recorded)
    for room in (10, 33, 200):
        line = Timeline(source, room)
        goals = [line.goal(cell) for cell in range(-3, room + 3)]
        assert goals == sorted(goals)
        assert (goals[0], goals[-1]) == (0.0, 60.0)
        assert line.goal(line.cell(FAILED_AT)) == FAILED_AT


def test_a_recording_without_events_has_a_line_too(tmp_path: Path) -> None:
    with recorder_of(tmp_path / "empty.jsonl"):
        pass
    line = Timeline(replay(tmp_path / "empty.jsonl"), 10)
    assert line.line().plain == "●─────────"
    assert (line.goal(5), line.at(5), line.names().plain) == (0.0, "00:00:00", " " * 10)


@pytest.mark.parametrize(
    ("text", "position"),
    [("<", 13.0), (">", 20.0), ("next error", FAILED_AT)],
)
async def test_a_click_on_a_word_does_what_it_says(recorded: Path, text: str, position: float) -> None:
    source = replay(recorded, at=14.0)
    async with opened(source) as (app, pilot):
        await pilot.click(bar(app), offset=place(app, text))
        await until(pilot, lambda: source.position == position)


async def test_a_click_plays_pauses_and_changes_the_speed(recorded: Path) -> None:
    source = replay(recorded)
    async with opened(source, (80, 24)) as (app, pilot):
        x, y = place(app, "1x")
        await pilot.click(bar(app), offset=(x + 3, y))
        assert source.speed == 2.0
        await pilot.click(bar(app), offset=(x - 2, y))
        assert source.speed == 1.0
        await pilot.click(bar(app), offset=place(app, "paused"))
        await until(pilot, lambda: source.playing and "playing" in text_of(bar(app)))
        await pilot.click(bar(app), offset=place(app, "playing"))
        assert not source.playing


async def test_a_click_turns_skipping_idle_time_on_and_off(recorded: Path) -> None:
    source = replay(recorded)
    async with opened(source) as (app, pilot):
        await pilot.click(bar(app), offset=place(app, "skip idle"))
        assert source.skip_idle
        await until(pilot, lambda: "✓ skip idle" in shown(app)[1] and "╌" in shown(app)[0])
        await pilot.click(bar(app), offset=place(app, "skip idle"))
        assert not source.skip_idle


async def test_a_click_on_the_time_asks_where_to_go(recorded: Path) -> None:
    async with opened(replay(recorded, at=5.0), (80, 24)) as (app, pilot):
        await pilot.click(bar(app), offset=place(app, "00:00:05"))
        await until(pilot, lambda: isinstance(app.screen, GoToScreen))


async def test_a_click_on_the_line_goes_there_and_is_drawn(recorded: Path) -> None:
    source = replay(recorded)
    async with opened(source) as (app, pilot):
        await pilot.click(bar(app), offset=cell_of(app, 50.0))
        assert 49.0 < source.position <= 50.0
        await until(pilot, lambda: shown(app)[0][cell_of(app, 50.0)[0]] == "●")
        await pilot.click(bar(app), offset=cell_of(app, FAILED_AT))
        assert source.position == FAILED_AT


async def test_dragging_goes_along_and_holds_the_film_until_it_is_let_go(recorded: Path) -> None:
    source = Replay(Recording.open(recorded), at=30.0, clock=lambda: 7.0)
    async with opened(source, (80, 24)) as (app, pilot):
        assert source.playing
        await pilot.mouse_down(bar(app), offset=cell_of(app, 30.0))
        assert not source.playing
        for t in (15.0, 50.0, 25.0):
            await pilot.hover(bar(app), offset=cell_of(app, t))
            await until(pilot, lambda t=t: abs(source.position - t) < 60.0 / 30)
            assert "[Standby]" in text_of(app.screen)
        await pilot.hover(app.screen, offset=(79, 2))
        await until(pilot, lambda: source.position == 60.0)
        await pilot.mouse_up(app.screen, offset=(3, 2))
        await until(pilot, lambda: source.playing and app.mouse_captured is None)
        assert source.position == 0.0
        await until(pilot, lambda: "[Connect]" in text_of(app.screen))
        assert source.speed == 1.0


async def test_letting_go_on_a_word_does_not_press_it(recorded: Path) -> None:
    source = replay(recorded, at=30.0)
    async with opened(source, (80, 24)) as (app, pilot):
        x, y = place(app, "1x")
        await pilot.mouse_down(bar(app), offset=cell_of(app, 30.0))
        await pilot.hover(bar(app), offset=(x + 3, y))
        await pilot.mouse_up(bar(app), offset=(x + 3, y))
        await until(pilot, lambda: source.position == 0.0 and app.mouse_captured is None)
        await pilot.click(bar(app), offset=(x - 2, y))
        await until(pilot, lambda: source.speed == 0.5)


async def about(app: PgReplApp, pilot: Pilot[int], where: tuple[int, int]) -> str:
    await pilot.hover(bar(app), offset=where)
    tip = bar(app).tooltip
    assert tip is None or isinstance(tip, Content)
    return tip.plain if tip is not None else ""


async def test_pointing_tells_the_time_the_stage_and_what_went_wrong(recorded: Path) -> None:
    async with opened(replay(recorded)) as (app, pilot):
        assert await about(app, pilot, cell_of(app, FAILED_AT)) == "00:00:40 · Standby\n✗ base backup: no room"
        assert await about(app, pilot, cell_of(app, WARNED_AT)) == "00:00:05 · Preflight\n! room: [b]little[/b] room"
        assert await about(app, pilot, place(app, "paused")) == "Play or pause (space)"
        assert await about(app, pilot, place(app, "event")) == ""


async def test_pointing_at_an_open_end_tells_what_it_means(tmp_path: Path) -> None:
    with recorder_of(tmp_path / "run.jsonl") as recorder:
        for event in EVENTS[:4]:
            recorder.write(event)
    async with opened(replay(recorder.path), (80, 24)) as (app, pilot):
        assert (await about(app, pilot, place(app, "00:00:02+"))).startswith("The run has no end here")


async def test_many_troubles_of_one_moment_are_told_in_few_words(tmp_path: Path) -> None:
    with recorder_of(tmp_path / "run.jsonl") as recorder:
        for event in (*EVENTS[:4], *(Note(t=30.0, level="warning", text="x" * 900 + "\x1b[2J") for _ in range(50))):
            recorder.write(event)
        recorder.write(replace(EVENTS[-1]))
    async with opened(replay(recorder.path)) as (app, pilot):
        told = await about(app, pilot, cell_of(app, 30.0))
        assert told.split("\n")[-1] == "and 47 more"
        assert len(told) < 800
        assert "\x1b" not in told
