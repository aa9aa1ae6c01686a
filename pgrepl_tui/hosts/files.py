"""Files of any OS user on a host: looked at, read, and replaced so that they are old or new and never mixed."""

import hashlib
import re
import stat as modes
from dataclasses import dataclass

from pgrepl_tui.hosts import file_scripts
from pgrepl_tui.hosts.host import Command, Host, HostError, Result
from pgrepl_tui.spoken import spoken

MOST_BYTES = 16 * 1024 * 1024
"""The largest file that is read."""

_KINDS = {
    modes.S_IFREG: "file",
    modes.S_IFDIR: "directory",
    modes.S_IFLNK: "dangling link",
    modes.S_IFSOCK: "socket",
    modes.S_IFIFO: "fifo",
    modes.S_IFBLK: "block device",
    modes.S_IFCHR: "character device",
}
_ABSENT = (b"No such file or directory", b"Not a directory")
_REMEDIES = {
    "No space left on device": "Make room on the file system, then run again.",
    "Disk quota exceeded": "Make room within the quota, then run again.",
    "Permission denied": "Check the owner and mode of the file and of its folders.",
    "Read-only file system": "Mount the file system for writing, then run again.",
    "meanwhile": "Look at what was changed, then run again.",
    "not all of the content": "The connection broke while it was sent: run again.",
}


@dataclass(frozen=True)
class FileFacts:
    """What a path leads to.

    Attributes:
        kind: file, directory, dangling link, socket, fifo, block device or character device.
        mode: the permission bits, such as 0o600.
        owner: the owner's name (``UNKNOWN`` where the number has none); ``group`` likewise.
        size: its size in bytes.
        device: the number of its file system; with ``inode`` it identifies the file.
        links: how many names it has.
        is_link: the path itself is a symbolic link.
        real_path: the path with all links resolved.
        is_mount_point: a file system is mounted here, so it cannot be renamed.
        free_bytes: what this user may still write on its file system, in bytes.
    """

    kind: str
    mode: int
    owner: str
    group: str
    size: int
    device: int
    inode: int
    links: int
    is_link: bool
    real_path: str
    is_mount_point: bool
    free_bytes: int

    @property
    def place(self) -> str:
        """Its device and inode, as the scripts on the hosts write them: ``65024:2416129``."""
        return f"{self.device}:{self.inode}"


@dataclass(frozen=True)
class Written:
    """A file that was replaced: where it really is, and where its old bytes are kept (empty: nowhere)."""

    path: str
    backup: str


async def stat(host: Host, path: str, user: str | None) -> FileFacts | None:
    """What a path leads to, or None where there is nothing.

    Raises:
        HostError: it cannot be looked at.
    """
    result = await host.run(Command(_script(file_scripts.STAT, path), user=user, shown=f"stat {path}"))
    if result.status != 0:
        if _absent(result):
            return None
        raise _failed(f"{path} on {host.name} cannot be looked at", result)
    facts, real_path, mounts = result.out.split(b"\0", 2)
    return _facts(facts.decode().split(" "), real_path.decode("utf-8", "surrogateescape"), mounts)


def _facts(words: list[str], real_path: str, mounts: bytes) -> FileFacts:
    owner, group = words[1], words[2]
    raw = int(words[0], 16)
    size, device, inode, links, free_blocks, block = map(int, words[3:9])
    return FileFacts(
        kind=_KINDS[modes.S_IFMT(raw)],
        mode=modes.S_IMODE(raw),
        owner=owner,
        group=group,
        size=size,
        device=device,
        inode=inode,
        links=links,
        is_link=words[9] == "1",
        real_path=real_path,
        is_mount_point=real_path.encode("utf-8", "surrogateescape") in mount_points(mounts),
        free_bytes=free_blocks * block,
    )


def mount_points(mountinfo: bytes) -> set[bytes]:
    r"""The fifth field of each line of /proc/self/mountinfo, its octal escapes (``\040``) undone."""
    fields = (line.split(b" ") for line in mountinfo.splitlines())
    return {
        re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code[1], 8)]), line[4]) for line in fields if len(line) > 4
    }


