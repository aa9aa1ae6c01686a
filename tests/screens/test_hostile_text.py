"""What a server, a recording or an operator writes is text: no markup, no action, no escape sequence, on any screen."""

import unicodedata
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

import pytest

from pgrepl_tui.events import (
    Activation,
    Asked,
    CheckDone,
    Danger,
    Event,
    FileDiff,
    Finding,
    HostDescribed,
    MarkReached,
    Matched,
    Milestone,
    Outcome,
    Output,
    PlanMade,
    Progress,
    ReceiverSeen,
    Row,
    RunEnded,
    RunOutcome,
    RunStarted,
    SenderSeen,
    ShownCommand,
    Stage,
    StepEnded,
    StepInfo,
    StepInspected,
    StepPreviewed,
    StepStarted,
    Verdict,
)
from pgrepl_tui.screens.plain import plain, plain_line
from tests.screens.fake_app import at_stage, opened, text_of, until
from tests.screens.fake_run import FakeRun

EVIL = "[/oops] [a] [@click=app.quit]x[/] \x1b]52;c;eA==\x07\x9b2J\u202etxt"
KEPT = {"id", "step", "role", "host", "stream", "kind", "choices", "primary", "standby", "point"}


def poisoned(value: Any, name: str = "") -> Any:
    """The same event with hostile text added to every text but the words of the program."""
    if isinstance(value, Enum) or name in KEPT:
        return value
    if isinstance(value, str):
        return value + EVIL
    if isinstance(value, tuple):
        return tuple(poisoned(item, name) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: poisoned(getattr(value, f.name), f.name) for f in fields(value)})
    return value


def steps() -> tuple[StepInfo, ...]:
    return tuple(StepInfo(stage.value, f"step {stage.value}", stage, "primary", "why") for stage in Stage)


def of_step(step: str) -> tuple[Event, ...]:
    preview = StepPreviewed(
        step=step,
        commands=(ShownCommand("db1", "ls"),),
        diffs=(FileDiff("db1", "/etc/x", "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n"),),
        activation=Activation.RESTART,
        danger=Danger.REPLACES,
        notes=("a note",),
    )
    return (
        StepInspected(step=step, finding=Finding.BLOCKED, reason="a reason", remedy="a remedy"),
        preview,
        StepStarted(step=step),
        Output(number=1, step=step, host="db1", stream="out", text="output "),
        Progress(step=step, phase="copying", done=1, total=2),
        Milestone(step=step, name="ready", line="LOG:  ready"),
        StepEnded(step=step, outcome=Outcome.FAILED, message="a message", remedy="a remedy"),
    )


EVENTS: tuple[Event, ...] = (
    RunStarted(topology="t", started="2026-01-02T03:04:05Z", primary="db1" + EVIL, standby="db2" + EVIL),
    PlanMade(steps=steps()),
    HostDescribed(role="primary", name="db1", facts=(Row("PostgreSQL", "15"), Row("data", "/d"))),
    HostDescribed(role="standby", name="db2", facts=(Row("data", "/d"),)),
    CheckDone(
        id="c", title="a check", verdict=Verdict.STOP, primary="one" + EVIL, standby="two" + EVIL, why="w", remedy="r"
    ),
    *(event for stage in Stage for event in of_step(stage.value)),
    SenderSeen(rows=(Row("state", "streaming"),)),
    ReceiverSeen(rows=(Row("status", "streaming"),)),
    MarkReached(lsn="0/1", point="sent", seconds=0.1, seen_on="db1"),
    Matched(matching=False, lsn="0/2", received="0/1", replayed="0/1", reason="a reason"),
)
GATE = Asked(question=1, kind="gate", stage=Stage.VERIFY, step="", text="a gate", choices=("run", "[/odd]"))
CONFIRM = Asked(question=2, kind="confirm", stage=Stage.VERIFY, step="verify", text="really?", choices=("no", "yes"))
SECRET = Asked(question=3, kind="secret", stage=Stage.VERIFY, step="verify", text="password?", choices=())
END = RunEnded(outcome=RunOutcome.FAILED, exit_code=3, changes=0, message="a message", remedy="a remedy")


def assert_harmless(shown: str) -> None:
    bad = {hex(ord(c)) for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs"} and c != "\n"}
    assert not bad


@pytest.mark.parametrize("last", [GATE, CONFIRM, SECRET, END], ids=["gate", "confirm", "secret", "end"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_hostile_text_is_only_text_on_every_screen(last: Event, size: tuple[int, int]) -> None:
    run = FakeRun([poisoned(event) for event in (*EVENTS, last)])
    async with opened(run, size) as (app, pilot):
        await until(pilot, lambda: app.session.state.t > 0.1 * len(EVENTS))
        for stage in Stage:
            if last in {GATE, END}:
                await at_stage(app, pilot, stage)
            shown = text_of(app.screen)
            assert_harmless(shown)
            assert "[/oops]" in shown
        app.tell(EVIL)
        await until(pilot, lambda: not app.drawing)
        assert app.is_running
        assert app.clipboard == ""


def test_plain_keeps_lines_and_words_and_shows_that_something_was_there() -> None:
    assert plain("one\r\ntwo\x1b[2Jü") == "one\ntwo�[2Jü"
    assert plain_line("10%\r50%\r100%\n") == "100%"
    assert plain_line("a\tb") == "a    b"
