"""Why there can be no test hosts here, found out before any test; as a program it prints that, or nothing.

``python -m tests.hosts.hindrance bookworm`` also builds the root file system, so that afterwards only tests are left.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from urllib.parse import urlsplit

from tests.hosts.rootfs import MIRROR, RELEASES, NotBuiltError, Release, is_built, root

TOOLS = ("unshare", "nsenter", "setpriv", "ip", "tc", "ssh-keygen", "ssh-agent")
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
PROBE = """
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/lower" "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/root"
ip link add br0 type bridge
ip link add v0 type veth peer name v1
"""
"""All that a host is made of, in namespaces that end with it."""
SECONDS = 20


def hindrance(releases: Sequence[Release]) -> str:
    """Why there can be no hosts of these releases here; empty where there can."""
    if sys.platform != "linux":
        return "Debian hosts in namespaces need Linux"
    if os.geteuid() != 0:
        return "Debian hosts in namespaces need root"
    missing = [tool for tool in TOOLS if shutil.which(tool, path=PATH) is None]
    if missing:
        return f"Debian hosts in namespaces need {', '.join(missing)}, which is not installed"
    return _no_namespaces() or _no_root_file_system(releases)


def _no_namespaces() -> str:
    """A container may have root, and still be refused namespaces and mounts."""
    with tempfile.TemporaryDirectory() as folder:
        argv = ["unshare", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"]
        try:
            done = subprocess.run(
                [*argv, "sh", "-c", PROBE, "sh", folder],
                env={"PATH": PATH}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"namespaces were not made within {SECONDS} s"
    said = (done.stderr.strip().splitlines() or ["it did not say why"])[0]
    return f"namespaces with mounts and links cannot be made here: {said}" if done.returncode else ""


def _no_root_file_system(releases: Sequence[Release]) -> str:
    wanted = [release.suite for release in releases if not is_built(release)]
    if not wanted:
        return ""
    which = f"the root file system of {', '.join(wanted)} is not cached"
    if shutil.which("debootstrap", path=PATH) is None:
        return f"{which}, and debootstrap is not installed"
    mirror = urlsplit(MIRROR).hostname or ""
    try:
        socket.create_connection((mirror, 80), timeout=SECONDS).close()
    except OSError as error:
        return f"{which}, and {mirror} cannot be reached: {error}"
    return ""


def main(names: Sequence[str]) -> int:
    """Print the reason, if there is one; otherwise all is built that the tests need."""
    releases = [release for release in RELEASES if release.suite in names]
    why = hindrance(releases)
    try:
        for release in () if why else releases:
            root(release)
    except NotBuiltError as error:
        why = " ".join(str(error).split())
    if why:
        print(why)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
