"""Records the lab runs that the screens' tests are fed with: ``make fixtures``. None of them is written by hand."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from pgrepl_tui.headless import Policy, put
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.live import LiveRun
from pgrepl_tui.topology import load

DATA = Path(__file__).parent / "data" / "runs"
FOLDER = Path("/tmp/pgrepl-lab")  # noqa: S108 - a name that is the same in every recording; the lab takes only a new folder


async def record(lab: Lab, name: str) -> None:
    """Run the lab's topology and keep the recording."""
    path = DATA / f"{name}.jsonl"
    path.unlink(missing_ok=True)
    major = await lab.sql(lab.primary, "select current_setting('server_version')")
    run = LiveRun(load(lab.topology), operator=Policy(yes=True), path=path, meta={"lab": f"PostgreSQL {major}"})
    code = await run.run(lambda _event, _span: None)
    path.chmod(0o644)
    put(f"{name}: exit code {code}, {path.stat().st_size} bytes")


async def with_lab(*runs: tuple[str, str, Callable[[Lab], object]]) -> None:
    """Start a lab; before each run, SQL for the standby and a change to the lab's files."""
    async with Lab.start(megabytes=300, folder=FOLDER) as lab:
        for name, sql, change in runs:
            if sql:
                await lab.sql(lab.standby, sql)
            change(lab)
            await record(lab, name)


def forget_hosts(lab: Lab) -> None:
    """No host key is known."""
    (lab.folder / "known_hosts").write_text("")


async def main() -> None:
    """All recordings, anew."""
    DATA.mkdir(exist_ok=True)
    nothing: Callable[[Lab], object] = lambda _lab: None  # noqa: E731 - it has no better name
    await with_lab(
        ("setup", "", nothing),
        ("again", "", nothing),
        ("paused", "select pg_wal_replay_pause()", nothing),
        ("unknown-key", "", forget_hosts),
    )
    async with Lab.start(megabytes=8, folder=FOLDER) as lab:
        await lab.sql(lab.primary, "create role replicator with login replication password 'nobody knows'")
        await record(lab, "unknown-password")


if __name__ == "__main__":
    asyncio.run(main())
