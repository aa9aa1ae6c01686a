"""The base backup's phases, percent, rate and time left, from the Progress events alone."""

import pytest

from pgrepl_tui.events import Outcome, Progress
from pgrepl_tui.postgres.basebackup import PHASES
from pgrepl_tui.screens.widgets.backup_progress import Rate, progress_text

MB = 1_000_000


def at(t: float, done: int, phase: str = "copying", total: int = 4_000 * MB) -> Progress:
    return Progress(t=t, step="basebackup", phase=phase, done=done, total=total)


def told(progress: Progress, rate: float = 0.0, waited: float = 0.0, outcome: Outcome | None = None) -> list[str]:
    return progress_text(progress, rate, waited=waited, outcome=outcome, width=42).plain.split("\n")


def test_the_rate_is_that_of_the_last_seconds() -> None:
    rate = Rate()
    for second in range(1, 31):
        speed = rate.add(at(float(second), second * 10 * MB), 0.0)
    assert speed == pytest.approx(10 * MB)
    for second in range(31, 61):
        speed = rate.add(at(float(second), 300 * MB + (second - 30) * 100 * MB), 0.0)
    assert speed == pytest.approx(100 * MB)


def test_the_time_of_the_checkpoint_is_no_time_of_copying() -> None:
    rate = Rate()
    assert rate.add(at(60.0, 0, "waiting for checkpoint", 0), 0.0) == 0.0
    assert rate.add(at(61.0, 100 * MB), 0.0) == pytest.approx(100 * MB)


def test_a_copy_that_begins_again_has_a_rate_of_its_own() -> None:
    rate = Rate()
    rate.add(at(10.0, 1_000 * MB), 0.0)
    assert rate.add(at(2.0, 20 * MB), 1.0) == pytest.approx(20 * MB)


@pytest.mark.parametrize(
    ("phase", "shown"),
    [
        ("starting", "▶ starting  · checkpoint  · copying  · WAL  · syncing"),
        ("waiting for checkpoint", "▶ checkpoint  · copying  · WAL  · syncing"),
        ("copying", "✓ checkpoint  ▶ copying  · WAL  · syncing"),
        ("waiting for WAL", "✓ checkpoint  ✓ copying  ▶ WAL  · syncing"),
        ("syncing", "✓ checkpoint  ✓ copying  ✓ WAL  ▶ syncing"),
        ("done", "✓ checkpoint  ✓ copying  ✓ WAL  ✓ syncing"),
    ],
)
def test_the_phases_are_ticked_off(phase: str, shown: str) -> None:
    assert told(at(1.0, 0, phase))[0] == shown


def test_percent_amount_rate_and_time_left() -> None:
    phases, bar, left = told(at(10.0, 1_000 * MB), 100 * MB)
    assert bar.endswith(" 25%  1.0 GB of 4.0 GB")
    assert left == "100.0 MB/s · 00:00:30 left"
    assert phases.startswith("✓ checkpoint")


@pytest.mark.parametrize(
    ("progress", "rate", "words"),
    [
        (at(1.0, 0, total=0), 0.0, "waiting for the first bytes"),
        (at(60.0, 5 * MB), 0.0, "nothing comes in"),
        (at(5.0, 0, "waiting for checkpoint", 0), 0.0, "the primary's checkpoint first · 00:01:05"),
        (at(5.0, 4_000 * MB, "waiting for WAL"), 9.0, "all data here; its WAL awaited · 00:01:05"),
        (at(5.0, 4_000 * MB, "syncing"), 9.0, "all here, written to the disk · 00:01:05"),
    ],
)
def test_what_is_waited_for_is_told_and_fits(progress: Progress, rate: float, words: str) -> None:
    lines = told(progress, rate, waited=65.0)
    assert lines[2] == words
    assert all(len(line) <= 42 for line in lines)


def test_the_end_is_told_and_a_failure_keeps_the_phase() -> None:
    assert told(at(9.0, 4_000 * MB, "done"), outcome=Outcome.CHANGED)[2] == "finished"
    phases, bar, left = told(at(9.0, 1_000 * MB), 5.0, outcome=Outcome.FAILED)
    assert phases == "✓ checkpoint  ✗ copying  · WAL  · syncing"
    assert " 25%" in bar
    assert left == "it stopped here"


def test_every_phase_of_a_base_backup_is_known_to_the_pane() -> None:
    for place, phase in enumerate(PHASES):
        assert told(at(1.0, 0, phase))[0].count("✓") == place
