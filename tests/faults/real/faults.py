"""The faults, brought about for real; each says from the host's side, or the kernel's, that it has happened."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pgrepl_tui.lab.errors import LabError
from tests.faults.real.actors import ACTORS, Done
from tests.faults.real.ground import NO_DISK, Ground
from tests.faults.real.machine import LIMIT, Machine, until
from tests.faults.real.tapped import NOISE, Trap, _Gate
from tests.faults.real.wizard import Wizard
from tests.faults.table import Cell, Moment

SLOW = 0.06
"""Seconds that each piece waits in each direction: a round trip on this loopback takes 2 to 4 ms, 30 times 120 ms."""
SLOW_FOR = 6.0
"""Seconds for which it stays slow."""
SPARE = 8 << 20
"""Bytes that are taken in small pieces, when a disk is filled."""
CONNECTIONS = 110
"""More than the 100 connections that a server takes where nothing else is configured."""
REFUSALS = 3
"""In a row, until a server counts as full: one may be owed to a session that was just leaving."""


@dataclass
class Scene:
    """A cell that is being played.

    Attributes:
        cell: which.
        ground: the pair.
        wizard: the run.
        trap: where it is held.
        folder: for files of the test.
        proofs: what was seen of the fault on the host, or in the kernel.
        undone: steps whose effect the fault itself takes away: what was told of them need not be true any more.
        told_from: from when on the fault can be told (a program that sleeps tells nothing).
        queued_from: seconds for which the program had waited for a CPU by then.
        told_after: seconds after which it was told.
        quiet: whether the run may end well without a word: the fault may have done no harm.
        heals: what is done once the run has ended, last first.
        added: the files that somebody else wrote a line into.
    """

    cell: Cell
    ground: Ground
    wizard: Wizard
    trap: Trap
    folder: Path
    proofs: list[str] = field(default_factory=list)
    undone: set[str] = field(default_factory=set)
    told_from: float = 0.0
    queued_from: float = 0.0
    told_after: float | None = None
    quiet: bool = False
    heals: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    added: list[Path] = field(default_factory=list)

    @property
    def host(self) -> Machine:
        """The host of the step."""
        return self.ground.of(self.cell.place.host)

    @property
    def after(self) -> bool:
        """The effect is there, and its answer is held back."""
        return self.cell.moment is Moment.AFTER

    def can_be_told(self) -> None:
        """From now on."""
        self.told_from, self.queued_from = time.monotonic(), self.wizard.queued()

    def proved(self, what: str, *, holds: bool) -> None:
        """The fault is there."""
        assert holds, f"the fault did not fire: not {what}"
        self.proofs.append(what)


Strike = Callable[[Scene], Awaitable[None]]


def _reset(role: str) -> Strike:
    async def strike(scene: Scene) -> None:
        which = scene.ground.of(role)
        # then all is proved, and what is left to do on the primary's host is done by the reset: its lock goes
        scene.quiet = (role, scene.cell.place.name) == ("primary", "finish")
        if scene.cell.place.name == "connect" and role == "standby":  # it is reached after the first one
            which.relay.refuses = True
            scene.can_be_told()
            scene.trap.release()
            await until(lambda: which.relay.resets >= 1, f"a connection to {which.host.name}")
            which.relay.refuses = False
        else:
            which.relay.reset()
        count = which.relay.resets
        scene.proved(f"{which.host.name}: {count} connections reset", holds=count >= 1)
        await until(lambda: not which.connections, f"{which.host.name} sees its connections gone")

    return strike


async def _black_hole(scene: Scene) -> None:
    relay = scene.host.relay
    relay.swallow()
    scene.can_be_told()

    async def heal() -> None:
        relay.heal()

    scene.heals.append(heal)
    scene.trap.release()
    await until(lambda: relay.holes >= 1, "something swallowed by the black hole")
    scene.proved(f"{scene.host.host.name}: {relay.holes} pieces swallowed", holds=relay.holes >= 1)


async def _kill(scene: Scene) -> None:
    scene.wizard.process.kill()
    status = await scene.wizard.process.wait()
    scene.proved("the program was ended by signal 9", holds=status == -9)
    await until(
        lambda: not any(each.connections for each in scene.ground.machines), "the hosts see its connections gone"
    )


SIGNALS = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)


async def _quit(scene: Scene) -> None:
    number = SIGNALS[scene.cell.place.number % len(SIGNALS)]
    scene.can_be_told()
    scene.wizard.process.send_signal(number)
    scene.trap.release()
    status = await scene.wizard.ended()
    scene.proved(f"{number.name} was taken for a quit, exit code {status}", holds=status == 4)


async def _sleep(scene: Scene) -> None:
    """Stopped until both hosts have given its connections up, as they do within 45 s of 120."""
    process, machines = scene.wizard.process, scene.ground.machines

    def stopped() -> bool:
        return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    process.send_signal(signal.SIGSTOP)
    await until(stopped, "the program is stopped")
    scene.quiet = (scene.cell.place.name, scene.after) == ("connect", False)  # no session yet that could be lost
    for each in machines:
        for connection in each.connections:
            connection.set_keepalive(1, 2)  # 15 s and 3 in earnest: they have gone long before 120 s are over
    await until(lambda: not any(each.connections for each in machines), "both hosts give its connections up")
    scene.proved("the program was stopped while both hosts hung up", holds=stopped())
    process.send_signal(signal.SIGCONT)
    scene.can_be_told()


async def _reboot(scene: Scene) -> None:
    before = {process.pid for process in scene.host.processes()}
    scene.can_be_told()
    scene.undone |= {"stop"}  # a machine that boots starts what lies in the data directory
    await scene.host.reboot()
    left = before & {process.pid for process in scene.host.processes()}
    scene.proved(f"{scene.host.host.name}: {len(before)} processes gone, up again", holds=bool(before) and not left)


async def _full(scene: Scene) -> None:
    balloon = scene.host.host.folder / "balloon"
    _blow_up(balloon)
    scene.host.account.own(balloon)

    async def deflate() -> None:
        balloon.unlink(missing_ok=True)
        await _up(scene.host)

    scene.heals.append(deflate)
    probe = scene.host.host.home / "probe"
    async with asyncio.timeout(LIMIT):
        while await scene.host.may('echo no room >"$1"', probe):  # a copy that failed takes its files away again
            probe.unlink()
            _blow_up(balloon)
    probe.unlink(missing_ok=True)
    scene.proved(f"{scene.host.host.name}: no byte can be written", holds=True)


def _blow_up(balloon: Path) -> None:
    """Take all the room there is, at once most of it, then what is left while others write as well, and make room."""
    room = os.statvfs(balloon.parent)
    with balloon.open("ab", buffering=0) as file:
        with contextlib.suppress(OSError):  # somebody else took some of it meanwhile
            os.posix_fallocate(file.fileno(), file.tell(), max(room.f_bavail * room.f_frsize - SPARE, 1))
        file.seek(0, os.SEEK_END)
        for size in (1 << 20, 1 << 12):
            with contextlib.suppress(OSError):  # which is what is wanted
                while True:
                    file.write(bytes(size))


async def _rights(scene: Scene) -> None:
    """The owner may not write where it could before, nor get at the server's socket."""
    scene.quiet = scene.cell.place.name == "finish"  # nothing is written any more
    host = scene.host.host
    modes = {
        path: path.stat().st_mode & 0o7777
        for path in (host.folder, host.data, host.data / "pg_wal", host.socket_dir, host.home / ".pgrepl-tui",
                     *host.folder.glob("data.pgrepl-new"))
        if path.exists() and path.name != "pg_wal"
    }  # fmt: skip
    for path in modes:
        path.chmod(0 if path == host.socket_dir else 0o555 if path == host.folder else 0o500)

    async def give_back() -> None:
        for path, mode in modes.items():
            if path.exists():
                path.chmod(mode)
        await _up(scene.host)

    scene.heals.append(give_back)
    denied = not await scene.host.may('cd -- "$1" && : >probe', host.data)
    scene.proved(f"{host.name}: its owner may not write", holds=denied)


