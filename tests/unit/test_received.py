"""How far a standby has received: what its receiver says, and what it has replayed."""

import pytest

from pgrepl_tui.events import StandbyPosition
from pgrepl_tui.postgres.server import SqlRow
from pgrepl_tui.steps.verify.positions import later, standby_position
from tests.unit.scripted_pair import two


class Answers:
    """A reader with one answer."""

    via = "a test"

    def __init__(self, *row: str | None) -> None:
        self.row = row

    async def query(self, _statement: str) -> list[SqlRow]:
        return [self.row]


@pytest.mark.parametrize(
    ("received", "replayed", "expected"),
    [
        ("0/3000000", "0/3000060", "0/3000060"),  # started again, and the primary is idle
        ("0/3000060", "0/3000000", "0/3000060"),
        ("0/FFFFFFFF", "1/0", "1/0"),
        ("", "0/3000060", ""),  # no receiver has ever been there
        ("0/3000000", "", "0/3000000"),
    ],
)
def test_what_was_replayed_has_been_received(received: str, replayed: str, expected: str) -> None:
    assert later(received, replayed) == expected


async def test_a_receiver_that_was_started_again_on_an_idle_primary_is_not_behind() -> None:
    pair = two()
    answer = await standby_position(pair.ctx, Answers("0/3000000", "0/3000060", "f"))
    assert answer == ("0/3000060", "0/3000060", False)
    (told,) = [event for event in pair.told.events if isinstance(event, StandbyPosition)]
    assert told.received == "0/3000060"
