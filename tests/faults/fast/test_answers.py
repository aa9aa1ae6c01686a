"""The answers that stand for a shell's are a shell's: a run in which both are asked, and the real script writes."""

from pathlib import Path

from pgrepl_tui import events as ev
from tests.faults.fast import oracle
from tests.faults.fast.pair import pair_in
from tests.faults.fast.wizard import Calm, OnDuty, Run
from tests.unit import virtual_time


def test_a_run_through_a_real_shell_is_answered_the_same_and_ends_the_same(
    place: Path, reference: dict[str, object]
) -> None:
    async def by_shell() -> None:
        with pair_in(place) as pair:
            for machine in pair.machines:
                machine.by_shell = True
            run = await Run(pair, place / "by-shell.jsonl").play(Calm(), OnDuty())
            assert run.ended is not None
            assert run.ended.outcome is ev.RunOutcome.DONE, run.ended
            compared = [said for machine in pair.machines for said in machine.compared]
            assert len(compared) > 50
            assert [said for said in compared if said] == []
            assert oracle.final_state(pair) == reference

    virtual_time.run(by_shell())
