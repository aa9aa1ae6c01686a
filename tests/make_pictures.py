"""Draws the README's pictures from recordings of lab runs: ``make pictures``. None of them is made by hand."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pgrepl_tui.events import Event, HostDescribed, Progress, RunEnded, Stage, StepEnded
from pgrepl_tui.export.pictures import Shown, draw
from pgrepl_tui.headless import put
from pgrepl_tui.session.recording import Recording

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
RUN = ROOT / "tests" / "data" / "runs" / "setup.jsonl"
SIZE = (100, 30)


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


async def drawn() -> dict[str, str]:
    """The pictures as they are now, by name."""
    with Recording.open(RUN) as recording:
        events = [event for event, _ in recording.events()]
        moments = [(row.stage, next(event.t for event in events if row.after(event))) for row in TABLE]
        pictures = await draw(Shown(recording), moments, SIZE)
    return dict(zip((row.name for row in TABLE), pictures, strict=True))


def main() -> None:
    """All pictures, anew."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, picture in asyncio.run(drawn()).items():
        path = PICTURES / f"{name}.svg"
        path.write_text(picture, encoding="utf-8")
        put(f"{path.relative_to(ROOT)}: {len(picture)} characters")


if __name__ == "__main__":
    main()
