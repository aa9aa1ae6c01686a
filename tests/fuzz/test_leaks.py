"""No password of a run stands anywhere but in the passfile: every artefact of real runs, searched in many encodings."""

import asyncio
import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.export import FORMATS, export
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.lab.account import environment, lab_account
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.postgres import queries, scram
from pgrepl_tui.postgres.login import Door, own_login
from pgrepl_tui.postgres.passfile import Entry
from pgrepl_tui.postgres.passfile import replace as with_entry
from pgrepl_tui.postgres.password_rules import problem
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.session.recording import Recording
from tests.fuzz.counts import count
from tests.fuzz.leaking import VECTORS, Planted, files_of, hits, needles, with_tail
from tests.lab.running import Ran, run
from tests.lab.test_main_job import watched_processes
from tests.unit.scripted_pair import cluster

IN_EVERY_RUN = ("bs+quote", "conninfo inj", "unicode")
REFUSED_IN_EVERY_RUN = ("CRLF inj",)
PASSFILE = "passfile"
PROGRAMS = "postgresql"
LOUD = ("log_statement = 'all'", "log_min_duration_statement = 0", "log_min_error_statement = 'debug5'",
        "log_min_messages = 'debug1'", "log_connections = on")  # fmt: skip


@asynccontextmanager
async def talkative_lab() -> AsyncIterator[Lab]:
    """A lab whose servers log all that they are told."""
    async with Lab.start(megabytes=8) as lab:
        for host in (lab.primary, lab.standby):
            for setting in LOUD:
                await lab.sql(host, f"alter system set {setting}")
            await lab.sql(host, "select pg_reload_conf()")
        yield lab


def password_file(folder: Path, password: str) -> Path:
    path = folder / "password"
    path.write_bytes(password.encode("utf-8", "surrogatepass") + b"\n")
    path.chmod(0o600)
    return path


async def searched_run(lab: Lab, state: Path, planted: Planted) -> tuple[Ran, dict[str, bytes]]:
    """A run with this password, and everything that it left."""
    seen: set[str] = set()
    given = password_file(state.parent, planted.password)
    async with watched_processes(seen):
        ran = await run(state, "run", str(lab.topology), "--yes", PGREPL_PASSWORD_FILE=str(given))
    given.unlink()
    artefacts = {"output": ran.out.encode(), "errors": ran.err.encode(), "processes": "\n".join(seen).encode()}
    artefacts |= files_of(state)
    artefacts |= files_of(lab.folder, but=frozenset({PASSFILE, PROGRAMS}))
    artefacts |= {f"export {form}": data for form, data in (await asyncio.to_thread(exports, ran.recording)).items()}
    count("processes' arguments and environments", len(seen), of="leaks")
    return ran, artefacts


def exports(path: Path) -> dict[str, bytes]:
    """All four; a page and a picture hold what the screens show."""
    found = {}
    for form in FORMATS:
        with Recording.open(path) as recording:
            found[form] = export(recording, form).encode()
    return found


def searched(planted: Planted, artefacts: dict[str, bytes]) -> None:
    """Nothing is found; what was searched is counted."""
    assert hits(planted, artefacts) == []
    count("passwords in whole runs", of="leaks")
    count("artefacts searched", len(artefacts), of="leaks")
    count("bytes searched", sum(map(len, artefacts.values())), of="leaks")
    count("searches (artefact x encoding)", len(artefacts) * len(planted.needles), of="leaks")
    count("found", 0, of="leaks")


async def undone(lab: Lab, state: Path, ran: Ran) -> None:
    """Take it back, old folders and all, so that the next run begins where this one did."""
    back = await run(state, "undo", str(ran.recording), "--yes")
    assert back.code == 0, back.out
    for copy in lab.standby.folder.glob("data.pgrepl-*"):  # discard is for a pair that streams, which this is no more
        shutil.rmtree(copy)


