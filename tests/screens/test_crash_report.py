"""A mistake of the program in a widget or in a step: a report without locals and secrets, and how to go on."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.live import LiveRun
from pgrepl_tui.session import crash_file
from pgrepl_tui.session.redact import Redactor
from pgrepl_tui.steps.connect import ReachPrimary
from pgrepl_tui.steps.context import Context
from pgrepl_tui.topology import Node, Topology
from tests.screens.fake_app import text_of, until

SECRET = "horse battery staple"
TOPOLOGY = Topology("app-db", Node(ssh="db1"), (Node(ssh="db2"),))
IN_A_WIDGET = """
import asyncio, sys, time
from pathlib import Path
from pgrepl_tui.app import PgReplApp
from pgrepl_tui.live import LiveRun
from pgrepl_tui.screens.widgets.top_line import TopLine
from pgrepl_tui.steps.connect import ReachPrimary
from pgrepl_tui.topology import Node, Topology

secret = " ".join(["horse", "battery", "staple"])
hidden = "-".join(["only", "a", "local"])

async def wait(self, ctx):
    ctx.reporter.add_secret(secret)
    app.call_later(app.screen.query_one(TopLine).refresh)
    TopLine.render = crash
    await asyncio.Event().wait()

def crash(self):
    mine = hidden
    raise RuntimeError(f"a mistake with {secret}")

ReachPrimary.run = wait
app = PgReplApp(source=LiveRun(Topology("app-db", Node(ssh="db1"), (Node(ssh="db2"),))))
app.run(headless=True)
raise SystemExit(app.return_code)
"""
IN_A_STEP = """
import sys
from pgrepl_tui.cli import main
from pgrepl_tui.steps.connect import ReachPrimary

async def crash(self, ctx):
    secret, mine = " ".join(["horse", "battery", "staple"]), "-".join(["only", "a", "local"])
    ctx.reporter.add_secret(secret)
    raise RuntimeError(f"a mistake with {secret}")

ReachPrimary.run = crash
raise SystemExit(main(sys.argv[1:]))
"""


def run(script: str, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=environment,
    )


def the_only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def assert_told(done: subprocess.CompletedProcess[str], state: Path) -> None:
    """The code, the words, the report, and nothing secret anywhere."""
    printed = done.stdout + done.stderr
    assert done.returncode == 1, printed
    report, recording = (the_only(state / "pgrepl-tui" / folder) for folder in ("crashes", "recordings"))
    shown = "".join(printed.split())  # a narrow terminal breaks long paths
    assert str(report) in shown
    assert str(recording) in shown
    assert "again" in printed
    assert "a mistake with ********" in printed
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700
    text = report.read_text()
    assert "RuntimeError: a mistake with ********" in text
    assert "in crash" in text
    for words in (printed, text, recording.read_text()):
        assert SECRET not in words
        assert "only-a-local" not in words


def test_a_crash_in_a_widget_during_a_run(tmp_path: Path) -> None:
    assert_told(run(IN_A_WIDGET, tmp_path), tmp_path / "state")


def test_a_crash_in_a_step_of_a_headless_run(tmp_path: Path) -> None:
    topology = tmp_path / "t.yaml"
    topology.write_text("name: x\nprimary: {ssh: db1}\nstandbys: [{ssh: db2}]\n")
    done = run(IN_A_STEP, tmp_path, "run", str(topology), "--yes")
    assert_told(done, tmp_path / "state")
    assert "Traceback" not in done.stdout + done.stderr


async def test_a_crash_in_a_step_is_told_on_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(_self: ReachPrimary, ctx: Context) -> str:
        ctx.reporter.add_secret(SECRET)
        raise KeyError(f"a mistake with {SECRET}")

    monkeypatch.setattr(ReachPrimary, "run", crash)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(crash_file, "_cleaners", [])
    app = PgReplApp(source=LiveRun(TOPOLOGY))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "A mistake in this program" in text_of(app.screen))
        shown = text_of(app.screen)
        assert "a mistake with ********" in shown
        assert SECRET not in shown
        await pilot.press("enter")
        await until(pilot, lambda: app.return_code is not None)
    assert app.return_code == 1
    assert SECRET not in the_only(tmp_path / "pgrepl-tui" / "crashes").read_text()


def test_a_mistake_that_nobody_expected_ends_the_program_with_words(tmp_path: Path) -> None:
    script = "import sys; from pgrepl_tui import cli, commands\ndef crash(_): raise KeyError('x')\n"
    script += "cli._ACTIONS['lab'] = (crash, *cli._ACTIONS['lab'][1:])\nraise SystemExit(cli.main(['lab']))"
    done = run(script, tmp_path)
    assert done.returncode == 1
    assert "A mistake in this program: KeyError: 'x'" in done.stderr
    assert "Traceback" not in done.stderr
    assert "in crash" in the_only(tmp_path / "state" / "pgrepl-tui" / "crashes").read_text()


def fail() -> None:
    raise ValueError(f"cause {SECRET}")


def test_a_report_that_cannot_be_written_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pgrepl-tui").write_text("a file is in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(crash_file, "_cleaners", [Redactor([SECRET]).clean])
    with pytest.raises(ValueError, match="cause") as caught:
        fail()
    told = crash_file.told(caught.value)
    assert "could not be written" in told
    assert "ValueError: cause ********" in told
    assert "in fail" in told
    assert SECRET not in told
