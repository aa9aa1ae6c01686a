"""The evidence on the Verify screen: how old the rows of both ends are."""

from pathlib import Path

import pytest

from pgrepl_tui.events import ReceiverSeen, Row, SenderSeen
from pgrepl_tui.screens.widgets.evidence import end_rows
from pgrepl_tui.session.replay import Replay
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
