"""kill -9 after each record of the journals, one after the other; the same command again ends as an undisturbed run."""

import asyncio
from pathlib import Path

import pytest

from pgrepl_tui import events as ev
from pgrepl_tui.hosts.host import Command, Result
from pgrepl_tui.spoken import spoken
from tests.faults.fast import oracle
from tests.faults.fast.cell import LATER
from tests.faults.fast.oracle import Findings
from tests.faults.fast.pair import Pair, pair_in
from tests.faults.fast.wire import Wire
from tests.faults.fast.wizard import Calm, OnDuty, Run
from tests.unit import virtual_time

RECORDS = 13
"""In a run on a fresh pair, on both hosts together."""


class KilledAt(Calm):
    """kill -9 once this many records are on their hosts, and before the run hears that; 0 is never."""

    def __init__(self, number: int) -> None:
        self.number, self.written = number, 0
        self._run: Run | None = None

    def seen(self, run: Run) -> None:
        self._run = run

    async def after(self, wire: Wire, command: Command, result: Result) -> Result:
        del wire
        if command.changes and command.shown.startswith(spoken("write ")) and "/.pgrepl-tui/journal-" in command.shown:
            self.written += 1
            if self.written == self.number:
                assert self._run is not None
                self._run.kill()
                await asyncio.get_running_loop().create_future()
        return result


def test_a_run_writes_that_many(place: Path, reference: dict[str, object]) -> None:
    del reference

    async def calm() -> int:
        with pair_in(place) as pair:
            weather = KilledAt(0)
            await Run(pair, place / "calm.jsonl").play(weather, OnDuty())
            return weather.written

    assert virtual_time.run(calm()) == RECORDS


@pytest.mark.parametrize("number", range(1, RECORDS + 1))
def test_killed_there_it_is_taken_up(number: int, place: Path, reference: dict[str, object]) -> None:
    async def played() -> Findings:
        with pair_in(place) as pair:
            was, findings = oracle.before(pair), Findings()
            run = await Run(pair, place / "killed.jsonl").play(KilledAt(number), OnDuty())
            assert run.killed
            oracle.standing(pair, was, findings)
            await asyncio.sleep(LATER)
            assert await again(pair, place / "again.jsonl") > 0
            assert await again(pair, place / "last.jsonl") == 0
            oracle.standing(pair, was, findings)
            oracle.nothing_left(pair, findings)
            oracle.streams(pair, findings)
            assert oracle.final_state(pair) == reference
            return findings

    assert virtual_time.run(played()).found == {}


async def again(pair: Pair, recording: Path) -> int:
    """Run once more, to a good end; how many changes it made."""
    run = await Run(pair, recording).play(Calm(), OnDuty())
    assert run.ended is not None, run.raised
    assert run.ended.outcome is ev.RunOutcome.DONE, run.ended
    return run.ended.changes
