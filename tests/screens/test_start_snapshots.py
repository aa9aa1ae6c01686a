"""Pictures of what no recording can show: the start, the form, the dialogs, the command log, the overlays.

A row of ``TABLE`` is a picture: which app, which keys, and a text that only this state shows.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import Asked, CommandStarted, Note, PlanMade, RunStarted, Stage, StepStarted
from pgrepl_tui.screens.key_file import checked
from pgrepl_tui.screens.welcome import Start
from pgrepl_tui.session.library import Library
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.topologies import Shelf
from pgrepl_tui.steps.undo.plan import discard
from pgrepl_tui.topology import Node, Topology
from tests.screens.fake_app import text_of, until, until_still
from tests.screens.fake_prober import FakeProber
from tests.screens.fake_run import CONFIRM, GATE, SECRET, START, FakeRun
from tests.screens.pictures import each, stands_in
from tests.screens.shelved import RUNS, shelve

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
PAIR = Topology("app-db", Node("db1.example.org", unit="postgresql@15-main"), (Node("dba@db2:2222"),))
OTHER = Topology("billing", Node("bill1"), (Node("bill2"),))
DELETE = Asked(
    question=8,
    kind="typed",
    stage=Stage.STANDBY,
    step="discard",
    text="Delete 45 MB in /srv/pg/15.pgrepl-old-20261123T110905Z for good? Nothing brings it back.",
    choices=("no", "db2"),
)
ASIDE = Asked(
    question=9,
    kind="typed",
    stage=Stage.STANDBY,
    step="copy",
    text="Set the old data directory on db2 aside? /srv/pg/15 is renamed to /srv/pg/15.pgrepl-old-20261123T110905Z; "
    "nothing is deleted. It has unique data: the record at 0/5000028 is another one than on db1. To agree, type the "
    "name of the host: db2",
    choices=("no", "db2"),
)
HOST_KEY = Asked(
    question=7,
    kind="host-key",
    stage=Stage.CONNECT,
    step="reach",
    text="The host key of db1, port 22 is not known.\nssh-ed25519\n"
    "SHA256:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG\n"
    "Compare it with the server's own, on its console: ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub. "
    "A yes puts it into /home/dba/.ssh/known_hosts.",
    choices=("no", "yes"),
)


class World(NamedTuple):
    """Where the recordings and the topologies of the picture are; their paths are the same on every machine."""

    library: Library
    shelf: Shelf


Make = Callable[[World], PgReplApp]


class State(NamedTuple):
    """A picture: screen, state, how the app is made, the keys that lead there, a text that only this state shows."""

    screen: str
    state: str
    make: Make
    keys: tuple[str, ...]
    text: str


class SamePlace(Library):
    """A library whose folder is named alike on every machine."""

    @property
    def folder(self) -> Path:
        return Path("/home/dba/.local/state/pgrepl-tui/recordings")

    @folder.setter
    def folder(self, folder: Path) -> None:
        self.real = folder

    def paths(self) -> list[Path]:
        return Library(self.real).paths()


def from_start(world: World) -> PgReplApp:
    async def demo(tell: Callable[[str], None]) -> Topology:
        tell("making the cluster of db1")
        tell("filling it with 300 MB")
        await never()
        return PAIR

    start = Start(world.library, world.shelf, Replay.open, demo)
    prober = FakeProber()
    return PgReplApp(
        None, lambda _: FakeRun(), start=start, names=["db3.example.org"], prober=prober, clock=lambda: 0.0
    )


async def never() -> None:
    """What does not end while the picture is taken."""
    import asyncio  # noqa: PLC0415 - only here

    await asyncio.Event().wait()


def without_recordings(world: World) -> PgReplApp:
    shutil.rmtree(world.library.real)  # type: ignore[attr-defined] # SamePlace has it
    return from_start(world)


def with_one_to_continue(world: World) -> PgReplApp:
    shutil.rmtree(world.library.real)  # type: ignore[attr-defined] # SamePlace has it
    world.library.real.mkdir()  # type: ignore[attr-defined] # likewise
    shelve(world.library.real, {"copy-fails"})  # type: ignore[attr-defined] # likewise
    return from_start(world)


def given(world: World) -> PgReplApp:
    return PgReplApp(PAIR, lambda _: FakeRun(), shelf=world.shelf, prober=FakeProber(), clock=lambda: 0.0)


def taken(world: World) -> PgReplApp:
    other = Topology(PAIR.name, Node("db9"), OTHER.standbys)
    return PgReplApp(other, lambda _: FakeRun(), shelf=world.shelf, prober=FakeProber(), clock=lambda: 0.0)


def asked(*events: Asked | Note) -> Make:
    return lambda _: PgReplApp(source=FakeRun((*START, *events)), clock=lambda: 0.0)


def discarding() -> Make:
    run = RunStarted(topology="app-db", started="2026-01-02T03:04:05Z", primary="db1", standby="db2", mode="discard")
    plan = PlanMade(steps=tuple(step.info for step in discard().steps))
    return lambda _: PgReplApp(source=FakeRun((run, plan, *START[2:], DELETE)), clock=lambda: 0.0)


def replayed(at: float) -> Make:
    return lambda _: PgReplApp(source=SameReplay.open(RUNS / "setup.jsonl", at=at, playing=False))


class SameReplay(Replay):
    """A replay whose recording is named alike on every machine."""

    recording = "/recordings/lab.jsonl"


def own_keys(_: World) -> PgReplApp:
    own = checked({"quit": "f10", "quti": "x"}, Path("/home/dba/.config/pgrepl-tui/keys.yaml"))
    return PgReplApp(source=FakeRun((*START, GATE)), own_keys=own, clock=lambda: 0.0)


class Hanging(FakeRun):
    """A run whose host does not answer: it does not end when it is stopped."""

    def stop(self) -> None:
        """Count it."""
        self.stopped += 1


def hanging(_: World) -> PgReplApp:
    ran = CommandStarted(number=1, step="role", host="db1", line="psql -c 'create role'")
    return PgReplApp(source=Hanging((*START, StepStarted(step="role"), ran)), clock=lambda: 0.0)


END = 99.0
TABLE = (
    State("welcome", "recordings", from_start, (), "Recordings · 10 ·"),
    State("welcome", "continue", with_one_to_continue, (), "Continue the last one"),
    State("welcome", "empty", without_recordings, (), "Every run is recorded"),
    State("welcome", "search", from_start, ("slash", *"fail"), "search fail"),
    State("welcome", "no-match", from_start, ("slash", *"xyz"), "None matches"),
    State("open", "saved", from_start, ("o", "tab"), "billing"),
    State("open", "mistake", from_start, ("o", *"/nowhere.yaml", "enter"), "✗ /nowhere.yaml"),
    State("demo", "starting", from_start, ("d",), "filling it with 300 MB"),
    State("form", "completes", from_start, ("n", "d"), "db3.example.org"),
    State("form", "given", given, (), "dba@db2:2222"),
    State("form", "mistake", from_start, ("n", *"db 1", "tab", "tab", "enter"), "is not an SSH destination"),
    State("form", "taken", taken, ("enter",), "Beside it (a)"),
    State("dialog", "host-key", asked(HOST_KEY), (), "type yes to accept this key"),
    State("dialog", "confirm", asked(CONFIRM), (), "No (n)"),
    State("dialog", "set-aside-unique", asked(ASIDE), (), "type db2 to agree"),
    State("dialog", "delete", discarding(), (), "type db2 to delete this"),
    State("dialog", "delete-mistake", discarding(), (*"db1", "enter"), "Type the whole word db2"),
    State("dialog", "secret", asked(SECRET), tuple("s3cret"), "••••••"),
    State("dialog", "leave", asked(GATE), ("q",), "Stop and leave"),
    State("run", "stopping", hanging, ("ctrl+s",), "waiting for db1 to answer"),
    State("commands", "empty", replayed(0.0), ("l",), "No command was run yet."),
    State("commands", "done", replayed(END), ("l",), "reads, and refuses writes"),
    State("commands", "changes", replayed(END), ("l", "c"), "commands that may change something"),
    State("jump", "letters", replayed(4.0), ("ctrl+o",), "A letter goes there"),
    State("palette", "open", asked(GATE), ("ctrl+p",), "Back to the shell"),
    State("help", "live", asked(GATE), ("question_mark",), "Run, or try again"),
    State("help", "replay", replayed(4.0), ("question_mark",), "Stage before"),
    State("keys", "own", own_keys, (), "f10 Quit"),
)
PICTURES = each(__name__, ((state.screen, state.state, state.text) for state in TABLE), SIZES)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    shelve(recordings)
    (recordings / "app-db-20261120T000000.000Z.jsonl").write_text("not a recording\n")
    monkeypatch.chdir(tmp_path)  # the pictures show the shelf's path, which has to be the same everywhere
    made = World(SamePlace(recordings), Shelf(Path("topologies")))
    made.shelf.save(PAIR)
    made.shelf.save(OTHER)
    return made


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("state", TABLE, ids=[f"{state.screen}-{state.state}" for state in TABLE])
def test_picture(state: State, size: tuple[int, int], world: World, snap_compare: Any) -> None:
    app = state.make(world)

    async def settle(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: first_drawn(app))
        await pilot.press(*state.keys)
        await until_still(pilot, lambda: not app.drawing and stands_in(state.text, text_of(app.screen)))

    assert snap_compare(app, terminal_size=size, run_before=settle)


def first_drawn(app: PgReplApp) -> bool:
    """True once what the app begins with is there; of the start screen, all its recordings."""
    shown = text_of(app.screen)
    still = all(worker.is_finished for worker in app.workers if worker.name in {"recordings", "paths"})
    return (
        bool(shown.strip())
        and still
        and not app.drawing
        and ("Begin" not in shown or "Every run is recorded" in shown or " changes" in shown)
    )
