"""The proof: what counts as streaming, and as matching positions, on two servers that answer by a script."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from pgrepl_tui.events import Matched
from pgrepl_tui.postgres.server import Server, SqlRow
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.verify import positions
from pgrepl_tui.steps.verify.positions import Positions
from pgrepl_tui.steps.verify.streaming import Streaming
from tests.unit.scripted_pair import Two, two


@dataclass
class Reads:
    """A server that is read often: who it is, and the position that it tells."""

    start: str
    row: SqlRow
    via: str = "a script"

    async def query(self, statement: str) -> list[SqlRow]:
        """Who it is, or where it is."""
        return [(self.start, "/srv/pg/data", "f")] if "postmaster_start_time" in statement else [self.row]


def reading(monkeypatch: pytest.MonkeyPatch, pair: Two, primary: Reads, standby: Reads) -> None:
    """Read both sides so; nothing that does not move is waited for."""

    @asynccontextmanager
    async def open_reader(server: Server) -> AsyncIterator[Reads]:
        yield primary if server.host.name == pair.ctx.primary.name else standby

    monkeypatch.setattr(positions, "open_reader", open_reader)
    monkeypatch.setattr(positions, "STUCK_AFTER", 0.0)
    monkeypatch.setattr(positions, "POLL", 0.0)


PRIMARY = Reads("03:00", ("0/3000060",))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("0/3000060", "0/3000060", "f"), ""),
        (("0/3000060", "0/3000060", "t"), "replay is paused"),
        (("0/3000060", "0/3000000", "f"), "does not replay what it received"),
        (("0/3000000", "0/3000060", "f"), ""),  # its receiver was started again, and the primary is idle
        ((None, "0/3000060", "f"), "receives nothing"),
        ((None, None, "f"), "receives nothing"),
        (("0/3000060", "0/4000000", "f"), "has not written yet"),
        (("0/4000000", "0/4000000", "f"), "has not written yet"),
    ],
    ids=str,
)
async def test_what_matches(row: SqlRow, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = two()
    reading(monkeypatch, pair, PRIMARY, Reads("04:00", row))
    if not words:
        assert (await Positions().run(pair.ctx)).startswith("match at 0/3000060")
    else:
        with pytest.raises(StepError, match=words):
            await Positions().run(pair.ctx)
    assert [event.matching for event in pair.told.events if isinstance(event, Matched)] == [not words]


async def test_two_names_of_one_server_do_not_match(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = two()
    reading(monkeypatch, pair, PRIMARY, Reads("03:00", ("0/3000060", "0/3000060", "f")))
    with pytest.raises(StepError, match="one and the same server") as caught:
        await Positions().run(pair.ctx)
    assert caught.value.refused
    assert [event for event in pair.told.events if isinstance(event, Matched)] == []


SENDER: SqlRow = ("7", "replicator", "192.0.2.2", "streaming", "0/3", "0/3", "0/3", "0/3", "async")
RECEIVER: SqlRow = ("8", "streaming", "0/3", "0/3", "now", "pgrepl_db2")


@pytest.mark.parametrize(
    ("recovering", "receiver", "sender", "words"),
    [
        ("t", RECEIVER, SENDER, ""),
        ("f", RECEIVER, SENDER, "takes writes of its own"),
        ("t", None, SENDER, "no WAL receiver"),
        ("t", (*RECEIVER[:1], "waiting", *RECEIVER[2:]), SENDER, "no WAL receiver"),
        ("t", RECEIVER, None, "no sender for pgrepl_db2"),
        ("t", RECEIVER, (*SENDER[:3], "catchup", *SENDER[4:]), "no sender for pgrepl_db2"),
    ],
    ids=str,
)
async def test_what_streams(recovering: str, receiver: SqlRow | None, sender: SqlRow | None, words: str) -> None:
    pair = two()
    pair.ctx.standby.cluster = replace(pair.ctx.standby.cluster, running=7)
    pair.standby.rows("pg_is_in_recovery", (recovering,))
    pair.standby.rows("pg_stat_wal_receiver", *([receiver] if receiver else []))
    pair.primary.rows("pg_stat_replication", *([sender] if sender else []))
    if not words:
        assert await Streaming().run(pair.ctx) == "db1 sends to 192.0.2.2, db2 receives"
        return
    with pytest.raises(StepError, match=words):
        await Streaming().run(pair.ctx)


async def test_a_standby_that_is_down_does_not_stream() -> None:
    with pytest.raises(StepError, match="is down"):
        await Streaming().run(two().ctx)
