"""The nine invariants of the table, looked up on the hosts, in the files and in what was told."""

import asyncio
import contextlib
import functools
from dataclasses import dataclass, field
from pathlib import Path

from pgrepl_tui.lab.errors import LabError
from pgrepl_tui.session.secret_forms import forms
from pgrepl_tui.steps.wait import until as within
from tests.faults.real import state
from tests.faults.real.actors import LINE
from tests.faults.real.faults import Scene
from tests.faults.real.ground import CANARY_SUM, Ground
from tests.faults.real.machine import Machine, Process
from tests.faults.real.places import SPOTS, Spot, free
from tests.faults.real.wizard import Run
from tests.faults.table import PLACES

WITHIN = 20.0
"""Seconds in which a fault has to be told."""
TAKEN_BACK = "which were taken out again"
"""Said of settings with which the primary did not come up again."""
SETTLES = 120.0
"""Seconds that what a run leaves on a host gets to end, however slow it is: the last signal comes after 5 s."""
ERRORS = (
    "select (select count(*) from pg_file_settings where error is not null and not error ~ 'cannot be changed')"
    " + (select count(*) from pg_hba_file_rules where error is not null)"
)
LASTING = {"settings", "hba", "role", "restart", "slot", "set-aside", "start"}
"""Places whose effect no later step of a run takes away again."""


