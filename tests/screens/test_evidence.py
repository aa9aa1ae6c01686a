"""The evidence on the Verify screen: how old the rows of both ends are, and whether it reads and refuses writes."""

from pathlib import Path

import pytest

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import (
    Outcome,
    PlanMade,
    ReceiverSeen,
    Row,
    RunStarted,
    SenderSeen,
    Stage,
    StepEnded,
    StepInfo,
)
from pgrepl_tui.screens.widgets.evidence import end_rows, reads
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.state import fold
from tests.screens.fake_app import opened, text_of, until

RUNS = Path(__file__).parents[1] / "data" / "runs"


@pytest.mark.parametrize(
    ("now", "words"), [(10.9, "just now"), (12.0, "2 s ago"), (69.9, "59 s ago"), (85.0, "00:01:15 ago")]
)
def test_rows_say_how_old_they_are(now: float, words: str) -> None:
    seen = SenderSeen(t=10.0, rows=(Row("pid", "7"), Row("heard at", "2026-11-28 01:16:54.645238+00")))
    assert (
        end_rows("Sender", seen, now, "nobody").plain
        == f"Sender, {words}\npid       7\nheard at  2026-11-28 01:16:54+00"
    )


def test_an_end_that_is_gone_and_one_that_was_never_looked_at_are_told_apart() -> None:
    assert (
        end_rows("Receiver", ReceiverSeen(t=1.0, rows=()), 3.0, "nobody seen").plain == "Receiver, 2 s ago\nnobody seen"
    )
    assert end_rows("Receiver", None, 3.0, "nobody seen").plain == "Receiver\nnobody seen yet"


async def test_in_a_replay_the_age_is_counted_on_the_recordings_clock() -> None:
    source = Replay.open(RUNS / "watched.jsonl", playing=False)
    source.seek(source.duration)
    seen = source.session.state.sender
    assert seen is not None
    source.seek(seen.t + 2.5)
    async with opened(source, (120, 40)) as (app, pilot):
        await until(pilot, lambda: not app.drawing and "Sender, on the primary, " in text_of(app.screen))
        newest = source.session.state.sender
        assert newest is not None
        age = int(source.position - newest.t)
        assert f"Sender, on the primary, {age} s ago" in text_of(app.screen) or age < 1


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_read_and_a_refused_write_are_told_once_they_were_made(size: tuple[int, int]) -> None:
    source = Replay.open(RUNS / "setup.jsonl", playing=False)
    async with opened(source, size) as (app, pilot):
        await pilot.press("end")
        await until(pilot, lambda: "✓ Standby db2 reads 2 databases, refuses writes (25006)" in words(app))
        app.action_transport("seek", source.duration / 2)
        await pilot.press("5")
        await until(pilot, lambda: "· Standby db2 reads, and refuses writes" in words(app))
        assert "25006" not in words(app)


def words(app: PgReplApp) -> str:
    return " ".join(text_of(app.screen).split())


def test_a_standby_that_takes_writes_is_told_as_a_problem_and_not_as_proof() -> None:
    info = StepInfo("read-only", "reads, and refuses writes", Stage.VERIFY, "standby", "")
    begun = (RunStarted(topology="a", started="", primary="db1", standby="db2"), PlanMade(steps=(info,)))
    failed = StepEnded(step="read-only", outcome=Outcome.FAILED, message="db2 takes writes")
    assert reads(fold(begun)).plain == "· Standby db2 reads, and refuses writes"
    assert reads(fold((*begun, failed))).plain == ""
    skipped = StepEnded(step="read-only", outcome=Outcome.SKIPPED, message="left out: was not shown")
    assert reads(fold((*begun, skipped))).plain == "! Standby db2 left out: was not shown"
