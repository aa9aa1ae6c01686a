"""The OS user that the lab's servers and logins run as."""

import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from pgrepl_tui.lab.errors import LabError

MARK = "PGREPL_LAB"
"""The environment variable that marks every process of a lab; its value is the lab's folder."""


class SpawnOptions(TypedDict, total=False):
    """The keyword arguments of a subprocess that make it run as another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """A user of this machine.

    Attributes:
        name: its login name.
        uid: its user id.
        gid: its group id.
        switch: this program is root, and has to become that user.
    """

    name: str
    uid: int
    gid: int
    switch: bool

    @property
    def spawn(self) -> SpawnOptions:
        """What starts a subprocess as this user."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, *paths: Path) -> None:
        """Give files or folders to this user; nothing to do where it made them itself."""
        if self.switch:
            for path in paths:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)

    @contextmanager
    def effective(self) -> Iterator[None]:
        """Be this user for a moment; the effective ids are the process's own, so never await inside."""
        if not self.switch:
            yield
            return
        gid, uid = os.getegid(), os.geteuid()
        os.setegid(self.gid)
        os.seteuid(self.uid)
        try:
            yield
        finally:
            os.seteuid(uid)
            os.setegid(gid)


def lab_account() -> Account:
    """The user for a lab started by the current user: ``nobody`` for root, else the user itself.

    PostgreSQL refuses to run as root ("initdb cannot be run as root").

    Raises:
        LabError: the user has no passwd entry, which initdb and the ``peer`` method need.
    """
    uid = os.geteuid()
    try:
        entry = pwd.getpwnam("nobody") if uid == 0 else pwd.getpwuid(uid)
    except KeyError:
        who = "the user nobody" if uid == 0 else f"the user id {uid}"
        raise LabError(
            f"The lab needs {who} in /etc/passwd: PostgreSQL looks its name up.",
            "Add the entry, or start the lab as a user that has one.",
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=uid == 0)


def environment(account: Account, home: Path, bin_dir: Path, lab: Path) -> Mapping[str, str]:
    """The whole environment of a process of the lab: nothing of the user's own leaks into it."""
    return {
        "PATH": f"{bin_dir}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": str(home),
        "USER": account.name,
        "LOGNAME": account.name,
        "SHELL": "/bin/sh",
        "LANG": "C.UTF-8",
        MARK: str(lab),
    }
