"""What a DBA finds at 3 a.m.: files that somebody broke, values that win, runs that were cut, paths with blanks."""

import asyncio
import contextlib
import json
import os
import pwd
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pgrepl_tui.lab.client import Lab
from pgrepl_tui.lab.errors import LabError
from pgrepl_tui.lab.layout import LabHost
from tests.lab.running import LIMIT, Ran, finished, run, set_up, start

MEGABYTES = 8
STARTED = "select pg_postmaster_start_time()"


def pg_ctl(lab: Lab, host: LabHost, action: str, data: Path | None = None, *, options: str = "") -> None:
    """Start, stop or restart a server by hand."""
    own = {"user": lab.user, "group": pwd.getpwnam(lab.user).pw_gid, "extra_groups": []}
    become = own if os.geteuid() == 0 else {}
    command = [str(host.bin / "pg_ctl"), "-D", str(data or host.data), "-l", str(host.log), "-m", "fast", "-w", action]
    command = [word for word in command if action != "start" or word not in {"-m", "fast"}]
    command += ["-o", options] if options else []
    subprocess.run(command, check=True, capture_output=True, cwd="/", **become)  # type: ignore[call-overload]


def give(lab: Lab, *paths: Path) -> None:
    """Let the lab's user own them."""
    if os.geteuid() == 0:
        subprocess.run(["chown", "-hR", lab.user, *paths], check=True)


async def agreed(lab: Lab, state: Path) -> Ran:
    """A run with --yes that has to work, and after which nothing is left to do."""
    ran = await set_up(lab, state)
    again = await run(state, "run", str(lab.topology))
    assert (again.code, again.changed()) == (0, []), again.out
    return ran


async def test_a_primary_that_would_not_start_again_is_not_restarted(tmp_path: Path) -> None:
    """pg_hba.conf broken by somebody: a running server goes on with the old rules, a restart would be its end."""
    async with Lab.start(megabytes=MEGABYTES) as lab:
        hba = lab.primary.data / "pg_hba.conf"
        good, before = hba.read_text(), await lab.sql(lab.primary, STARTED)
        hba.write_text(f"{good}this is no rule\n")
        ran = await run(tmp_path, "run", str(lab.topology), "--yes")
        assert ran.code == 3, ran.out
        assert f"{hba}: line " in ran.out
        assert await lab.sql(lab.primary, STARTED) == before

        # A reject rule above ours, not a slot or a sender to spare, and a run that stops before the restart.
        hba.write_text(f"host replication replicator 127.0.0.0/8 reject\n{good}")
        for setting in ("max_wal_senders = 3", "max_replication_slots = 1", "wal_keep_size = 0"):
            await lab.sql(lab.primary, f"alter system set {setting}")
        pg_ctl(lab, lab.primary, "restart")
        await set_old_cluster_up(lab)
        assert (await run(tmp_path, "run", str(lab.topology))).code == 3
        ran = await agreed(lab, tmp_path)
        assert "restart the primary" in ran.changed()
        assert await lab.sql(lab.standby, "show work_mem") == "5MB"
        await change_the_standby(lab, tmp_path)


async def set_old_cluster_up(lab: Lab) -> None:
    """An old cluster with settings in a folder of their own, a logging collector, and a slot of another primary."""
    extra = lab.standby.data / "extra"
    extra.mkdir()
    (extra / "own.conf").write_text("work_mem = '5MB'\nlogging_collector = on\n")
    give(lab, extra)
    with (lab.standby.data / "postgresql.conf").open("a") as conf:
        conf.write("include_dir 'extra'\n")
    await lab.sql(lab.standby, "alter system set primary_slot_name = 'of_another_primary'")
    pg_ctl(lab, lab.standby, "restart")


async def change_the_standby(lab: Lab, state: Path) -> None:
    """Another connection string, no slot any more, a slot that was dropped: each is mended, none by a new copy."""
    secret = "an old secret"
    by_hand = f"host=127.0.0.9 user=x password=''{secret}''"
    await lab.sql(lab.standby, f"alter system set primary_conninfo = '{by_hand}'")
    ran = await set_up(lab, state)
    assert ran.changed() == ["standby configuration"]
    assert "secret" not in ran.out + ran.recording.read_text()

    text = lab.topology.read_text()
    lab.topology.write_text(text.replace("slot: true", "slot: false"))
    assert "standby configuration" in (await set_up(lab, state)).changed()
    lab.topology.write_text(text)
    assert (await set_up(lab, state)).changed() == ["standby configuration"]

    pg_ctl(lab, lab.standby, "stop")
    await lab.sql(lab.primary, "select pg_drop_replication_slot('pgrepl_db2')")
    assert (await agreed(lab, state)).changed()[-2:] == ["replication slot", "start the standby"]


