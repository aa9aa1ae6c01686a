"""Text is selected with the mouse and copied with ctrl+c wherever a host's words or a result are shown."""

import pytest
from textual import events
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import (
    Activation,
    Asked,
    CheckDone,
    CommandEnded,
    CommandStarted,
    Event,
    FileDiff,
    HostDescribed,
    MarkReached,
    Matched,
    Outcome,
    PrimaryPosition,
    ReceiverSeen,
    Row,
    RunEnded,
    RunOutcome,
    SenderSeen,
    ShownCommand,
    Stage,
    StandbyPosition,
    StepEnded,
    StepPreviewed,
    StepStarted,
    Verdict,
)
from pgrepl_tui.screens.notice import NoticeScreen
from tests.screens.fake_app import opened, text_of, until, until_still
from tests.screens.fake_run import CONFIRM, START, FakeRun

TOLD: tuple[Event, ...] = (
    *START,
    HostDescribed(role="standby", name="db2", facts=(Row("data directory", "/srv/pg/data"),)),
    CheckDone(
        id="space",
        title="free space",
        verdict=Verdict.STOP,
        primary="40 GB used",
        standby="12 GB free",
        why="the copy does not fit",
        remedy="make room on db2",
    ),
    StepPreviewed(
        step="role",
        commands=(ShownCommand("db1", "psql -c 'create role replicator'"),),
        diffs=(FileDiff("db1", "/etc/pg_hba.conf", "--- a\n+++ b\n@@ -1 +1 @@\n-old rule\n+hostssl replication\n"),),
        activation=Activation.RELOAD,
        notes=("nobody is cut off",),
    ),
    StepStarted(step="role"),
    CommandStarted(number=1, step="role", host="db1", line="pg_ctl reload", changes=True, paste="pg_ctl reload"),
    CommandEnded(number=1, step="role", status=1, seconds=0.2),
    StepEnded(step="role", outcome=Outcome.FAILED, message="permission denied", remedy="grant it, then retry"),
    PrimaryPosition(lsn="0/3000198", via="psql"),
    StandbyPosition(received="0/3000198", replayed="0/3000060", via="psql"),
    SenderSeen(rows=(Row("state", "catchup"),)),
    ReceiverSeen(rows=(Row("status", "streaming"),)),
    MarkReached(lsn="0/3000148", point="sent", seconds=0.1, seen_on="db1"),
    Matched(matching=False, lsn="0/3000198", received="0/3000198", replayed="0/3000060", reason="replay is paused"),
)
END = RunEnded(outcome=RunOutcome.FAILED, exit_code=1, changes=1, message="the role failed", remedy="look at the log")
QUESTION = Asked(
    question=9, kind="gate", stage=Stage.PRIMARY, step="", text="Run Primary now?", choices=("run", "quit")
)


async def copied(app: PgReplApp, pilot: Pilot[int], words: str) -> str:
    """What is copied when these words are dragged over."""
    await until_still(pilot, lambda: words in text_of(app.screen))
    lines = text_of(app.screen).splitlines()
    y = next(place for place, line in enumerate(lines) if words in line)
    x = lines[y].index(words)
    app.copy_to_clipboard("")
    await pilot.mouse_down(offset=(x, y))
    for place in (x + 1, x + len(words) - 1):
        await pilot._post_mouse_events([events.MouseMove], None, offset=(place, y), button=1)
    await pilot.mouse_up(offset=(x + len(words) - 1, y))
    await pilot.press("ctrl+c")
    await until(pilot, lambda: bool(app.clipboard))
    return app.clipboard


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.CONNECT, "/srv/pg/data"),
        (Stage.PREFLIGHT, "12 GB free"),
        (Stage.PREFLIGHT, "the copy does not fit"),
        (Stage.PREFLIGHT, "make room on db2"),
        (Stage.PRIMARY, "grant it, then retry"),
        (Stage.PRIMARY, "permission denied"),
        (Stage.PRIMARY, "replication role"),
        (Stage.VERIFY, "0/3000060"),
        (Stage.VERIFY, "replay is paused"),
        (Stage.VERIFY, "seen on db1"),
        (Stage.VERIFY, "catchup"),
        (Stage.VERIFY, "look at the log"),
        (Stage.VERIFY, "the role failed"),
    ],
    ids=lambda value: str(value).replace(" ", "-").replace("/", "_"),
)
async def test_what_is_shown_is_selected_and_copied(stage: Stage, words: str, size: tuple[int, int]) -> None:
    async with opened(FakeRun((*TOLD, END)), size) as (app, pilot):
        await until(pilot, lambda: app.session.state.ended is not None)
        app.action_stage(stage.value)
        await until(pilot, lambda: not app.drawing)
        assert await copied(app, pilot, words) == words


@pytest.mark.parametrize("words", ["create role replicator", "+hostssl replication", "nobody is cut off"])
async def test_commands_diffs_and_notes_of_a_step_are_copied(words: str) -> None:
    async with opened(FakeRun((*TOLD[:6], QUESTION))) as (app, pilot):
        await until(pilot, lambda: "Run Primary now?" in text_of(app.screen))
        assert await copied(app, pilot, words) == words


async def test_the_question_is_copied() -> None:
    async with opened(FakeRun((*TOLD[:6], QUESTION))) as (app, pilot):
        assert await copied(app, pilot, "Run Primary now?") == "Run Primary now?"


async def test_the_words_of_a_dialog_and_of_a_notice_are_copied() -> None:
    async with opened(FakeRun((*START, CONFIRM))) as (app, pilot):
        assert await copied(app, pilot, "Restart the primary?") == "Restart the primary?"
        app.push_screen(NoticeScreen("The run ended with an error", "OSError: no space left\n\nThe recording is /r"))
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        assert await copied(app, pilot, "no space left") == "no space left"
        assert isinstance(app.screen, NoticeScreen)


async def test_a_command_and_its_line_below_are_copied() -> None:
    async with opened(FakeRun((*TOLD, END)), (80, 24)) as (app, pilot):
        await until(pilot, lambda: app.session.state.ended is not None)
        await pilot.press("l")
        assert await copied(app, pilot, "pg_ctl reload") == "pg_ctl reload"
        assert await copied(app, pilot, "may change something") == "may change something"
