"""The whole job on every major version: two real clusters, the lab's own SSH, the program as a process of its own.

``make test-matrix`` runs it; ``make test`` does not, because the packages come from the network the first time.
"""

import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from pgrepl_tui.lab.account import environment, lab_account
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.lab.layout import LabHost
from pgrepl_tui.postgres.control import parse_control
from pgrepl_tui.session.secret_forms import forms
from tests.lab.running import Ran, everything_in, run
from tests.lab.test_main_job import password_of, recorded
from tests.lab.test_undo import differences, snapshot
from tests.matrix.control_reader import LAYOUTS, lines, read
from tests.matrix.packages import PACKAGES, Package, UnavailableError, programs

pytestmark = [pytest.mark.matrix, pytest.mark.asyncio(loop_scope="module")]

MEGABYTES = 16


@dataclass(frozen=True)
class Cell:
    """A pair that was set up: its package, its lab, and how the first run ended."""

    package: Package
    lab: Lab
    first: Ran
    state: Path


def binaries_of(package: Package) -> Path:
    try:
        return programs(package)
    except UnavailableError as reason:
        pytest.skip(f"PostgreSQL {package.major} was not run: {reason}")


@pytest.fixture(scope="module", params=PACKAGES, ids=str)
def package(request: pytest.FixtureRequest) -> Package:
    assert isinstance(request.param, Package)
    return request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(package: Package, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cell]:
    state = tmp_path_factory.mktemp(str(package.major))
    async with Lab.start(megabytes=MEGABYTES, binaries=binaries_of(package)) as lab:
        first = await run(state, "run", str(lab.topology), "--yes")
        yield Cell(package, lab, first, state)


async def test_it_is_the_version_that_it_is_said_to_be(pair: Cell) -> None:
    for host in (pair.lab.primary, pair.lab.standby):
        assert (await pair.lab.sql(host, "show server_version")).split()[0] == pair.package.version


async def test_a_pair_is_set_up_and_its_positions_match(pair: Cell) -> None:
    assert pair.first.code == 0, pair.first.out + pair.first.err
    assert "WAL positions: match" in pair.first.out
    state = recorded(pair.first.recording)
    assert state.matched is not None
    assert state.matched.matching
    assert await pair.lab.sql(pair.lab.standby, "select pg_is_in_recovery()") == "t"


async def test_it_streams_over_tls_as_the_role_and_through_the_slot(pair: Cell) -> None:
    sender = "select usename, state, ssl from pg_stat_replication join pg_stat_ssl using (pid)"
    assert await pair.lab.sql(pair.lab.primary, sender) == "replicator|streaming|t"
    assert await pair.lab.sql(pair.lab.primary, "select slot_name, active from pg_replication_slots") == "pgrepl_db2|t"


async def test_what_is_written_on_the_primary_is_read_on_the_standby(pair: Cell) -> None:
    await pair.lab.sql(pair.lab.primary, "create table if not exists matrix (major int)", "app")
    await pair.lab.sql(pair.lab.primary, f"insert into matrix values ({pair.package.major})", "app")  # noqa: S608 - a number
    position = await pair.lab.sql(pair.lab.primary, "select pg_current_wal_lsn()")
    replayed, end = f"select pg_last_wal_replay_lsn() >= '{position}'", time.monotonic() + 20
    while await pair.lab.sql(pair.lab.standby, replayed) != "t":
        assert time.monotonic() < end, f"{position} was not replayed in 20 s"
    assert await pair.lab.sql(pair.lab.standby, "select major from matrix", "app") == str(pair.package.major)


async def test_a_second_run_changes_nothing(pair: Cell) -> None:
    again = await run(pair.state, "run", str(pair.lab.topology))
    assert again.code == 0, again.out + again.err
    assert again.changed() == []
    assert "0 changes" in again.out.splitlines()[-3]


async def test_paused_replay_does_not_match_and_is_the_reason_given(pair: Cell) -> None:
    await pair.lab.sql(pair.lab.standby, "select pg_wal_replay_pause()")
    paused = await run(pair.state, "run", str(pair.lab.topology))
    await pair.lab.sql(pair.lab.standby, "select pg_wal_replay_resume()")
    assert paused.code == 1, paused.out + paused.err
    assert "NO MATCH: WAL replay is paused on the standby" in paused.out
    assert "pg_wal_replay_resume()" in paused.out
    resumed = await run(pair.state, "run", str(pair.lab.topology))
    assert resumed.code == 0, resumed.out


async def test_no_secret_is_in_the_recording_the_logs_or_the_configuration(pair: Cell) -> None:
    verifier = await pair.lab.sql(pair.lab.primary, "select rolpassword from pg_authid where rolname = 'replicator'")
    assert verifier.startswith("SCRAM-SHA-256$")
    secrets = [form.encode() for form in (*forms(password_of(pair.lab)), verifier)]
    configuration = [*pair.lab.standby.data.glob("*.conf"), *pair.lab.primary.data.glob("*.conf")]
    kept = everything_in(pair.first.recording, pair.lab.primary.log, pair.lab.standby.log, *configuration)
    assert pair.first.recording.stat().st_size > 1000
    assert not [secret for secret in secrets if secret in kept + pair.first.out.encode() + pair.first.err.encode()]


