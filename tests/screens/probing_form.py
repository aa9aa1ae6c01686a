"""The Hosts form with a scripted prober, for tests of what it does with it."""

from pathlib import Path

from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.topology import Topology, loads
from tests.screens.fake_app import text_of, until
from tests.screens.fake_prober import FakeProber
from tests.screens.fake_run import START, FakeRun

PAIR = "name: app-db\nprimary:\n  ssh: db1\nstandbys:\n- ssh: db2\n"


def wizard(prober: FakeProber, given: str = "", made: list[Topology] | None = None) -> PgReplApp:
    def make(chosen: Topology) -> FakeRun:
        if made is not None:
            made.append(chosen)
        return FakeRun(START)

    topology = loads(given, Path("/topologies/app.yaml")) if given else None
    return PgReplApp(topology, make_source=make, prober=prober, clock=lambda: 0.0)


def shown(app: PgReplApp) -> str:
    """All of the screen as one line of words, without the frames."""
    return " ".join(text_of(app.screen).replace("│", " ").split())


async def opened(pilot: Pilot[int]) -> None:
    await until(pilot, lambda: "Not tested yet" in text_of(pilot.app.screen))


def said(app: PgReplApp, side: str = "primary") -> str:
    return " ".join(text_of(app.screen.query_one(f"#{side}-probe")).split())
