"""Somebody else, who changes the very thing that a step is about to change, or has just changed."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from pgrepl_tui.steps.lock import HOLD
from pgrepl_tui.steps.tag import tag_of
from tests.faults.real.ground import Ground
from tests.faults.real.machine import Machine, until
from tests.faults.real.places import ROLE, SLOT

LINE = "# somebody else was here\n"


@dataclass
class Done:
    """What somebody did.

    Attributes:
        what: in words.
        seen: it is there.
        harmless: the run may well go on without a word.
        undone: steps of the run whose effect is gone by it.
        heal: takes it back, once the run has ended.
        added: the file that has got ``LINE``; nobody takes it back.
    """

    what: str
    seen: bool = True
    harmless: bool = False
    undone: set[str] = field(default_factory=set)
    heal: Callable[[], Awaitable[object]] | None = None
    added: Path | None = None


Actor = Callable[[Ground, Path], Awaitable[Done]]


async def _another_key(ground: Ground, _folder: Path) -> Done:
    """The next connection meets it."""
    await ground.primary.serve(asyncssh.generate_private_key("ssh-ed25519"))
    return Done("the host answers with another key", heal=ground.primary.serve)


async def _stops_old(ground: Ground, _folder: Path) -> Done:
    await ground.standby.cluster.stop()
    await until(lambda: ground.standby.postmaster() is None, "the old cluster's server is gone")  # after its pid file
    return Done("the old cluster was stopped", harmless=True)


async def _starts_old(ground: Ground, _folder: Path) -> Done:
    """In its place again, or for the first time after it was stopped."""
    if ground.standby.postmaster() is None:
        await ground.standby.cluster.start()
    return Done("the old cluster was started", ground.standby.postmaster() is not None, undone={"stop"})


async def _starts_what_was_set_aside(ground: Ground, _folder: Path) -> Done:
    (aside,) = ground.standby.host.folder.glob("data.pgrepl-old-*")
    await pg_ctl(ground.standby, "start", aside)

    async def stop() -> None:
        if ground.standby.postmaster(aside) is not None:
            await pg_ctl(ground.standby, "stop", aside)
        if ground.standby.postmaster() is None:
            await ground.standby.cluster.start()

    there = ground.standby.postmaster(aside) is not None
    return Done("what was set aside was started where it lies", there, undone={"start"}, heal=stop)


async def _new_client(ground: Ground, _folder: Path) -> Done:
    """One that no standby has to follow: the pair is to be as after an undisturbed run."""
    sql = ground.primary.cluster.sql
    await sql("alter system set max_files_per_process = 900")
    await sql("select pg_reload_conf()")

    async def take_back() -> None:
        await sql("alter system reset max_files_per_process")
        await ground.primary.cluster.stop()
        await ground.primary.cluster.start()

    return Done("a setting of somebody else's waits for a restart", harmless=True, heal=take_back)


async def _takes_the_lock(ground: Ground, _folder: Path) -> Done:
    """Another run of this program is there first, or comes too late: the lock is taken by its own script."""
    which = ground.standby
    home = which.host.home / ".pgrepl-tui"
    file = home / f"lock-{tag_of(str(which.host.data))}"
    other = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", HOLD, "sh", home, file, "somebody@elsewhere (process 1)", "0", "120"),
        cwd="/", env=which.cluster.runner.environment, start_new_session=True, **which.account.spawn,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert other.stdout is not None
    said = (await other.stdout.readline()).decode().split()

    async def leave() -> None:
        if other.stdin is not None:
            other.stdin.close()
        await other.communicate()

    late = said[:1] == ["BUSY"]
    return Done(f"another run asked for the lock: {said}", seen=bool(said), harmless=late, heal=leave)


def _adds_a_line(role: str, name: str, *, undone: str = "", harmless: bool = False) -> Actor:
    async def act(ground: Ground, _folder: Path) -> Done:
        path = ground.of(role).host.folder / name
        with path.open("a") as file:
            file.write(LINE)
        return Done(f"{name} has a line more", LINE in path.read_text(), harmless, {undone} - {""}, added=path)

    return act


async def _makes_the_role(ground: Ground, _folder: Path) -> Done:
    sql = ground.primary.cluster.sql
    await sql(f"create role {ROLE} with login replication password 'not the same'")
    return Done("somebody else made the role", heal=lambda: sql(f"drop role {ROLE}"))


async def _changes_the_password(ground: Ground, _folder: Path) -> Done:
    sql = ground.primary.cluster.sql
    verifier = await sql(f"select rolpassword from pg_authid where rolname = '{ROLE}'")  # noqa: S608 - our own name
    await sql(f"alter role {ROLE} password 'not the same'")
    return Done(
        "somebody else changed the role's password", heal=lambda: sql(f"alter role {ROLE} password '{verifier}'")
    )


async def _restarts(ground: Ground, _folder: Path) -> Done:
    before = ground.primary.postmaster()
    await ground.primary.cluster.stop()
    await ground.primary.cluster.start()
    return Done("somebody else restarted the primary", ground.primary.postmaster() != before, harmless=True)


async def _makes_the_slot(ground: Ground, _folder: Path) -> Done:
    await ground.primary.cluster.sql(f"select pg_create_physical_replication_slot('{SLOT}', true)")
    return Done("somebody else made the slot")


async def _drops_the_slot(ground: Ground, _folder: Path) -> Done:
    await ground.primary.cluster.sql(f"select pg_drop_replication_slot('{SLOT}')")
    return Done("somebody else dropped the slot", undone={"slot"})


async def _takes_the_folder(ground: Ground, _folder: Path) -> Done:
    """A folder of that name, with a file in it."""
    new = ground.standby.host.folder / "data.pgrepl-new"
    if new.exists():
        new.rmdir()
    new.mkdir(mode=0o700)
    (new / "mine").write_text("not yours")
    ground.standby.account.own(new, new / "mine")

    async def leave() -> None:
        if (new / "mine").exists():
            shutil.rmtree(new)

    return Done("a folder of somebody else's is where the copy goes", heal=leave)


async def _replaces_the_folder(ground: Ground, _folder: Path) -> Done:
    """The copy is moved away while it is made, and a folder with a file in it takes its place."""
    folder = ground.standby.host.folder
    new, gone = folder / "data.pgrepl-new", folder / "taken"
    await until(new.exists, "the copy's folder")
    new.rename(gone)
    done = await _takes_the_folder(ground, _folder)

    async def leave() -> None:
        shutil.rmtree(gone, ignore_errors=True)
        assert done.heal is not None
        await done.heal()

    return Done(done.what, heal=leave, undone={"basebackup"})


async def _starts_the_standby(ground: Ground, _folder: Path) -> Done:
    if ground.standby.postmaster() is None:
        await ground.standby.cluster.start()
    return Done("somebody else started the standby", ground.standby.postmaster() is not None, harmless=True)


async def _moves_the_old(ground: Ground, _folder: Path) -> Done:
    (aside,) = ground.standby.host.folder.glob("data.pgrepl-old-*")
    moved = aside.with_name("elsewhere")
    aside.rename(moved)

    async def back() -> None:
        moved.rename(aside)

    return Done("what was set aside was moved away", harmless=True, heal=back)


async def pg_ctl(which: Machine, action: str, data: Path) -> None:
    """Start or stop a server on another data directory than the host's own."""
    words: list[str | Path] = [which.host.bin / "pg_ctl", action, "-D", data, "-s", "-w"]
    words += ["-l", which.host.log] if action == "start" else ["-m", "fast"]
    process = await asyncio.create_subprocess_exec(
        *words, cwd="/", env=which.cluster.runner.environment, start_new_session=True, **which.account.spawn,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if await process.wait():
        raise subprocess.CalledProcessError(process.returncode or 1, [os.fspath(word) for word in words])


CONF, HBA, PASSFILE = "data/postgresql.conf", "data/pg_hba.conf", "home/.pgrepl-tui/passfile"
ACTORS: Mapping[str, Actor] = {
    "connect-before": _another_key,
    "discover-before": _stops_old,
    "discover-after": _stops_old,
    "preflight-before": _new_client,
    "preflight-after": _new_client,
    "lock-before": _takes_the_lock,
    "lock-after": _takes_the_lock,
    "settings-before": _adds_a_line("primary", CONF),
    "settings-after": _adds_a_line("primary", CONF, harmless=True),
    "hba-before": _adds_a_line("primary", HBA),
    "hba-after": _adds_a_line("primary", HBA, harmless=True),
    "role-before": _makes_the_role,
    "role-after": _changes_the_password,
    "restart-before": _restarts,
    "restart-after": _restarts,
    "slot-before": _makes_the_slot,
    "slot-after": _drops_the_slot,
    "stop-before": _stops_old,
    "stop-after": _starts_old,
    "set-aside-before": _starts_old,
    "set-aside-after": _starts_what_was_set_aside,
    "basebackup-before": _takes_the_folder,
    "basebackup-after": _replaces_the_folder,
    "recovery-before": _adds_a_line("standby", PASSFILE, harmless=True),
    "recovery-after": _adds_a_line("standby", PASSFILE, harmless=True),
    "start-before": _starts_the_standby,
    "start-after": _starts_the_standby,
    "finish-before": _moves_the_old,
}