async def test_a_standby_that_follows_in_another_way_is_put_right_in_place(pair: Cell) -> None:
    conf = pair.lab.standby.data / ("recovery.conf" if pair.package.major < 12 else "postgresql.auto.conf")
    text = conf.read_text()
    conf.write_text(text.replace("sslmode=''require''", "sslmode=''prefer''"))
    assert conf.read_text() != text
    ran = await run(pair.state, "run", str(pair.lab.topology), "--yes")
    assert ran.code == 0, ran.out + ran.err
    assert ran.changed() == ["standby configuration"]
    assert conf.read_text() == text


async def test_pg_controldata_says_what_the_server_says(pair: Cell) -> None:
    """For 10 to 13 it is our own reader that is put to the test here."""
    lab, standby = pair.lab, pair.lab.standby
    control = parse_control(as_owner(lab, standby, standby.bin / "pg_controldata", standby.data))
    system = "select system_identifier, pg_control_version from pg_control_system()"
    assert await lab.sql(standby, system) == f"{control.system_identifier}|{control.control_version}"
    sizes = "select database_block_size, wal_block_size, bytes_per_wal_segment, data_page_checksum_version"
    assert await lab.sql(standby, f"{sizes} from pg_control_init()") == (
        f"{control.block_size}|{control.wal_block_size}|{control.wal_segment_size}|{control.checksums}"
    )
    assert control.state == "in archive recovery"
    assert control.minimum_recovery is not None
    names = ", ".join(f"current_setting('{name}')" for name in control.settings)
    primarys = (await lab.sql(lab.primary, f"select {names}")).split("|")
    assert dict(zip(control.settings, primarys, strict=True)) == dict(control.settings)
    assert {"max_connections", "max_prepared_transactions", "max_locks_per_transaction"} <= set(control.settings)


async def test_pg_controldata_tells_the_latest_checkpoint(pair: Cell) -> None:
    lab, primary = pair.lab, pair.lab.primary
    await lab.sql(primary, "checkpoint")
    printed = as_owner(lab, primary, primary.bin / "pg_controldata", primary.data)
    control = parse_control(printed)
    points = "select checkpoint_lsn, redo_lsn, timeline_id from pg_control_checkpoint()"
    assert await lab.sql(primary, points) == f"{control.checkpoint}|{control.redo}|{control.timeline}"
    assert control.in_production
    if control.control_version in LAYOUTS:  # from 14 on against the real one, line by line
        assert printed == lines(read((primary.data / "global" / "pg_control").read_bytes()))


def as_owner(lab: Lab, host: LabHost, *command: str | Path) -> str:
    """What a program says that runs as the server's own user."""
    env = {**environment(lab_account(), host.home, host.bin, lab.folder), "LC_ALL": "C"}
    become = lab_account().spawn
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd="/", env=env, **become).stdout


@pytest.mark.asyncio(loop_scope="function")
async def test_a_primary_that_was_never_meant_to_have_a_standby_gets_one(package: Package, tmp_path: Path) -> None:
    """Nothing that replication needs is there: wal_level, senders, slots, TLS, a rule that does not reject."""
    async with Lab.start(megabytes=MEGABYTES, binaries=binaries_of(package)) as lab:
        data = lab.primary.data
        with (data / "postgresql.conf").open("a") as conf:
            conf.write(UNFIT)
        (data / "pg_hba.conf").write_text(CLOSED)
        as_owner(lab, lab.primary, lab.primary.bin / "pg_ctl", "-D", data, "-l", lab.primary.log, "-w", "-s", "restart")
        before = await snapshot(lab)
        first = await run(tmp_path, "run", str(lab.topology), "--yes")
        assert first.code == 0, first.out + first.err
        assert "WAL positions: match" in first.out
        again = await run(tmp_path, "run", str(lab.topology))
        assert (again.code, again.changed()) == (0, []), again.out
        undone = await run(tmp_path, "undo", str(first.recording), "--yes")
        assert undone.code == 0, undone.out + undone.err
        assert differences(before, await snapshot(lab)) == {}


UNFIT = """\
wal_level = minimal
max_wal_senders = 0
max_replication_slots = 0
max_connections = 12
max_worker_processes = 14
max_wal_size = 64MB
ssl = off
hot_standby = off
log_line_prefix = ''
"""
"""Below 12 max_wal_senders has to stay below max_connections, and a standby's must be no lower than the primary's."""

CLOSED = """\
local all all peer
# a comment that ends in a backslash, which joins the next line from 14 on \\
host all all 127.0.0.1/32 md5
host replication all all reject
"""


@pytest.mark.asyncio(loop_scope="function")
async def test_a_host_with_no_cluster_becomes_a_standby(package: Package, tmp_path: Path) -> None:
    """The copy brings the primary's configuration: only the port and the addresses have to be its own."""
    async with Lab.start(megabytes=MEGABYTES, binaries=binaries_of(package)) as lab:
        standby = lab.standby
        as_owner(lab, standby, standby.bin / "pg_ctl", "-D", standby.data, "-m", "fast", "-w", "-s", "stop")
        shutil.rmtree(standby.data)
        await lab.sql(lab.primary, f"alter system set port = {lab.primary.pg_port}")
        first = await run(tmp_path, "run", str(lab.topology), "--yes")
        assert first.code == 0, first.out + first.err
        assert "WAL positions: match" in first.out
        assert (standby.data / "postmaster.pid").read_text().splitlines()[3] == str(standby.pg_port)
