"""Following the standby while the primary does not answer: that is told, and not taken for a standby that is slow."""

import pytest

from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.standby import follow
from pgrepl_tui.steps.step import StepError
from tests.unit import virtual_time
from tests.unit.scripted_pair import Two, pair_with


def streaming_standby() -> Two:
    pair = pair_with()
    pair.standby.rows("pg_is_in_recovery", ("t",))
    pair.standby.rows("from pg_stat_wal_receiver", ("1", "streaming", "0/1", "0/1", "now", "slot"))
    return pair


def test_a_primary_that_cannot_be_asked_for_long_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    pair, waited = streaming_standby(), follow.Unanswered()
    pair.primary.on("from pg_stat_replication", err="psql: FATAL:  sorry, too many clients already", status=2)

    async def ask_at(*seconds: float) -> None:
        for now in seconds:
            monkeypatch.setattr("pgrepl_tui.steps.standby.follow.time.monotonic", lambda now=now: now)
            assert not await follow._asked(pair.ctx, waited)

    virtual_time.run(ask_at(0.0, 1.0, follow.PATIENCE))
    with pytest.raises(StepError, match="db1 cannot be asked whether it sends: sorry, too many clients") as caught:
        virtual_time.run(ask_at(follow.PATIENCE + 1))
    assert "retry" in caught.value.remedy


async def test_a_primary_that_answers_again_in_time_is_no_trouble() -> None:
    pair, waited = streaming_standby(), follow.Unanswered(since=0.0)
    pair.primary.rows("from pg_stat_replication", ("1", "r", "", "streaming", *["0/1"] * 4, "async"))
    assert await follow._asked(pair.ctx, waited)
    assert waited.since is None


async def test_a_look_from_elsewhere_takes_it_for_not_streaming() -> None:
    pair = streaming_standby()
    pair.primary.on("from pg_stat_replication", err="FATAL:  the database system is starting up", status=2)
    assert not await follow.streams(pair.ctx)
    with pytest.raises(SqlError):
        await follow._sends(pair.ctx)