async def _garbage(scene: Scene) -> None:
    """From now on the login's start-up file shouts; what is held back is answered in that voice, too."""
    noise = scene.host.host.home / NOISE
    noise.write_bytes(b"printf '\\033]0;owned\\007\\033[2J\\377\\376\\23331m[/foo] no answer \\303\\050\\r\\n'\n")
    scene.host.account.own(noise)
    scene.quiet = True

    async def silence() -> None:
        noise.unlink(missing_ok=True)

    scene.heals.append(silence)
    held = scene.trap.seen
    if scene.after and held is not None and held.session is not None:
        gate = held.session.gate
        assert isinstance(gate, _Gate)
        gate.shout()
        scene.proved(f"{held.host}: garbage went out before the answer", holds=True)
        return
    scene.can_be_told()
    scene.trap.release()
    await until(lambda: any(seen.noisy for seen in scene.ground.tap.seen), "a command with garbage before it")
    scene.proved(f"{scene.host.host.name}: a command was preceded by garbage", holds=True)


async def _lost_answer(scene: Scene) -> None:
    """The server of the connection closes it in order, after the effect and before the exit status."""
    held = scene.trap.seen
    assert held is not None
    ended = held.status == 0 or bool(scene.trap.says)
    count = scene.host.hang_up()
    scene.proved(f"{held.host}: it ended with status 0, and {count} connections were closed", holds=ended and count > 0)
    await until(lambda: not scene.host.connections, f"{held.host} sees its connections gone")