@dataclass
class Oracle:
    """Judges one cell.

    Attributes:
        ground: the pair.
        before: the state of both hosts' files before the run.
        reference: how a pair is that nothing went wrong with.
        broken: what does not hold, by the invariant's id.
        secrets: the passwords that were seen.
    """

    ground: Ground
    before: dict[str, dict[str, object]]
    reference: dict[str, object]
    spots: dict[str, Spot]
    broken: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    @classmethod
    def begin(cls, ground: Ground, reference: dict[str, object]) -> "Oracle":
        """Look at the pair before the run."""
        before = {which.host.name: state.files(which, ground) for which in ground.machines}
        return cls(ground, before, reference, {name: make(ground) for name, make in SPOTS.items()})

    def holds(self, invariant: str, condition: object, what: str) -> None:
        """Note what does not hold."""
        if not condition:
            self.broken.append(f"{invariant}: {what}")

    # After the fault was taken away

    async def after_fault(self, scene: Scene) -> None:
        """What has to hold between the run that met the fault and the next one."""
        self._learn()
        await self.settled()
        await self._primary("after the fault")
        await self._one_writes()
        self._old_data("after the fault")
        self._configuration(scene)
        await self._truth(scene)
        self._told(scene)

    async def settled(self) -> None:
        """I6: what still runs is a server or a job that the journal lists; no lock is held."""
        loop = asyncio.get_running_loop()
        latest = loop.time() + SETTLES
        while (orphans := self._orphans()) or not await self._free():
            if loop.time() > latest:
                break
            await asyncio.sleep(0.1)
        self.holds("I6", not orphans, f"still running: {[each.arguments[:120] for each in orphans]}")
        self.holds("I6", await self._free(), "a lock is held and nobody is there")
        for which in self.ground.machines:
            self.holds("I6", not _parts(which), f"temporary files: {_parts(which)}")

    def _orphans(self) -> list[Process]:
        """Neither a server nor of the session of a job that the journal tells of."""
        found: list[Process] = []
        for which in self.ground.machines:
            home = which.host.home / ".pgrepl-tui"
            told = "".join(path.read_text() for path in home.glob("journal-*"))
            jobs = [
                path
                for path in home.glob("*/pgid")
                if path.parent.name in told or path.parent.name.startswith(("restart-", "start-"))
            ]
            sessions = {int(path.read_text().split()[0]) for path in jobs}
            found += [each for each in which.processes() if not each.is_server and each.session not in sessions]
        return found

    async def _free(self) -> bool:
        return all([await free(which) for which in self.ground.machines])

    async def _primary(self, when: str) -> None:
        """I1."""
        there = await self.ground.primary.cluster.sql(CANARY_SUM, "app")
        self.holds("I1", there == self.ground.canary, f"the primary's canary table {when}: {there}")
        writes = await self.ground.primary.cluster.sql("select pg_is_in_recovery()")
        self.holds("I1", writes == "f", f"the primary is in recovery {when}")

    async def _one_writes(self) -> None:
        """I2: no server of the primary's identity but the primary has ever let writes in."""
        standby = self.ground.standby
        if standby.postmaster() is not None and await self._is_copy(standby.host.data):
            recovers = await within(self._recovers, seconds=SETTLES)
            self.holds("I2", recovers, "the standby takes writes of its own, or lets nobody in")
        for folder in standby.host.folder.glob("data*"):
            if folder.is_dir() and (folder / "global" / "pg_control").exists() and await self._is_copy(folder):
                ran = _ran(folder)  # looked at first: a server that starts changes its control file, then the label
                said = await self._control(folder, "Database cluster state")
                self.holds("I2", said not in {"in production", "shut down"} or not ran, f"{folder}: {said}")
        for manifest in standby.host.folder.glob("data.pgrepl-new/backup_manifest"):  # the last file of a copy
            signal = manifest.with_name("standby.signal")
            self.holds("I2", signal.exists(), f"{manifest.parent} would start as a server of its own")

    async def _recovers(self) -> bool:
        with contextlib.suppress(LabError):  # a server that still starts lets nobody in
            return await self.ground.standby.cluster.sql("select pg_is_in_recovery()") == "t"
        return False

    async def _is_copy(self, folder: Path) -> bool:
        name = "Database system identifier"
        primary = await self._control(self.ground.primary.host.data, name)
        with contextlib.suppress(LabError):  # a control file that is just being copied
            return await self._control(folder, name) == primary
        return False

    async def _control(self, folder: Path, label: str) -> str:
        tool = self.ground.standby.host.bin / "pg_controldata"
        text = await self.ground.standby.cluster.runner.run(tool, folder) if _of(folder, self.ground.standby) else (
            await self.ground.primary.cluster.runner.run(tool, folder))  # fmt: skip
        rows = (line.partition(":") for line in text.splitlines())
        return next((value.strip() for name, _, value in rows if name == label), "")

    def _old_data(self, when: str) -> None:
        """I3: the old cluster's table is there byte for byte, at one place."""
        template = self.ground.template(self.ground.standby)
        wanted = {path.relative_to(template): path.read_bytes() for path in _tables(template)}
        places = [self.ground.standby.host.data, *self.ground.standby.host.folder.glob("data.pgrepl-old-*")]
        whole = [
            place
            for place in places
            if all((place / name).exists() and (place / name).read_bytes() == data for name, data in wanted.items())
        ]
        self.holds("I3", len(whole) == 1 and wanted, f"the old data {when} is in {whole}")

    def _configuration(self, scene: Scene) -> None:
        """I4, between runs: each file of the primary is as it was, or as it is to be, with its owner and mode."""
        primary = self.ground.primary
        now = state.files(primary, self.ground)
        for name in ("postgresql.conf", "pg_hba.conf"):
            allowed = [self.before[primary.host.name][name], self.reference[f"{primary.host.name}: {name}"]]
            found = now.get(name)
            if scene.cell.fault.id == "F13" and isinstance(found, tuple):
                found = (found[0].replace(LINE, ""), *found[1:])
            self.holds("I4", found in allowed, f"{name} of the primary is neither its old nor its new self: {found}")

    async def _truth(self, scene: Scene) -> None:
        """I8: what was told as done is done; the exit code is that of the end that was told."""
        wizard = scene.wizard
        undone = scene.undone | (
            {"settings"} if any(TAKEN_BACK in told["message"] for _, told in wizard.troubles()) else set()
        )
        for place in PLACES:
            effect = self.spots[place.name].effect
            claimed = place.step in wizard.changed and place.name in LASTING
            if claimed and effect is not None and place.step not in undone:
                self.holds("I8", await effect(self.ground), f"{place.step} was told as done, and is not")
        end, code = wizard.end, wizard.code
        if code is not None and code >= 0:
            self.holds("I8", end and end["exit_code"] == code, f"exit code {code}, told {end}")
        if end.get("outcome") == "done":
            # a standby whose primary was away asks again every 5 s (wal_retrieve_retry_interval)
            streams = not scene.undone and await within(self.streams, seconds=SETTLES)
            self.holds("I8", streams, "told as done, and nothing streams")
        if end and end["outcome"] != "done":
            self.holds("I8", end["message"] and end["remedy"], f"an end without a reason or a way on: {end}")

    async def streams(self) -> bool:
        """The primary sends to the standby."""
        return (
            await self.ground.primary.cluster.sql(
                "select count(*) from pg_stat_replication where application_name = 'pgrepl_db2' and state = 'streaming'"
            )
            == "1"
        )

    def _told(self, scene: Scene) -> None:
        """I9: the fault is told in time, but by a program that is dead; or it did no harm, and all went well."""
        if scene.cell.fault.id == "F4":
            return
        wizard = scene.wizard
        troubles = [wizard.events.index(each) for each in wizard.troubles() if each[0] >= scene.trap.at]
        if not troubles:
            well = wizard.end.get("outcome") == "done"
            self.holds("I9", well and scene.quiet, f"nothing was told of it; the end: {wizard.end}")
            return
        first = min(troubles)
        waited = wizard.delays[first] - scene.queued_from  # for a CPU: a busy machine is no silence of the program's
        scene.told_after = wizard.told_at(first) - scene.told_from - waited
        self.holds("I9", scene.told_after <= WITHIN, f"told after {scene.told_after:.1f} s, {waited:.1f} s in a queue")

    # At the end

    async def at_the_end(self, scene: Scene, again: Run, once_more: Run, artefacts: list[Path]) -> None:
        """What has to hold once the job was done, and done once more."""
        self._learn()
        await self.settled()
        self.holds("I7", again.code == 0, f"running again: {again.end}")
        self.holds("I7", once_more.code == 0, f"running once more: {once_more.end}")
        self.holds("I7", once_more.end.get("changes") == 0, f"a second run changed {once_more.changed}")
        now = self._without_what_was_added(scene, await state.snapshot(self.ground))
        wrong = state.differences(self.reference, now)
        self.holds("I7", not wrong, f"not the same as after an undisturbed run: {state.told(wrong)}")
        self.holds("I8", await within(self.streams, seconds=SETTLES), "nothing streams at the end")
        await self._primary("at the end")
        await self._one_writes()
        self._old_data("at the end")
        for which in self.ground.machines:
            self.holds("I4", await which.cluster.sql(ERRORS) == "0", f"errors in the files of {which.host.name}")
            alone = await within(functools.partial(_alone, which), seconds=SETTLES)
            self.holds("I6", alone, f"processes on {which.host.name}: {_others(which)}")
        self._secrets(artefacts)

    def _without_what_was_added(self, scene: Scene, now: dict[str, object]) -> dict[str, object]:
        """Somebody else's line is still in its file, once; without it the file is to be that of an undisturbed run."""
        for path in scene.added:
            self.holds("I7", path.read_text().count(LINE) == 1, f"somebody else's line is not in {path} once")
            for which in self.ground.machines:
                name = f"{which.host.name}: {path.name}"
                found = now.get(name)
                if path.parent == which.host.data and isinstance(found, tuple):
                    now[name] = (found[0].replace(LINE, "", 1), *found[1:])
        return now

    def _learn(self) -> None:
        """The passwords that are in the passfile now."""
        passfile = self.ground.standby.host.home / ".pgrepl-tui" / "passfile"
        if passfile.exists():
            lines = passfile.read_text(errors="replace").splitlines()
            self.secrets |= {line.rsplit(":", 1)[1] for line in lines if line.count(":") >= 4}

    def _secrets(self, artefacts: list[Path]) -> None:
        """I5: recordings, outputs, server logs, configuration, journals, and each command line that came to a host."""
        self.holds("I5", self.secrets, "no password was seen, so nothing was looked for")
        texts = {str(path): path.read_bytes() for path in [*artefacts, *_readable(self.ground)]}
        texts["command lines"] = "\n".join(self.ground.tap.lines).encode()
        for secret in self.secrets:
            for form in forms(secret):
                for name, text in texts.items():
                    self.holds("I5", form.encode() not in text, f"the password is in {name}")


