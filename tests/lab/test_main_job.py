"""The main job on the lab: real SSH, real PostgreSQL, the program as a process of its own."""

import asyncio
import contextlib
import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

from pgrepl_tui.lab.client import Lab
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.secret_forms import forms
from pgrepl_tui.session.state import SessionState, fold
from tests.lab.running import everything_in, finished, run, set_up, start

MEGABYTES = 16
LSN = r"[0-9A-F]+/[0-9A-F]+"


def password_of(lab: Lab) -> str:
    """The role's password, from the standby's passfile."""
    passfile = lab.standby.home / ".pgrepl-tui" / "passfile"
    return passfile.read_text().strip().rsplit(":", 1)[1]


def recorded(path: Path) -> SessionState:
    with Recording.open(path) as recording:
        state = fold(event for event, _ in recording.events())
        assert recording.problems == ""
    return state


@contextlib.asynccontextmanager
async def watched_processes(found: set[str]) -> AsyncIterator[None]:
    """Collect the arguments and environments of all processes, again and again."""

    def look() -> None:
        for name in os.listdir("/proc"):
            for part in ("cmdline", "environ"):
                with contextlib.suppress(OSError):
                    found.add(Path(f"/proc/{name}/{part}").read_bytes().decode("utf-8", "replace"))

    async def forever() -> None:
        while True:
            await asyncio.to_thread(look)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(forever())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_two_hosts_become_a_pair_and_nothing_is_left_to_do(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        first = await set_up(lab, tmp_path)
        tail = first.out[first.out.index("\nprimary ") :]
        lsn = re.search(rf"^primary  db1 +({LSN}) +written; read from db1", tail, re.MULTILINE)
        assert lsn is not None, tail
        assert re.search(rf"^standby  db2 +{lsn[1]} +received and replayed", tail, re.MULTILINE), tail
        assert "WAL positions: match" in tail
        assert re.search(r"^marked record .*sent .* ms, .*replayed .* ms$", tail, re.MULTILINE), tail
        assert await lab.sql(lab.standby, "select pg_is_in_recovery()") == "t"
        assert "legacy" in await old_databases(lab)

        again = await run(tmp_path, "run", str(lab.topology))
        assert again.code == 0, again.out
        assert again.changed() == []
        assert "0 changes" in again.out.splitlines()[-3]


async def old_databases(lab: Lab) -> str:
    """The standby's old cluster, started from where it was set aside, still has its database."""
    (aside,) = lab.standby.folder.glob("data.pgrepl-old-*")
    assert (aside / "PG_VERSION").exists()
    return await _databases_of(lab, aside)


async def _databases_of(lab: Lab, aside: Path) -> str:
    """Ask a single-user server, which needs neither port nor socket."""
    command = [str(lab.standby.bin / "postgres"), "--single", "-D", str(aside), "postgres"]
    user = {"user": lab.user, "extra_groups": []} if os.geteuid() == 0 else {}
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=lab.standby.home,
        env={"PATH": os.environ["PATH"], "HOME": str(lab.standby.home)},
        **user,  # type: ignore[arg-type]
    )
    out, _ = await process.communicate(b"select datname from pg_database\n")
    return out.decode()


