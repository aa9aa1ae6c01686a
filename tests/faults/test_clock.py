"""When a fault was told: by the program's own clock, however late the test read it."""

from pathlib import Path

import pytest

from tests.faults.real.wizard import Wizard


def test_an_event_that_is_read_late_was_told_when_the_program_says() -> None:
    wizard = Wizard(Path("nowhere"))
    wizard.events = [(100.3, {"e": "a", "t": 0.2}), (101.2, {"e": "b", "t": 1.1}), (109.0, {"e": "c", "t": 2.0})]
    assert wizard.told_at(2) == pytest.approx(102.1)
