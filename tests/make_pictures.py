"""Draws the README's pictures from recordings of lab runs: ``make pictures``. None of them is made by hand."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Event, HostDescribed, Progress, RunEnded, Stage, StepEnded
from pgrepl_tui.export.pictures import Shown, as_it_is, draw, in_colour
from pgrepl_tui.headless import put
from pgrepl_tui.screens.welcome import Start
from pgrepl_tui.session.library import Library
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.topologies import Shelf
from pgrepl_tui.topology import Topology
from tests.screens.fake_app import text_of
from tests.screens.shelved import RUNS, shelve

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
RUN = RUNS / "setup.jsonl"
SIZE = (100, 30)
WELCOME = "welcome"


class Picture(NamedTuple):
    """A picture: its name, the screen, and the event that it is drawn after."""

    name: str
    stage: Stage
    after: Callable[[Event], bool]


TABLE = (
    Picture("hosts", Stage.CONNECT, lambda event: isinstance(event, HostDescribed) and event.role == "standby"),
    Picture("preflight", Stage.PREFLIGHT, lambda event: isinstance(event, StepEnded) and event.step == "preflight"),
    Picture(
        "standby",
        Stage.STANDBY,
        lambda event: isinstance(event, Progress) and event.total / 2 < event.done < event.total,
    ),
    Picture("verify", Stage.VERIFY, lambda event: isinstance(event, RunEnded)),
)
NAMES = (WELCOME, *(row.name for row in TABLE))


async def drawn() -> dict[str, str]:
    """The pictures as they are now, by name."""
    with Recording.open(RUN) as recording:
        events = [event for event, _ in recording.events()]
        moments = [(row.stage, next(event.t for event in events if row.after(event))) for row in TABLE]
        pictures = await draw(Shown(recording), moments, SIZE)
    return dict(zip(NAMES, (await _welcome(), *pictures), strict=True))


async def _welcome() -> str:
    """The start screen with the recordings of the tests, of which the set-up could be continued."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shelve(folder, still_there={RUN.stem})
        start = Start(Library(folder), Shelf(folder), Replay.open, _never)
        with in_colour():
            app = PgReplApp(start=start, ascii_only=False)
        async with app.run_test(size=SIZE) as pilot:
            before = ""
            while True:
                shown, picture = text_of(app.screen), as_it_is(app, "pgrepl-tui")
                if "Continue" in shown and " 11 changes" in shown.split("Recordings")[1] and picture == before:
                    return picture
                before = picture
                await pilot.pause()


async def _never(_tell: Callable[[str], None]) -> Topology:
    """Nobody chooses the demo here."""
    raise AssertionError


def main() -> None:
    """All pictures, anew."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, picture in asyncio.run(drawn()).items():
        path = PICTURES / f"{name}.svg"
        path.write_text(picture, encoding="utf-8")
        put(f"{path.relative_to(ROOT)}: {len(picture)} characters")


if __name__ == "__main__":
    main()
