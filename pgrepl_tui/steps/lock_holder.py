"""Who holds a lock, in its own words; and whether that is a run of this machine that has ended."""

import getpass
import os
import re
import socket
from datetime import UTC, datetime

_HOLDER = re.compile(r"(?P<who>.+) \(process (?P<pid>[1-9][0-9]{0,9})\) since ", re.ASCII)


def told() -> str:
    """This run, as its locks name it: who, on which machine, which process, since when."""
    return f"{_here()} (process {os.getpid()}) since {datetime.now(UTC):%F %T} UTC"


def has_ended(holder: str) -> bool:
    """Whether it was a run of this user on this machine whose process is gone, or this very process.

    A run whose network was cut cannot let its lock go: the host hears nothing of its end. This process has no lock
    any more where it takes one, so that what it finds is what it lost. A process number that somebody else has by now
    counts as a run that goes on.
    """
    found = _HOLDER.match(holder)
    if found is None or found["who"] != _here():
        return False
    return int(found["pid"]) == os.getpid() or not _is_alive(int(found["pid"]))


def _here() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
