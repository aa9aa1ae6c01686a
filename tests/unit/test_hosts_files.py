"""The parts of hosts/files.py that need no host."""

from pgrepl_tui.hosts.files import mount_points

MOUNTS = rb"""22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
28 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
99 28 254:1 / /srv/a\040b\134c rw,relatime shared:2 - xfs /dev/vdb rw
100 28 254:0 /real /bound rw - ext4 /dev/vda rw
"""


def test_mount_points_are_read_with_their_escapes() -> None:
    assert mount_points(MOUNTS) == {b"/sys", b"/", rb"/srv/a b\c", b"/bound"}


def test_a_line_that_is_cut_names_no_mount_point() -> None:
    assert mount_points(b"22 28 0:20\n\n") == set()
