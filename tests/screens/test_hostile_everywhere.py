"""Hostile text where no run brings it: the list of recordings, notices, messages; and lines of a megabyte anywhere."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pgrepl_tui import events as ev
from pgrepl_tui.app import PgReplApp
from pgrepl_tui.screens.help_text import help_text
from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.plain import LONGEST, copied, plain, plain_line
from pgrepl_tui.screens.welcome import Start
from pgrepl_tui.screens.widgets.log_view import LogView
from pgrepl_tui.screens.widgets.recording_list import RecordingList
from pgrepl_tui.session.library import Library
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.sanitise import MARKS
from pgrepl_tui.session.topologies import Shelf
from pgrepl_tui.topology import Topology
from tests.hostile import LONG, Terminal, assert_harmless, assert_no_markup, assert_thin, corpus, watched
from tests.screens.fake_app import text_of, until
from tests.screens.fake_run import START, FakeRun
from tests.screens.test_hostile_corpus_screens import poisoned
from tests.screens.test_hostile_text import END, EVENTS
from tests.unit.hostile_run import hostile_events, write_recording

SIZE = (100, 60)
SHORT = [row for row in corpus() if len(row.data) < LONG]
MEGABYTE = 1_000_000
LONG_LINES = {
    "letters": "x" * MEGABYTE,
    "words": "word " * (MEGABYTE // 5),
    "wide": "漢" * (MEGABYTE // 3),
    "marks": "e\u0301\u0489" * (MEGABYTE // 5),
    "tabs": "\t" * MEGABYTE,
    "returns": "x\r" * (MEGABYTE // 2),
    "escapes": "\x1b[31mx" * (MEGABYTE // 6),
    "lines": "line\n" * (MEGABYTE // 5),
}


async def never(_tell: Callable[[str], None]) -> Topology:
    raise AssertionError("nobody asked for the demo")


def start_screen(folder: Path) -> PgReplApp:
    start = Start(Library(folder), Shelf(folder / "topologies"), Replay.open, never)
    return PgReplApp(None, lambda _: FakeRun(), start=start)


def assert_only_text(app: PgReplApp, terminal: Terminal) -> str:
    shown = text_of(app.screen)
    assert_harmless(shown)
    assert_thin(shown)
    assert_no_markup(app.screen)
    terminal.assert_harmless()
    return shown


@pytest.mark.parametrize("first", range(0, len(SHORT), 120))
async def test_the_list_of_recordings_shows_hostile_ones_as_text(first: int, tmp_path: Path) -> None:
    for row in SHORT[first : first + 120]:
        events = hostile_events(row.text)
        write_recording(tmp_path / f"r-20260101T000000.{row.number:03}Z.jsonl", events, started=row.text)
    (tmp_path / "evil\x1b[2J[@click=app.quit]x\u202e.jsonl").write_bytes(b"\x1b]0;owned\x07")
    app = start_screen(tmp_path)
    async with watched(app, SIZE) as (pilot, terminal):
        await until(pilot, lambda: bool(app.screen.query(RecordingList)))
        listed = app.screen.query_one(RecordingList)
        await until(pilot, lambda: listed.known is not None)
        listed.focus()
        seen = assert_only_text(app, terminal)
        for _ in range(0, listed.count(), 10):
            await pilot.press("pagedown")
            seen += assert_only_text(app, terminal)
        assert "evil" in seen
        await pilot.press("slash", "<")
        assert_only_text(app, terminal)
        assert app.is_running


async def test_a_notice_and_a_message_are_text() -> None:
    words = "\n".join(row.text for row in SHORT[-200:])
    app = PgReplApp(source=FakeRun(START))
    async with watched(app, (100, 200)) as (pilot, terminal):
        await until(pilot, lambda: not app.drawing)
        for row in SHORT[::40]:
            app.tell(row.text)
        await pilot.pause()
        assert_only_text(app, terminal)
        app.push_screen(NoticeScreen("The run ended with an error", words))
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        for _ in range(20):
            assert_only_text(app, terminal)
            await pilot.press("pagedown")
        assert SHORT[-1].seen_in(text_of(app.screen))
        assert app.is_running


@pytest.mark.parametrize("kind", ["letters", "lines", "marks", "tabs"])
async def test_a_megabyte_in_every_text_is_drawn_and_the_keys_still_answer(kind: str) -> None:
    app = PgReplApp(source=FakeRun([poisoned(event, LONG_LINES[kind]) for event in (*EVENTS, END)]))
    async with watched(app, (84, 40)) as (pilot, terminal):
        await until(pilot, lambda: not app.drawing and app.session.state.ended is not None)
        await look_everywhere(app, pilot, terminal)


async def look_everywhere(app: PgReplApp, pilot: Pilot[int], terminal: Terminal) -> None:
    for stage in ev.Stage:
        app.action_stage(stage.value)
        await until(pilot, lambda: not app.drawing)
        assert_only_text(app, terminal)
    app.action_stage(ev.Stage.STANDBY.value)
    await until(pilot, lambda: not app.drawing)
    app.screen.query_one(LogView).focus()
    for key in ("home", "w", "shift+right", "w", "end", "d", "l", "y"):
        await pilot.press(key)
    shown = text_of(app.screen)
    assert "Commands" in shown
    assert_harmless(shown)
    assert_thin(shown)


@pytest.mark.parametrize("words", LONG_LINES.values(), ids=LONG_LINES)
def test_what_is_drawn_of_a_text_has_an_end_and_says_so_and_what_is_copied_is_whole(words: str) -> None:
    assert len(plain_line(words)) < 40_000
    assert len(plain(words)) < LONGEST * 5
    assert "…[cut]" in plain(words)
    assert len(copied(words)) >= len(words) * 0.4


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("e" + "\u0301" * MARKS, "e" + "\u0301" * MARKS),
        ("e" + "\u0301" * (MARKS + 9) + "n", "e" + "\u0301" * MARKS + "�n"),
        ("\u0301a", "◌\u0301a"),
        ("กำ क्षि שָׁ 1\ufe0f\u20e3", "กำ क्षि שָׁ 1\ufe0f\u20e3"),
    ],
    ids=["few", "many", "none to stand on", "as people write"],
)
def test_no_character_carries_more_marks_than_people_write(text: str, shown: str) -> None:
    assert plain_line(text) == shown
    assert plain(f"ok\n{text}") == f"ok\n{shown}"


def test_the_help_is_made_of_our_own_words() -> None:
    assert_harmless(help_text([]).plain)
