"""A base backup that outlived its run: who began it is told, and another primary's is not taken up."""

import pytest

from pgrepl_tui.steps.entries import Began, encode
from pgrepl_tui.steps.lock import Lock
from pgrepl_tui.steps.standby.job_holder import holder
from pgrepl_tui.steps.step import StepError
from tests.unit.scripted_pair import IDENTIFIER, Two, two

RUN = "20260101T030000Z"


def job_of(pair: Two, identifier: str) -> None:
    """A job runs on the standby's host, with a journal of the run that began it."""
    began = Began(run=RUN, role="standby", by="ann@desk (process 7)", identifier=identifier, primary="db1",
                  primary_data="/srv/pg/data", standby="db2", standby_data="/srv/pg/data")  # fmt: skip
    pair.standby.on("state of the job", "running\n")
    pair.standby.on("/command\n", f"pg_basebackup -D /srv/pg/data.pgrepl-new -l 'pgrepl-tui {RUN}'\n")
    pair.standby.on(f"cat /var/lib/postgresql/.pgrepl-tui/journal-{RUN}", encode([began]))


async def test_who_began_it_and_since_when() -> None:
    pair = two()
    pair.standby.on("state of the job", "ended 0\n")
    assert await holder(pair.ctx) is None
    job_of(pair, IDENTIFIER)
    found = await holder(pair.ctx)
    assert found is not None
    assert found.told == f"ann@desk (process 7) since {RUN}"
    assert found.is_for(IDENTIFIER)
    assert not found.is_for("42")


async def test_one_whose_journal_is_gone_is_taken_up() -> None:
    pair = two()
    job_of(pair, "42")
    pair.standby.on("cat /var/lib/postgresql/.pgrepl-tui/journal-", err="cat: No such file or directory", status=1)
    found = await holder(pair.ctx)
    assert found is not None
    assert found.is_for(IDENTIFIER)
    assert found.told == f"somebody since {RUN}"


async def test_another_primarys_is_not_taken_up_and_our_own_is_told() -> None:
    pair = two()
    job_of(pair, IDENTIFIER)
    await Lock()._job(pair.ctx)
    assert "ann@desk (process 7)" in str(pair.told.events[-1])
    job_of(pair, "42")
    with pytest.raises(StepError, match="a base backup of another primary runs beside") as caught:
        await Lock()._job(pair.ctx)
    assert caught.value.refused
    assert "ann@desk" in caught.value.what
