"""How long a standby that receives nothing is waited for."""

import pytest

from pgrepl_tui.events import Note
from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.postgres.server import SqlRow
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.verify import positions
from pgrepl_tui.steps.verify.positions import Reaching
from tests.unit.scripted_pair import Shown, Two, show, two

TARGET = Lsn.parse("0/301D718")


class Standby:
    """A standby whose receiver is another one at each look, or one that lives on; it receives at last, or never.

    It replays what it receives, or stays at the position that is given.
    """

    via = "the test"

    def __init__(self, *, receivers: list[str], receives_after: int = 1 << 30, replayed: str = "") -> None:
        self._receivers, self._receives_after, self._replayed = receivers, receives_after, replayed
        self.looks = 0

    async def query(self, statement: str) -> list[SqlRow]:
        """The receiver's process, or the positions."""
        if "pg_stat_wal_receiver" in statement:
            process = self._receivers.pop(0) if len(self._receivers) > 1 else self._receivers[0]
            return [(process, "streaming", "0/3000000", None, None, None)] if process else []
        self.looks += 1
        received = "0/301D718" if self.looks > self._receives_after else "0/3000000"
        return [(received, self._replayed or received, "f")]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("STUCK_AFTER", 0.05), ("RETRY", 0.1), ("POLL", 0.001)):
        monkeypatch.setattr(positions, name, seconds)


def pair(timeout: str = "60000", major: Major | None = None) -> Two:
    made = two(major or Major(15))
    name = "wal_sender_timeout" if made.ctx.primary.facts.has_receiver_timeout else "replication_timeout"
    show(made.primary, {name: Shown(timeout, "ms")})
    return made


@pytest.mark.parametrize(
    ("receivers", "major"), [(["11", "12"], None), (["", "11"], None), (["11", ""], None), ([""], Major(9, 1))]
)
async def test_a_standby_whose_slot_may_be_held_for_a_lost_connection_is_waited_for(
    receivers: list[str], major: Major | None
) -> None:
    made = pair(major=major)
    standby = Standby(receivers=receivers, receives_after=200)
    assert await Reaching(made.ctx, standby, TARGET).wait() == (TARGET, TARGET)
    assert standby.looks == 201
    (note,) = (event for event in made.told.events if isinstance(event, Note))
    assert "db1 may hold its slot for a connection that was lost, for up to 60 s" in note.text


@pytest.mark.parametrize(
    ("receivers", "timeout"),
    [(["11"], "60000"), (["11", "12"], "0"), (["11", "12"], "300")],
)
async def test_one_that_is_stuck_for_another_reason_is_told_soon(
    receivers: list[str], timeout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "RETRY", 0.0)
    made = pair(timeout)
    with pytest.raises(StepError, match="receives nothing: no movement for 0 s"):
        await Reaching(made.ctx, Standby(receivers=receivers), TARGET).wait()


async def test_what_was_received_and_is_not_replayed_is_no_matter_of_a_slot() -> None:
    made = pair()
    standby = Standby(receivers=["11", "12"], receives_after=0, replayed="0/3000000")
    with pytest.raises(StepError, match="does not replay what it received"):
        await Reaching(made.ctx, standby, TARGET).wait()
    assert not [event for event in made.told.events if isinstance(event, Note)]
