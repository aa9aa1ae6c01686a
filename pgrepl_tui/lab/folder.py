"""The lab's folder: where it may be, and what is in it before anything runs."""

import os
import re
import secrets
import tempfile
from pathlib import Path

from pgrepl_tui.lab.account import Account
from pgrepl_tui.lab.errors import LabError
from pgrepl_tui.lab.sweep import PID_FILE

HOSTS = ("db1", "db2")

_PLAIN = re.compile(r"[A-Za-z0-9/._+@=-]+")
_SOCKET_LIMIT = 107
"""Bytes in the path of a Unix socket: sun_path less its final NUL (unix(7))."""


def new_path() -> Path:
    """A path for a lab's folder that is not there yet: in the user's temporary folder if a lab can live in it."""
    name = f"pgrepl-lab-{secrets.token_hex(4)}"
    usual = Path(tempfile.gettempdir()).resolve() / name
    return usual if objection(usual) is None and _everybody_may_enter(usual.parent) else Path("/tmp", name)  # noqa: S108 - the name is random, and mkdir refuses one that is there


def objection(folder: Path) -> str | None:
    """Why a lab cannot live in this path, or None."""
    if not _PLAIN.fullmatch(str(folder)):
        return "its name has other characters than letters, digits and / . _ + @ = -"
    if len(os.fsencode(folder / HOSTS[0] / "socket" / ".s.PGSQL.65535")) > _SOCKET_LIMIT:
        return "it is too long for a Unix socket inside it"
    return None


def make(folder: Path, account: Account) -> None:
    """Make the folder, the mark of a lab in it, and a folder a host that belongs to the lab's user.

    Raises:
        LabError: there is something already, or a lab cannot live there.
    """
    why = objection(folder)
    if why is not None:
        raise LabError(f"The lab cannot be in {folder}: {why}.", "Name another folder.")
    try:
        folder.mkdir(mode=0o711 if account.switch else 0o700)
    except OSError as error:
        raise LabError(
            f"The lab's folder {folder} cannot be made: {error.strerror}.", "Name a folder that does not exist yet."
        ) from error
    folder.chmod(0o711 if account.switch else 0o700)  # whatever the umask
    (folder / PID_FILE).write_text(f"{os.getpid()}\n")


def make_hosts(folder: Path, account: Account) -> None:
    """Make a folder for each host, owned by the lab's user.

    Raises:
        LabError: that user cannot get there.
    """
    for name in HOSTS:
        for path in (folder / name, *(folder / name / part for part in ("home", "socket"))):
            path.mkdir(mode=0o700)
            account.own(path)
    try:
        with account.effective():
            (folder / HOSTS[0] / "home").stat()
    except PermissionError:
        raise LabError(
            f"The user {account.name}, which the lab's servers run as, may not enter {folder.parent}.",
            "Name a folder that everybody may enter, under /tmp for instance.",
        ) from None


def _everybody_may_enter(path: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in (path, *path.parents))
