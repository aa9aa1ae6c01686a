"""Testing the connections of the Hosts form: what is shown, what is asked, how it is abandoned."""

import asyncio
from pathlib import Path

import pytest
from textual.widgets import Button, Input

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.screens.widgets.found_list import FoundList
from pgrepl_tui.session import crash_file
from pgrepl_tui.session.prober import Hear, Questions, Sudo, Unreached
from pgrepl_tui.topology import Topology, loads
from tests.screens.fake_app import text_of, until
from tests.screens.fake_prober import MAIN, OLD, FakeProber, hangs, reached
from tests.screens.fake_run import FakeRun
from tests.screens.probing_form import PAIR, opened, said, shown, wizard


async def test_enter_tests_a_typed_destination_and_goes_on_to_the_other_while_it_is_under_way() -> None:
    prober = FakeProber(db2=reached(MAIN, alone=True))
    app = wizard(prober)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press(*"db1", "enter")
        await until(pilot, lambda: "connecting to db1… 0 s, esc abandons" in said(app))
        assert app.focused is app.screen.query_one("#standby-ssh")
        await pilot.press(*"db2", "enter")
        await until(pilot, lambda: "1 cluster found: it is taken" in said(app, "standby"))
        assert prober.tested == ["db1", "db2"]
        assert app.focused is app.screen.query_one("#connect")


async def test_the_seconds_go_on_while_a_host_is_silent() -> None:
    now = [0.0]
    app = PgReplApp(None, make_source=lambda _: FakeRun(), prober=FakeProber(), clock=lambda: now[0])
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press(*"db1", "enter")
        await until(pilot, lambda: "connecting to db1… 0 s" in said(app))
        now[0] = 12.0
        async with asyncio.timeout(30):
            while "connecting to db1… 12 s" not in said(app):
                await pilot.pause(0.1)


async def test_what_is_no_destination_is_not_tested_but_said() -> None:
    prober = FakeProber()
    app = wizard(prober)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press(*"db 1", "enter")
        await until(pilot, lambda: "✗ db 1 is not an SSH destination What to do: write it as host" in said(app))
        app.screen.query_one("#primary-ssh").focus()
        await pilot.press("home", "right", "right", "delete", "enter")
        await until(pilot, lambda: prober.tested == ["db1"])


@pytest.mark.parametrize(
    ("sudo", "words"),
    [
        (Sudo.OWN, "✓ logged in as dba, OpenSSH_9.2p1, no sudo needed 2 clusters found: choose one"),
        (Sudo.ROOT, "may become postgres "),
        (Sudo.FREE, ", sudo without password "),
        (Sudo.PASSWORD, ", sudo with password "),
        (Sudo.WANTS_PASSWORD, "! logged in as dba, OpenSSH_9.2p1, sudo needs a password "),
        (Sudo.NONE, "! logged in as dba, OpenSSH_9.2p1, no sudo to postgres "),
        (Sudo.NOBODY, "there is no OS user postgres "),
    ],
)
async def test_how_commands_run_as_the_owner_is_said(sudo: Sudo, words: str) -> None:
    app = wizard(FakeProber(db1=reached(MAIN, OLD, sudo=sudo)))
    async with app.run_test(size=(160, 40)) as pilot:
        await opened(pilot)
        await pilot.press(*"db1", "enter")
        await until(pilot, lambda: words in said(app))


async def test_what_is_in_the_way_is_said_with_what_to_do() -> None:
    none = reached(sudo=Sudo.NONE, trouble="db1: dba may not run commands as postgres: no sudo", remedy="Use visudo.")
    dead = Unreached("db2, port 22 did not answer within 15 s", "Check the address; a firewall may drop the packets.")
    app = wizard(FakeProber(db1=none, db2=dead), PAIR)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("t")
        await until(pilot, lambda: "may not run commands as postgres: no sudo What to do: Use visudo." in said(app))
        words = "✗ db2, port 22 did not answer within 15 s What to do: Check the address; a firewall may drop"
        await until(pilot, lambda: words in said(app, "standby"))


