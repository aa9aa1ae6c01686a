"""The start screen: what it lists, what can be begun from it, and the way back."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from textual.widgets import Input

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import RunEnded, RunOutcome, Stage
from pgrepl_tui.screens.hosts import HostsScreen
from pgrepl_tui.screens.keeping import TakenScreen
from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.open_topology import OpenScreen
from pgrepl_tui.screens.preparing import PreparingScreen
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.screens.welcome import Start, WelcomeScreen
from pgrepl_tui.screens.widgets.menu import Menu
from pgrepl_tui.screens.widgets.recording_list import RecordingList
from pgrepl_tui.session.library import Library, Summary
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.topologies import Shelf
from pgrepl_tui.topology import Node, Topology, load
from tests.screens.fake_app import text_of, until
from tests.screens.fake_run import GATE, START, FakeRun
from tests.screens.shelved import RUNS, shelve

PAIR = Topology("app-db", Node("db1"), (Node("db2"),))
SIZE = (80, 24)
SUMMARIES = Library(RUNS).summaries(Library(RUNS).paths())
COUNT = len(SUMMARIES)
FAILED = sum(summary.outcome is RunOutcome.FAILED for summary in SUMMARIES)


class World:
    """Recordings, a shelf, and the runs that were begun."""

    def __init__(self, folder: Path) -> None:
        (folder / "recordings").mkdir()
        shelve(folder / "recordings")
        self.library = Library(folder / "recordings")
        self.shelf = Shelf(folder / "topologies")
        self.runs: list[tuple[Topology, FakeRun]] = []
        self.demo_goes_on = asyncio.Event()
        self.demo_given_up = False

    def begin(self, topology: Topology) -> FakeRun:
        self.runs.append((topology, FakeRun((*START, GATE))))
        return self.runs[-1][1]

    async def demo(self, tell: Callable[[str], None]) -> Topology:
        tell("making two clusters")
        try:
            await self.demo_goes_on.wait()
        except asyncio.CancelledError:
            self.demo_given_up = True
            raise
        return PAIR

    def app(self, *, demo: bool = True) -> PgReplApp:
        start = Start(self.library, self.shelf, Replay.open, self.demo if demo else None)
        return PgReplApp(None, self.begin, start=start, shelf=self.shelf)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def all_read(app: PgReplApp) -> bool:
    """True once the worst outcome, which is in every list, is known."""
    return isinstance(app.screen, WelcomeScreen) and "done, 11 changes" in text_of(app.screen)


def form_open(app: PgReplApp) -> bool:
    """True once the form is there, all of it."""
    return isinstance(app.screen, HostsScreen) and "Connect (Enter)" in text_of(app.screen)


async def test_recordings_are_listed_with_date_hosts_outcome_and_length(world: World) -> None:
    (world.library.folder / "broken.jsonl").write_text("nonsense\n")
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        shown = text_of(app.screen)
        assert f"Recordings · {COUNT + 1}" in shown
        line = next(line for line in shown.splitlines() if "11 changes" in line)
        words = line.strip("│ ").split()
        with Recording.open(RUNS / "setup.jsonl") as setup:
            date, time = setup.header.started.split("T")
            length = max(event.t for event, _ in setup.events())
        assert words == [
            "✓",
            date,
            time[:5],
            "lab",
            "db1",
            "→",
            "db2",
            "done,",
            "11",
            "changes",
            f"00:00:{int(length):02}",
        ]
        assert "damaged" in next(line for line in shown.splitlines() if "broken.jsonl" in line)


async def test_a_thousand_recordings_are_listed_before_they_are_read_and_keys_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (RUNS / "again.jsonl").read_text()
    for number in range(1000):
        (world.library.folder / f"many-20260101T{number:06}.000Z.jsonl").write_text(text)
    go_on = threading.Event()
    read = Library.summaries

    def slow(library: Library, paths: Iterable[Path]) -> list[Summary]:
        assert go_on.wait(1800)
        return read(library, paths)

    monkeypatch.setattr(Library, "summaries", slow)
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        try:
            await until(pilot, lambda: f"Recordings · {COUNT + 1000}" in text_of(app.screen))
            app.screen.query_one(RecordingList).focus()
            await pilot.press("end")
            await until(pilot, lambda: f"{COUNT + 1000} of {COUNT + 1000}" in text_of(app.screen))
            assert "many-20260101T000000.000Z.jsonl" in text_of(app.screen)
            await pilot.press("slash", *"many", "home")
            await until(pilot, lambda: f"Recordings · 1000 of {COUNT + 1000}" in text_of(app.screen))
        finally:
            go_on.set()
        await until(pilot, lambda: "done, 0 changes" in text_of(app.screen))


async def test_typing_searches_and_escape_shows_all(world: World) -> None:
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        await pilot.press("slash", *"DB2 fail")
        await until(pilot, lambda: f"Recordings · {FAILED} of {COUNT}" in text_of(app.screen))
        assert "done" not in "".join(line for line in text_of(app.screen).splitlines() if "2026-" in line)
        await pilot.press(*"xyz")
        await until(pilot, lambda: "None matches; Esc shows all." in text_of(app.screen))
        await pilot.press("escape")
        await until(pilot, lambda: f"Recordings · {COUNT} " in text_of(app.screen))
        assert isinstance(app.focused, RecordingList)


async def test_a_recording_is_replayed_and_escape_comes_back(world: World) -> None:
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        for _ in range(2):  # what was opened once can be opened again
            await pilot.press("slash", *"setup", "enter", "enter")
            await until(pilot, lambda: isinstance(app.screen, StageScreen) and "▶ REPLAY" in text_of(app.screen))
            await pilot.press("end")
            await until(pilot, lambda: "✓ match" in text_of(app.screen))
            await pilot.press("escape")
            await until(pilot, lambda: all_read(app))
            await pilot.press("escape")
        assert not app.under_way
        assert [screen for screen in app._installed_screens if screen in set(Stage)] == []
        await pilot.press("tab", "q")
        await until(pilot, lambda: app.return_code == 0)


async def test_a_recording_is_replayed_by_mouse_alone(world: World) -> None:
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        await pilot.click(RecordingList, offset=(5, 1))
        assert isinstance(app.screen, WelcomeScreen)
        await pilot.click(RecordingList, offset=(5, 1), times=2)
        await until(pilot, lambda: isinstance(app.screen, StageScreen))


async def test_a_recording_that_cannot_be_replayed_says_why_and_stays(world: World) -> None:
    (world.library.folder / "z-20990101T000000.000Z.jsonl").write_text("nonsense\n")
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        app.screen.query_one(RecordingList).action_open()
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        assert "is not a recording of pgrepl-tui" in " ".join(text_of(app.screen).replace("│", " ").split())
        await pilot.press("enter")
        await until(pilot, lambda: all_read(app))


async def test_a_new_set_up_is_saved_when_it_is_connected_to(world: World) -> None:
    app = world.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: all_read(app))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"db1")
        app.screen.query_one("#standby-ssh", Input).value = "db2"
        app.screen.query_one("#standby-unit", Input).value = "postgresql-15"
        await pilot.press("enter")
        await until(pilot, lambda: len(world.runs) == 1 and "Saved as" in text_of(app.screen))
        saved = load(world.shelf.folder / "db1_to_db2.yaml")
        assert (saved.primary.ssh, saved.standbys[0].unit) == ("db1", "postgresql-15")
        assert world.runs[0][0] == saved
        await pilot.press("escape")
        await until(pilot, lambda: "A run is under way" in text_of(app.screen))
        assert isinstance(app.screen, StageScreen)


@pytest.mark.parametrize(("key", "ssh"), [("a", "db1"), ("r", "db9"), ("n", "db1"), ("escape", "db1")])
async def test_a_file_of_that_name_is_only_replaced_when_that_is_said(world: World, key: str, ssh: str) -> None:
    world.shelf.save(PAIR)
    app = PgReplApp(Topology("app-db", Node("db9"), PAIR.standbys), world.begin, shelf=world.shelf)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "db9" in text_of(app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TakenScreen))
        await pilot.press(key)
        await until(pilot, lambda: not isinstance(app.screen, TakenScreen))
        assert load(world.shelf.folder / "app-db.yaml").primary.ssh == ssh
        beside = world.shelf.folder / "app-db-2.yaml"
        assert beside.exists() == (key == "a")
        assert len(world.runs) == (key != "escape")


async def test_a_saved_topology_is_opened_with_two_keys_or_by_its_path(world: World) -> None:
    saved = world.shelf.save(PAIR)
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        for keys in (("o", "tab", "enter"), ("o", *str(saved.source), "enter")):
            await until(pilot, lambda: all_read(app))
            await pilot.press(*keys)
            await until(pilot, lambda: form_open(app))
            assert app.screen.query_one("#primary-ssh", Input).value == "db1"
            await pilot.press("escape")
        await until(pilot, lambda: all_read(app))
    assert world.runs == []


async def test_a_path_is_completed_while_it_is_typed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "somewhere" / "deep"
    place.mkdir(parents=True)
    for name in ("pair-one.yaml", "pair-two.yml", "pair.txt", ".hidden.yaml"):
        (place / name).write_text("name: app-db\nprimary: {ssh: db1}\nstandbys: [{ssh: db2}]\n")
    monkeypatch.chdir(tmp_path)
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        await pilot.press("o", *"so")
        await until(pilot, lambda: "somewhere/" in text_of(app.screen))
        await pilot.press("tab")
        await until(pilot, lambda: "▸  deep/" in text_of(app.screen))
        await pilot.press("tab")
        await until(pilot, lambda: "▸  pair-one.yaml" in text_of(app.screen))
        shown = text_of(app.screen)
        assert "pair-two.yml" in shown
        assert "pair.txt" not in shown
        assert "hidden" not in shown
        await pilot.press("tab")
        assert app.screen.query_one("#path", Input).value == "somewhere/deep/pair-"
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: form_open(app))
        assert str(app._topology and app._topology.source).endswith("somewhere/deep/pair-two.yml")


async def test_a_folder_of_the_list_is_gone_into_by_mouse(world: World, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "pair.yaml").write_text("name: app-db\nprimary: {ssh: db1}\nstandbys: [{ssh: db2}]\n")
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, OpenScreen))
        app.screen.query_one("#path", Input).value = f"{tmp_path}/ins"
        await until(pilot, lambda: "inside/" in text_of(app.screen))
        await pilot.click(Menu, offset=(4, 0))
        await until(pilot, lambda: "pair.yaml" in text_of(app.screen))
        assert app.focused is app.screen.query_one("#path")
        await pilot.click(Menu, offset=(4, 0))
        await until(pilot, lambda: form_open(app))


async def test_what_is_typed_finds_a_saved_one_too(world: World) -> None:
    for name, ssh in (("app", "db1"), ("billing", "bill1")):
        world.shelf.save(Topology(name, Node(ssh), (Node("db2"),)))
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        await pilot.press("o")
        await until(pilot, lambda: "db1 → db2" in text_of(app.screen) and "bill1 → db2" in text_of(app.screen))
        await pilot.press(*"BILL")
        await until(pilot, lambda: "db1 → db2" not in text_of(app.screen))
        await pilot.press("down", "enter")
        await until(pilot, lambda: form_open(app))
        assert app.screen.query_one("#primary-ssh", Input).value == "bill1"


async def test_a_click_in_a_long_list_takes_the_row_that_is_clicked(world: World) -> None:
    for number in range(20):
        world.shelf.save(Topology(f"pair-{number:02}", Node(f"db{number}"), (Node("x"),)))
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        await pilot.press("o", "down", *["pagedown"] * 2)
        await until(pilot, lambda: "pair-19" in text_of(app.screen) and "pair-00" not in text_of(app.screen))
        first = text_of(app.screen.query_one("#saved")).split("\n", 1)[0]
        await pilot.click("#saved", offset=(4, 0))
        await until(pilot, lambda: form_open(app))
        ssh = app.screen.query_one("#primary-ssh", Input).value
        assert first.split("pair-")[1].startswith(ssh.removeprefix("db").rjust(2, "0"))


async def test_a_topology_with_a_mistake_says_where_and_the_dialog_stays(world: World, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: x\nprimary:\n  ssh: a b\n")
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, OpenScreen))
        app.screen.query_one("#path", Input).value = str(tmp_path / "bad.yaml")
        await pilot.press("enter")
        await until(pilot, lambda: "bad.yaml:3" in text_of(app.screen).replace("\n", ""))
        assert isinstance(app.screen, OpenScreen)


async def test_the_last_set_up_is_continued_once_there_is_one(world: World) -> None:
    app = world.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: all_read(app))
        assert "Continue the last one" not in text_of(app.screen)  # the hosts of those runs were a lab's
        await pilot.press("c")
        await until(pilot, lambda: "Nothing was set up yet" in text_of(app.screen))
        app.clear_notifications()  # it covers the menu
        text = (RUNS / "setup.jsonl").read_text().replace('"ssh_config":"/tmp/pgrepl-lab/ssh_config",', "", 1)
        (world.library.folder / "setup.jsonl").write_text(text)
        app.screen.query_one("#menu").focus()
        app.screen.on_screen_resume()  # type: ignore[attr-defined] # as after a run
        await until(pilot, lambda: "Continue the last one" in text_of(app.screen))
        await pilot.press("c")
        await until(pilot, lambda: form_open(app))
        assert app.screen.query_one("#standby-ssh", Input).value == "db2"


async def test_the_demo_says_what_it_does_and_then_shows_its_hosts(world: World) -> None:
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        await pilot.press("d")
        await until(pilot, lambda: "making two clusters" in text_of(app.screen))
        world.demo_goes_on.set()
        await until(pilot, lambda: form_open(app))
        assert app.screen.query_one("#primary-ssh", Input).value == "db1"


async def test_a_demo_that_is_given_up_is_ended(world: World) -> None:
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, PreparingScreen))
        await pilot.press("escape")
        await until(pilot, lambda: world.demo_given_up and isinstance(app.screen, WelcomeScreen))


async def test_without_the_extra_there_is_no_demo_and_its_key_says_so(world: World) -> None:
    app = world.app(demo=False)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: all_read(app))
        assert "Demo" not in text_of(app.screen)
        await pilot.press("d")
        await until(pilot, lambda: "The demo needs the extra lab" in text_of(app.screen))


async def test_the_exit_code_is_the_last_live_runs(world: World) -> None:
    app = world.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: all_read(app))
        await app.open_stages(PAIR, None)
        app._begin(PAIR)
        world.runs[0][1].feed(RunEnded(outcome=RunOutcome.FAILED, exit_code=1, changes=0))
        world.runs[0][1].end(1)
        await until(pilot, lambda: not app.under_way)
        await app.action_home()
        await until(pilot, lambda: all_read(app))
        await app.open_stages(None, Replay.open(RUNS / "setup.jsonl"))
        await pilot.press("q")
        await until(pilot, lambda: app.return_code == 1)
