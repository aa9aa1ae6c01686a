"""Textual draws often enough that no key waits for a frame, unless the operator said how often."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[1] / "data" / "runs" / "setup.jsonl"
OPEN_A_REPLAY = f"""
import argparse, asyncio, sys
from pathlib import Path
from pgrepl_tui import cli, commands
assert "textual" not in sys.modules
commands._at_terminal = lambda: True
asyncio.run = lambda work: work.close()
commands.replay(cli._parser().parse_args(["replay", {str(SETUP)!r}]))
from textual import constants
print(constants.MAX_FPS)
"""


@pytest.mark.parametrize(("given", "used"), [(None, "240"), ("30", "30")])
def test_the_screens_draw_240_times_a_second_or_as_the_operator_wants(given: str | None, used: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TEXTUAL_FPS"}
    if given is not None:
        environment["TEXTUAL_FPS"] = given
    done = subprocess.run(
        [sys.executable, "-c", OPEN_A_REPLAY], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split()[-1:] == [used], done.stderr
