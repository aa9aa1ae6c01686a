"""What a shell would answer to the looks of a run, answered in this process: a run has hundreds of them.

``test_answers.py`` plays a run in which a real shell is asked as well, and compares.
"""

import getpass
import grp
import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

from pgrepl_tui.hosts import file_scripts
from pgrepl_tui.hosts.host import Result
from pgrepl_tui.postgres import locate
from pgrepl_tui.steps import connect, identity
from pgrepl_tui.steps.preflight import servers as preflight_servers
from pgrepl_tui.steps.preflight import survey
from pgrepl_tui.steps.standby import copy, log_source, outside_scripts
from pgrepl_tui.steps.standby import settings as standby_settings
from tests.faults.fast.servers import captured
from tests.golden.pretended.programs import postgres
from tests.golden.pretended.world import World

ME = getpass.getuser()
CONF_LINE = re.compile(rb"\s*(?:port|unix_socket_director|data_directory|hba_file)", re.IGNORECASE)
SEGMENT = re.compile(r"[0-9A-F]{24}")


def good(text: str | bytes = b"") -> Result:
    """Status 0 and an output."""
    return Result(0, text.encode() if isinstance(text, str) else text, b"")


def bad(message: str, status: int = 1) -> Result:
    """Another status and a message."""
    return Result(status, b"", f"{message}\n".encode())


def absent(program: str, path: str) -> Result:
    """What coreutils say of a path that is not there."""
    return bad(f"{program}: cannot open '{path}' for reading: No such file or directory")


def stat(path: str) -> Result:
    """``files.stat``; no mount points here."""
    real = os.path.realpath(path)
    if not os.path.lexists(path):
        return absent("stat", path)
    found = os.stat(path)  # noqa: PTH116 - text in, text out
    room = os.statvfs(path)
    facts = (f"{found.st_mode:x}", ME, grp.getgrgid(found.st_gid).gr_name, found.st_size, found.st_dev, found.st_ino,
             found.st_nlink, room.f_bavail, room.f_bsize, int(os.path.islink(path)))  # fmt: skip  # noqa: PTH114
    return good(" ".join(map(str, facts)) + f"\0{real}\0")


def head(path: str) -> Result:
    """``files.read``."""
    try:
        return good(Path(path).read_bytes())
    except FileNotFoundError:
        return absent("head", path)


def conf_lines(path: str) -> Result:
    """``sed`` with WANTED_SETTINGS."""
    if not Path(path).exists():
        return bad(f"sed: can't read {path}: No such file or directory", 2)
    lines = Path(path).read_bytes().splitlines(keepends=True)
    return good(b"".join(line for line in lines if CONF_LINE.match(line)))


def look(world: World, data: str, _bin: str) -> Result:
    """``locate``'s look."""
    folder = Path(data)
    said = {"data": data}
    if folder.is_dir():
        said["exists"] = "yes"
        version = folder / "PG_VERSION"
        said |= {"pg_version": version.read_text().strip()} if version.exists() else {}
        said |= {"pg_control": "yes"} if (folder / "global/pg_control").exists() else {}
        said["server"] = captured(lambda: postgres(world, ["-V"]))[1].decode().strip()
        if world.pid():
            lines = (folder / "postmaster.pid").read_text().splitlines()
            said |= {"pid": lines[0], "port": lines[3], "socket_dir": lines[4]}
    return good("".join(f"{name}={value}\n" for name, value in said.items()))


def surveyed(world: World, data: str, clock: float, boot: str) -> Result:
    """``survey``'s look."""
    folder, parent = Path(data), Path(data).parent
    said = {
        "machine": os.uname().machine, "machine_id": "5f0c", "boot_id": boot, "libc": "glibc 2.36",
        "clock": str(int(clock)), "memory_kb": "8000000", "selinux": "", "parent": str(parent),
        "parent_writable": "yes", "free_kb": "90000000", "device": str(parent.stat().st_dev), "basebackup": "yes",
    }  # fmt: skip
    new = Path(f"{data}.pgrepl-new")
    said |= {"new_kb": "4"} if new.is_dir() else {}
    if folder.is_dir():
        there = folder.stat()
        said |= {"pid_file": "yes"} if (folder / "postmaster.pid").exists() else {}
        said |= {"identity": f"{there.st_dev}:{there.st_ino}", "owner": ME, "mode": f"{there.st_mode & 0o7777:o}",
                 "pg_version": world.version, "pg_control": "yes", "filled": "yes", "size_kb": "60"}  # fmt: skip
        names = ("recovery.conf", "recovery.signal", "standby.signal")
        said["recovery_files"] = "".join(f"{name} " for name in names if (folder / name).exists())
    return good("".join(f"{name}={value}\n" for name, value in said.items()))


