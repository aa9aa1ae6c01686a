"""The password fields, of the form and of the dialog: nothing copies, logs, records or prints what is in them."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.live import LiveRun
from pgrepl_tui.screens.secret import SecretScreen
from pgrepl_tui.screens.widgets.password_row import PasswordRow
from pgrepl_tui.screens.widgets.secret_input import SecretInput
from pgrepl_tui.session.topologies import Shelf
from pgrepl_tui.steps.connect import ReachPrimary
from pgrepl_tui.steps.context import Context
from pgrepl_tui.topology import Node, Topology
from tests.screens.fake_app import text_of, until
from tests.screens.fake_run import SECRET, START, FakeRun

TYPED = "horse-battery-staple"
PAIR = Topology("app-db", Node("db1"), (Node("db2"),))
CRASH = """
import sys
from pgrepl_tui.app import PgReplApp
from pgrepl_tui.screens.widgets.secret_input import SecretInput
from pgrepl_tui.screens.widgets.top_line import TopLine
from pgrepl_tui.topology import Node, Topology

class Crashing(PgReplApp):
    async def on_mount(self):
        await super().on_mount()
        self.call_after_refresh(self.type)

    def type(self):
        field = self.screen.query_one(SecretInput)
        field.value = "-".join(["horse", "battery", "staple"])
        mine = field.value
        raise RuntimeError(f"a mistake with {mine!r} of {field.value}")

