"""The hostile corpus in every widget that shows remote text, live and in replay: text, and nothing but text."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import (
    CheckDone,
    CommandEnded,
    CommandStarted,
    Event,
    HostDescribed,
    Note,
    Output,
    PrimaryPosition,
    Row,
    Stage,
    StandbyPosition,
    Verdict,
)
from pgrepl_tui.screens.command_log import CommandLogScreen
from pgrepl_tui.screens.widgets.check_table import CheckTable
from pgrepl_tui.screens.widgets.command_list import CommandList
from pgrepl_tui.screens.widgets.log_view import LogView
from pgrepl_tui.session.codec import encode
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.source import Deliver
from pgrepl_tui.session.span import Span
from pgrepl_tui.session.stream import Stream
from tests.hostile import (
    LONG,
    Sequence,
    Terminal,
    assert_harmless,
    assert_no_markup,
    assert_thin,
    chunkings,
    corpus,
    numbers_in,
    watched,
)
from tests.screens.fake_app import at_stage, text_of, until
from tests.screens.test_hostile_text import CONFIRM, END, EVENTS, GATE, KEPT, SECRET

SIZE = (84, 230)
CORPUS = corpus()
SHORT = [row for row in CORPUS if len(row.data) < LONG and b"\n" not in row.data]
BATCH = 170
BATCHES = [SHORT[begin : begin + BATCH] for begin in range(0, len(SHORT), BATCH)]
KEY = replace(CONFIRM, kind="host-key")
TYPED = replace(CONFIRM, kind="typed", choices=("no", "db2"))
LAST: tuple[Event, ...] = (GATE, CONFIRM, SECRET, END)
COMMANDS = 1_000
"""The number of the first command that is shown; those of the outputs are below."""


class HostileRun:
    """A run that takes the way of a live one, stream and recording and all, and tells what it is given."""

    live = True

    def __init__(self, path: Path, events: list[Event], outputs: list[list[bytes]]) -> None:
        self._recorder = Recorder(path, topology={}, started=datetime.now(UTC))
        self._events = events
        self._outputs = outputs
        self._end = asyncio.Event()
        self.recording = str(path)
        self.done = False

    async def run(self, deliver: Deliver) -> int:
        stream = Stream(self._recorder, time.monotonic)
        stream.listen(deliver)
        for event in self._events[:-1]:
            stream.emit(event)
        for number, chunks in enumerate(self._outputs):
            for chunk in chunks:
                stream.output(number, Stage.STANDBY.value, "db2", "log", chunk)
            stream.end_output(number)
        stream.emit(self._events[-1])
        self.done = True
        await self._end.wait()
        return 0

    def read_output(self, span: Span) -> str:
        return self._recorder.read_output(span)

    def answer(self, question: int, choice: str) -> None:
        raise AssertionError(f"question {question} was answered with {choice}")

    def give_password(self, password: str) -> None:
        raise AssertionError(f"a password was given: {password}")

    def give_secret(self, question: int, secret: str | None) -> None:
        raise AssertionError(f"question {question} was answered with {secret}")

    def stop(self) -> None:
        self._end.set()


def poisoned(value: Any, words: str, name: str = "") -> Any:
    """The same event with hostile words added to every text but the program's own words."""
    if isinstance(value, Enum) or (name in KEPT and name not in {"primary", "standby"}):
        return value
    if isinstance(value, str):
        return f"{value} {words}"
    if isinstance(value, tuple):
        return tuple(poisoned(item, words, name) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: poisoned(getattr(value, f.name), words, f.name) for f in fields(value)})
    return value


def story(batch: list[Sequence], last: Event) -> list[Event]:
    """Events that bring a batch into every widget: together in each text, and a row each where there are rows."""
    words = " ".join(row.text.replace("\r", "\r ") for row in batch)
    told: list[Event] = [poisoned(event, words) for event in EVENTS if not isinstance(event, Output)]
    rows = tuple(Row(row.text, row.text) for row in batch)
    told += [HostDescribed(role=role, name=words, facts=rows) for role in ("primary", "standby")]
    told += [
        CheckDone(id=f"c{row.number}", title=row.text, verdict=Verdict.WARN, primary=row.text, standby=row.text)
        for row in batch
    ]
    for row in batch:
        number = COMMANDS + row.number
        told.append(
            CommandStarted(number=number, step=Stage.STANDBY.value, host=row.text, line=row.text, paste=row.text)
        )
        told.append(CommandEnded(number=number, step=Stage.STANDBY.value, status=1, seconds=0.1))
        told.append(Note(level="error", text=row.text))
    told += [PrimaryPosition(lsn=words, via=words), StandbyPosition(received=words, replayed=words, via=words)]
    return [*told, poisoned(last, words)]


def cut(batch: list[Sequence]) -> list[list[bytes]]:
    """Each sequence of a batch in its four cuttings, each with an end of its line."""
    return [chunks for row in batch for chunks in chunkings(row.marked + b"\n")]


def assert_only_text(app: PgReplApp, terminal: Terminal) -> str:
    """What is on the screen, which is text and nothing but text."""
    shown = text_of(app.screen)
    assert_harmless(shown)
    assert_thin(shown)
    assert_no_markup(app.screen)
    terminal.assert_harmless()
    return shown


async def look_at_every_screen(app: PgReplApp, pilot: Pilot[int], terminal: Terminal, batch: list[Sequence]) -> None:
    """Open each stage and the command log; nothing but text may be there, and each sequence where there are rows."""
    for stage in Stage:
        await at_stage(app, pilot, stage)
        shown = assert_only_text(app, terminal)
        assert batch[0].seen_in(shown) or batch[-1].seen_in(shown) or stage is Stage.PRIMARY, shown
        if stage is Stage.PREFLIGHT:
            table = text_of(app.screen.query_one(CheckTable))
            assert {row.number for row in batch} <= numbers_in(table)
        if any(row.group == "markup" for row in batch) and stage is Stage.PREFLIGHT:
            assert "[bold" in shown
    await look_at_the_commands(app, pilot, terminal, batch)
    app.tell(batch[0].text)
    await pilot.pause()
    assert_only_text(app, terminal)


