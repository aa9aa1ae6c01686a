"""Undo on the lab: everything back as it was, from anywhere, after any crash; and discard, which takes undo away."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pgrepl_tui.lab.account import environment, lab_account
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.lab.layout import LabHost
from tests.lab.running import LIMIT, Ran, finished, run, set_up, start
from tests.lab.test_layouts import linked, mapped, tablespace
from tests.lab.test_odd_places import give, pg_ctl, pg_ctl_stopped, up_again

MEGABYTES = 8
CONFIGURATION = ("*.conf", "server.crt", "server.key", "*.signal", "PG_VERSION")
SETTINGS = "select name, setting, boot_val, reset_val, pending_restart from pg_settings order by name"
ROLES = "select rolname, rolcanlogin, rolreplication, rolsuper, rolpassword from pg_authid order by rolname"
SLOTS = "select slot_name, slot_type from pg_replication_slots order by slot_name"
DATABASES = "select datname from pg_database order by datname"

Event = dict[str, Any]


async def snapshot(lab: Lab, *, asking: tuple[str, ...] = ("db1", "db2")) -> dict[str, object]:
    """All that undo has to bring back: files with bytes, owner and mode, and what the servers say of themselves."""
    found: dict[str, object] = {}
    for host in (lab.primary, lab.standby):
        for path in _files(host):
            facts = path.stat()
            found[f"{host.name}:{path.name}"] = (path.read_bytes(), facts.st_uid, facts.st_gid, oct(facts.st_mode))
        for query in (SETTINGS, ROLES, SLOTS, DATABASES) if host.name in asking else ():
            found[f"{host.name}: {query}"] = await lab.sql(host, query)
        found[f"{host.name}: folder"] = host.data.stat().st_ino, oct(host.data.stat().st_mode)
    return found


def _files(host: LabHost) -> list[Path]:
    passfile = host.home / ".pgrepl-tui" / "passfile"
    return [path for name in CONFIGURATION for path in sorted(host.data.glob(name))] + (
        [passfile] if passfile.exists() else []
    )


def differences(before: dict[str, object], after: dict[str, object]) -> dict[str, tuple[object, object]]:
    return {
        name: (before.get(name), after.get(name))
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }


def restart(lab: Lab, host: LabHost) -> None:
    """Restart a server as its owner would, group and all: what it writes must be its owner's to replace."""
    command = [str(host.bin / "pg_ctl"), "-D", str(host.data), "-l", str(host.log), "-m", "fast", "-w", "restart"]
    account = lab_account()
    env = environment(account, host.home, host.bin, lab.folder)
    subprocess.run(command, check=True, capture_output=True, cwd="/", env=env, **account.spawn)


async def make_it_hard(lab: Lab) -> None:
    """Settings by ALTER SYSTEM, no TLS, a standby whose own settings are too low, a passfile that others can read."""
    for setting in ("max_wal_senders = 3", "wal_keep_size = 0"):
        await lab.sql(lab.primary, f"alter system set {setting}")
    for host, lines in ((lab.primary, "ssl = off\n"), (lab.standby, "hot_standby = off\nmax_connections = 20\n")):
        with (host.data / "postgresql.conf").open("a") as conf:
            conf.write(lines)
        restart(lab, host)
    for name in ("server.crt", "server.key"):
        (lab.primary.data / name).unlink()
    folder = lab.standby.home / ".pgrepl-tui"
    folder.mkdir(mode=0o700)
    (folder / "passfile").write_text("other.example:5432:*:app:not our business\n")
    (folder / "passfile").chmod(0o644)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", f"{lab.user}:", folder], check=True)


async def undo(state: Path, what: Path, *options: str) -> Ran:
    """An undo that has to work."""
    ran = await run(state, "undo", str(what), "--yes", *options)
    assert ran.code == 0, ran.out + ran.err
    return ran


