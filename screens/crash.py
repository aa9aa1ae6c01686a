"""What is printed after a crash: the traceback without the values of its locals, and how to go on."""

from typing import TYPE_CHECKING

import rich
from rich.console import Group
from rich.segment import Segments
from rich.text import Text
from rich.traceback import Traceback

if TYPE_CHECKING:
    from rich.console import Console


def crash_report(console: "Console", how_to_go_on: str) -> Segments:
    """The current exception, rendered now because the app is closing; a local may hold a secret, so none is shown."""
    report = Group(Traceback(show_locals=False, width=None, suppress=[rich]), Text(how_to_go_on))
    return Segments(console.render(report, console.options))