@pytest.mark.parametrize(
    ("installed", "words"),
    [
        (("/usr/lib/postgresql/15/bin",), "installed in /usr/lib/postgresql/15/bin, but no cluster was found"),
        ((), "no PostgreSQL found; give programs and data"),
    ],
)
async def test_a_host_with_no_cluster(installed: tuple[str, ...], words: str) -> None:
    app = wizard(FakeProber(db1=reached(installed=installed)), PAIR)
    async with app.run_test(size=(160, 40)) as pilot:
        await opened(pilot)
        app.screen.query_one("#primary-address").focus()
        await pilot.press("ctrl+t")
        await until(pilot, lambda: words in said(app))
        assert not app.screen.query_one("#primary-found").display


async def test_the_key_tests_the_side_where_the_focus_is_and_both_where_it_is_on_neither() -> None:
    prober = FakeProber()
    app = wizard(prober, PAIR)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        app.screen.query_one("#standby-port").focus()
        await pilot.press("ctrl+t")
        await until(pilot, lambda: prober.tested == ["db2"])
        app.screen.query_one("#primary-test").focus()
        await pilot.press("t")
        await until(pilot, lambda: prober.tested == ["db2", "db1"])
        app.screen.query_one("#connect").focus()
        await pilot.press("t")
        await until(pilot, lambda: sorted(prober.tested) == ["db1", "db1", "db2", "db2"])


async def test_the_button_and_the_palette_test_too() -> None:
    prober = FakeProber()
    app = wizard(prober, PAIR)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.click("#standby-test")
        await until(pilot, lambda: prober.tested == ["db2"])
        await pilot.press("escape", "ctrl+p", *"Test the conn")
        await until(pilot, lambda: "Test the connection" in text_of(app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: len(prober.tested) > 1)


async def test_with_nothing_typed_a_test_says_so() -> None:
    prober = FakeProber()
    app = wizard(prober)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        app.screen.query_one("#connect").focus()
        await pilot.press("t")
        await until(pilot, lambda: "Type first where the host is" in text_of(app.screen))
        assert app.focused is app.screen.query_one("#primary-ssh")
        assert prober.tested == []


async def test_without_a_prober_there_is_no_button_and_the_key_says_why() -> None:
    app = PgReplApp(loads(PAIR, Path("/t.yaml")), make_source=lambda _: FakeRun())
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: "db2" in text_of(app.screen))
        assert not app.screen.query("#primary-test")
        await pilot.press("t")
        await until(pilot, lambda: "Connections are tested in the form" in text_of(app.screen))


async def test_leaving_a_typed_destination_tests_it_once_and_a_given_one_not_at_all() -> None:
    prober = FakeProber(db9=reached(MAIN))
    app = wizard(prober, PAIR)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        app.screen.query_one("#primary-ssh").focus()
        await pilot.press("tab", "shift+tab")
        app.screen.query_one("#primary-ssh", Input).value = "db9"
        app.app_focus = False  # another window has the keyboard now
        await pilot.pause()
        app.app_focus = True
        await pilot.pause()
        assert prober.tested == []
        await pilot.press("tab")
        await until(pilot, lambda: prober.tested == ["db9"])
        await pilot.press("shift+tab", "tab")
        await pilot.pause()
        assert prober.tested == ["db9"]


async def test_the_topologys_own_ssh_configuration_counts(tmp_path: Path) -> None:
    (tmp_path / "config").touch()
    prober = FakeProber()
    topology = loads(PAIR + "ssh_config: config\n", tmp_path / "app.yaml")
    app = PgReplApp(topology, make_source=lambda _: FakeRun(), prober=prober)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("t")
        await until(pilot, lambda: [wanted.ssh_config for wanted in prober.wanted] == [tmp_path / "config"] * 2)