async def test_a_crashed_old_cluster_is_refused_and_an_empty_place_is_filled(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        pid_file = lab.standby.data / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        ran = await run(tmp_path, "run", str(lab.topology), "--yes")
        assert ran.code == 3
        assert "was not shut down in order" in ran.out
        # The number of the process that crashed is another cluster's by now: the primary's.
        before = await lab.sql(lab.primary, STARTED)
        other = (lab.primary.data / "postmaster.pid").read_text().split("\n")[0]
        pid_file.write_text("\n".join([other, *pid_file.read_text().split("\n")[1:]]))
        ran = await run(tmp_path, "run", str(lab.topology), "--yes")
        assert ran.code == 3
        assert "was not shut down in order" in ran.out
        assert await lab.sql(lab.primary, STARTED) == before

        # Reached by IPv6, its port and addresses set by ALTER SYSTEM; the new standby behind a link.
        for setting in (f"port = {lab.primary.pg_port}", "listen_addresses = 'localhost'"):
            await lab.sql(lab.primary, f"alter system set {setting}")
        place = lab.standby.folder / "it's a new place"
        place.mkdir()
        link = lab.standby.folder / "link"
        link.symlink_to(place / "main")
        give(lab, place, link)
        text = lab.topology.read_text().replace(f"address: {lab.primary.address}", "address: '::1'")
        lab.topology.write_text(text.replace(str(lab.standby.data), str(link)))
        ran = await set_up(lab, tmp_path)
        assert "db1 sends to ::1" in ran.out
        again = await run(tmp_path, "run", str(lab.topology))
        assert (again.code, again.changed()) == (0, []), again.out
        assert f"runs on port {lab.standby.pg_port}, data directory {place / 'main'}" in again.out


async def cut(lab: Lab, state: Path, when: Callable[[dict[str, Any]], bool]) -> None:
    """A run that is killed at an event."""
    process = await start(state, "run", str(lab.topology), "--yes", "--json")
    assert process.stdout is not None
    async for raw in process.stdout:
        if when(json.loads(raw)):
            process.kill()
            break
    assert await finished(process) == -9


def sends(step: str, words: str) -> Callable[[dict[str, Any]], bool]:
    """The moment when a step sends a command to a host."""
    return lambda event: event["e"] == "command_started" and event["step"] == step and words in event["line"]


async def test_a_run_that_is_killed_between_two_actions_is_taken_up(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        await cut(lab, tmp_path, sends("settings", "pg_reload_conf"))
        await cut(lab, tmp_path, sends("restart", "pg_ctl"))
        await up_again(lab)
        await cut(lab, tmp_path, sends("hba", "pg_reload_conf"))
        await cut(lab, tmp_path, sends("configure", "copy the own configuration"))

        # The copy is complete; then the slot was dropped, and the primary threw its WAL away.
        await lab.sql(lab.primary, "select pg_drop_replication_slot('pgrepl_db2')")
        await lab.sql(lab.primary, "alter system set wal_keep_size = 0")
        await lab.sql(lab.primary, "select pg_reload_conf()")
        for _ in range(2):
            await lab.sql(lab.primary, "select pg_switch_wal()")
            await lab.sql(lab.primary, "checkpoint")
        await cut(lab, tmp_path, sends("stop", "pg_ctl"))

        # As if cut between the two renames.
        aside = Path(f"{lab.standby.data}.pgrepl-old-20200101T000000Z")
        pg_ctl_stopped(lab)
        lab.standby.data.rename(aside)
        ran = await agreed(lab, tmp_path)
        assert "base backup" not in ran.changed()
        assert (aside / "PG_VERSION").exists()
        assert await lab.sql(lab.standby, "show port") == str(lab.standby.pg_port)


async def test_a_copy_that_is_not_configured_yet_takes_no_writes_even_where_it_is_started_by_hand(
    tmp_path: Path,
) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        await cut(lab, tmp_path, sends("configure", "copy the own configuration"))
        copy = Path(f"{lab.standby.data}.pgrepl-new")
        pg_ctl(lab, lab.standby, "stop")
        own = f"-c port={lab.standby.pg_port} -c unix_socket_directories={lab.standby.folder / 'socket'}"
        pg_ctl(lab, lab.standby, "start", copy, options=own)
        assert await lab.sql(lab.standby, "select pg_is_in_recovery()") == "t"
        pg_ctl(lab, lab.standby, "stop", copy)
        pg_ctl(lab, lab.standby, "start")
        ran = await agreed(lab, tmp_path)
        assert "base backup" not in ran.changed()


async def up_again(lab: Lab) -> None:
    """The restart has come to its end on the host, whatever became of the run that asked for it."""
    async with asyncio.timeout(LIMIT):
        while any("pg_ctl" in process.arguments for process in lab.processes()) or not await answers(lab):
            await asyncio.sleep(0.2)


async def answers(lab: Lab) -> bool:
    try:
        return await lab.sql(lab.primary, "select 1") == "1"
    except LabError:
        return False


def pg_ctl_stopped(lab: Lab) -> None:
    """The cluster in the standby's place is down, whatever became of it in the run that was cut."""
    if (lab.standby.data / "postmaster.pid").exists():
        with contextlib.suppress(subprocess.CalledProcessError):
            pg_ctl(lab, lab.standby, "stop")
