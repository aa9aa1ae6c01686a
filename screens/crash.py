"""What is printed after a crash: what it was, where its report is, and how to go on."""

import sys
from typing import TYPE_CHECKING

from rich.segment import Segments
from rich.text import Text

from pgrepl_tui.session import crash_file

if TYPE_CHECKING:
    from rich.console import Console


def crash_report(console: "Console", how_to_go_on: str) -> Segments:
    """The current exception, told now because the app is closing; neither a local nor a secret is in it."""
    error = sys.exc_info()[1] or RuntimeError("ended, and nothing says why")
    report = Text(f"{crash_file.told(error)}\n{how_to_go_on}")
    return Segments(console.render(report, console.options))
