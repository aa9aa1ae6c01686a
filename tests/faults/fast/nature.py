"""Brings a cell's fault about: at its place, at its moment, once."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from pgrepl_tui.hosts import job_scripts
from pgrepl_tui.hosts.host import Command, HostError, Result
from pgrepl_tui.hosts.known_hosts import HostKeyError
from pgrepl_tui.spoken import spoken
from tests.faults.fast import processes, servers
from tests.faults.fast.machine import Machine
from tests.faults.fast.pair import Pair
from tests.faults.fast.wire import Lock, Wire
from tests.faults.fast.wizard import Calendar, Calm, Run
from tests.faults.table import Cell, Moment
from tests.unit import virtual_time

GARBAGE = b"\xff\xfe\x80 \x1b]52;c;Z2FyYmFnZQ==\x07\x1b[2J\x1b[31m[/red] [@click=app.quit]\x9b2J\r\n\x00{{7*7}} BUSY\n"
SLEPT = 125.0
"""A little more than 120 s, for the last beat of the locks was before."""
JUMP = 3600.0
"""Seconds that the time of day jumps, and back by: a run after that calls itself earlier than the one before it."""
MOODS = ("down", "starting", "full")
"""How a server is that does not let the run in: no process, one that starts up, no connection left."""
COMMENT = "# a line of somebody else's\n"

Effect = Callable[[Pair, Command], bool]


def _starts(pair: Pair, command: Command, program: str) -> bool:
    del pair
    return command.argv[2:3] == (job_scripts.START,) and program in command.shown


EFFECTS: dict[str, Effect] = {
    "discover": lambda p, c: c.argv == (f"{p.standby.world.folder}/bin/pg_controldata", f"{p.standby.world.data}"),
    "preflight": lambda _, c: b"from pg_settings" in c.stdin,
    "lock": lambda _, c: c.shown.startswith("flock"),
    "settings": lambda p, c: c.shown == spoken(f"write {p.primary.world.data}/postgresql.conf"),
    "hba": lambda p, c: c.shown == spoken(f"write {p.primary.world.data}/pg_hba.conf"),
    "role": lambda _, c: b"create role" in c.stdin,
    "restart": lambda p, c: _starts(p, c, "restart"),
    "slot": lambda _, c: b"pg_create_physical_replication_slot" in c.stdin,
    "stop": lambda _, c: c.argv[-1] == "stop",
    "set-aside": lambda _, c: c.shown.startswith("mv -T"),
    "basebackup": lambda p, c: _starts(p, c, "pg_basebackup"),
    "recovery": lambda p, c: c.shown == spoken(f"write {p.standby.world.data}.pgrepl-new/recovery.conf"),
    "start": lambda _, c: c.argv[-1] == "start",
    "finish": lambda _, c: c.shown.startswith("du -sm"),
}
"""The command that has a place's effect; the first one on its host counts."""

PROBES: dict[str, Callable[[Pair], bool]] = {
    "settings": lambda p: "pgrepl" in _text(p.primary, "postgresql.conf"),
    "hba": lambda p: "replicator" in _text(p.primary, "pg_hba.conf"),
    "role": lambda p: "replicator" in p.primary.world.state("roles"),
    "slot": lambda p: bool(p.primary.world.state("slots")),
    "restart": lambda p: any(job.program == "pg_ctl" for job in p.primary.jobs.values()),
    "stop": lambda p: not p.standby.world.pid(),
    "set-aside": lambda p: any(_aside(p)),
    "basebackup": lambda p: any(job.program == "pg_basebackup" for job in p.standby.jobs.values()),
    "recovery": lambda p: Path(f"{p.standby.world.data}.pgrepl-new/recovery.conf").exists(),
    "start": lambda p: bool(p.standby.world.pid()),
    "lock": lambda p: bool(p.standby.locks),
}
"""Whether an effect is there, as the host has it; places without one only read."""


def _text(machine: Machine, name: str) -> str:
    return (machine.world.data / name).read_text()


def _aside(pair: Pair) -> list[Path]:
    return [*pair.standby.world.folder.glob("data.pgrepl-old-*")]


def mood_of(cell: Cell) -> str:
    """How the server is in a cell of F12."""
    return MOODS[(cell.place.number + (cell.moment is Moment.AFTER)) % len(MOODS)]


