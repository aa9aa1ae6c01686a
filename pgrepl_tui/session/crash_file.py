"""The report of a mistake of this program: written to a file, with no values of locals and no secrets."""

import os
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pgrepl_tui import __version__
from pgrepl_tui.session.recorder import state_home
from pgrepl_tui.session.sanitise import harmless

_LONGEST = 1_000_000
"""Characters of a report; an exception's text may be as long as what it is about."""
_cleaners: list[Callable[[str], str]] = []


class CrashError(Exception):
    """A run ended by a mistake of this program; the text, free of secrets, says where the report is.

    Attributes:
        recording: the path of the run's recording.
    """

    def __init__(self, text: str, recording: str) -> None:
        super().__init__(text)
        self.recording = recording


def hide(clean: Callable[[str], str]) -> None:
    """From now on take out of each report what ``clean`` takes out: the secrets of a run, which only it knows."""
    _cleaners.append(clean)


def report(error: BaseException) -> str:
    """The traceback of an error, its causes and the versions, with no values of locals and no secrets."""
    trace = "".join(traceback.TracebackException.from_exception(error, capture_locals=False).format())
    versions = f"pgrepl-tui {__version__}, Python {sys.version.split()[0]}, {sys.platform}"
    when = datetime.now(UTC).isoformat(timespec="seconds")
    return f"{versions}\n{when}\n\n{_clean(trace)[-_LONGEST:]}"


def told(error: BaseException) -> str:
    """Write the report of an error; what to tell the operator: what it was, and where the report is."""
    what = _clean("".join(traceback.format_exception_only(error)).strip())[:500]
    text = report(error)
    try:
        where = f"The report is {_write(text)}; it holds no passwords. Please send it to us."
    except OSError as trouble:
        where = f"The report could not be written ({trouble.strerror}). It is:\n{text}"
    return f"A mistake in this program: {what}\n{where}"


def _clean(text: str) -> str:
    text = harmless(text).replace("\r", " ")
    for clean in _cleaners:
        text = clean(text)
    return text


def _write(text: str) -> Path:
    """Write a report where only its owner can read it."""
    folder = state_home() / "pgrepl-tui" / "crashes"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = folder / f"{stamp}-{os.getpid()}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path