async def test_the_recording_replays_to_the_same_positions_with_the_hosts_gone(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        ran = await set_up(lab, tmp_path)
    assert ran.recording.stat().st_mode & 0o777 == 0o600
    state = recorded(ran.recording)
    assert state.matched is not None
    assert state.matched.matching
    assert state.matched.lsn in ran.out
    replayed = await run(tmp_path, "replay", str(ran.recording), "--headless")
    assert replayed.code == 0
    assert replayed.out.splitlines()[-8:] == ran.out.splitlines()[-8:]


async def test_no_secret_is_seen_anywhere_during_a_run(tmp_path: Path) -> None:
    seen: set[str] = set()
    async with Lab.start(megabytes=MEGABYTES) as lab:
        async with watched_processes(seen):
            ran = await set_up(lab, tmp_path)
        secret = password_of(lab)
        verifier = await lab.sql(lab.primary, "select rolpassword from pg_authid where rolname = 'replicator'")
        logs = everything_in(lab.primary.log, lab.standby.log)
        kept = everything_in(lab.standby.data / "postgresql.auto.conf", lab.standby.home / ".pgrepl-tui" / "nothing")
    everywhere = {
        "output": ran.out + ran.err,
        "recording": ran.recording.read_text(),
        "server logs": logs.decode("utf-8", "replace"),
        "standby's configuration": kept.decode(),
        "processes": "\n".join(seen),
    }
    assert any("pg_basebackup" in text for text in seen)
    for place, text in everywhere.items():
        assert not [form for form in (*forms(secret), verifier) if form in text], place


async def test_a_run_that_is_killed_in_the_base_backup_is_taken_up(tmp_path: Path) -> None:
    async with Lab.start(megabytes=64) as lab:
        process = await start(tmp_path, "run", str(lab.topology), "--yes", "--json")
        assert process.stdout is not None
        async for raw in process.stdout:
            event = json.loads(raw)
            if event["e"] == "progress" and event["phase"] in {"waiting for checkpoint", "copying"}:
                process.kill()
                break
        assert await finished(process) == -9
        assert await lab.sql(lab.standby, "select count(*) from pg_database where datname = 'legacy'") == "1"
        ran = await set_up(lab, tmp_path)
        assert "replication role" not in ran.changed()
        assert "set the old data directory aside" in ran.changed()
        assert "WAL positions: match" in ran.out
        again = await run(tmp_path, "run", str(lab.topology))
        assert (again.code, again.changed()) == (0, [])


async def test_a_standby_whose_replay_is_paused_does_not_match(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        await set_up(lab, tmp_path)
        await lab.sql(lab.standby, "select pg_wal_replay_pause()")
        ran = await run(tmp_path, "run", str(lab.topology))
        assert ran.code == 1
        assert "NO MATCH: WAL replay is paused on the standby" in ran.out
        assert "pg_wal_replay_resume()" in ran.out
        await lab.sql(lab.standby, "select pg_wal_replay_resume()")
        assert (await run(tmp_path, "run", str(lab.topology))).code == 0


async def test_a_plan_shows_all_and_changes_nothing(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        before = {name: (lab.primary.data / name).read_bytes() for name in ("postgresql.conf", "pg_hba.conf")}
        ran = await run(tmp_path, "run", str(lab.topology), "--plan")
        assert ran.code == 0, ran.out
        for expected in ("+listen_addresses =", "create role", "+hostssl", "pg_basebackup", "mv -T", "********"):
            assert expected in ran.out
        assert await lab.sql(lab.primary, "select count(*) from pg_roles where rolname = 'replicator'") == "0"
        assert before == {name: (lab.primary.data / name).read_bytes() for name in before}
        assert not (lab.standby.home / ".pgrepl-tui").exists()
        assert await lab.sql(lab.standby, "select pg_is_in_recovery()") == "f"


async def test_a_run_without_yes_and_without_a_terminal_stops_before_the_restart(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        started = "select pg_postmaster_start_time()"
        before = await lab.sql(lab.primary, started)
        ran = await run(tmp_path, "run", str(lab.topology))
        assert ran.code == 3
        assert "--yes" in ran.out
        assert await lab.sql(lab.primary, started) == before


async def test_ctrl_c_ends_a_run_in_order(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        process = await start(tmp_path, "run", str(lab.topology), "--yes")
        assert process.stdout is not None
        lines = []
        async for raw in process.stdout:
            lines.append(raw.decode())
            if "waiting for checkpoint" in lines[-1]:
                process.send_signal(2)
        assert await finished(process) == 4
        assert "interrupted" in "".join(lines)
        assert not [found for found in lab.processes() if "pg_basebackup" in str(found)]
        assert "WAL positions: match" in (await set_up(lab, tmp_path)).out


async def test_a_second_run_is_told_who_works_on_the_pair(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        first = await start(tmp_path, "run", str(lab.topology), "--yes", "--json")
        assert first.stdout is not None
        async for raw in first.stdout:
            event = json.loads(raw)
            if event["e"] == "step_ended" and event["step"] == "lock":
                break
        second = await run(tmp_path, "run", str(lab.topology), "--yes")
        assert second.code == 3, second.out
        assert f"another run works on {lab.primary.data} on db1" in second.out
        assert f"(process {first.pid}) since" in second.out
        first.kill()
        assert await finished(first) == -9
        assert (await set_up(lab, tmp_path)).code == 0