async def leaks_of(lab: Lab, state: Path, names: tuple[str, ...]) -> None:
    for number, name in enumerate(names):
        planted, mine = with_tail(name), state / str(number) / "state"
        mine.mkdir(parents=True)
        before = await lab.sql(lab.primary, "select count(*) from pg_roles")
        ran, artefacts = await searched_run(lab, mine, planted)
        passfile = lab.standby.home / ".pgrepl-tui" / PASSFILE
        if problem(planted.password):
            assert ran.code == 3, ran.out
            assert "cannot be used: The password" in ran.out
            assert ran.changed() == []
            assert await lab.sql(lab.primary, "select count(*) from pg_roles") == before
            assert planted.tail not in (passfile.read_text() if passfile.exists() else "")
            searched(planted, artefacts)
            count("passwords that are refused before any change", of="leaks")
        else:
            assert ran.code == 0, ran.out + ran.err
            assert "WAL positions: match" in ran.out
            assert planted.tail in passfile.read_text()
            searched(planted, artefacts)
            await undone(lab, mine, ran)


async def test_whole_runs_leave_no_password_anywhere(tmp_path: Path) -> None:
    async with talkative_lab() as lab:
        await leaks_of(lab, tmp_path, (*REFUSED_IN_EVERY_RUN, *IN_EVERY_RUN))


@pytest.mark.leaks
async def test_whole_runs_with_each_of_the_passwords_leave_none_anywhere(tmp_path: Path) -> None:
    async with talkative_lab() as lab:
        await leaks_of(lab, tmp_path, tuple(VECTORS))


@pytest.mark.parametrize("name", VECTORS)
def test_a_tail_is_found_in_every_encoding(name: str) -> None:
    """The search itself: wherever it stands, in whichever encoding, alone or within more."""
    planted = with_tail(name)
    for encoding, words in needles(planted.tail).items():
        for word in words:
            assert f"a place: {encoding}" in hits(planted, {"a place": b"\0noise " + word + b" noise\xff"})
    for ahead in range(3):
        text = base64.b64encode(b"x" * ahead + planted.password.encode() + b":more")
        assert "b: base64" in hits(planted, {"b": text})
    assert hits(planted, {"nothing": os.urandom(5000)}) == []
    count("encodings, each found where it was planted", len(planted.needles), of="leaks")


async def test_what_is_planted_in_an_artefact_is_found_there(tmp_path: Path) -> None:
    """The same search over the same kinds of places, with a real leak in each of them."""
    planted, seen = with_tail("bs+quote"), set[str]()
    async with talkative_lab() as lab:
        sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
        async with watched_processes(seen):
            for argv, env in (([*sleeper, planted.password], {}), (sleeper, {"PGPASSWORD": planted.tail})):
                process = await asyncio.create_subprocess_exec(*argv, env={**os.environ, **env})
                while not any(planted.tail in text and ("PGPASSWORD" in text) == bool(env) for text in seen):
                    await asyncio.sleep(0.05)
                process.kill()
                await process.wait()
        for host in (lab.primary, lab.standby):
            await lab.sql(host, f"select {queries.literal(planted.password)}")
        state = tmp_path / "state"
        state.mkdir()
        (state / "crash.txt").write_text(repr(planted.password))
        ran = await run(tmp_path, "run", str(lab.topology), "--plan")
        spoilt = await asyncio.to_thread(exports, spoiled(ran.recording, planted))
        artefacts = {"processes": "\n".join(seen).encode(), **files_of(state)}
        artefacts |= files_of(lab.folder, but=frozenset({PASSFILE, PROGRAMS}))
        artefacts |= {f"export {form}": data for form, data in spoilt.items()}
        artefacts["recording"] = spoiled(ran.recording, planted).read_bytes()
    found = {hit.rpartition(": ")[0] for hit in hits(planted, artefacts)}
    logs = {str(host.log) for host in (lab.primary, lab.standby)}
    assert found == {"processes", "recording", str(state / "crash.txt"), *logs, *(f"export {to}" for to in FORMATS)}
    assert sum(planted.password in text for text in seen) == 1
    assert sum(f"PGPASSWORD={planted.tail}" in text for text in seen) >= 1
    count("artefacts, each with a planted password that was found", len(found) + 1, of="leaks")


