"""The command log: every command under its step, copied as a shell line."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import CommandEnded, CommandStarted, Outcome, Stage, StepEnded, StepStarted
from pgrepl_tui.screens.command_log import CommandLogScreen
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.screens.widgets.step_list import StepList
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.spoken import spoken
from tests.screens.fake_app import opened, text_of, until
from tests.screens.fake_run import GATE, START, FakeRun

COMMANDS = (
    StepStarted(step="reach"),
    CommandStarted(number=1, step="reach", host="db1", line="id -un"),
    CommandEnded(number=1, step="reach", status=0, seconds=0.012),
    CommandStarted(number=2, step="reach", host="db1", line="test -e /x"),
    CommandEnded(number=2, step="reach", status=1, seconds=0.02),
    StepStarted(step="role"),
    CommandStarted(number=3, step="role", host="db1", line="psql -c 'create role r'", changes=True),
    CommandEnded(number=3, step="role", status=None, seconds=2.5),
    CommandStarted(number=4, step="role", host="db2", line="sleep 60\nsecond line"),
)


async def test_every_command_stands_under_its_step_with_host_status_and_time() -> None:
    async with opened(FakeRun((*START, *COMMANDS)), (80, 24)) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, CommandLogScreen) and "sleep 60" in text_of(app.screen))
        rows = [line.strip("│▸ ").rstrip() for line in text_of(app.screen).splitlines() if "│" in line]
        assert "Commands · 4 commands" in text_of(app.screen)
        assert rows[0] == "reach the host"
        assert rows[1].split() == ["✓", "db1", "$", "id", "-un", "exit", "0", "12", "ms"]
        assert rows[2].split()[0] == "!"
        assert "exit 1" in rows[2]
        assert rows[3] == "replication role"
        assert "changes" in rows[4]
        assert "lost" in rows[4]
        assert "running" in rows[5]


async def test_a_command_that_is_never_told_to_end_has_ended_with_its_step() -> None:
    end = StepEnded(step="role", outcome=Outcome.UNCHANGED)
    async with opened(FakeRun((*START, *COMMANDS, end)), (80, 24)) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: "sleep 60" in text_of(app.screen) and "· ended" in text_of(app.screen))
        assert "running" not in text_of(app.screen)


async def test_the_log_goes_on_while_it_is_open_and_the_cursor_with_it() -> None:
    run = FakeRun((*START, *COMMANDS[:3]))
    async with opened(run) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: "1 command" in text_of(app.screen))
        run.feed(*COMMANDS[3:])
        await until(pilot, lambda: "4 commands" in text_of(app.screen))
        await until(pilot, lambda: any("▸" in line and "sleep 60" in line for line in text_of(app.screen).splitlines()))


async def test_a_drawing_that_comes_while_it_goes_with_the_app_does_no_harm() -> None:
    async def draw(app: PgReplApp) -> None:
        while app.screen_stack:  # the parts of its screens go first
            app._draw()
            await asyncio.sleep(0)

    async with opened(FakeRun((*START, *COMMANDS))) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, CommandLogScreen) and "4 commands" in text_of(app.screen))
        drawing = asyncio.create_task(draw(app))
    await drawing
    assert not app.screen_stack


async def test_y_copies_the_whole_line_and_on_a_step_all_its_lines() -> None:
    async with opened(FakeRun((*START, *COMMANDS))) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: "4 commands" in text_of(app.screen))
        await pilot.press("y")
        assert app.clipboard == "sleep 60\nsecond line"
        await pilot.press("up", "y")
        assert app.clipboard == "psql -c 'create role r'"
        await pilot.press("up", "y")
        assert app.clipboard == "psql -c 'create role r'\nsleep 60\nsecond line"


async def test_what_is_copied_cannot_hold_an_escape_sequence() -> None:
    evil = replace(COMMANDS[1], line="echo \x1b]52;c;eA==\x07\u202e")
    async with opened(FakeRun((*START, COMMANDS[0], evil))) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: "1 command" in text_of(app.screen))
        await pilot.press("y")
        assert app.clipboard == "echo �]52;c;eA==��"


async def test_where_words_are_shown_the_line_that_ran_is_copied_and_read_below() -> None:
    script = "/bin/sh -c 'cd -- \"$1\" && ls\n' sh /srv/pg"
    words = CommandStarted(number=1, step="reach", host="db1", line=spoken("survey /srv/pg"), paste=script)
    plain = CommandStarted(number=2, step="reach", host="db1", line="id -un", paste="id -un")
    async with opened(FakeRun((*START, COMMANDS[0], words, plain)), (80, 24)) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: "2 commands" in text_of(app.screen))
        assert "What really ran" not in text_of(app.screen)
        await pilot.press("up")
        await until(pilot, lambda: "What really ran" in text_of(app.screen) and "cd -- " in text_of(app.screen))
        shown = text_of(app.screen)
        assert "db1 $ id -un" in shown
        assert "db1: survey /srv/pg" in shown, "words have no prompt of a shell"
        assert "$ survey" not in shown
        assert "# survey" not in shown
        await pilot.press("y")
        assert app.clipboard == script
        await pilot.press("up", "y")
        assert app.clipboard == f"{script}\nid -un"
        await until(pilot, lambda: "Copied: 2 commands, with OSC 52" in text_of(app.screen))


async def test_a_recording_without_the_exact_line_copies_what_is_shown_and_says_so() -> None:
    async with opened(FakeRun((*START, *COMMANDS[:3]))) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: "of an older version" in text_of(app.screen))
        await pilot.press("y")
        assert app.clipboard == "id -un"
        await until(pilot, lambda: "as shown, which may be words" in text_of(app.screen))


async def test_commands_are_searched_as_they_are_shown_and_as_they_ran() -> None:
    exact = replace(COMMANDS[3], paste="/usr/bin/test -e /x")
    async with opened(FakeRun((*START, *COMMANDS[:3], exact, *COMMANDS[4:])), (80, 24)) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: "4 commands" in text_of(app.screen))
        await pilot.press("slash", *"usr/BIN", "enter")
        await until(pilot, lambda: "/usr/BIN · 0 matches" in text_of(app.screen))
        await pilot.press("slash", *"usr/bin", "enter", "y")
        assert app.clipboard == "/usr/bin/test -e /x"
        await pilot.press("slash", *"sleep", "escape")
        await until(pilot, lambda: "/usr/bin · 1 of 1 match" in text_of(app.screen))
        await pilot.press("slash", *"db1", "enter", "n")
        await until(pilot, lambda: "/db1 · 3 of 3 matches" in text_of(app.screen))
        await pilot.press("n", "N", "N")
        await until(pilot, lambda: "/db1 · 2 of 3 matches" in text_of(app.screen))


async def test_what_is_searched_in_one_burst_is_typed_and_not_obeyed() -> None:
    async with opened(FakeRun((*START, *COMMANDS)), (80, 24)) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: "4 commands" in text_of(app.screen))
        for key in ("slash", "c", "l", "q", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: "/clq · 0 matches" in text_of(app.screen))
        assert isinstance(app.screen, CommandLogScreen)


@pytest.mark.parametrize("stage", ["primary", "verify"])
async def test_enter_goes_to_the_step_that_caused_the_command(stage: str) -> None:
    run = FakeRun((*START, *COMMANDS, replace(GATE, stage=Stage(stage))))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: "Run Primary?" in text_of(app.screen))
        await pilot.press("l")
        await until(pilot, lambda: "4 commands" in text_of(app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, StageScreen) and app.screen.stage is Stage.PRIMARY)
        steps = app.screen.query_one(StepList)
        await until(pilot, lambda: steps.chosen is not None and steps.chosen.info.id == "role")
        assert run.answers == []


async def test_only_changes_leaves_out_what_only_reads() -> None:
    async with opened(FakeRun((*START, *COMMANDS))) as (app, pilot):
        await pilot.press("l", "c")
        await until(pilot, lambda: "1 command that may change something" in text_of(app.screen))
        assert "id -un" not in text_of(app.screen)
        assert "reach the host" not in text_of(app.screen)
        await pilot.press("c")
        await until(pilot, lambda: "4 commands" in text_of(app.screen))


async def test_a_run_without_commands_says_so_and_the_run_is_not_answered_from_there() -> None:
    run = FakeRun((*START, GATE))
    async with opened(run) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: "No command was run yet." in text_of(app.screen))
        await pilot.press("enter", "r", "y")
        await until(pilot, lambda: "no command here to copy" in text_of(app.screen))
        assert run.answers == []
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, StageScreen))


async def test_in_a_replay_it_shows_the_commands_up_to_the_time() -> None:
    source = Replay.open(Path(__file__).parents[1] / "data" / "runs" / "setup.jsonl", playing=False)
    async with opened(source, (80, 24)) as (app, pilot):
        await pilot.press("l")
        await until(pilot, lambda: "No command was run yet." in text_of(app.screen))
        await pilot.press("escape", "end", "l")
        await until(pilot, lambda: f"{len(app.session.state.commands)} commands" in text_of(app.screen))
        assert len(app.session.state.commands) > 50
