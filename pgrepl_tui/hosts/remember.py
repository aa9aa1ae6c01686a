"""Puts a host key on record, after the operator has agreed to it."""

import os
import stat
from pathlib import Path

from pgrepl_tui.hosts import local_file
from pgrepl_tui.hosts.host import HostError
from pgrepl_tui.hosts.known_hosts import OfferedKey


def remember(offer: OfferedKey) -> None:
    """Add a key to its known_hosts file: a copy with one line more takes its place, so that it is old or new.

    A link stays, what it leads to is replaced. The file keeps its mode; a new one gets 0600, its folder 0700.

    Raises:
        HostError: it cannot be written; nothing was changed.
    """
    try:
        target = Path(os.path.realpath(offer.file))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        old, mode = _old(target)
        gap = b"\n" if old and not old.endswith(b"\n") else b""
        local_file.replace(target, old + gap + offer.line.encode() + b"\n", mode)
    except OSError as error:
        raise HostError(
            f"the host key cannot be put on record: {offer.file}: {error.strerror or error}",
            "Make the file and its folder writable to you, then try again.",
        ) from error


def _old(path: Path) -> tuple[bytes, int]:
    """What is there, and the mode that it keeps."""
    try:
        return path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return b"", 0o600
