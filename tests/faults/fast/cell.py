"""One cell: a run with its fault, the oracle, the mending, a run that goes on, and one that changes nothing."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from pgrepl_tui import events as ev
from tests.faults.fast import oracle, processes
from tests.faults.fast.nature import PROBES, Nature
from tests.faults.fast.oracle import Findings
from tests.faults.fast.pair import Pair, pair_in
from tests.faults.fast.wizard import Calm, OnDuty, Run
from tests.faults.table import EXCUSED, Cell, Moment

LATER = 130.0
"""Seconds until the run that goes on: what was held over a connection that nobody ended is free by then."""
RETRIED = {"F1", "F2", "F11"}
"""Faults after which the operator tries the step again at once, in the same run."""


@dataclass
class Judged:
    """What became of a cell."""

    findings: Findings
    runs: list[Run]
    nature: Nature

    @property
    def outcome(self) -> str:
        """How the struck run ended."""
        run = self.runs[0]
        return "killed" if run.killed else str(run.ended.outcome if run.ended else "crashed")


async def play(folder: Path, cell: Cell, reference: dict[str, object]) -> Judged:
    """Play a cell in a folder of its own."""
    with pair_in(folder) as pair:
        was, findings, nature = oracle.before(pair), Findings(), Nature(pair, cell)
        retries = 1 if cell.fault.id in RETRIED else 0
        run = await Run(pair, folder / "struck.jsonl").play(nature, OnDuty(retries))
        fired(nature, findings)
        _struck(pair, was, run, nature, findings)
        nature.mend()
        await asyncio.sleep(LATER)
        runs = [run, *await _again(pair, folder, run, findings)]
        oracle.standing(pair, was, findings)
        oracle.nothing_left(pair, findings)
        oracle.leftovers(pair, findings, nature)
        oracle.streams(pair, findings)
        oracle.no_secret(pair, runs, findings)
        state = oracle.final_state(pair)
        differs = {name: (value, state[name]) for name, value in reference.items() if state[name] != value}
        findings.expect("I7", not differs, f"another final state: {differs}")
        return Judged(findings, runs, nature)


def fired(nature: Nature, findings: Findings) -> None:
    """The fault came, at its step, before or after the effect, as its machine has it."""
    cell = nature.cell
    steps = {cell.place.step, *cell.place.others}
    findings.expect("fired", nature.fired is not None, "the fault did not fire")
    findings.expect("fired", nature.step in steps, f"it fired at {nature.step}")
    findings.expect("fired", nature.evidence, "no machine saw it")
    seen = [line for machine in nature.pair.machines for line in machine.incidents]
    findings.expect("fired", seen == [nature.evidence], f"the machines saw {seen}")
    if cell.place.name in PROBES:
        findings.expect("fired", nature.there is (cell.moment is Moment.AFTER), f"the effect was there: {nature.there}")


def _struck(pair: Pair, was: oracle.Before, run: Run, nature: Nature, findings: Findings) -> None:
    """Right after the struck run."""
    oracle.standing(pair, was, findings, primary_down=_primary_down(nature, pair))
    oracle.leftovers(pair, findings, nature)
    oracle.told_truly(pair, run, nature, findings)
    oracle.in_time(run, nature, findings)


def _primary_down(nature: Nature, pair: Pair) -> str:
    """Why the primary may be down at the end of the struck run; a restart that goes on by itself counts as such."""
    if any(processes.alive(job.pid) and job.program == "pg_ctl" for job in pair.primary.jobs.values()):
        return "its restart is a job of its own, and goes on"
    return EXCUSED.get(nature.cell, {}).get("I1", "")


async def _again(pair: Pair, folder: Path, struck: Run, findings: Findings) -> list[Run]:
    """Run again until it is done, which has to be at once; then once more, which has to change nothing."""
    runs = []
    done = struck.ended is not None and struck.ended.outcome is ev.RunOutcome.DONE
    for number in (1, 2)[done:]:
        run = await Run(pair, folder / f"again-{number}.jsonl").play(Calm(), OnDuty())
        runs.append(run)
        ended = run.ended
        said = f"{ended.outcome}: {ended.message}; {ended.remedy}" if ended else repr(run.raised)
        good = ended is not None and ended.outcome is ev.RunOutcome.DONE
        findings.expect("I7", good, f"run {number} after it: {said}")
        if number == 2:
            findings.expect("I7", ended is not None and ended.changes == 0, f"the last run changes {ended}")
    return runs


async def reference(folder: Path) -> dict[str, object]:
    """The final state of a run that nothing happened to."""
    with pair_in(folder) as pair:
        run = await Run(pair, folder / "calm.jsonl").play(Calm(), OnDuty())
        assert run.ended is not None, run.raised
        assert run.ended.outcome is ev.RunOutcome.DONE, run.ended
        return oracle.final_state(pair)
