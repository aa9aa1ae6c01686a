"""What is asked, and looked at once more, before the old cluster is stopped and set aside."""

from pathlib import Path

import pytest

from pgrepl_tui.events import Danger
from pgrepl_tui.hosts.host import ConnectionLostError
from pgrepl_tui.postgres.fork import Reason
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.standby import swap
from pgrepl_tui.steps.standby.configure import Configure
from pgrepl_tui.steps.standby.state import follows_primary
from pgrepl_tui.steps.standby.stop import Stop
from pgrepl_tui.steps.standby.swap import Swap
from pgrepl_tui.steps.step import StepError
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import V15, acts, copy_in, pair_in, two


async def test_stopping_is_asked_about_with_who_would_be_dropped() -> None:
    pair = two()
    pair.standby.rows("pg_stat_activity", ("12", "3"))
    preview = await Stop().preview(pair.ctx)
    assert preview.danger is Danger.INTERRUPTS
    assert "Stop the old cluster on db2 (/srv/pg/data) now?" in preview.question
    assert "12 client sessions would be dropped, 3 in a transaction" in preview.question
    pair.standby.refuses("pg_stat_activity", "psql: error: FATAL:  sorry, too many clients already")
    assert "could not be counted" in (await Stop().preview(pair.ctx)).question


async def test_nothing_is_stopped_that_is_not_what_was_looked_at() -> None:
    pair = two()
    pair.standby.on("pg_ctl")
    pair.standby.on("look once more at", err="/srv/pg/data is another cluster than was looked at", status=97)
    with pytest.raises(StepError, match="not stopped: .* is another cluster") as caught:
        await Stop().run(pair.ctx)
    assert caught.value.refused
    assert acts(pair.standby) == []


async def test_data_that_nobody_else_has_wants_the_hosts_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = pair_in(tmp_path)
    assert (await Swap().preview(pair.ctx)).word == "", "a yes is enough for a cluster of another origin"

    async def its_own(_swap: Swap, _ctx: Context) -> tuple[Reason, ...]:
        return (Reason("the record at 0/5000028 is another one than on db1"),)

    monkeypatch.setattr(swap.Swap, "_unique", its_own)
    preview = await Swap().preview(pair.ctx)
    assert preview.word == "db2"
    assert "has unique data: the record at 0/5000028" in preview.question
    assert preview.question.endswith("type the name of the host: db2")


@pytest.mark.parametrize("major", [Major(11), V15], ids=str)
async def test_what_makes_it_follow_is_written_last(tmp_path: Path, major: Major) -> None:
    """A run that is cut off before is never taken for done."""
    pair, copy = pair_in(tmp_path, major), copy_in(tmp_path, major)
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    pair.ctx.standby.control = None
    pair.standby.loses(f"write {copy}/postgresql.conf")
    with pytest.raises(ConnectionLostError):
        await Configure().run(pair.ctx)
    assert not await follows_primary(pair.ctx, str(copy))
    pair.standby.by(f"write {copy}/postgresql.conf", really)
    await Configure().run(pair.ctx)
    assert await follows_primary(pair.ctx, str(copy))
