"""The root file system of each Debian release, built once by debootstrap and kept outside the checkout.

It is the lower layer of every host and never written to: what a host changes lands in an overlay of its own.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "correct horse"
"""Of the login ``typist``, for sudo."""
MIRROR = "http://deb.debian.org/debian"
LONGEST = 900
"""Seconds that a part of the building may take."""
PACKAGES = (
    "postgresql",
    "openssh-server",
    "sudo",
    "tini",
    "procps",
    "iproute2",
    "locales",
    "tcsh",
    "fish",
    "systemd",
    "systemd-sysv",
    "libpam-systemd",
    "dbus",
)
FINISH = """
set -e
pg_lsclusters -h | while read -r version name _; do pg_dropcluster --stop "$version" "$name"; done
rm -f /etc/ssh/ssh_host_*
localedef -i de_DE -f UTF-8 de_DE.UTF-8
useradd --create-home --shell /bin/bash dba
useradd --create-home --shell /bin/bash typist
echo 'typist:correct horse' | chpasswd
apt-get clean
rm -rf /var/lib/apt/lists/* /usr/share/man /usr/share/doc
: > /etc/machine-id
"""
"""Each host makes its own cluster, host keys and machine id, as a freshly installed server does."""


class NotBuiltError(Exception):
    """The root file system is not there and cannot be built, with the end of what debootstrap said."""


@dataclass(frozen=True)
class Release:
    """A Debian release and the major version of its PostgreSQL."""

    suite: str
    postgres: int


RELEASES = (Release("bullseye", 13), Release("bookworm", 15), Release("trixie", 17), Release("sid", 18))


def cache() -> Path:
    """Where the root file systems are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pgrepl-tui" / "rootfs"


def root(release: Release) -> Path:
    """The release's root file system, built now if the cache has none of this recipe (about a minute).

    Raises:
        NotBuiltError: it could not be built.
    """
    place = _place(release)
    cache().mkdir(parents=True, exist_ok=True)
    with _alone(release):
        if not place.exists():
            _build(release, place)
            _drop_older(release, place)
    return place


def is_built(release: Release) -> bool:
    """Whether the cache has it."""
    return _place(release).exists()


def postgres_version(release: Release) -> str:
    """The version of its PostgreSQL, such as 15.18, as its package says; it has to be built."""
    status = (_place(release) / "var/lib/dpkg/status").read_text(encoding="utf-8")
    package = status.partition(f"\nPackage: postgresql-{release.postgres}\n")[2].partition("\n\n")[0]
    version = next(line for line in package.splitlines() if line.startswith("Version: "))
    return version.removeprefix("Version: ").partition("-")[0]


def _place(release: Release) -> Path:
    recipe = hashlib.sha256(repr((PACKAGES, FINISH)).encode()).hexdigest()[:8]
    return cache() / f"{release.suite}-{recipe}"


@contextmanager
def _alone(release: Release) -> Iterator[None]:
    with (cache() / f".{release.suite}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(release: Release, place: Path) -> None:
    debs = cache() / "debs"
    debs.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache(), prefix=f".{release.suite}-") as work:
        tree = Path(work, "root")
        debootstrap = ["debootstrap", "--variant=minbase", f"--cache-dir={debs}", f"--include={','.join(PACKAGES)}"]
        _run([*debootstrap, release.suite, str(tree), MIRROR])
        _run(["chroot", str(tree), "/bin/sh", "-c", FINISH])
        tree.chmod(0o755)
        tree.rename(place)


def _run(argv: list[str]) -> None:
    """Run a command whose processes, servers included, all end with it."""
    alone = ["unshare", "--pid", "--mount", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"]
    environment = {"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            [*alone, *argv], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=LONGEST,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotBuiltError(f"{argv[0]} had not ended after {LONGEST} s") from error
    if done.returncode != 0:
        raise NotBuiltError(f"{argv[0]} failed: {(done.stdout + done.stderr)[-600:]}")


def _drop_older(release: Release, keep: Path) -> None:
    for old in cache().glob(f"{release.suite}-*"):
        if old != keep:
            shutil.rmtree(old)
