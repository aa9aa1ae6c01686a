"""The operator's own keys: a mistake is told and costs only itself."""

from pathlib import Path

import pytest
from textual.binding import Binding

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.screens import keys
from pgrepl_tui.screens.key_file import OwnKeys, checked, read
from pgrepl_tui.screens.notice import NoticeScreen
from tests.screens.fake_app import text_of, until
from tests.screens.fake_run import GATE, START, FakeRun

FILE = Path("/config/keys.yaml")


def test_good_keys_count() -> None:
    own = checked({"quit": "f10", "stop": "ctrl+x", "help": "f1,?"}, FILE)
    assert own == OwnKeys({"quit": "f10", "stop": "ctrl+x", "help": "f1,question_mark"})


@pytest.mark.parametrize(
    ("name", "key", "words"),
    [
        ("quti", "x", "is 'quit' meant?"),
        ("%%%", "x", "known are"),
        ("quit", "control+x", "is no key"),
        ("quit", "xyz", "is no key"),
        ("quit", "", "is no key"),
        ("quit", "f99", "is no key"),
        ("quit", "r", "is already the key of 'retry'"),
        ("quit", "?", "is already the key of 'help'"),
        ("replay.event", "l", "is already the key of 'commands'"),
    ],
)
def test_a_mistake_is_told_and_costs_only_itself(name: str, key: str, words: str) -> None:
    own = checked({name: key, "stop": "f9"}, FILE)
    assert own.keys == {"stop": "f9"}
    (problem,) = own.problems
    assert problem.startswith(f"/config/keys.yaml: {name}: ")
    assert words in problem


def test_two_that_change_places_and_keys_of_other_screens_do_not_clash() -> None:
    assert checked({"follow": "l", "commands": "f"}, FILE).problems == ()
    assert checked({"replay.event": "o"}, FILE).problems == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [("quit: [", "cannot be read"), ("- a\n", "are meant"), (b"\xff\xfe\x00".decode("latin-1"), "cannot be read")],
)
def test_a_file_that_is_no_list_of_keys_is_told(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "keys.yaml"
    path.write_text(text, "latin-1")
    own = read(path)
    assert own.keys == {}
    assert words in own.problems[0]
    assert "\n" not in own.problems[0]


def test_no_file_and_an_empty_one_are_well(tmp_path: Path) -> None:
    assert read(tmp_path / "none") == OwnKeys()
    (tmp_path / "keys.yaml").write_text("# nothing yet\n")
    assert read(tmp_path / "keys.yaml") == OwnKeys()


def test_every_key_of_the_tables_has_an_id_of_its_own() -> None:
    for table in ([*keys.LIVE, *keys.COMMON], [*keys.REPLAY, *keys.COMMON], keys.LOG, keys.COMMAND_LOG):
        ids = [binding.id for binding in table]
        assert all(ids)
        assert len(set(ids)) == len(ids)
        expanded = [made.key for made in Binding.make_bindings(table)]
        assert len(set(expanded)) == len(expanded)


async def test_a_remapped_key_works_the_old_one_does_not_and_help_and_footer_say_it() -> None:
    run = FakeRun((*START, GATE))
    app = PgReplApp(source=run, own_keys=checked({"one-step": "f6"}, FILE))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: "Run Primary?" in text_of(app.screen) and "f6 One step" in text_of(app.screen))
        await pilot.press("o")
        assert run.answers == []
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        help_lines = " ".join(text_of(app.screen).split())
        assert "f6 One step" in help_lines
        await pilot.press("escape", "f6")
        await until(pilot, lambda: run.answers == [(1, "step")])


async def test_a_mistake_in_the_file_is_told_at_the_start_which_goes_on() -> None:
    run = FakeRun(START)
    app = PgReplApp(source=run, own_keys=checked({"quti": "x"}, FILE))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: "no such key binding" in text_of(app.screen))
        await until(pilot, lambda: app.under_way)
