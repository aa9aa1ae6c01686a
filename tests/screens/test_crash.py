"""A crash of the program: no value of a local is printed, the exit code says it, and what to do next is there."""

import os
import subprocess
import sys
from pathlib import Path

CRASHING = """
import os
from pgrepl_tui.app import PgReplApp

class Crashing(PgReplApp):
    async def on_mount(self):
        password = "-".join(["not", "to", "be", "seen"])
        raise RuntimeError("a mistake of ours")

app = Crashing()
app.run(headless=True)
raise SystemExit(app.return_code)
"""


def test_the_program_exits_with_1_and_prints_no_locals(tmp_path: Path) -> None:
    script = tmp_path / "crashing.py"
    script.write_text(CRASHING)
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=300, check=False, env=environment
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 1
    assert "a mistake of ours" in printed
    assert "Nothing was run." in printed
    assert "not-to-be-seen" not in printed