async def look_at_the_commands(app: PgReplApp, pilot: Pilot[int], terminal: Terminal, batch: list[Sequence]) -> None:
    """Read each command, and copy it."""
    app.push_screen(CommandLogScreen(app.scene()))
    await pilot.pause()
    listed = app.screen.query_one(CommandList)
    assert {row.number for row in batch} <= numbers_in(text_of(listed))
    for row in batch[:: len(batch) // 3]:
        place = next(
            place for place, one in enumerate(listed.rows) if getattr(one, "number", 0) == COMMANDS + row.number
        )
        listed.action_move(place - listed.cursor)
        await pilot.press("y")
        terminal.assert_copied(app.clipboard)
        assert_harmless(app.clipboard)
        assert row.seen_in(app.clipboard)
        app._clipboard = ""
        shown = assert_only_text(app, terminal)
        assert row.seen_in(shown)
    app.pop_screen()


def sources(path: Path, events: list[Event], outputs: list[list[bytes]], way: str) -> "HostileRun | Replay":
    """A live run, or the replay of a recording that was written without any care."""
    if way == "live":
        return HostileRun(path, events, outputs)
    with Recorder(path, topology={}, started=datetime.now(UTC)):
        pass
    lines = [encode(event) for event in [*events[:-1], *raw_outputs(outputs), events[-1]]]
    with path.open("ab") as file:
        file.write("".join(line + "\n" for line in lines).encode("utf-8", "backslashreplace"))
    return Replay(Recording.open(path), at=1e9, playing=False)


def raw_outputs(outputs: list[list[bytes]]) -> Iterator[Output]:
    """The outputs as text that nobody looked at, the cuts kept."""
    for number, chunks in enumerate(outputs):
        for chunk in chunks:
            text = chunk.decode("utf-8", "surrogateescape")
            yield Output(number=number, step=Stage.STANDBY.value, host="db2", stream="log", text=text)


@pytest.mark.parametrize("way", ["live", "replay"])
@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: f"{batch[0].number}-{batch[-1].number}")
async def test_every_screen_shows_it_as_text(batch: list[Sequence], way: str, tmp_path: Path) -> None:
    last = LAST[batch[0].number % 2 * 3]  # a gate or the end: what opens no dialog
    source = sources(tmp_path / "r.jsonl", story(batch, last), [], way)
    app = PgReplApp(source=source)
    async with watched(app, SIZE) as (pilot, terminal):
        await until(pilot, lambda: not app.drawing and app.session.state.primary_position is not None)
        await look_at_every_screen(app, pilot, terminal, batch)
        assert app.clipboard == ""
        assert app.is_running
        assert not app._exception


@pytest.mark.parametrize("last", [CONFIRM, SECRET, KEY, TYPED], ids=["confirm", "secret", "host-key", "typed"])
async def test_a_dialog_asks_it_as_text(last: Event, tmp_path: Path) -> None:
    for batch in BATCHES:
        asked = story(batch, last)[-1]
        app = PgReplApp(source=HostileRun(tmp_path / f"{batch[0].number}.jsonl", [*EVENTS[:2], asked], []))
        await look_at_the_dialog(app, batch)


async def look_at_the_dialog(app: PgReplApp, batch: list[Sequence]) -> None:
    async with watched(app, SIZE) as (pilot, terminal):
        await until(pilot, lambda: bool(app.screen.query("#dialog-text")))
        asked = app.screen.query_one("#dialog-text", Static).visual
        assert isinstance(asked, Content)
        assert_harmless(asked.plain)
        assert batch[0].seen_in(asked.plain)
        assert batch[-1].seen_in(asked.plain)
        assert_only_text(app, terminal)


@pytest.mark.parametrize("way", ["live", "replay"])
async def test_the_log_shows_each_cutting_of_each_sequence_as_text(way: str, tmp_path: Path) -> None:
    events = [event for event in EVENTS if not isinstance(event, Output)]
    source = sources(tmp_path / "r.jsonl", [*events, END], cut(CORPUS), way)
    app = PgReplApp(source=source)
    seen: set[int] = set()
    async with watched(app, SIZE) as (pilot, terminal):
        await until(pilot, lambda: not app.drawing and app.session.state.ended is not None)
        await at_stage(app, pilot, Stage.STANDBY)
        log = app.screen.query_one(LogView)
        log.focus()
        log.action_wrap()
        log.action_to_start()
        assert not log.following
        while not log.following:
            await pilot.pause()
            shown = assert_only_text(app, terminal)
            seen |= numbers_in(shown)
            log.action_page(1)
        await pilot.pause()
        seen |= numbers_in(text_of(log))
        log.action_wrap()
        await pilot.pause()
        terminal.assert_harmless()
        assert app.is_running
    assert seen == {row.number for row in CORPUS}


async def test_a_file_of_nothing_but_hostile_bytes_is_told_and_not_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with Recorder(path, topology={}, started=datetime.now(UTC)) as recorder:
        recorder.write(EVENTS[0])
    with path.open("ab") as file:
        file.write(b"".join(row.marked + b"\n" for row in CORPUS))
    app = PgReplApp(source=Replay.open(path))
    async with watched(app, SIZE) as (pilot, terminal):
        await until(pilot, lambda: not app.drawing and "damaged line" in text_of(app.screen))
        assert_only_text(app, terminal)
