"""Which releases the tests run on, and why they do not where they cannot."""

import os
from collections.abc import Callable

import pytest

from tests.hosts.hindrance import hindrance
from tests.hosts.rootfs import RELEASES, NotBuiltError, Release, postgres_version, root

VARIABLE = "PGREPL_HOSTS"
"""Names of Debian releases, with spaces between them."""


def chosen() -> list[Release]:
    """The releases that `VARIABLE` names, else Debian 12 alone."""
    names = os.environ.get(VARIABLE, "bookworm").split()
    found = [release for release in RELEASES if release.suite in names]
    if len(found) != len(names):
        raise pytest.UsageError(f"{VARIABLE} names {names}; there are {[release.suite for release in RELEASES]}")
    return found


@pytest.fixture(scope="session", params=chosen(), ids=lambda release: str(release.suite))
def release(request: pytest.FixtureRequest) -> Release:
    """A Debian release, whose root file system is there."""
    found: Release = request.param
    why = hindrance([found])
    if not why:
        try:
            root(found)
        except NotBuiltError as error:
            why = str(error)
    if why:
        pytest.skip(why)
    return found


@pytest.fixture(autouse=True)
def versions(release: Release, record_property: Callable[[str, object], None]) -> None:
    """What the results say about where they come from."""
    record_property("release", release.suite)
    record_property("postgres", postgres_version(release))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder are marked."""
    for item in items:
        if "tests/hosts/" in item.path.as_posix():
            item.add_marker(pytest.mark.hosts)
