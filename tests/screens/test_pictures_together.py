"""All pictures together: the tables say which there are, each shows what only its state shows, no two are equal."""

from collections import Counter, defaultdict

import pytest

from tests.screens import (
    test_hosts_snapshots,
    test_log_snapshots,
    test_replay_snapshots,
    test_snapshots,
    test_start_snapshots,
)
from tests.screens.pictures import SNAPSHOTS, Picture, words_of

MODULES = (test_snapshots, test_start_snapshots, test_hosts_snapshots, test_log_snapshots, test_replay_snapshots)
TABLE: tuple[Picture, ...] = tuple(picture for module in MODULES for picture in module.PICTURES)
STATES = ("empty", "running", "failed", "done", "question", "replay")
STAGES = ("connect", "preflight", "primary", "standby", "verify")
WITHOUT = {
    ("standby", "running"): ("standby", "copying"),
    ("verify", "question"): ("verify", "failed"),
}
"""States that have another name: what runs on the standby is a copy; Verify asks nothing but after a failure."""
OVER = {"confirm", "question", "key-dialog", "sudo-dialog", "go-to", "go-to-mistake"}
"""States with a dialog over another state of the screen, which shows through beside it."""
FEWEST = 60


@pytest.fixture(autouse=True)
def _written(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("update_snapshots"):
        pytest.skip("the pictures are written when all tests are done")


def test_the_table_is_what_there_is() -> None:
    """A picture that no row names is an orphan, in whichever folder it lies."""
    assert sorted(SNAPSHOTS.rglob("*.*")) == sorted(picture.path for picture in TABLE)
    assert len(TABLE) >= FEWEST


def test_no_two_pictures_are_equal() -> None:
    seen: dict[str, list[str]] = defaultdict(list)
    for picture in TABLE:
        seen[picture.path.read_text()].append(picture.name)
    assert [names for names in seen.values() if len(names) > 1] == []


def test_each_shows_what_no_other_state_of_its_screen_shows() -> None:
    words = {picture: words_of(picture.path.read_text()) for picture in TABLE}
    unseen = [picture.name for picture in TABLE if not picture.is_told_by(words[picture])]
    shared = [
        f"{picture.texts} of {picture.name} stands in {other.name}, too"
        for picture in TABLE
        for other in TABLE
        if (picture.screen, picture.look) == (other.screen, other.look)
        and picture.state != other.state
        and other.state not in OVER
        and picture.is_told_by(words[other])
    ]
    assert unseen + shared == []


def test_every_stage_is_there_in_each_of_its_states_and_sizes() -> None:
    there = {(picture.screen, picture.state, picture.look) for picture in TABLE}
    wanted = {WITHOUT.get((stage, state), (stage, state)) for stage in STAGES for state in STATES}
    assert {(*both, size) for both in wanted for size in ("80x24", "120x40")} <= there


def test_the_main_screens_are_there_in_other_looks() -> None:
    looks = Counter(picture.look for picture in TABLE)
    assert min(looks[look] for look in ("light", "no-color", "50x20")) >= 4
