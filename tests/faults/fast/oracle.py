"""The nine invariants, looked at on the machines' own folders and tables, not through the program under test."""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from pgrepl_tui import events as ev
from pgrepl_tui.engine import EXIT_CODES
from pgrepl_tui.steps.entries import Copied, Entry, FileChanged, Restarted, SlotMade, Swapped, decode
from tests.faults.fast import processes
from tests.faults.fast.machine import Machine
from tests.faults.fast.nature import COMMENT, Nature
from tests.faults.fast.pair import CANARY, OLD_ID, PRIMARY_ID, Pair
from tests.faults.fast.wire import Lock
from tests.faults.fast.wizard import Run
from tests.golden import grammar

TOLD_WITHIN = 20.0
SECRET_FILES = ("home/.pgpass", "global/roles.json", "run/statements.log")
"""Where password or verifier have to be: libpq's passfile, the server's catalog, and what the server received."""
GOOD = {ev.Outcome.CHANGED, ev.Outcome.UNCHANGED}


@dataclass
class Findings:
    """What does not hold, by invariant."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def expect(self, invariant: str, holds: object, what: str) -> None:
        """Note it where it does not hold."""
        if not holds:
            self.found.setdefault(invariant, []).append(what)


def digest(path: Path) -> str:
    """SHA-256 of a file; empty where it is not there."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


@dataclass(frozen=True)
class Before:
    """How the pair was."""

    primary: str
    old: str
    modes: dict[str, int]


def before(pair: Pair) -> Before:
    """Look at it before anything happens."""
    files = [machine.world.data / name for machine in pair.machines for name in ("postgresql.conf", "pg_hba.conf")]
    return Before(
        digest(pair.primary.world.data / CANARY),
        digest(pair.standby.world.data / CANARY),
        {str(path): path.stat().st_mode for path in files},
    )


def standing(pair: Pair, was: Before, findings: Findings, *, primary_down: str = "") -> None:
    """I1 to I4: what holds at any moment; ``primary_down`` is why its server may be down now."""
    world = pair.primary.world
    findings.expect("I1", digest(world.data / CANARY) == was.primary, "the primary's data changed")
    findings.expect("I1", world.control()["identifier"] == PRIMARY_ID, "the primary is another cluster")
    findings.expect("I1", world.pid() or primary_down, "the primary is down")
    findings.expect("I1", not world.in_recovery, "the primary is in recovery")
    _one_writes(pair, findings)
    _old_data(pair.standby, was, findings)
    _configuration(pair, was, findings)


def _one_writes(pair: Pair, findings: Findings) -> None:
    folder = pair.standby.world.data
    if (folder / "global/pg_control").exists() and pair.standby.world.control()["identifier"] == PRIMARY_ID:
        findings.expect("I2", pair.standby.world.in_recovery, "a copy stands in the standby's place, ready to write")


def clusters(machine: Machine) -> Iterator[tuple[Path, str]]:
    """All data directories on a machine, with their system identifiers."""
    for control in machine.world.folder.glob("*/global/pg_control"):
        yield control.parent.parent, json.loads(control.read_text())["identifier"]


def _old_data(machine: Machine, was: Before, findings: Findings) -> None:
    places = [folder for folder, identifier in clusters(machine) if identifier == OLD_ID]
    findings.expect("I3", len(places) == 1, f"the old cluster is in {len(places)} places")
    for place in places:
        findings.expect("I3", digest(place / CANARY) == was.old, f"the old data in {place} changed")


def _configuration(pair: Pair, was: Before, findings: Findings) -> None:
    for machine in pair.machines:
        conf, hba = machine.world.data / "postgresql.conf", machine.world.data / "pg_hba.conf"
        try:
            machine.world.configured()
            grammar.hba(hba.read_bytes(), machine.world.version)
        except (grammar.GrammarError, FileNotFoundError) as error:
            findings.expect("I4", holds=False, what=f"{machine.name}: {error}")
            continue
        for path in (conf, hba):
            findings.expect("I4", path.stat().st_mode == was.modes[str(path)], f"{path.name} has another mode")


