"""A primary that is a standby itself, or down: where the two were swapped in the topology, nothing begins."""

from dataclasses import replace

import pytest

from pgrepl_tui.steps import connect
from pgrepl_tui.steps.connect import FindPrimary
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.step import StepError
from tests.unit.scripted_pair import two


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found is what the context has."""

    async def find_side(ctx: Context, role: str) -> Side:
        return ctx.side(role)

    monkeypatch.setattr(connect, "find_side", find_side)


async def test_a_server_that_takes_writes_may_be_a_primary() -> None:
    assert "runs on port 5432" in await FindPrimary().run(two().ctx)


async def test_a_standby_is_no_primary() -> None:
    pair = two()
    pair.ctx.primary.in_recovery = True
    with pytest.raises(StepError, match="db1 is itself a standby") as caught:
        await FindPrimary().run(pair.ctx)
    assert caught.value.refused
    assert "were the two swapped in the topology?" in caught.value.remedy


async def test_a_server_that_is_down_is_no_primary() -> None:
    pair = two()
    pair.ctx.primary.cluster = replace(pair.ctx.primary.cluster, running=0)
    with pytest.raises(StepError, match="is down"):
        await FindPrimary().run(pair.ctx)