def spoiled(recording: Path, planted: Planted) -> Path:
    """The recording with the password where every screen shows it: as the primary's name."""
    header, first, rest = recording.read_text(encoding="utf-8").split("\n", 2)
    begun = json.loads(first)
    assert begun["e"] == "run_started"
    path = recording.with_name("spoiled.jsonl")
    line = json.dumps({**begun, "primary": planted.tail}, ensure_ascii=False)
    path.write_text(f"{header}\n{line}\n{rest}", encoding="utf-8")
    return path


async def test_each_password_works_from_a_passfile_or_is_refused_before_anything_changes(tmp_path: Path) -> None:
    """The bare vectors, against a real server: a replication login by the passfile, as the WAL receiver makes it."""
    works = set()
    async with Lab.start(megabytes=8) as lab:
        assert (await run(tmp_path, "run", str(lab.topology), "--yes")).code == 0
        for name, password in VECTORS.items():
            if problem(password, Major(17)):
                await assert_refused(lab, tmp_path, password)
                continue
            verifier = scram.verifier("replicator", password, scram=True)
            await lab.sql(lab.primary, f"alter role replicator password {queries.literal(verifier)}")
            assert await logs_in(lab, password), name
            assert not await logs_in(lab, f"{password}x"), name
            works.add(name)
    assert VECTORS.keys() - works == {"newline", "CR", "CRLF inj", "empty"}
    count("bare passwords that log in by the passfile", len(works), of="leaks")
    count("bare passwords that are refused before any change", len(VECTORS) - len(works), of="leaks")


async def assert_refused(lab: Lab, state: Path, password: str) -> None:
    """By a run that was given it: with the reason, with nothing changed."""
    passfile = lab.standby.home / ".pgrepl-tui" / PASSFILE
    role = "select rolpassword from pg_authid where rolname = 'replicator'"
    before = passfile.read_bytes(), await lab.sql(lab.primary, role)
    path = password_file(state, password)
    ran = await run(state, "run", str(lab.topology), "--yes", PGREPL_PASSWORD_FILE=str(path))
    assert ran.code == 3, ran.out
    assert "cannot be used: The password" in ran.out
    assert ran.changed() == []
    assert before == (passfile.read_bytes(), await lab.sql(lab.primary, role))


async def logs_in(lab: Lab, password: str) -> bool:
    """A replication login on the standby's host, by libpq and a passfile that we wrote."""
    account, address = lab_account(), lab.primary.address
    passfile = lab.standby.home / "tried-passfile"
    passfile.write_text(with_entry("", Entry(address, str(lab.primary.pg_port), "replication", "replicator", password)))
    passfile.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(passfile, account.uid, account.gid)
    door = Door(address, lab.primary.pg_port, "replicator", "require")
    command = own_login(replace(cluster(Major(17)), bin=str(lab.standby.bin), os_user=lab.user), door)
    env = {**environment(account, lab.standby.home, lab.standby.bin, lab.folder), "PGPASSFILE": str(passfile)}
    process = await asyncio.create_subprocess_exec(
        *command.argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd="/", **account.spawn
    )
    out, err = await process.communicate()
    assert process.returncode == 0 or b"password authentication failed" in err, err
    return process.returncode == 0 and out.startswith(b"7")


def test_a_secret_says_nothing_of_itself() -> None:
    for name in VECTORS:
        planted = with_tail(name)
        secret = Secret(planted.password)
        shown = {"repr": repr(secret), "str": str(secret), "format": f"{secret}", "vars": repr([secret, {secret: 1}])}
        assert hits(planted, {place: text.encode() for place, text in shown.items()}) == []
