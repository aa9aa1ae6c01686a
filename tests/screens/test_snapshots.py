"""Pictures of every screen, fed by the recordings of real runs of the lab.

A row of ``TABLE`` is a picture: the moment is an event of the run, the text is one that only this state shows.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import (
    Asked,
    Event,
    HostDescribed,
    Matched,
    Milestone,
    Progress,
    RunEnded,
    SenderSeen,
    Stage,
    StepStarted,
)
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from tests.screens.fake_app import text_of, until

RUNS = Path(__file__).parents[1] / "data" / "runs"
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}


class Moment(NamedTuple):
    """A state worth a picture: its name, the screen, the event that it follows, a text that only it shows, the run."""

    name: str
    stage: Stage
    after: Callable[[Event], bool]
    text: str
    run: str = "setup"


def gate(stage: Stage) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, Asked) and event.kind == "gate" and event.stage is stage


def ended(event: Event) -> bool:
    return isinstance(event, RunEnded)


TABLE = (
    Moment("connect-begins", Stage.CONNECT, lambda event: isinstance(event, StepStarted), "not looked at yet"),
    Moment(
        "connect-found",
        Stage.CONNECT,
        lambda event: isinstance(event, HostDescribed) and event.role == "standby",
        "data directory",
    ),
    Moment("preflight-done", Stage.PREFLIGHT, gate(Stage.PRIMARY), "pass"),
    Moment("primary-gate", Stage.PRIMARY, gate(Stage.PRIMARY), "What it does"),
    Moment(
        "primary-confirm",
        Stage.PRIMARY,
        lambda event: isinstance(event, Asked) and event.kind == "confirm" and event.stage is Stage.PRIMARY,
        "estart",
    ),
    Moment("standby-gate", Stage.STANDBY, gate(Stage.STANDBY), "base backup"),
    Moment(
        "standby-backup",
        Stage.STANDBY,
        lambda event: isinstance(event, Progress) and 0 < event.done < event.total,
        " of ",
    ),
    Moment(
        "standby-streams",
        Stage.STANDBY,
        lambda event: isinstance(event, Milestone) and event.name == "streaming",
        "✓ streaming",
    ),
    Moment("verify-begins", Stage.VERIFY, lambda event: isinstance(event, SenderSeen), "not compared yet"),
    Moment("verify-matched", Stage.VERIFY, lambda event: isinstance(event, Matched) and event.matching, "✓ match"),
    Moment("verify-end", Stage.VERIFY, ended, "✓ Done"),
    Moment("verify-nothing-to-do", Stage.VERIFY, ended, "0 changes", "again"),
    Moment("verify-paused", Stage.VERIFY, ended, "replay is paused", "paused"),
    Moment("connect-unknown-key", Stage.CONNECT, ended, "SHA256:", "unknown-key"),
    Moment("preflight-stop", Stage.PREFLIGHT, ended, "PGREPL_PASSWORD_FILE", "unknown-password"),
)


class SameReplay(Replay):
    """A replay whose recording is named alike on every machine."""

    recording = "/recordings/lab.jsonl"


def path_of(moment: Moment) -> Path:
    return RUNS / f"{moment.run}.jsonl"


def time_after(moment: Moment) -> float:
    """The time of the first event that is picked."""
    with Recording.open(path_of(moment)) as recording:
        return next(event.t for event, _ in recording.events() if moment.after(event))


def app_at(moment: Moment) -> PgReplApp:
    return PgReplApp(source=SameReplay.open(path_of(moment), at=time_after(moment), playing=False))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("moment", TABLE, ids=[moment.name for moment in TABLE])
def test_picture(moment: Moment, size: tuple[int, int], snap_compare: Any) -> None:
    async def settle(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, PgReplApp)
        app.action_stage(moment.stage.value)
        await until(pilot, lambda: not app.drawing and moment.text in text_of(app.screen))

    assert snap_compare(app_at(moment), terminal_size=size, run_before=settle)


@pytest.mark.parametrize("theme", ["pgrepl-light", "no-color"])
@pytest.mark.parametrize("moment", [TABLE[3], TABLE[9]], ids=lambda moment: moment.name)
def test_picture_in_other_colours(
    moment: Moment, theme: str, snap_compare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if theme == "no-color":
        monkeypatch.setenv("NO_COLOR", "1")

    async def settle(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, PgReplApp)
        if theme != "no-color":
            app.theme = theme
        app.action_stage(moment.stage.value)
        await until(pilot, lambda: not app.drawing and moment.text in text_of(app.screen))

    assert snap_compare(app_at(moment), terminal_size=(80, 24), run_before=settle)


def test_no_two_pictures_are_equal(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("update_snapshots"):
        pytest.skip("the pictures are written when all tests are done")
    pictures = sorted((Path(__file__).parents[2] / "snapshots" / "test_snapshots").glob("*.svg"))
    texts = [picture.read_text() for picture in pictures]
    assert len(set(texts)) == len(texts)
    assert len(pictures) == len(TABLE) * len(SIZES) + 4