class Nature(Calm):
    """One fault, waiting for its moment.

    Attributes:
        cell: which.
        fired: the virtual time at which it came; None until then.
        evidence: what the machines saw of it.
        step: where the run was.
        there: whether the effect was there on the host; None where the place has none that stays.
        somebody: what the second actor did that has to be undone by an operator before the run can go on.
    """

    def __init__(self, pair: Pair, cell: Cell) -> None:
        self.pair = pair
        self.cell = cell
        self.fired: float | None = None
        self.evidence = ""
        self.step = ""
        self.there: bool | None = None
        self.somebody: list[Callable[[], object]] = []
        self._run: Run | None = None

    @property
    def host(self) -> Machine:
        """The machine of the place; both are connected to, so F2 has its own there."""
        elsewhere = self.cell.fault.id == "F2" and self.cell.place.name == "connect"
        return self.pair.of("standby" if elsewhere else self.cell.place.host)

    @property
    def server(self) -> Machine:
        """The machine of the server that is meant."""
        return self.pair.of(self.cell.place.server)

    @property
    def run(self) -> Run:
        """The run that it strikes."""
        assert self._run is not None
        return self._run

    def seen(self, run: Run) -> None:
        """The run begins."""
        self._run = run

    # Where and when.

    def _here(self, wire: Wire, command: Command, moment: Moment) -> bool:
        name = self.cell.place.name
        if self.fired is not None or moment is not self.cell.moment or wire.machine is not self.host:
            return False
        if name == "connect":
            return moment is Moment.AFTER
        return name in EFFECTS and EFFECTS[name](self.pair, command)

    async def connecting(self, role: str) -> None:
        """The place of connections themselves."""
        if self.pair.of(role).hole:
            await asyncio.sleep(15.0)
            raise HostError(f"{role}: no connection: no answer for 15 s", "Look at the network.")
        first = self.fired is None and self.cell.moment is Moment.BEFORE and self.cell.place.name == "connect"
        if first and self.pair.of(role) is self.host:
            await self._strike()
            await self._refuse(role)

    async def _refuse(self, role: str) -> None:
        """A connection that is not made, as each fault would have it."""
        fault, host = self.cell.fault.id, self.pair.of(role)
        if fault == "F13":
            raise HostKeyError(f"the host key of {host.name} has changed", "Compare it.", changed=True)
        if fault == "F10":
            raise HostError(f"{host.name}: no SSH server answers: {GARBAGE!r}", "Look at its port.")
        if host.hole:
            await asyncio.sleep(15.0)
            raise HostError(f"{host.name}: no connection: no answer for 15 s", "Look at the network.")
        if fault in {"F1", "F2", "F7"}:
            raise HostError(f"{host.name}: no connection: Connection refused", "Look at its SSH server.")

    async def before(self, wire: Wire, command: Command) -> Result | None:
        """Strike before the effect."""
        if not self._here(wire, command, Moment.BEFORE):
            return None
        await self._strike()
        if self.cell.fault.id == "F10":
            return Result(0, GARBAGE, b"")
        return None

    async def after(self, wire: Wire, command: Command, result: Result) -> Result:
        """Strike after the effect, and before its answer."""
        if not self._here(wire, command, Moment.AFTER) or self.cell.place.name == "finish":
            return result
        await self._strike()
        return Result(result.status, GARBAGE, b"") if self.cell.fault.id == "F10" else result

    async def left(self, wire: Wire, command: Command) -> None:
        """The locks are let go: the last effect of a run."""
        last = self.cell.place.name == "finish" and self.cell.moment is Moment.AFTER and self.run.step == "report"
        if last and self.fired is None and command.shown.startswith("flock") and wire.machine is self.host:
            await self._strike()

    # What.

    async def _strike(self) -> None:
        self.fired, self.step = virtual_time.clock(), self.run.step
        probe = PROBES.get(self.cell.place.name)
        self.there = probe(self.pair) if probe else None
        struck = {"F1": self._cut, "F2": self._cut, "F3": self._hole, "F4": self._kill, "F5": self._quit,
                  "F6": self._sleep, "F7": self._reboot, "F8": self._full, "F9": self._rights, "F10": self._garbage,
                  "F11": self._lost, "F12": self._away, "F13": self._actor, "F14": self._slow}  # fmt: skip
        result = struck[self.cell.fault.id]()
        if asyncio.iscoroutine(result):
            await result

    def _noted(self, machine: Machine, what: str) -> None:
        machine.incidents.append(what)
        self.evidence = what

    def _cut(self) -> None:
        machine = self.pair.primary if self.cell.fault.id == "F1" else self.pair.standby
        machine.cut()
        self.evidence = machine.incidents[-1]

    def _hole(self) -> None:
        self.host.hole = True
        self._noted(self.host, "answers nothing any more")

    async def _kill(self) -> None:
        self._noted(self.host, "its client was killed")
        self.run.kill()
        await asyncio.get_running_loop().create_future()

    async def _quit(self) -> None:
        self._noted(self.host, "its client was told to quit")
        self.run.stop()
        await asyncio.sleep(0)

    def _sleep(self) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, virtual_time.VirtualLoop)
        loop._leaping.now += SLEPT
        Calendar.jumped += JUMP if self.cell.moment is Moment.BEFORE else -JUMP
        self.fired = virtual_time.clock()  # it is over when this machine wakes: nothing can be told before
        self._noted(self.host, f"heard nothing for {SLEPT} s")

    def _reboot(self) -> None:
        self.host.reboot()
        self.evidence = self.host.incidents[-1]

    def _full(self) -> None:
        self.host.full = True
        self._noted(self.host, "has no room left")

    def _rights(self) -> None:
        self.host.no_rights = True
        self._noted(self.host, "sudo refuses")

    def _garbage(self) -> None:
        self._noted(self.host, "answers garbage")

    def _lost(self) -> None:
        self.host.cut()
        self.evidence = self.host.incidents[-1]

    def _away(self) -> None:
        mood = mood_of(self.cell)
        if mood == "down":
            servers.crash(self.server.world)
            self.somebody.append(lambda: self.server.world.pid() or servers.start(self.server.world))
        else:
            self.server.mood = mood
        self._noted(self.server, f"its server is {mood}")

    def _slow(self) -> None:
        for machine in self.pair.machines:
            machine.slow = 30
        self._noted(self.host, "thirty times as slow")

    # The second actor.

    def _actor(self) -> None:
        acts: dict[str, Callable[[], str]] = {
            "connect": lambda: "got another host key",
            "discover": self._old_cluster_stops,
            "preflight": lambda: self._comment("postgresql.conf"),
            "lock": self._other_run,
            "settings": lambda: self._comment("postgresql.conf"),
            "hba": lambda: self._comment("pg_hba.conf"),
            "role": self._other_role,
            "restart": self._other_restart,
            "slot": self._other_slot,
            "stop": self._old_cluster_turns,
            "set-aside": self._starts_what_is_there,
            "basebackup": self._other_copy,
            "recovery": self._passfile_line,
            "start": self._standby_turns,
            "finish": self._moves_aside,
        }
        self._noted(self.host, acts[self.cell.place.name]())

    def _comment(self, name: str) -> str:
        path = self.pair.primary.world.data / name
        path.write_text(path.read_text() + COMMENT)
        return f"{name} got a line"

    def _old_cluster_stops(self) -> str:
        servers.stop(self.pair.standby.world)
        return "the old cluster was stopped"

    def _other_run(self) -> str:
        machine = self.pair.standby
        file = f"{machine.world.folder}/home/.pgrepl-tui/lock-of-somebody"
        held = [talk for wire in machine.wires for talk in wire.talks if isinstance(talk, Lock)]
        if held:
            file = held[0].file
            machine.locks[file] = "somebody"
            held[0].over = True
        else:
            from pgrepl_tui.steps.tag import tag_of  # noqa: PLC0415 - nothing else here needs it

            file = f"{machine.world.folder}/home/.pgrepl-tui/lock-{tag_of(str(machine.world.data))}"
            Path(file).parent.mkdir(mode=0o700, exist_ok=True)
            machine.locks[file] = "somebody"
        Path(file).write_text("ann@laptop (process 7) since 2026-01-01\n")
        self.somebody.append(lambda: machine.locks.pop(file, None))
        return "another run took the lock"

    def _other_role(self) -> str:
        world = self.pair.primary.world
        role = {"login": "t", "replication": "t", "password": "md5" + "0" * 32}
        world.set_state("roles", {"replicator": role})
        self.somebody.append(lambda: world.set_state("roles", {}))
        return "the role has another password"

    def _other_restart(self) -> str:
        world = self.pair.primary.world
        for job in self.pair.primary.jobs.values():
            job.ends = 0.0
        self.pair.primary.settle()
        servers.stop(world)
        servers.start(world)
        return "the primary was restarted by somebody"

    def _other_slot(self) -> str:
        world = self.pair.primary.world
        if world.state("slots"):
            world.set_state("slots", {})
            return "the slot was dropped"
        world.set_state("slots", {"pgrepl_db2": {"restart_lsn": "0/2000060"}})
        return "the slot was made"

    def _old_cluster_turns(self) -> str:
        if servers.stop(self.pair.standby.world):
            return "the old cluster was stopped"
        servers.start(self.pair.standby.world)
        return "the old cluster was started again"

    def _starts_what_is_there(self) -> str:
        servers.start(self.pair.standby.world)
        return "the server in the data directory was started"

    def _other_copy(self) -> str:
        jobs = [job for job in self.pair.standby.jobs.values() if processes.alive(job.pid)]
        if jobs:
            jobs[0].killed(noted=False)
            return "the copy's processes were killed"
        new = Path(f"{self.pair.standby.world.data}.pgrepl-new")
        if new.exists():
            new.rmdir()
        new.mkdir()
        (new / "of somebody").write_text("something")
        self.somebody.append(lambda: shutil.rmtree(new))
        return "a folder stands where the copy goes"

    def _passfile_line(self) -> str:
        path = self.pair.standby.world.folder / "home/.pgpass"
        path.write_text(path.read_text() + "other:5432:*:ann:hers\n")
        return "the passfile got a line"

    def _standby_turns(self) -> str:
        if servers.stop(self.pair.standby.world):
            return "the standby was stopped"
        servers.start(self.pair.standby.world)
        return "the standby was started"

    def _moves_aside(self) -> str:
        for path in _aside(self.pair):
            path.rename(path.with_name("moved-away"))
        return "the old data directory was moved away"

    def mend(self) -> None:
        """What the operator was told to mend is mended, and the fault is over."""
        for act in self.somebody:
            act()
        self.pair.heal()