def no_secret(pair: Pair, runs: Iterable[Run], findings: Findings) -> None:
    """I5: nowhere on the machines, in the recordings, the events, or the arguments of a program."""
    texts = {f"{run.recording.name}": run.recording.read_bytes() for run in runs}
    for run in runs:
        texts[f"events of {run.recording.name}"] = repr(run.told).encode()
    for machine in pair.machines:
        texts[f"arguments on {machine.name}"] = "\n".join(machine.arguments).encode()
        for path in machine.world.folder.rglob("*"):
            if path.is_file() and not str(path).endswith(SECRET_FILES):
                texts[str(path)] = path.read_bytes()
    spelled = {form for run in runs for secret in run.secrets for form in _forms(secret)}
    everything = b"\0".join(texts.values())
    for form in spelled:
        if form in everything:
            where = [name for name, text in texts.items() if form in text]
            findings.expect("I5", holds=False, what=f"a secret ({len(form)} bytes) in {where}")


def _forms(secret: str) -> Iterator[bytes]:
    data = secret.encode()
    yield from (data, base64.b64encode(data).rstrip(b"="), data.hex().encode(), data[::-1])
    yield from (quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode())


def entries(machine: Machine) -> list[Entry]:
    """What the journals on a machine list."""
    found: list[Entry] = []
    for path in machine.world.folder.glob("home/.pgrepl-tui/journal-*.jsonl"):
        found += decode(path.read_text())[1]
    return found


def leftovers(pair: Pair, findings: Findings, nature: Nature | None) -> None:
    """I6: what is left is listed in a journal."""
    for machine in pair.machines:
        listed = entries(machine)
        _jobs(machine, listed, findings)
        _folders(machine, listed, findings)
        ours = [file for file, holder in machine.locks.items() if isinstance(holder, Lock) and not machine.hole]
        findings.expect("I6", not ours, f"{machine.name}: locks are held: {ours}")
        temporary = [*machine.world.folder.rglob(".pgrepl-*part*"), *machine.world.folder.rglob("*.part"),
                     *(path for path in machine.world.data.glob(".pgrepl-*"))]  # fmt: skip
        findings.expect("I6", not temporary, f"{machine.name}: temporary files: {temporary}")
    made = {entry.name for entry in entries(pair.primary) if isinstance(entry, SlotMade)}
    others = nature is not None and nature.cell.fault.id == "F13" and nature.cell.place.name == "slot"
    unknown = set(pair.primary.world.state("slots")) - made
    findings.expect("I6", not unknown or others, f"slots that no journal lists: {unknown}")


def _jobs(machine: Machine, listed: list[Entry], findings: Findings) -> None:
    known = {entry.job for entry in listed if isinstance(entry, Copied)}
    restarts = any(isinstance(entry, Restarted) for entry in listed)
    for folder in machine.world.folder.glob("home/.pgrepl-tui/*"):
        is_job = folder.is_dir() and not folder.name.startswith("backup-")
        ok = not is_job or str(folder) in known or (folder.name.startswith("restart-") and restarts)
        ok = ok or (folder.name.startswith("start-") and any(isinstance(entry, Swapped) for entry in listed))
        findings.expect("I6", ok, f"{machine.name}: a job that no journal lists: {folder.name}")


def _folders(machine: Machine, listed: list[Entry], findings: Findings) -> None:
    known = {entry.folder for entry in listed if isinstance(entry, Copied)}
    known |= {entry.aside for entry in listed if isinstance(entry, Swapped)}
    for folder in machine.world.folder.glob("data.pgrepl-*"):
        findings.expect("I6", str(folder) in known, f"{machine.name}: {folder.name} is in no journal")
    changed = {Path(entry.path).name for entry in listed if isinstance(entry, FileChanged)}
    for name in ("postgresql.conf", "pg_hba.conf"):
        text = (machine.world.data / name).read_text() if (machine.world.data / name).exists() else ""
        findings.expect("I6", "pgrepl" not in text or name in changed, f"{machine.name}: {name} changed, not listed")


def nothing_left(pair: Pair, findings: Findings) -> None:
    """I6 at the good end: no job, no half copy."""
    for machine in pair.machines:
        running = [job.program for job in machine.jobs.values() if processes.alive(job.pid)]
        findings.expect("I6", not running, f"{machine.name}: still runs: {running}")
        left = [*machine.world.folder.glob("data.pgrepl-new*")]
        findings.expect("I6", not left, f"{machine.name}: left: {left}")


