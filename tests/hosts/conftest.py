"""Which releases the tests run on, and why they do not where they cannot."""

import os
import shutil
import sys

import pytest

from tests.hosts.rootfs import RELEASES, Release

VARIABLE = "PGREPL_HOSTS"
"""Names of Debian releases, with spaces between them."""
TOOLS = ("unshare", "nsenter", "setpriv", "ip", "debootstrap", "ssh-keygen")


def hindrance() -> str:
    """Why there can be no hosts here; empty where there can."""
    if sys.platform != "linux":
        return "Debian hosts in namespaces need Linux"
    if os.geteuid() != 0:
        return "Debian hosts in namespaces need root"
    missing = [tool for tool in TOOLS if shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None]
    return f"Debian hosts in namespaces need {', '.join(missing)}, which is not installed" if missing else ""


def chosen() -> list[Release]:
    """The releases that `VARIABLE` names, else Debian 12 alone."""
    names = os.environ.get(VARIABLE, "bookworm").split()
    found = [release for release in RELEASES if release.suite in names]
    if len(found) != len(names):
        raise pytest.UsageError(f"{VARIABLE} names {names}; there are {[release.suite for release in RELEASES]}")
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder are marked; where they cannot run they are skipped, with the reason."""
    why = hindrance()
    for item in items:
        if "tests/hosts/" in item.path.as_posix():
            item.add_marker(pytest.mark.hosts)
            if why:
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(params=chosen(), ids=lambda release: str(release.suite))
def release(request: pytest.FixtureRequest) -> Release:
    """A Debian release."""
    found: Release = request.param
    return found
