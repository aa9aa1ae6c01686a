"""What is told of a pair that is watched: where each side is, whether they match, and why not."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

from pgrepl_tui.events import Matched, PrimaryPosition, ReceiverSeen, SenderSeen, StandbyPosition
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.server import SqlRow
from pgrepl_tui.steps.verify.watch import Watched
from tests.unit.scripted_pair import two

STREAMS: SqlRow = ("17", "replicator", "10.0.0.2", "streaming", "", "", "", "", "async")
RECEIVES: SqlRow = ("18", "streaming", "", "", "", "")


@dataclass
class Server:
    """A server that answers the watch's questions from what it is set to."""

    lsn: str = "0/1000"
    replayed: str | None = "0/1000"
    paused: str = "f"
    sender: list[SqlRow] = field(default_factory=lambda: [STREAMS])
    receiver: list[SqlRow] = field(default_factory=lambda: [RECEIVES])
    via: str = "a test"

    async def query(self, statement: str) -> list[SqlRow]:
        """Answer one of the five questions."""
        if "pg_stat_replication" in statement:
            return self.sender
        if "pg_stat_wal_receiver" in statement:
            return self.receiver
        if "receive" in statement:
            return [(self.replayed, self.replayed, self.paused)]
        assert statement == queries.current_position(two().ctx.primary.facts)
        return [(self.lsn,)]


def watched() -> tuple[Watched, Server, Server, SimpleNamespace]:
    """A pair that is watched, its two servers, and what was told of it."""
    pair = two()
    primary, standby = Server(), Server()
    told = SimpleNamespace(of=lambda kind: [event for event in pair.told.events if isinstance(event, kind)])
    return Watched(pair.ctx, primary, standby), primary, standby, told


def last(told: SimpleNamespace) -> Matched:
    return cast("Matched", told.of(Matched)[-1])


async def test_a_level_pair_matches_and_is_told_once() -> None:
    pair, _, _, told = watched()
    for _ in range(3):
        await pair.look()
    assert [(event.matching, event.lsn, event.written_since) for event in told.of(Matched)] == [(True, "0/1000", 0)]
    assert len(told.of(PrimaryPosition)) == len(told.of(StandbyPosition)) == 3


async def test_a_standby_that_replayed_what_was_there_a_look_before_matches_under_writes() -> None:
    pair, primary, standby, told = watched()
    await pair.look()
    primary.lsn, standby.replayed = "0/3000", "0/2000"
    await pair.look()
    assert (last(told).matching, last(told).lsn, last(told).written_since) == (True, "0/1000", 0x2000)


async def test_how_far_behind_a_standby_is_counts_from_where_the_primary_is_now() -> None:
    pair, primary, _, told = watched()
    primary.lsn = "0/3000"
    await pair.look()
    primary.lsn = "0/5000"
    await pair.look()
    assert (last(told).matching, last(told).lsn, last(told).replayed) == (False, "0/5000", "0/1000")
    assert last(told).written_since == 0


async def test_a_paused_replay_is_no_match_even_where_it_is_level() -> None:
    pair, _, standby, told = watched()
    standby.paused = "t"
    await pair.look()
    assert not last(told).matching
    assert "paused" in last(told).reason
    standby.paused = "f"
    await pair.look()
    assert last(told).matching


async def test_a_standby_that_replayed_nothing_is_no_match() -> None:
    pair, _, standby, told = watched()
    standby.replayed = None
    await pair.look()
    assert not last(told).matching


async def test_an_end_that_is_gone_ends_the_match_and_is_told_at_once() -> None:
    pair, primary, standby, told = watched()
    await pair.look()
    standby.receiver = []
    await pair.look()
    assert "no WAL receiver" in last(told).reason
    primary.sender = [(*STREAMS[:3], "catchup", *STREAMS[4:])]
    await pair.look()
    assert "no sender that streams" in last(told).reason
    assert not last(told).matching
    assert len(told.of(SenderSeen)) == len(told.of(ReceiverSeen)) == 3