async def test_everything_comes_back_and_the_pair_can_be_made_again(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        await make_it_hard(lab)
        before = await snapshot(lab)
        made = await set_up(lab, tmp_path)
        assert f"to undo it: pgrepl-tui undo {made.recording}" in made.out
        during = await snapshot(lab)
        changed = differences(before, during)
        assert {"db1:postgresql.conf", "db1:postgresql.auto.conf", "db1:server.key", "db2:passfile"} <= changed.keys()

        planned = await run(tmp_path, "undo", str(lab.topology), "--plan")
        assert planned.code == 0, planned.out
        for words in ("mv -T", "drop role", "pg_drop_replication_slot", "cp -p", "-listen_addresses"):
            assert words in planned.out, planned.out
        unasked = await run(tmp_path, "undo", str(lab.topology))
        assert unasked.code == 3
        assert "stop the standby: the operator said no" in unasked.out
        assert differences(during, await snapshot(lab)) == {}

        elsewhere = tmp_path / "another machine"
        done = await undo(elsewhere, lab.topology)
        assert differences(before, await snapshot(lab)) == {}
        assert "not our business" not in done.out + done.recording.read_text()
        assert await lab.sql(lab.standby, "select count(*) from branches", "legacy") == "3"
        (copy,) = lab.standby.folder.glob("data.pgrepl-undone-*")
        assert (copy / "PG_VERSION").exists()

        await nothing_is_left_to_undo(lab, tmp_path, made.recording)
        again = await set_up(lab, tmp_path)
        assert "WAL positions: match" in again.out
        await discard_wants_the_name(lab, tmp_path)


async def nothing_is_left_to_undo(lab: Lab, state: Path, recording: Path) -> None:
    """By the topology and by the recording; and an undo is nothing that undo would take."""
    before = await snapshot(lab)
    for what in (lab.topology, recording):
        ran = await undo(state, what)
        assert ran.changed() == []
        assert "0 changes" in ran.out.splitlines()[-3]
    assert (await run(state, "undo", str(ran.recording))).code == 2
    assert differences(before, await snapshot(lab)) == {}


async def discard_wants_the_name(lab: Lab, state: Path) -> None:
    """Neither no name nor another one deletes; the right one does, and takes undo away."""
    folders = sorted(lab.standby.folder.glob("data.pgrepl-*"))
    assert len(folders) == 2
    for given in ((), ("--host", "db1"), ("--host", "DB2")):
        ran = await run(state, "discard", str(lab.topology), *given)
        assert ran.code == 3, ran.out
        assert sorted(lab.standby.folder.glob("data.pgrepl-*")) == folders
    assert (await run(state, "discard", str(lab.topology), "--yes")).code == 2
    ran = await run(state, "discard", str(lab.topology), "--host", "db2")
    assert ran.code == 0, ran.out
    assert all(str(folder) in ran.out for folder in folders)
    assert list(lab.standby.folder.glob("data.pgrepl-*")) == []
    assert (await run(state, "run", str(lab.topology))).changed() == []
    late = await run(state, "undo", str(lab.topology), "--yes")
    assert late.code == 3
    assert "is not there any more" in late.out


async def killed(state: Path, when: Callable[[Event], bool], *arguments: str) -> Path:
    """A run that is killed at an event; its recording."""
    recording = state / "killed.jsonl"
    recording.unlink(missing_ok=True)
    process = await start(state, *arguments, "--yes", "--json", "--recording", str(recording))
    assert process.stdout is not None
    said = []
    async for raw in process.stdout:
        said.append(raw.decode())
        if when(json.loads(raw)):
            process.kill()
            break
    assert await finished(process) == -9, "".join(said[-3:])
    return recording


def begins(step: str, words: str) -> Callable[[Event], bool]:
    """The moment when a step sends a command to a host."""
    return lambda event: event["e"] == "command_started" and event["step"] == step and words in event["line"]


def ends(step: str) -> Callable[[Event], bool]:
    """The moment when a step is done."""
    return lambda event: event["e"] == "step_ended" and event["step"] == step


async def test_a_run_that_was_killed_in_the_base_backup_is_undone_unless_somebody_else_was_there(
    tmp_path: Path,
) -> None:
    async with Lab.start(megabytes=64) as lab:
        before = await snapshot(lab)
        topology = str(lab.topology)
        await killed(tmp_path, ends("role"), "run", topology)
        recording = await killed(
            tmp_path, lambda event: event["e"] == "progress" and event["phase"] == "copying", "run", topology
        )

        hba = lab.primary.data / "pg_hba.conf"
        ours = hba.read_bytes()
        hba.write_bytes(ours + b"# somebody else\n")
        stopped = await run(tmp_path, "undo", str(recording), "--yes")
        assert stopped.code == 3, stopped.out
        assert f"{hba} on db1 is not what this program wrote" in stopped.out
        assert "/backup-" in stopped.out
        assert stopped.changed() == []
        hba.write_bytes(ours)

        ran = await undo(tmp_path, recording)
        assert "2 runs, back to what was before the first" in ran.out
        assert differences(before, await snapshot(lab)) == {}
        assert not [found for found in lab.processes() if "pg_basebackup" in str(found)]
        assert not (lab.standby.folder / "data.pgrepl-new").exists()
        assert await lab.sql(lab.standby, "select count(*) from branches", "legacy") == "3"


async def test_kill_anywhere_in_an_undo_and_undo_again(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        before = await snapshot(lab)
        topology = str(lab.topology)
        recording = await killed(tmp_path, ends("set-aside"), "run", topology)
        (tmp_path / "cut.jsonl").write_bytes(recording.read_bytes())
        pg_ctl_stopped(lab)  # on a busy machine the run has come further before it was killed
        await killed(tmp_path, begins("undo-set-aside", "mv -T"), "undo", topology)
        await killed(tmp_path, begins("undo-start", "pg_ctl"), "undo", topology)
        await killed(tmp_path, begins("undo-primary-files", "pg_reload_conf"), "undo", topology)
        await killed(tmp_path, begins("undo-restart", "pg_ctl"), "undo", topology)
        await up_again(lab)
        await killed(tmp_path, begins("undo-journal", "mv journal"), "undo", topology)
        await undo(tmp_path, tmp_path / "cut.jsonl")
        assert differences(before, await snapshot(lab)) == {}

        await set_up(lab, tmp_path)
        await lab.sql(lab.standby, "select pg_promote()")
        during = await snapshot(lab)
        refused = await run(tmp_path, "undo", topology, "--yes")
        assert refused.code == 3, refused.out
        assert "db2 is not in recovery any more" in refused.out
        assert differences(during, await snapshot(lab)) == {}


async def test_what_lies_outside_the_data_directory_comes_back_with_it(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        primary, standby = lab.primary.folder / "ts", lab.standby.folder / "ts"
        await tablespace(lab, "primary", "space", primary / "one", "new_table")
        await tablespace(lab, "standby", "space", standby / "one", "old_table")
        give(lab, standby)
        pg_ctl(lab, lab.standby, "stop")
        linked(lab, lab.standby.data / "pg_wal", lab.standby.folder / "wal/pg_wal")
        pg_ctl(lab, lab.standby, "start")
        mapped(lab, tablespaces={str(primary / "one"): str(standby / "one")})
        before = await snapshot(lab), *outside(lab, standby)

        await killed(tmp_path, lambda event: event["e"] == "progress" and event["done"] > 0, "run", str(lab.topology))
        await undo(tmp_path, lab.topology)
        assert (await snapshot(lab), *outside(lab, standby)) == before
        await set_up(lab, tmp_path)
        assert await lab.sql(lab.standby, "select count(*) from new_table") == "1000"
        await killed(tmp_path, begins("undo-set-aside", "mv -T"), "undo", str(lab.topology))
        await undo(tmp_path, lab.topology)
        assert (await snapshot(lab), *outside(lab, standby)) == before
        assert await lab.sql(lab.standby, "select count(*) from old_table") == "1000"

        await set_up(lab, tmp_path)
        ran = await run(tmp_path, "discard", str(lab.topology), "--host", "db2")
        assert ran.code == 0, ran.out
        assert [path.name for path in (standby / "one").iterdir() if not path.name.startswith("PG_")] == []
        assert [path.name for path in (lab.standby.folder / "wal").iterdir()] == ["pg_wal"]
        assert await lab.sql(lab.standby, "select count(*) from new_table") == "1000"


def outside(lab: Lab, homes: Path) -> tuple[str, str, list[str]]:
    """Where the old cluster's own links lead, and what of it is in its tablespace."""
    (link,) = (lab.standby.data / "pg_tblspc").iterdir()
    folders = [path.name for path in (homes / "one").iterdir() if path.name.startswith("PG_")]
    return str((lab.standby.data / "pg_wal").resolve()), str(link.resolve()), folders


async def test_where_nothing_was_nothing_is_left_and_a_standby_in_place_is_put_right_in_place(tmp_path: Path) -> None:
    async with Lab.start(megabytes=MEGABYTES) as lab:
        pg_ctl(lab, lab.standby, "stop")
        shutil.rmtree(lab.standby.data)
        lab.standby.data.mkdir(mode=0o750)
        give(lab, lab.standby.data)
        await set_up(lab, tmp_path)

        # As if the set-up had been somebody else's: what a later run did in place is undone in place.
        hide(lab, "journal-", "hidden-")
        in_place = await snapshot(lab, asking=("db1",))
        text = lab.topology.read_text()
        lab.topology.write_text(text.replace("slot: true", "slot: false"))
        assert (await set_up(lab, tmp_path)).changed() == ["server settings", "standby configuration"]
        ran = await undo(tmp_path, lab.topology)
        sides = ["the standby's files as they were", "the primary's files as they were"]
        assert ran.changed() == [*sides, "mark the runs as undone"]
        assert differences(in_place, await snapshot(lab, asking=("db1",))) == {}
        lab.topology.write_text(text)
        await slot_in_use(lab)

        hide(lab, "hidden-", "journal-")
        await undo(tmp_path, lab.topology)
        assert list(lab.standby.data.iterdir()) == []
        assert lab.standby.data.stat().st_mode & 0o777 == 0o750
        assert await lab.sql(lab.primary, SLOTS) == ""
        assert await lab.sql(lab.primary, "select count(*) from pg_roles where rolname = 'replicator'") == "0"


def hide(lab: Lab, old: str, new: str) -> None:
    for host in (lab.primary, lab.standby):
        for path in (host.home / ".pgrepl-tui").glob(f"{old}*"):
            path.rename(path.with_name(new + path.name.removeprefix(old)))


async def slot_in_use(lab: Lab) -> None:
    """The standby streams through its slot again."""
    async with asyncio.timeout(LIMIT):
        while await lab.sql(lab.primary, "select active from pg_replication_slots") != "t":
            await asyncio.sleep(0.1)
