"""Nothing writes the keys that are pressed, or the program's memory, to a disk."""

import os
import subprocess
import sys
from pathlib import Path

SETUP = Path(__file__).parents[1] / "data" / "runs" / "setup.jsonl"
OPEN_A_REPLAY = f"""
import asyncio, resource, sys
from pgrepl_tui import cli, commands
assert "textual" not in sys.modules
commands._at_terminal = lambda: True
asyncio.run = lambda work: work.close()
cli.main(["replay", {str(SETUP)!r}])
from textual import constants
from textual.app import App
print(resource.getrlimit(resource.RLIMIT_CORE)[0], constants.LOG_FILE, sorted(App().features))
"""


def test_no_core_dumps_and_no_log_of_keys_whatever_the_environment_says(tmp_path: Path) -> None:
    environment = {**os.environ, "TEXTUAL": "devtools,debug", "TEXTUAL_LOG": str(tmp_path / "keys.log")}
    done = subprocess.run(
        [sys.executable, "-c", OPEN_A_REPLAY], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1:] == ["0 None []"], done.stderr
    assert not [*tmp_path.iterdir()]