async def _server_away(scene: Scene) -> None:
    which = scene.ground.of(scene.cell.place.server)
    scene.heals.append(lambda: _up(which))
    if scene.cell.place.name in {"preflight", "slot"}:
        await _fill_connections(scene, which)
        return
    scene.quiet = scene.cell.place.name in {"discover", "restart", "stop", "start", "set-aside", "finish"}
    pid = which.postmaster()
    if pid is not None:
        await which.cluster.runner.run(
            which.host.bin / "pg_ctl", "stop", "-D", which.host.data, "-m", "immediate", "-s", "-w"
        )
    await until(lambda: which.postmaster() is None, f"{which.host.name}: its server is gone")  # after its pid file
    scene.proved(f"{which.host.name}: no server runs", holds=True)


async def _fill_connections(scene: Scene, which: Machine) -> None:
    """Sessions of a superuser, until not even one more of these is let in."""
    crowd: list[asyncio.subprocess.Process] = []

    async def leave() -> None:
        for process in crowd:
            if process.returncode is None:
                process.kill()
            await process.wait()
        await _up(which)

    scene.heals.append(leave)
    for _ in range(CONNECTIONS):
        crowd.append(await _visitor(which))  # noqa: PERF401 - who came is to leave also where the next one fails
    refused = 0
    async with asyncio.timeout(LIMIT):
        while refused < REFUSALS:
            try:
                await which.cluster.sql("select 1")
            except LabError as error:
                refused = refused + 1 if "too many clients" in str(error) else 0
            else:
                refused = 0
                crowd.append(await _visitor(which))  # for one that our own question kept out
            await asyncio.sleep(0.05)
    scene.proved(f"{which.host.name}: too many clients already", holds=True)
    scene.can_be_told()


async def _visitor(which: Machine) -> asyncio.subprocess.Process:
    """A session of the superuser that stays, if it is let in."""
    return await asyncio.create_subprocess_exec(
        *[str(word) for word in which.cluster.psql("dbname=postgres application_name=crowd")],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd="/",
        env=which.cluster.runner.environment,
        **which.account.spawn,
    )


async def _second_actor(scene: Scene) -> None:
    name = f"{scene.cell.place.name}-{scene.cell.moment}"
    done: Done = await ACTORS[name](scene.ground, scene.folder)
    scene.undone |= done.undone
    scene.quiet = done.harmless
    if done.heal is not None:
        scene.heals.append(done.heal)
    if done.added is not None:
        scene.added.append(done.added)
    scene.proved(done.what, holds=done.seen)
    scene.can_be_told()


async def _slow(scene: Scene) -> None:
    scene.quiet = True
    for each in scene.ground.machines:
        each.relay.delay = SLOW
    scene.can_be_told()
    loop, begun, seen = asyncio.get_running_loop(), asyncio.get_running_loop().time(), len(scene.ground.tap.seen)
    scene.trap.release()
    while loop.time() - begun < SLOW_FOR and scene.wizard.process.returncode is None:
        await asyncio.sleep(0.05)
    commands = len(scene.ground.tap.seen) - seen
    for each in scene.ground.machines:
        each.relay.delay = 0.0
    pace = (loop.time() - begun) / max(commands, 1)
    scene.proved(f"{commands} commands in {SLOW_FOR:.0f} s, each {pace:.2f} s", holds=pace > 2 * SLOW)


async def _up(which: Machine) -> None:
    """Somebody starts the server again, if it is down and there is one to be started."""
    if which.postmaster() is None and (which.host.data / "PG_VERSION").exists():
        await which.cluster.start()


STRIKES: Mapping[str, Strike] = {
    "F1": _reset("primary"),
    "F2": _reset("standby"),
    "F3": _black_hole,
    "F4": _kill,
    "F5": _quit,
    "F6": _sleep,
    "F7": _reboot,
    "F8": _full,
    "F9": _rights,
    "F10": _garbage,
    "F11": _lost_answer,
    "F12": _server_away,
    "F13": _second_actor,
    "F14": _slow,
}


def hindrance(cell: Cell, ground: Ground) -> str:
    """Why this machine cannot play a cell; empty where it can."""
    return NO_DISK if cell.fault.id == "F8" and not ground.disks else ""
