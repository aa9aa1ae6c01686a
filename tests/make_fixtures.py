"""Records the lab runs that the screens' tests are fed with: ``make fixtures``. None of them is written by hand."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

from pgrepl_tui import events as ev
from pgrepl_tui.headless import Policy, put
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.live import LiveRun
from pgrepl_tui.steps.plan import Plan
from pgrepl_tui.steps.undo.plan import undo
from pgrepl_tui.topology import load

DATA = Path(__file__).parent / "data" / "runs"
FOLDER = Path("/tmp/pgrepl-lab")  # noqa: S108 - a name that is the same in every recording; the lab takes only a new folder
LOOKS = 40
"""How often a watched pair is looked at before it is left."""
Watcher = Callable[[LiveRun, ev.Event], None]


def nothing(_run: LiveRun, _event: ev.Event) -> None:
    """Let the run go its way."""


async def record(lab: Lab, name: str, watcher: Watcher = nothing, *, plan: Plan | None = None) -> None:
    """Run the lab's topology and keep the recording; the watcher sees each event when it happens."""
    path = DATA / f"{name}.jsonl"
    path.unlink(missing_ok=True)
    major = await lab.sql(lab.primary, "select current_setting('server_version')")
    meta = {"lab": f"PostgreSQL {major}"}
    stays = watcher is not nothing
    run = LiveRun(load(lab.topology), operator=Policy(yes=True), path=path, plan=plan, stays=stays, meta=meta)
    code = await run.run(lambda event, _span: watcher(run, event))
    path.chmod(0o644)
    put(f"{name}: exit code {code}, {path.stat().st_size} bytes")


class Crowd:
    """Work for a pair that is watched: a burst of writes, then a pause of the replay, then its end."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._looks = 0
        self._tasks: set[asyncio.Task[str]] = set()

    def see(self, run: LiveRun, event: ev.Event) -> None:
        """Count the looks after the run's end, and do what each number is for."""
        if isinstance(event, ev.RunEnded):
            self._looks = 1
        elif isinstance(event, ev.StandbyPosition) and self._looks:
            self._looks += 1
            self._act(run, self._looks)

    def _act(self, run: LiveRun, look: int) -> None:
        lab = self._lab
        if look % 4 == 0:
            self._sql(lab.primary, f"create table burst_{look} as select generate_series(1, {look * 20_000})")
        if look == LOOKS // 2:
            self._sql(lab.standby, "select pg_wal_replay_pause()")
        if look == LOOKS - 8:
            self._sql(lab.standby, "select pg_wal_replay_resume()")
        if look == LOOKS:
            run.stop()

    def _sql(self, host: object, text: str) -> None:
        task = asyncio.create_task(self._lab.sql(host, text))  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def killer(lab: Lab) -> Watcher:
    """Kill pg_basebackup in the middle of the copy."""

    def see(_run: LiveRun, event: ev.Event) -> None:
        if isinstance(event, ev.Progress) and 0 < event.done < event.total:
            for process in lab.processes():
                if "pg_basebackup" in str(process):
                    os.kill(process.pid, signal.SIGKILL)

    return see


async def main() -> None:
    """All recordings, anew."""
    DATA.mkdir(exist_ok=True)
    async with Lab.start(megabytes=1200, folder=FOLDER) as lab:  # long enough to be seen half-way
        await record(lab, "setup")
        await record(lab, "again")
        await lab.sql(lab.standby, "select pg_wal_replay_pause()")
        await record(lab, "paused")
        await lab.sql(lab.standby, "select pg_wal_replay_resume()")
        await record(lab, "watched", Crowd(lab).see)
        await record(lab, "undo", plan=undo())
        (lab.folder / "known_hosts").write_text("")
        await record(lab, "unknown-key")
    async with Lab.start(megabytes=300, folder=FOLDER) as lab:
        lab.primary.data.chmod(0o500)
        await record(lab, "primary-fails")
        lab.primary.data.chmod(0o700)
        await record(lab, "copy-fails", killer(lab))
    async with Lab.start(megabytes=8, folder=FOLDER) as lab:
        await lab.sql(lab.primary, "create role replicator with login replication password 'nobody knows'")
        await record(lab, "unknown-password")


if __name__ == "__main__":
    asyncio.run(main())