app = Crashing(Topology("app-db", Node("db1"), (Node("db2"),)), make_source=lambda _: None)
app.run(headless=True)
raise SystemExit(app.return_code)
"""


@asynccontextmanager
async def form(app: PgReplApp) -> AsyncIterator[Pilot[int]]:
    """The form, with the cursor in its password field."""
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: "password" in text_of(app.screen))
        app.screen.query_one("#shared-password").focus()
        yield pilot


@asynccontextmanager
async def dialog() -> AsyncIterator[Pilot[int]]:
    """The dialog that asks for a password."""
    app = PgReplApp(source=FakeRun((*START, SECRET)))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SecretScreen))
        yield pilot


def either(where: str) -> AbstractAsyncContextManager[Pilot[int]]:
    return dialog() if where == "dialog" else form(PgReplApp(PAIR, make_source=lambda _: FakeRun()))


def field_of(pilot: Pilot[int]) -> SecretInput:
    return pilot.app.screen.query_one(SecretInput)


@pytest.mark.parametrize("where", ["form", "dialog"])
async def test_no_key_and_no_mouse_copies_it(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with either(where) as pilot:
        written: list[str] = []
        driver = pilot.app._driver
        assert driver is not None
        monkeypatch.setattr(driver, "write", written.append)
        told: list[str] = []
        monkeypatch.setattr(pilot.app, "notify", lambda text, **_look: told.append(text))
        field = field_of(pilot)
        await pilot.press(*TYPED)
        for key in ("ctrl+c", "super+c", "ctrl+x", "super+x", "ctrl+insert", "shift+delete"):
            await pilot.press("home", "shift+end", key)
            assert field.value == TYPED, key
        await pilot.mouse_down(field, offset=(1, 0))
        await pilot.hover(field, offset=(12, 0))
        await pilot.mouse_up(field, offset=(12, 0))
        await pilot.double_click(field, offset=(3, 0))
        await pilot.press("ctrl+c")
        pilot.app.screen.text_select_all()
        assert TYPED not in (pilot.app.screen.get_selected_text() or "")
        pilot.app.screen.clear_selection()
        assert pilot.app.clipboard == ""
        assert not any("\x1b]52" in text for text in written)
        assert field.value == TYPED
        assert set(told) == {"A password cannot be copied from here."}


@pytest.mark.parametrize("where", ["form", "dialog"])
async def test_it_is_never_on_the_screen_nor_in_a_message(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    real = SecretInput.post_message

    def post(self: SecretInput, message: Message) -> bool:
        done = real(self, message)
        told.append(repr(message))
        return done

    monkeypatch.setattr(SecretInput, "post_message", post)
    async with either(where) as pilot:
        await pilot.press(*TYPED)
        await until(pilot, lambda: "•" * len(TYPED) in text_of(pilot.app.screen))
        assert TYPED not in pilot.app.export_screenshot()
        assert TYPED not in repr(field_of(pilot))
        assert TYPED not in repr(pilot.app.screen.tree)
        assert any("Changed" in text for text in told)
        await pilot.press("tab")
        await until(pilot, lambda: any("Blurred" in text for text in told))
        assert not [text for text in told if TYPED in text]


async def test_what_was_typed_goes_to_the_run_and_into_no_topology(tmp_path: Path) -> None:
    runs: list[FakeRun] = []

    def make(_: Topology) -> FakeRun:
        runs.append(FakeRun(START))
        return runs[-1]

    async with form(PgReplApp(PAIR, make_source=make, shelf=Shelf(tmp_path))) as pilot:
        await pilot.press(*TYPED, "enter")
        await until(pilot, lambda: len(runs) == 1)
        assert runs[0].password == TYPED
        (saved,) = tmp_path.iterdir()
        assert TYPED not in saved.read_text()
        assert TYPED not in text_of(pilot.app.screen)


async def test_make_one_takes_back_what_was_typed_and_the_run_makes_it() -> None:
    runs: list[FakeRun] = []

    def make(_: Topology) -> FakeRun:
        runs.append(FakeRun(START))
        return runs[-1]

    async with form(PgReplApp(PAIR, make_source=make)) as pilot:
        assert "a strong one is made" in text_of(pilot.app.screen)
        await pilot.press(*"weak")
        await pilot.click("#make-password")
        await until(pilot, lambda: "a strong one (190 bits) is made with the role" in text_of(pilot.app.screen))
        await pilot.press("c")
        await until(pilot, lambda: len(runs) == 1)
        assert runs[0].password == ""


async def test_a_password_that_cannot_be_used_is_said_before_anything_is_connected() -> None:
    runs: list[FakeRun] = []

    def make(_: Topology) -> FakeRun:
        runs.append(FakeRun(START))
        return runs[-1]

    async with form(PgReplApp(PAIR, make_source=make)) as pilot:
        field_of(pilot).value = TYPED * 4000
        await pilot.press("enter")
        await until(pilot, lambda: "✗ The password is too long" in text_of(pilot.app.screen))
        assert pilot.app.focused is pilot.app.screen.query_one(PasswordRow).query_one(Input)
        assert TYPED not in text_of(pilot.app.screen)
        assert runs == []


def test_a_crash_while_it_is_typed_prints_and_keeps_nothing_of_it(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", CRASH], capture_output=True, text=True, timeout=300, check=False, env=environment
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    (report,) = (tmp_path / "pgrepl-tui" / "crashes").iterdir()
    for text in (ran.stdout, ran.stderr, report.read_text()):
        assert TYPED not in text
    assert "a mistake with" in report.read_text()
    assert "********" in report.read_text()


async def test_it_is_in_no_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    async def ask(_self: ReachPrimary, ctx: Context) -> str:
        answer = await ctx.ask_secret("Password of the role replicator")
        assert ctx.given is not None
        heard.extend(secret.reveal() for secret in (answer, ctx.given) if secret is not None)
        raise ValueError(f"a mistake with {ctx.given.reveal()}")

    monkeypatch.setattr(ReachPrimary, "run", ask)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    runs: list[LiveRun] = []

    def make(topology: Topology) -> LiveRun:
        runs.append(LiveRun(topology))
        return runs[-1]

    async with form(PgReplApp(PAIR, make_source=make)) as pilot:
        await pilot.press(*TYPED, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SecretScreen))
        await pilot.press(*"of-the-dialog", "enter")
        await until(pilot, lambda: "a mistake with ********" in text_of(pilot.app.screen))
        assert heard == ["of-the-dialog", TYPED]
        text = Path(runs[0].recording).read_text()
        assert "Password of the role replicator" in text
        assert TYPED not in text
        assert "of-the-dialog" not in text
        assert TYPED not in text_of(pilot.app.screen)