def told_truly(pair: Pair, run: Run, nature: Nature, findings: Findings) -> None:
    """I8: an orderly end, an exit code that fits, and what was told as done is so on the machines."""
    if run.killed:
        return
    findings.expect("I8", run.raised is None, f"a mistake in the program: {run.raised!r}")
    if run.ended is None:
        return
    findings.expect("I8", run.ended.exit_code == EXIT_CODES[run.ended.outcome], "another exit code")
    findings.expect("I8", run.told[-1][1].__class__ is ev.RunEnded, f"the last event is {run.told[-1][1]}")
    findings.expect("I8", run.ended.outcome is ev.RunOutcome.DONE or run.ended.remedy, "a bad end without a remedy")
    actor = nature.cell.place.step if nature.cell.fault.id == "F13" else ""
    world = pair.primary.world
    states = {
        "settings": "max_wal_senders" in (world.data / "postgresql.conf").read_text(),
        "hba": "replicator" in (world.data / "pg_hba.conf").read_text(),
        "role": "replicator" in world.state("roles"),
        "slot": "pgrepl_db2" in world.state("slots"),
        "set-aside": pair.standby.world.in_recovery,
        "passfile": (pair.standby.world.folder / "home/.pgpass").exists(),
    }
    for step, state in states.items():
        ended = run.outcomes.get(step)
        done = ended is not None and ended.outcome in GOOD
        findings.expect("I8", state or not done or step == actor, f"{step} is told as done, and is not")
    if run.ended.outcome is ev.RunOutcome.DONE:
        streams(pair, findings, nature)


def streams(pair: Pair, findings: Findings, nature: Nature | None = None) -> None:
    """The standby is one, and receives."""
    world = pair.standby.world
    last = nature is not None and nature.cell.place.name == "finish"  # what comes after the proof it cannot know
    findings.expect("I8", last or (world.pid() and world.in_recovery), "told as done, and the standby does not run")
    findings.expect("I8", last or world.streams(), "told as done, and the standby does not receive")
    data = (world.data / CANARY).read_text() if (world.data / CANARY).exists() else ""
    findings.expect("I8", data == "the data of db1", "told as done, and the standby has other data")


def in_time(run: Run, nature: Nature, findings: Findings) -> None:
    """I9: what keeps the run from its good end is told within 20 s."""
    if run.killed or nature.fired is None or run.ended is None or run.ended.outcome is ev.RunOutcome.DONE:
        return
    signs = [t - nature.fired for t, event in run.told if t >= nature.fired and _bad(event)]
    findings.expect("I9", signs and signs[0] <= TOLD_WITHIN, f"told after {signs[:1]} s")


def _bad(event: ev.Event) -> bool:
    return (
        (isinstance(event, ev.StepEnded) and event.outcome not in GOOD)
        or (isinstance(event, ev.Asked) and event.kind == "failure")
        or (isinstance(event, ev.StepInspected) and event.finding is ev.Finding.BLOCKED)
        or (isinstance(event, ev.CheckDone) and event.verdict is ev.Verdict.STOP)
        or (isinstance(event, ev.Note) and event.level == "warning")
        or isinstance(event, ev.RunEnded)
    )


def final_state(pair: Pair) -> dict[str, object]:
    """What a finished pair is, without what differs from run to run."""
    root = str(pair.primary.world.folder.parent)

    def text(path: Path) -> str:
        if not path.exists():
            return "absent"
        read = path.read_text().replace(COMMENT, "").replace("other:5432:*:ann:hers\n", "").replace(root, "ROOT")
        return re.sub(r"(?<=:replicator:)\S+", "PASSWORD", read) + f" {path.stat().st_mode:o}"

    one, two = pair.primary.world, pair.standby.world
    return {
        "primary conf": text(one.data / "postgresql.conf"),
        "primary hba": text(one.data / "pg_hba.conf"),
        "standby conf": text(two.data / "postgresql.conf"),
        "standby hba": text(two.data / "pg_hba.conf"),
        "recovery": text(two.data / "recovery.conf"),
        "passfile": text(two.folder / "home/.pgpass"),
        "roles": sorted(one.state("roles")),
        "slots": sorted(one.state("slots")),
        "runs": (bool(one.pid()), bool(two.pid()), one.in_recovery, two.in_recovery, two.streams()),
        "waits for a restart": one.running() != one.configured(),
    }
