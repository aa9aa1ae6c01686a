"""Writes a recording: a header line, then an event a line, appended and never changed."""

import contextlib
import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from errno import EDQUOT, EEXIST, EFBIG, ENOSPC
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pgrepl_tui import __version__
from pgrepl_tui.events import Event, Output, RunEnded, StepEnded, StepStarted
from pgrepl_tui.session.codec import encode
from pgrepl_tui.session.recording import FORMAT, VERSION, read_output
from pgrepl_tui.session.span import RecordingError, Span

__all__ = ["Recorder", "Span", "default_path"]

_BUFFER = 256 * 1024
_SYNCED = (StepStarted, StepEnded, RunEnded)
_FULL = {ENOSPC: "the disk is full", EDQUOT: "the disk quota is used up", EFBIG: "the file may not grow further"}


def state_home() -> Path:
    """The folder of ``XDG_STATE_HOME``, which counts only where it is an absolute path."""
    home = Path(os.environ.get("XDG_STATE_HOME", ""))
    return home if home.is_absolute() else Path.home() / ".local" / "state"


def default_path(topology_name: str, now: datetime) -> Path:
    """Where the recording of a run that begins ``now`` (with a time zone) goes, under ``XDG_STATE_HOME``.

    The topology's name cannot lead elsewhere: all but ASCII letters, digits, ``.``, ``_`` and ``-`` is replaced.
    """
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", topology_name).lstrip(".-")[:60] or "session"
    moment = now.astimezone(UTC)
    stamp = f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"
    return state_home() / "pgrepl-tui" / "recordings" / f"{name}-{stamp}.jsonl"


class Recorder:
    """Appends events to a new recording that only its owner can read.

    Output is buffered until ``flush``, which the caller calls every 100 ms; any other event is flushed at once, and
    a step's start and end are synced to the disk. When something cannot be written, ``RecordingError`` is raised and
    nothing is lost: what is left is written by the next ``flush`` that succeeds. The caller stops meanwhile, so that
    nothing is done that is not recorded.
    """

    def __init__(
        self,
        path: Path,
        *,
        topology: Mapping[str, Any],
        started: datetime,
        meta: Mapping[str, str] | None = None,
    ) -> None:
        """Create the recording and write its header.

        Args:
            path: a file that does not exist yet; a folder that is missing is made, with mode 0700.
            topology: what is set up, as plain values, with no secret in it.
            started: when the run began, with a time zone.
            meta: more facts for the reader of the recording.

        Raises:
            RecordingError: the file is there already, or cannot be written.
        """
        self.path = path
        self._fd = _create(path)
        self._waiting = bytearray()
        self._written = 0
        header = {
            "format": FORMAT,
            "version": VERSION,
            "program": __version__,
            "topology": topology,
            "started": started.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "meta": dict(meta or {}),
        }
        try:
            self._append(json.dumps(header, ensure_ascii=False, separators=(",", ":")))
            self.sync()
        except BaseException:
            os.close(self._fd)
            raise

    def write(self, event: Event) -> Span:
        """Append an event; return where it lies.

        Raises:
            RecordingError: it is kept, but could not be written.
        """
        span = self._append(encode(event))
        if isinstance(event, _SYNCED):
            self.sync()
        elif not isinstance(event, Output) or len(self._waiting) >= _BUFFER:
            self.flush()
        return span

    def flush(self) -> None:
        """Hand all that waits to the operating system.

        Raises:
            RecordingError: it is kept, but could not be written.
        """
        try:
            while self._waiting:
                count = os.write(self._fd, self._waiting)
                self._written += count
                del self._waiting[:count]
        except OSError as error:
            raise self._error(error) from error

    def sync(self) -> None:
        """Flush, and wait until it is on the disk.

        Raises:
            RecordingError: it could not be written.
        """
        self.flush()
        try:
            os.fdatasync(self._fd)
        except OSError as error:
            raise self._error(error) from error

    def read_output(self, span: Span) -> str:
        """The text of an ``Output`` that was written.

        Raises:
            RecordingError: there is no output at that place, or it cannot be read.
        """
        if span.offset + span.length > self._written:
            self.flush()
        return read_output(self._fd, span, self.path)

    def close(self) -> None:
        """Sync and close.

        Raises:
            RecordingError: something could not be written; the file is closed all the same.
        """
        if self._fd < 0:
            return
        try:
            self.sync()
        finally:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, line: str) -> Span:
        # JSON writes a lone surrogate as \udcff too, so that any text can be written
        data = line.encode("utf-8", "backslashreplace")
        span = Span(self._written + len(self._waiting), len(data))
        self._waiting += data + b"\n"
        return span

    def _error(self, error: OSError) -> RecordingError:
        why = _FULL.get(error.errno or 0, error.strerror or str(error))
        size = f"{self._written} bytes written, {len(self._waiting)} waiting"
        return RecordingError(f"{self.path}: cannot record: {why} ({size}); make room there, then go on")


def _create(path: Path) -> int:
    try:
        _make_folder(path.parent)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
        os.fchmod(descriptor, 0o600)
    except OSError as error:
        if error.errno == EEXIST:
            raise RecordingError(
                f"{path}: is there already; a recording is never overwritten, name another file"
            ) from error
        why = _FULL.get(error.errno or 0, error.strerror or str(error))
        raise RecordingError(f"{path}: cannot record: {why}; name another file, or mend the folder") from error
    return descriptor


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each open to its owner only, whatever the umask."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):  # another run may make it at the same moment
        folder.mkdir(mode=0o700)