async def read(host: Host, path: str, user: str | None) -> bytes | None:
    """The content of a file, or None where there is none.

    Raises:
        HostError: it cannot be read, or is larger than 16 MiB.
    """
    argv = ("head", "-c", str(MOST_BYTES + 1), "--", _absolute(path))
    result = await host.run(Command(argv, user=user, shown=f"cat {path}"))
    if result.status != 0:
        if _absent(result):
            return None
        raise _failed(f"{path} on {host.name} cannot be read", result)
    if len(result.out) > MOST_BYTES:
        raise HostError(f"{path} on {host.name} is larger than {MOST_BYTES // 1024**2} MiB", "Is it the right file?")
    return result.out


async def write(  # noqa: PLR0913 - one act, and all but three are named in the call
    host: Host,
    path: str,
    data: bytes,
    *,
    user: str | None,
    mode: int | None = None,
    backup_dir: str | None = None,
    old: bytes | None = None,
) -> Written:
    """Replace a file, or make it; until the last moment the old one is there untouched.

    The new content goes to a 0600 file beside it, is compared with what was sent, gets the owner, the mode and the ACL
    of the old file, and is renamed. A symbolic link stays, what it leads to is replaced.

    Args:
        host: where.
        path: the file.
        data: its new content.
        user: the OS user that writes it; it has to be the file's owner, or root.
        mode: the new permission bits; None keeps those of the old file, and makes a new one 0600.
        backup_dir: keep the old bytes in this folder (made 0700), under a name that their SHA-256 makes.
        old: the content that it should have now; where somebody changed it meanwhile nothing is done.

    Raises:
        HostError: it could not be done. The message says whether the old file is untouched.
    """
    if backup_dir is not None:
        await make_dir(host, backup_dir, user)
    sums = [hashlib.sha256(content).hexdigest() if content is not None else "" for content in (data, old)]
    argv = _script(file_scripts.WRITE, path, f"{mode:o}" if mode is not None else "", *sums, backup_dir or "")
    result = await host.run(Command(argv, user=user, stdin=data, changes=True, shown=spoken(f"write {path}")))
    if result.status == 3:
        raise _failed(f"{path} on {host.name} was written, but is not what was sent", result)
    if result.status != 0:
        raise _failed(f"{path} on {host.name} could not be written, what was there is untouched", result)
    real_path, backup = result.out.decode("utf-8", "surrogateescape").split("\0")
    return Written(real_path, backup)


async def make_dir(host: Host, path: str, user: str | None, mode: int = 0o700) -> None:
    """Make a folder, and those above it (0700); one that is there and the user's own gets the mode.

    Raises:
        HostError: it cannot be made, or belongs to somebody else.
    """
    argv = _script(file_scripts.MAKE_DIR, path.rstrip("/"), f"{mode:o}")
    result = await host.run(Command(argv, user=user, changes=True, shown=f"mkdir -m {mode:o} {path}"))
    if result.status != 0:
        raise _failed(f"the folder {path} on {host.name} cannot be made", result)


async def remove(host: Host, path: str, user: str | None) -> None:
    """Remove one file or link, never a folder; nothing to do where there is none.

    Raises:
        HostError: it cannot be removed.
    """
    argv = _script(file_scripts.REMOVE, path)
    result = await host.run(Command(argv, user=user, changes=True, shown=f"rm -f {path}"))
    if result.status != 0:
        raise _failed(f"{path} on {host.name} cannot be removed", result)


def _script(script: str, path: str, *arguments: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", script, "sh", _absolute(path), *arguments)


def _absolute(path: str) -> str:
    if not path.startswith("/") or any(ord(character) < 32 for character in path):
        raise HostError(f"not an absolute path of printable characters: {path!r}", "Write the path from / on.")
    return path


def _absent(result: Result) -> bool:
    return result.err.strip().endswith(_ABSENT)


def _failed(what: str, result: Result) -> HostError:
    """The last line of what the host said is the cause, without the program's name."""
    lines = result.error_text.splitlines() or [f"status {result.status}"]
    remedy = next((text for sign, text in _REMEDIES.items() if sign in lines[-1]), "Look at the path on the host.")
    return HostError(f"{what}: {lines[-1]}", remedy)