@pytest.mark.parametrize("how", ["escape", "edit"])
async def test_a_test_is_abandoned_and_not_heard_of_again(how: str) -> None:
    told: list[Hear] = []

    async def late(hear: Hear, questions: Questions) -> None:
        told.append(hear)
        await hangs(hear, questions)

    prober = FakeProber(db1=late)
    app = wizard(prober)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press(*"db1", "enter")
        await until(pilot, lambda: bool(told))
        app.screen.query_one("#primary-ssh").focus()
        await pilot.press("escape" if how == "escape" else "x")
        words = "The test was abandoned." if how == "escape" else "Not tested yet"
        await until(pilot, lambda: words in said(app) and prober.abandoned == ["db1"])
        told[0](reached(MAIN))
        await pilot.pause()
        assert words in said(app)
        assert app.is_running


async def test_with_no_test_under_way_esc_means_what_it_meant() -> None:
    app = wizard(FakeProber(db1=reached(MAIN)), PAIR)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await opened(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "was started on a topology" in text_of(app.screen))


async def test_a_destination_that_is_edited_has_to_be_tested_again() -> None:
    prober = FakeProber(db1=reached(MAIN, OLD))
    app = wizard(prober)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press(*"db1", "enter")
        await until(pilot, lambda: "2 clusters found" in said(app))
        app.screen.query_one("#primary-ssh").focus()
        await pilot.press("x")
        await until(pilot, lambda: "Not tested yet" in said(app))
        assert not app.screen.query_one("#primary-found", FoundList).display
        await pilot.press("backspace", "enter")
        await until(pilot, lambda: "2 clusters found" in said(app))
        assert prober.tested == ["db1", "db1"]


async def test_connecting_abandons_what_is_under_way() -> None:
    made: list[Topology] = []
    prober = FakeProber()
    app = wizard(prober, PAIR, made)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("t")
        await until(pilot, lambda: prober.tested == ["db1", "db2"])
        await pilot.press("c")
        await until(pilot, lambda: sorted(prober.abandoned) == ["db1", "db2"] and len(made) == 1)


async def test_a_mistake_of_the_program_is_told_with_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(hear: Hear, questions: Questions) -> None:
        del hear, questions
        raise KeyError("[/oops]")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(crash_file, "_cleaners", [])
    app = wizard(FakeProber(db1=fails), PAIR)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("t")
        await until(pilot, lambda: "✗ A mistake in this program: KeyError: '[/oops]'" in said(app))
        assert len(list((tmp_path / "pgrepl-tui" / "crashes").iterdir())) == 1
        assert app.is_running


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (50, 20)])
async def test_the_field_that_is_typed_into_stays_in_sight_when_a_list_comes(size: tuple[int, int]) -> None:
    held = asyncio.Event()

    async def slow(hear: Hear, questions: Questions) -> None:
        del questions
        await held.wait()
        hear(reached(*[MAIN] * 12))

    app = wizard(FakeProber(db1=slow))
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await pilot.press(*"db1", "enter", *"dbx")
        held.set()
        await until(pilot, lambda: "12 clusters found" in " ".join(said(app).split()) or "dbx" in text_of(app.screen))
        await until(pilot, lambda: app.screen.query_one("#primary-found").display and "dbx" in text_of(app.screen))


async def test_what_a_host_says_is_no_markup_and_no_escape_sequence() -> None:
    wild = reached(MAIN, OLD, trouble="[red]\x1b[31m no[/oops]", remedy="[b]\x9b2J", sudo=Sudo.NONE)
    app = wizard(FakeProber(db1=wild), PAIR)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("t")
        await until(pilot, lambda: "[red]�[31m no[/oops] What to do: [b]�2J" in said(app))


async def test_the_test_button_is_a_button_of_its_own_side() -> None:
    app = wizard(FakeProber(), PAIR)
    async with app.run_test(size=(50, 20)) as pilot:
        await opened(pilot)
        labels = [str(button.label) for button in app.screen.query(Button) if str(button.id).endswith("-test")]
        assert labels == ["Test (t)", "Test (t)"]
        assert "Test (t)" in shown(app)
