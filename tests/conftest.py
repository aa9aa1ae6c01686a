"""Where snapshots live, how properties are tried, and that no setting of the developer's terminal changes a thing."""

import signal
import time
from pathlib import Path

import pytest
import pytest_textual_snapshot
from syrupy.location import PyTestLocation
from textual.command import CommandInput
from textual.notifications import Notification

from tests.fuzz import profile
from tests.screens import quiet_pilot

pytest_plugins = ["tests.faults.report", "tests.fuzz.plugin"]
profile.load()
quiet_pilot.quieten()
# With `&` or nohup a session ignores Ctrl-C, and so would each program that a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"


class TopLevelSVG(pytest_textual_snapshot.SVGImageExtension):  # type: ignore[misc] # no types there
    """Stores the pictures of ``tests/**/test_x.py`` in ``snapshots/test_x/``."""

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """The folder of a test module's pictures."""
        return str(SNAPSHOTS / test_location.basename)


# The plugin's ``snap_compare`` looks this global up each time it is used.
pytest_textual_snapshot.SVGImageExtension = TopLevelSVG


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual reads NO_COLOR when an app is made; the theme is the app's own."""
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(autouse=True)
def no_blinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The palette's cursor would be in a picture or not, by the time that the machine took; our own never blink."""
    monkeypatch.setattr(CommandInput, "cursor_blink", False)


@pytest.fixture(autouse=True)
def toasts_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A toast of four seconds is there for as long as a slow machine needs to look at it."""
    monkeypatch.setattr(
        Notification, "time_left", property(lambda toast: toast.raised_at + 20 * toast.timeout - time.time())
    )