def configured(world: World, _prog: str, _data: str, _conf: str, *names: str) -> Result:
    """``postgres -C`` of each name."""
    values = world.configured()
    return good("".join(f"{name}={values.get(name, '')}\n" for name in names))


def identities(*paths: str) -> Result:
    """``identity``'s script."""
    found = []
    for path in paths:
        version = Path(path) / "PG_VERSION"
        inode = Path(path).stat().st_ino if Path(path).exists() else ""
        there = version.stat() if version.exists() else None
        found.append(f"{inode}:{f'{there.st_ino}:{int(there.st_mtime)}' if there else ''}\n")
    return good("".join(found))


def last_segment(folder: str) -> Result:
    """``copy.LAST_SEGMENT``."""
    if not Path(folder).is_dir():
        return bad(f"sh: cd: can't cd to {folder}", 2)
    names = sorted(path.name for path in Path(folder).iterdir() if SEGMENT.fullmatch(path.name))
    return good(f"{names[-1]}\n" if names else "")


def log_marks(clock: float, path: str, _folder: str) -> Result:
    """``log_source.MARKS``, for a server without a collector."""
    there = Path(path)
    return good(f"{int(clock)}\n" + (f"{there.stat().st_size} {path}\n" if there.exists() else ""))


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def write(stdin: bytes, *words: str) -> Result:
    """``files.write``: the same checks in the same order, and the same moves."""
    path, mode, new, old, backups = words
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        return bad("the folder does not exist")
    there = target.read_bytes() if target.exists() else None
    if old and (there is None or digest(there) != old):
        return bad(f"somebody else has {'removed' if there is None else 'changed'} it meanwhile")
    kept = ""
    if backups and there is not None:
        kept = f"{backups}/{target.name}.{digest(there)[:16]}"
        if not Path(kept).exists():
            Path(kept).write_bytes(there)
            Path(kept).chmod(target.stat().st_mode & 0o7777)
    if digest(stdin) != new:
        return bad("not all of the content arrived")
    rights = int(mode, 8) if mode else target.stat().st_mode & 0o7777 if there is not None else 0o600
    part = target.with_name(".pgrepl-part")
    part.write_bytes(stdin)
    part.chmod(rights)
    part.rename(target)
    return good(f"{target}\0{kept}")


def make_dir(path: str, mode: str) -> Result:
    """``files.make_dir``, of one's own."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).mkdir(exist_ok=True)
    Path(path).chmod(int(mode, 8))
    return good()


def plain(_world: World) -> dict[str, Callable[..., Result]]:
    """The scripts that need nothing but their arguments."""
    return {
        file_scripts.STAT: stat,
        file_scripts.MAKE_DIR: make_dir,
        identity.SCRIPT: identities,
        copy.LAST_SEGMENT: last_segment,
        outside_scripts.LINKS: lambda _data: good(),
        preflight_servers.BLOCK_SIZE: lambda *_: good("8192\n"),
        connect.LIBPQ_HOME: lambda: good(_world.facts["home"]),
        'printf %s "$HOME"': lambda: good(str(_world.folder / "home")),
        'set -- $SSH_CONNECTION; printf "%s\\n" "${3:-}"; hostname -I 2>/dev/null; :': lambda: good("\n127.0.0.1\n"),
        "id -un && uname -srm": lambda: good(f"{ME}\nLinux\n"),
        locate.LOOK: lambda *words: look(_world, *words),
        standby_settings.CONFIGURED: lambda *words: configured(_world, *words),
    }


def timed(world: World, clock: float, boot: str) -> dict[str, Callable[..., Result]]:
    """The scripts that tell the time of day as well."""
    return {
        survey.LOOK: lambda data, _bin: surveyed(world, data, clock, boot),
        log_source.MARKS: lambda path, folder: log_marks(clock, path, folder),
    }
