"""A restart goes through on its host: as a detached job, found again by a later run, and gone at the end."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Finding
from pgrepl_tui.hosts import job
from pgrepl_tui.postgres.cluster import Action, SystemdUnit
from pgrepl_tui.steps.carry import carry_out, tidy
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.entries import Began, Stopped
from pgrepl_tui.steps.primary import restart
from pgrepl_tui.steps.primary.restart import Restart
from pgrepl_tui.steps.settings import Setting
from pgrepl_tui.steps.standby import start as begin
from pgrepl_tui.steps.standby.start import Start
from pgrepl_tui.steps.step import Step, StepError
from pgrepl_tui.steps.tag import tag_of
from pgrepl_tui.steps.undo.start import StartOld
from pgrepl_tui.steps.undo.work import Journal, Work
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import IDENTIFIER, Two, quiet, two

BEGAN = Began(
    run="a",
    role="standby",
    by="me",
    identifier=IDENTIFIER,
    primary="db1",
    primary_data="/d",
    standby="db2",
    standby_data="/d",
)
pytestmark = pytest.mark.skipif(shutil.which("setsid") is None, reason="there is no setsid on this machine")


def with_pg_ctl(folder: Path, script: str) -> Two:
    """A primary on this machine whose pg_ctl is a script."""
    program = folder / "pg_ctl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    pair = two()
    side = pair.ctx.primary
    side.cluster, side.home = replace(side.cluster, bin=str(folder), data=str(folder)), str(folder)
    pair.primary.by("", really)
    return pair


def jobs(side: Side) -> list[str]:
    return [path.name for path in Path(side.state_dir).iterdir()]


async def test_it_says_how_it_ended_and_leaves_nothing(tmp_path: Path) -> None:
    side = with_pg_ctl(tmp_path, 'echo "could not start server: $*" >&2; exit 1').ctx.primary
    status, said = await carry_out(side, Action.RESTART)
    assert status == 1
    assert said.startswith("could not start server")
    assert said.endswith("restart")
    assert jobs(side) == []


async def test_one_that_was_cut_off_goes_on_and_is_taken_up(tmp_path: Path) -> None:
    script = "echo x >> $2/runs; while [ ! -e $2/go ]; do sleep 0.05; done; wc -l < $2/runs"
    pair = with_pg_ctl(tmp_path, script)
    side = pair.ctx.primary
    first = asyncio.create_task(carry_out(side, Action.RESTART))
    folder = f"{side.state_dir}/restart-{tag_of(side.cluster.data)}"
    while not (await job.state(side.host, folder, side.cluster.os_user)).running:
        await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert jobs(side) == [f"restart-{tag_of(side.cluster.data)}"]
    pair.primary.asked.clear()
    second = asyncio.create_task(carry_out(side, Action.RESTART))
    while len(pair.primary.asked) < 3:  # it has looked at the state, and polls
        await asyncio.sleep(0.01)
    (tmp_path / "go").touch()
    assert await second == (0, "1")
    assert jobs(side) == []


async def test_systemd_needs_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = two()
    side = pair.ctx.primary
    side.cluster = replace(side.cluster, control=SystemdUnit("postgresql@15-main"))
    monkeypatch.setattr("pgrepl_tui.hosts.job.start", None)
    pair.primary.on("systemctl restart postgresql@15-main", "", err="Job failed", status=1)
    assert await carry_out(side, Action.RESTART) == (1, "Job failed")


@pytest.mark.parametrize(("later", "told"), [(0, "IT IS STILL DOWN"), (7, "lets nobody in yet")])
async def test_what_alter_system_set_is_put_back_too_and_how_the_server_is_then_is_told(
    later: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that recovers for long is not said to be down."""
    pair = with_pg_ctl(tmp_path, "exit 1")
    side, auto = pair.ctx.primary, tmp_path / "postgresql.auto.conf"
    side.cluster = replace(side.cluster, config=str(tmp_path))
    (tmp_path / "postgresql.conf").write_text("port = 5432\n")
    quiet(pair.primary)
    auto.write_text("max_wal_senders = '13'\nwork_mem = '5MB'\n")

    async def wanted(_ctx: object) -> tuple[dict[str, str], dict[str, Setting]]:
        was = Setting("max_wal_senders", "3", "", "postmaster", "configuration file", str(auto))
        return {"max_wal_senders": "13"}, {"max_wal_senders": was}

    async def find(*_given: object, ask: bool = True) -> Side:
        return replace(side, cluster=replace(side.cluster, running=0 if ask else later))

    async def until(*_given: object, **_more: object) -> bool:
        return False

    for name, stand_in in (("wanted", wanted), ("find_side", find), ("until", until)):
        monkeypatch.setattr(restart, name, stand_in)
    with pytest.raises(StepError, match=told):
        await Restart().run(pair.ctx)
    assert auto.read_text() == "max_wal_senders = '3'\nwork_mem = '5MB'\n"


