"""Primary and standby swapped in the topology: no answers and no keys lead to a change of the real primary."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import RunOutcome
from pgrepl_tui.headless import Policy
from pgrepl_tui.live import LiveRun
from pgrepl_tui.steps.plan import Plan
from pgrepl_tui.steps.undo.plan import discard, undo
from pgrepl_tui.topology import Topology
from tests.golden.whole_run import Pretended, pretended
from tests.guards.swapped import Swapped, pg_ctl

RUNS = 80
"""With any answers, in each state of the pair."""
WIZARDS = 6
"""With any keys, in each state of the pair."""
KEYS = ("enter", "enter", "enter", "y", "y", "r", "r", "n", "s", "a", "e", "u", "d", "tab", "up", "down", "left",
        "right", "space", "escape", "f5", "1", "2", "3", "4", "5", "question_mark",
        "d,b,1,enter", "d,b,2,enter")  # fmt: skip


def streaming(pair: Pretended) -> None:
    """The pair is set up, and its standby streams."""
    played = asyncio.run(pair.run())
    assert played.ended.outcome is RunOutcome.DONE, played.ended.message


def standby_down(pair: Pretended) -> None:
    """The standby's server is down."""
    pg_ctl(pair.standby, "stop")


def standby_forked(pair: Pretended) -> None:
    """What was the standby takes writes of its own: its signal was lost."""
    (pair.standby.data / "recovery.conf").unlink()
    pg_ctl(pair.standby, "restart")
    assert pair.standby.control()["identifier"] == pair.primary.control()["identifier"]


def strangers(pair: Pretended) -> None:
    """It was never set up: both servers run, neither knows of the other, and clients use the primary."""
    pg_ctl(pair.standby, "restart")


class State(NamedTuple):
    """What was done with the pair, in order, and why a set-up is refused then."""

    done: tuple[Callable[[Pretended], None], ...]
    why: str


STATES = {
    "strangers": State((strangers,), "that would be replaced takes writes, and "),
    "streaming": State((streaming,), "is itself a standby"),
    "standby down": State((streaming, standby_down), "is down"),
    "standby forked": State((streaming, standby_down, standby_forked), "it runs and takes writes"),
}


@pytest.fixture(scope="module", params=list(STATES.values()), ids=list(STATES))
def swapped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swapped]:
    """A pair in one of its states, for all tests: each has to leave it as it is."""
    with pretended(tmp_path_factory.mktemp("pair"), "9.6") as pair:
        for done in request.param.done:
            done(pair)
        yield Swapped(pair, request.param.why)


async def test_no_answers_lead_to_the_primary(swapped: Swapped) -> None:
    ended, answered = Counter[str](), Counter[str]()
    for seed in range(RUNS):
        end, operator = await swapped.play(seed)
        swapped.check(f"seed {seed}: {operator.answers}")
        assert end.outcome is not RunOutcome.DONE
        ended[end.message] += 1
        answered[str(operator.answers)] += 1
    assert len(answered) > RUNS // 4, "these were hardly any different answers"
    assert not any("a mistake in this program" in message for message in ended)
    assert any(swapped.why in message for message in ended), f"refused for other reasons: {ended}"


@pytest.mark.parametrize("plan", [None, undo, discard], ids=["run", "undo", "discard"])
async def test_agreeing_to_everything_beforehand_does_not_either(
    swapped: Swapped, plan: Callable[[], Plan] | None, tmp_path: Path
) -> None:
    """As ``run --yes``, ``undo --yes`` and ``discard --host`` do."""
    operator = Policy(yes=True, host="db1")
    run = LiveRun(swapped.topology, operator=operator, path=tmp_path / "run.jsonl", plan=plan() if plan else None)
    run._connect = swapped.connect  # type: ignore[method-assign]
    assert await run.run(lambda _event, _span: None) != 0
    swapped.check("yes to everything")


async def test_no_keys_lead_to_the_primary(swapped: Swapped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    asked = 0
    for seed in range(WIZARDS):
        app, pressed = wizard(swapped), list[str]()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("enter")
            await press_any(pilot, random.Random(seed), pressed)  # noqa: S311 - a test's dice
            asked += app.session.state.question is not None
        swapped.check(f"seed {seed}: {pressed}")
    assert asked, "no wizard came as far as a question"


def wizard(swapped: Swapped) -> PgReplApp:
    """The wizard on the swapped pair, with what can follow a run."""

    def start(topology: Topology) -> LiveRun:
        return connected(LiveRun(topology))

    def start_undo(topology: Topology) -> LiveRun:
        return connected(LiveRun(topology, plan=undo()))

    def connected(run: LiveRun) -> LiveRun:
        run._connect = swapped.connect  # type: ignore[method-assign]
        return run

    return PgReplApp(swapped.topology, make_source=start, afterwards={"undo": start_undo})


async def press_any(pilot: Pilot[int], chance: random.Random, pressed: list[str]) -> None:
    """Press keys, most of them while something is asked."""
    for _ in range(20):
        await settled(pilot)
        if not pilot.app.is_running:
            return
        keys = chance.choice(KEYS).split(",")
        pressed += keys
        await pilot.press(*keys)


async def settled(pilot: Pilot[int]) -> None:
    """Wait until the run asks something, or has ended; a host that works on it may take its time."""
    app = pilot.app
    assert isinstance(app, PgReplApp)

    def waits() -> bool:
        question = app.session.state.question
        return not app.under_way or (question is not None and question.answer is None)

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(30):
            while not waits():
                await pilot.pause(0.02)
