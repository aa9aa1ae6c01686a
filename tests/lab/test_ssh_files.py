"""Files on a host, through a real SSH connection, as the user that logged in."""

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgrepl_tui.hosts import file_scripts, files
from pgrepl_tui.hosts.host import HostError
from pgrepl_tui.hosts.ssh import SshHost


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_file_is_read_as_it_is(ssh_host: SshHost, tmp_path: Path) -> None:
    data = bytes(range(256)) * 1000
    (tmp_path / "a 'b' $c").write_bytes(data)
    assert await files.read(ssh_host, f"{tmp_path}/a 'b' $c", None) == data


async def test_a_file_that_is_not_there_is_none(ssh_host: SshHost, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("missing", "missing/below", "file/below"):
        assert await files.read(ssh_host, f"{tmp_path}/{name}", None) is None
        assert await files.stat(ssh_host, f"{tmp_path}/{name}", None) is None


async def test_what_cannot_be_read_is_an_error(
    ssh_host: SshHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(HostError, match=f"{tmp_path} on lab cannot be read: .*Is a directory"):
        await files.read(ssh_host, str(tmp_path), None)
    with pytest.raises(HostError, match="not an absolute path"):
        await files.read(ssh_host, "relative", None)
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    (tmp_path / "large").write_bytes(b"x" * 11)
    with pytest.raises(HostError, match="larger than"):
        await files.read(ssh_host, f"{tmp_path}/large", None)


async def test_facts_of_a_file_through_links(ssh_host: SshHost, tmp_path: Path) -> None:
    file = tmp_path / "with space\\x"
    file.write_bytes(b"12345")
    file.chmod(0o640)
    (tmp_path / "link").symlink_to(file)
    facts = await files.stat(ssh_host, f"{tmp_path}/link", None)
    there = file.stat()
    assert facts is not None
    assert (facts.kind, facts.mode, facts.size, facts.links) == ("file", 0o640, 5, 1)
    assert (facts.device, facts.inode) == (there.st_dev, there.st_ino)
    assert (facts.owner, facts.is_link, facts.real_path) == (ssh_host.login, True, os.path.realpath(file))
    assert not facts.is_mount_point
    room = os.statvfs(file)
    assert facts.free_bytes == pytest.approx(room.f_bavail * room.f_frsize, rel=0.1)


async def test_facts_of_folders_mounts_and_dangling_links(ssh_host: SshHost, tmp_path: Path) -> None:
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    folder, mount, dangling = [
        await files.stat(ssh_host, path, None) for path in (str(tmp_path), "/proc", f"{tmp_path}/nowhere")
    ]
    assert folder is not None
    assert mount is not None
    assert dangling is not None
    assert (folder.kind, folder.is_mount_point) == ("directory", False)
    assert (mount.kind, mount.is_mount_point) == ("directory", True)
    assert (dangling.kind, dangling.is_link, dangling.real_path) == ("dangling link", True, f"{tmp_path}/gone")


async def test_a_new_file_is_private_from_the_start(ssh_host: SshHost, tmp_path: Path) -> None:
    written = await files.write(ssh_host, f"{tmp_path}/secret", b"\0\xffpass\n", user=None)
    assert (tmp_path / "secret").read_bytes() == b"\0\xffpass\n"
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert written == files.Written(f"{tmp_path}/secret", "")
    await files.write(ssh_host, f"{tmp_path}/empty", b"", user=None, mode=0o644)
    assert (tmp_path / "empty").stat().st_mode & 0o777 == 0o644


async def test_an_old_file_keeps_its_mode_and_its_link(ssh_host: SshHost, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    file = tmp_path / "real" / "conf"
    file.write_bytes(b"old")
    file.chmod(0o444)
    (tmp_path / "link").symlink_to("real/conf")
    written = await files.write(ssh_host, f"{tmp_path}/link", b"new", user=None, old=b"old")
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o444
    assert (tmp_path / "link").readlink() == Path("real/conf")
    assert written.path == str(file)
    assert names(file.parent) == ["conf"]  # nothing is left beside it


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
async def test_an_old_file_keeps_its_owner(ssh_host: SshHost, tmp_path: Path) -> None:
    file = tmp_path / "conf"
    file.write_bytes(b"old")
    os.chown(file, 65534, 4)
    file.chmod(0o640)
    await files.write(ssh_host, str(file), b"new", user=None)
    there = file.stat()
    assert (there.st_uid, there.st_gid, there.st_mode & 0o777) == (65534, 4, 0o640)


async def test_extended_attributes_are_kept(ssh_host: SshHost, tmp_path: Path) -> None:
    file = tmp_path / "conf"
    file.write_bytes(b"old")
    try:
        os.setxattr(file, "user.note", b"kept")
    except OSError as error:
        pytest.skip(f"the file system of {tmp_path} takes no extended attributes: {error}")
    await files.write(ssh_host, str(file), b"new", user=None)
    assert os.getxattr(file, "user.note") == b"kept"


ACL = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", tag, rights, number)
    for tag, rights, number in (
        (0x01, 6, 0xFFFFFFFF), (0x02, 4, 65534), (0x04, 4, 0xFFFFFFFF), (0x10, 4, 0xFFFFFFFF), (0x20, 0, 0xFFFFFFFF),
    )
)  # fmt: skip
"""user::rw- user:65534:r-- group::r-- mask::r-- other::--- (acl(5), linux/posix_acl_xattr.h)."""


async def test_an_access_control_list_is_kept(ssh_host: SshHost, tmp_path: Path) -> None:
    path = tmp_path / "postgresql.conf"
    path.write_text("old")
    path.chmod(0o640)
    try:
        os.setxattr(path, "system.posix_acl_access", ACL)
    except OSError:
        pytest.skip("this file system keeps no access control lists")
    await files.write(ssh_host, str(path), b"new", user=None, old=b"old")
    assert path.read_text() == "new"
    assert os.getxattr(path, "system.posix_acl_access") == ACL


async def test_the_old_bytes_are_kept_once(ssh_host: SshHost, tmp_path: Path) -> None:
    file = tmp_path / "conf"
    file.write_bytes(b"first")
    backups = tmp_path / "journal" / "files"
    first = await files.write(ssh_host, str(file), b"second", user=None, backup_dir=str(backups))
    await files.write(ssh_host, str(file), b"first", user=None)
    again = await files.write(ssh_host, str(file), b"third", user=None, backup_dir=str(backups))
    assert Path(first.backup).read_bytes() == b"first"
    assert first.backup == again.backup
    assert len(list(backups.iterdir())) == 1
    assert backups.stat().st_mode & 0o777 == 0o700


async def test_a_file_that_somebody_changed_is_left_alone(ssh_host: SshHost, tmp_path: Path) -> None:
    file = tmp_path / "conf"
    file.write_bytes(b"changed")
    with pytest.raises(HostError, match=f"{file} on lab could not be written, .*untouched: somebody else has changed"):
        await files.write(ssh_host, str(file), b"new", user=None, old=b"old")
    assert file.read_bytes() == b"changed"
    with pytest.raises(HostError, match="removed"):
        await files.write(ssh_host, f"{tmp_path}/gone", b"new", user=None, old=b"old")
    assert not (tmp_path / "gone").exists()


async def test_what_is_no_file_is_not_replaced(ssh_host: SshHost, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(HostError, match="not a regular file"):
        await files.write(ssh_host, f"{tmp_path}/folder", b"x", user=None)
    with pytest.raises(HostError, match="folder does not exist"):
        await files.write(ssh_host, f"{tmp_path}/gone/below/file", b"x", user=None)
    with pytest.raises(HostError, match="printable"):
        await files.write(ssh_host, f"{tmp_path}/a\nb", b"x", user=None)


async def test_half_the_content_never_replaces_a_file(
    ssh_host: SshHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "conf"
    file.write_bytes(b"old")
    monkeypatch.setattr(file_scripts, "WRITE", file_scripts.WRITE.replace("cat >", "head -c 3 >"))
    with pytest.raises(HostError, match="untouched: not all of the content arrived"):
        await files.write(ssh_host, str(file), b"new content", user=None)
    assert file.read_bytes() == b"old"
    assert names(tmp_path) == ["conf", "login", "operator"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    small, mount, umount = tmp_path / "small", shutil.which("mount"), shutil.which("umount")
    small.mkdir()
    if mount is None or umount is None:
        pytest.skip("there is no mount command")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], check=False).returncode != 0:
        pytest.skip("a small file system cannot be mounted here; that takes root")
    yield small
    subprocess.run([umount, small], check=True)


async def test_a_full_disk_leaves_the_old_file(ssh_host: SshHost, small_disk: Path) -> None:
    (small_disk / "conf").write_bytes(b"old")
    with pytest.raises(HostError, match=r"untouched: .*No space left on device") as caught:
        await files.write(ssh_host, f"{small_disk}/conf", b"x" * 200_000, user=None)
    assert "Make room" in caught.value.remedy
    assert (small_disk / "conf").read_bytes() == b"old"
    assert names(small_disk) == ["conf"]


async def test_folders_are_made_private_and_files_removed(ssh_host: SshHost, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    for _again in range(2):
        await files.make_dir(ssh_host, str(folder), None)
        assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    await files.make_dir(ssh_host, str(folder), None)
    assert folder.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(HostError, match="cannot be made"):
        await files.make_dir(ssh_host, f"{tmp_path}/file", None)
    for _again in range(2):
        await files.remove(ssh_host, f"{tmp_path}/file", None)
        assert not (tmp_path / "file").exists()
    with pytest.raises(HostError, match=f"{folder} on lab cannot be removed"):
        await files.remove(ssh_host, str(folder), None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
async def test_a_folder_of_somebody_else_is_not_taken(ssh_host: SshHost, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", 65534, 65534)
    with pytest.raises(HostError, match="belongs to"):
        await files.make_dir(ssh_host, f"{tmp_path}/theirs", None)