async def test_a_restart_with_errors_in_the_files_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def wanted(_ctx: object) -> tuple[dict[str, str], dict[str, Setting]]:
        return {"wal_level": "replica"}, {"wal_level": Setting("wal_level", "minimal", "", "postmaster", "", "")}

    monkeypatch.setattr(restart, "wanted", wanted)
    for conf, hba in ((("/f", "3", "wal_level", "bad"), None), (None, ("9", "bad"))):
        pair = two()
        pair.primary.rows("from pg_file_settings", *([conf] if conf else []))
        pair.primary.rows("from pg_hba_file_rules", *([hba] if hba else []))
        look = await Restart().inspect(pair.ctx)
        assert look.finding is Finding.BLOCKED
        assert "would not start again" in look.reason


async def test_what_nobody_saw_the_end_of_is_cleared_by_the_next_run_once_it_has_ended(tmp_path: Path) -> None:
    side = with_pg_ctl(tmp_path, "while [ ! -e $2/go ]; do sleep 0.05; done").ctx.primary
    folder, user = f"{side.state_dir}/restart-{tag_of(side.cluster.data)}", side.cluster.os_user
    command = side.cluster.control.command(Action.RESTART, side.cluster)
    await job.start(side.host, folder, command, user)
    await tidy(side)
    assert jobs(side) == [f"restart-{tag_of(side.cluster.data)}"]
    (tmp_path / "go").touch()
    while (await job.state(side.host, folder, user)).running:
        await asyncio.sleep(0.01)
    await tidy(side)
    assert jobs(side) == []
    await tidy(side)


async def _ours(_ctx: object) -> bool:
    return True


async def _no_marks(_ctx: object) -> dict[str, int]:
    return {}


STARTS: dict[str, Callable[[], Step]] = {
    "the standby": Start,
    "the old cluster, by undo": lambda: StartOld(Work("", {"standby": (Journal("", BEGAN, (Stopped(log="/l"),)),)})),
}


@pytest.mark.parametrize("which", STARTS)
async def test_a_start_that_is_stopped_goes_on_and_the_server_lives(
    which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the operator's stop ends is our waiting; what pg_ctl has begun is finished, and its server is not hit."""
    pair = with_pg_ctl(tmp_path, 'echo x >> "$2/began"; while [ ! -e "$2/go" ]; do sleep 0.05; done; : > "$2/up"')
    side = pair.ctx.sides["standby"] = replace(pair.ctx.primary, role="standby")
    for name, stand_in in (("is_ours", _ours), ("marks", _no_marks)):
        monkeypatch.setattr(begin, name, stand_in)
    run = asyncio.create_task(STARTS[which]().run(pair.ctx))
    folder, user = f"{side.state_dir}/start-{tag_of(side.cluster.data)}", side.cluster.os_user
    while not (await job.state(side.host, folder, user)).running:
        assert not run.done(), run
        await asyncio.sleep(0.01)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert (await job.state(side.host, folder, user)).running
    (tmp_path / "go").touch()
    while (await job.state(side.host, folder, user)).running:
        await asyncio.sleep(0.01)
    assert (tmp_path / "up").exists()
    await tidy(side)
    assert jobs(side) == []


async def test_one_in_which_nothing_moves_is_told_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    side = with_pg_ctl(tmp_path, "while [ ! -e $2/go ]; do sleep 0.05; done").ctx.primary
    monkeypatch.setattr("pgrepl_tui.steps.headway.LOOK_EVERY", 0.1)
    monkeypatch.setattr("pgrepl_tui.steps.headway.STILL_FOR", 0.5)
    with pytest.raises(StepError, match="nothing has moved for") as caught:
        await carry_out(side, Action.RESTART)
    assert "run again" in caught.value.remedy
    assert (await job.state(side.host, f"{side.state_dir}/{jobs(side)[0]}", side.cluster.os_user)).running
    (tmp_path / "go").touch()
    monkeypatch.setattr("pgrepl_tui.steps.headway.STILL_FOR", 60.0)
    assert (await carry_out(side, Action.RESTART))[0] == 0
    assert jobs(side) == []
