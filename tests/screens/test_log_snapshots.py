"""Pictures of the log and of the command log in each of their states, fed with logs of real servers.

A row of ``TABLE`` is a picture: what is fed, which keys, and a text that only this state shows.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import (
    CommandEnded,
    CommandStarted,
    Event,
    Milestone,
    Outcome,
    Output,
    PlanMade,
    Progress,
    RunStarted,
    Stage,
    StepEnded,
    StepInfo,
    StepStarted,
)
from pgrepl_tui.postgres.logs import milestone
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.screens.widgets.log_view import LogView
from tests.screens.fake_app import text_of, until, until_still
from tests.screens.fake_run import FakeRun
from tests.screens.pictures import each, stands_in

LOGS = Path(__file__).parents[1] / "data" / "logs" / "17"
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
WHY = "The standby's own log says whether it streams."
COPY = StepInfo("copy", "base backup", Stage.STANDBY, "standby", "A standby begins as a copy.")
FOLLOW = StepInfo("follow", "log: streaming started", Stage.STANDBY, "standby", WHY)
BEGIN: tuple[Event, ...] = (
    RunStarted(topology="app-db", started="2026-01-02T03:04:05Z", primary="db1", standby="db2"),
    PlanMade(steps=(COPY, FOLLOW)),
)


def log(name: str) -> tuple[Event, ...]:
    """A server's log as a step that follows it tells it: each line, and the milestones among them."""
    return tuple(_told(LOGS / name))


def _told(path: Path) -> Iterator[Event]:
    for line in path.read_text().splitlines():
        yield Output(number=1, step="follow", host="db2", stream="log", text=f"{line}\n")
        passed = milestone(line, Major(17))
        if passed is not None:
            yield Milestone(step="follow", name=passed, line=line)


def copying(phase: str, *done: int) -> tuple[Event, ...]:
    """A base backup of 4 GB that went so far, a tenth of a second between two."""
    told = (Progress(step="copy", phase=phase, done=count, total=4_000_000_000 if count else 0) for count in done)
    ran = CommandStarted(number=1, step="copy", host="db2", line="pg_basebackup -D /srv/pg/15.pgrepl-new")
    said = Output(number=1, step="copy", host="db2", stream="err", text=f"pg_basebackup: {phase}\n")
    return (*BEGIN, StepStarted(step="copy"), ran, said, *told)


def command(number: int, line: str, **more: Any) -> tuple[Event, ...]:
    ended = CommandEnded(number=number, step="copy", status=more.pop("status", 0), seconds=0.012 * number)
    return (CommandStarted(number=number, step="copy", host="db2", line=line, paste=line, **more), ended)


FOLLOWED = (*BEGIN, StepStarted(step="follow"), *log("s1.log"), *log("s14.log"))
COMMANDS = (
    *BEGIN,
    StepStarted(step="copy"),
    *command(1, "sudo -u postgres test -e /srv/pg/15.pgrepl-new", status=1),
    *command(2, "sudo -u postgres pg_controldata /srv/pg/15"),
    *command(3, "sudo -u postgres pg_basebackup -D /srv/pg/15.pgrepl-new -F p -w -v -P -c fast", changes=True),
    StepEnded(step="copy", outcome=Outcome.CHANGED),
)


class State(NamedTuple):
    """A state worth a picture: its name, what the run told, the keys that lead there, what came then, a text of it."""

    name: str
    told: tuple[Event, ...]
    keys: tuple[str, ...]
    text: str | tuple[str, ...]
    later: tuple[Event, ...] = ()

    def row(self) -> tuple[str, str, str | tuple[str, ...]]:
        """Its screen and its state, which are its name, and its text."""
        screen, _, state = self.name.partition("-")
        return screen, state, self.text


TABLE = (
    State("log-empty", (*BEGIN, StepStarted(step="follow")), ("d",), "No output yet."),
    State("log-following", FOLLOWED, (), "down │ ╰"),
    State("log-searching", FOLLOWED, ("slash", *"starting"), "/ starting"),
    State("log-found", FOLLOWED, ("slash", *"starting", "enter", "n"), ("of 6 matches │ ╰", "of 6 matches | +")),
    State("log-filtered", FOLLOWED, ("ampersand", "enter"), "only WARNING and worse"),
    State("log-paused", FOLLOWED, ("up", "up"), "new lines · f follows", log("s2.log")),
    State("log-selected", FOLLOWED, ("home", "down", "shift+down", "shift+down"), ("▌", "|2026")),
    State("log-cut", FOLLOWED, ("w",), ("LOG: │ ╰", "is shut │ ╰")),
    State("backup-checkpoint", copying("waiting for checkpoint", 0), (), "the primary's checkpoint"),
    State("backup-copying", copying("copying", *range(14_000_000, 1_400_000_000, 14_000_000)), (), " left"),
    State("backup-wal", copying("waiting for WAL", 10_000_000, 4_000_000_000), (), "its WAL awaited"),
    State("backup-syncing", copying("syncing", 10_000_000, 4_000_000_000), (), "written to the disk"),
    State("commands-search", COMMANDS, ("l", "slash", *"pg_", "enter"), "/pg_ · "),
)
ASCII = [state for state in TABLE if state.name in {"log-found", "log-selected"}]
PICTURES = [
    *each(__name__, map(State.row, TABLE), SIZES),
    *each(__name__, map(State.row, ASCII), [""], "test_picture_without_colours_and_in_ascii"),
]


def pictured(state: State, **look: Any) -> tuple[PgReplApp, Any]:
    run = FakeRun(state.told)
    app = PgReplApp(source=run, clock=lambda: 0.0, **look)

    async def settle(pilot: Pilot[int]) -> None:
        await until_still(pilot, lambda: not app.drawing and app.session.state.t >= 0.1 * len(state.told) - 0.01)
        log = app.screen.query_one(LogView)
        if "l" not in state.keys and log.region.area:  # what is not seen takes no focus
            log.focus()
            await until(pilot, lambda: log.has_focus)
        await pilot.press(*state.keys)
        run.feed(*state.later)
        await until_still(pilot, lambda: not app.drawing and stands_in(state.text, text_of(app.screen)))

    return app, settle


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("state", TABLE, ids=[state.name for state in TABLE])
def test_picture(state: State, size: tuple[int, int], snap_compare: Any) -> None:
    app, settle = pictured(state)
    assert snap_compare(app, terminal_size=size, run_before=settle)


@pytest.mark.parametrize("state", ASCII, ids=lambda state: state.name)
def test_picture_without_colours_and_in_ascii(state: State, snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app, settle = pictured(state._replace(text="+ streaming"), ascii_only=True)
    assert snap_compare(app, terminal_size=(120, 40), run_before=settle)