def _of(folder: Path, which: Machine) -> bool:
    return which.host.folder in folder.parents


def _ran(folder: Path) -> bool:
    """A server has been started on this copy: one that has not been has its label still, which came before all else."""
    return not (folder / "backup_label").exists()


def _tables(data: Path) -> list[Path]:
    """The files of the database ``legacy`` that hold tables: its folder is the only one that initdb did not make."""
    newest = max((data / "base").iterdir(), key=lambda path: int(path.name) if path.name.isdigit() else 0)
    return [path for path in newest.iterdir() if path.name.isdigit() and int(path.name) >= 16384]


def _others(which: Machine) -> list[str]:
    """What runs on a host and is no server."""
    return [process.arguments[:120] for process in which.processes() if not process.is_server]


async def _alone(which: Machine) -> bool:
    return not _others(which)


def _parts(which: Machine) -> list[str]:
    return [str(path) for path in which.host.data.rglob(".pgrepl-??????????")]


def _readable(ground: Ground) -> list[Path]:
    """The files of the hosts in which no password may be."""
    found: list[Path] = []
    for which in ground.machines:
        host = which.host
        found += [path for path in host.folder.glob("*.log") if path.is_file()]
        found += [path for name in ("*.conf", "*.signal", "*.opts", "backup_label*") for path in host.data.glob(name)]
        kept = (host.home / ".pgrepl-tui").rglob("*")
        found += [path for path in kept if path.is_file() and not path.name.startswith("passfile")]
    return found
