"""Reads a recording: never writes, never runs anything, and trusts no line of it."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pgrepl_tui.counted import counted
from pgrepl_tui.events import Event, Output
from pgrepl_tui.session.codec import DamagedError, Unknown, decode
from pgrepl_tui.session.sanitise import harmless
from pgrepl_tui.session.span import MAX_LINE, RecordingError, Span

FORMAT = "pgrepl-tui recording"
VERSION = 1
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a recording: what ran, when (UTC, ISO 8601), and on what topology."""

    version: int
    program: str
    topology: Mapping[str, Any]
    started: str
    meta: Mapping[str, Any]


@dataclass(slots=True)
class Problems:
    """What could not be read: ``torn`` bytes at the end, and how many lines or fields."""

    torn: int = 0
    damaged: int = 0
    unknown: int = 0
    extra: int = 0
    first_damaged: str = field(default="")

    def __str__(self) -> str:
        parts = (
            (self.damaged, "damaged line", f", skipped (the first: {self.first_damaged})"),
            (self.unknown, "event", " of a newer version, skipped"),
            (self.extra, "field", " of a newer version, skipped"),
            (self.torn, "byte", " torn off at the end: the program was cut off while it wrote"),
        )
        return "; ".join(f"{counted(count, what)}{more}" for count, what, more in parts if count)


class Recording:
    """A recording, open for reading; close it, or use it in a ``with``."""

    def __init__(self, path: Path, descriptor: int, header: Header, begin: int) -> None:
        self.path = path
        self.header = header
        self._fd = descriptor
        self._begin = begin
        self._last = self.walk()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a recording and check its header.

        Raises:
            RecordingError: it is missing, is no recording, or is of a newer format.
        """
        descriptor = _open(path)
        try:
            header, begin = _header(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor, header, begin)

    def events(self) -> Iterator[tuple[Event, Span]]:
        """The events in order, each with its place; lines that cannot be read are counted in ``problems``.

        Raises:
            RecordingError: the file cannot be read any more.
        """
        self._last = self.walk()
        yield from self._last.events()

    def walk(self) -> "Walk":
        """A walk through the events on its own, from the beginning on."""
        return Walk(self.path, self._fd, self._begin)

    @property
    def size(self) -> int:
        """How long the file is now, in bytes.

        Raises:
            RecordingError: the file cannot be read any more.
        """
        try:
            return os.fstat(self._fd).st_size
        except OSError as error:
            raise RecordingError(f"{self.path}: cannot be read: {error.strerror}; is its disk still there?") from error

    @property
    def problems(self) -> str:
        """What the last walk through ``events`` could not read, in words; empty when all was well."""
        return str(self._last.problems)

    def read_event(self, span: Span) -> Event:
        """The event at a place that ``events`` gave.

        Raises:
            RecordingError: there is no event any more, or it cannot be read.
        """
        return _read_event(self._fd, span, self.path)

    def read_output(self, span: Span) -> str:
        """The text of the ``Output`` at a place that ``events`` gave.

        Raises:
            RecordingError: there is no output any more, or it cannot be read.
        """
        return read_output(self._fd, span, self.path)

    def close(self) -> None:
        """Close the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Walk:
    """A walk through the events of a recording, which can be gone on with when more was written.

    Attributes:
        problems: what of it could not be read so far.
    """

    def __init__(self, path: Path, descriptor: int, begin: int) -> None:
        self.problems = Problems()
        self._path = path
        self._fd = descriptor
        self._at = begin

    def events(self) -> Iterator[tuple[Event, Span]]:
        """The events from where the walk is, each with its place; a torn last line waits for its rest.

        Raises:
            RecordingError: the file cannot be read any more.
        """
        self.problems.torn = 0
        for line, span, whole in _lines(self._path, self._fd, self._at):
            try:
                event = decode(line, self._count_extra) if span.length <= MAX_LINE else _too_long()
            except DamagedError as error:
                self._count_damaged(span, str(error), whole=whole)
                continue
            self._at = span.offset + span.length + 1
            if isinstance(event, Unknown):
                self.problems.unknown += 1
            else:
                yield event, span

    def _count_extra(self, _name: str) -> None:
        self.problems.extra += 1

    def _count_damaged(self, span: Span, why: str, *, whole: bool) -> None:
        if not whole:
            self.problems.torn = span.length
            return
        self._at = span.offset + span.length + 1
        self.problems.damaged += 1
        self.problems.first_damaged = self.problems.first_damaged or f"at byte {span.offset}, {why}"


def read_output(descriptor: int, span: Span, path: Path) -> str:
    """The text of the ``Output`` at a place of an open recording.

    Raises:
        RecordingError: there is no output there, or it cannot be read.
    """
    event = _read_event(descriptor, span, path)
    if not isinstance(event, Output):
        raise RecordingError(f"{path}: no output at byte {span.offset}; was the file changed meanwhile? Open it again")
    return event.text


def _read_event(descriptor: int, span: Span, path: Path) -> Event:
    data = _pread(path, descriptor, min(span.length, MAX_LINE), span.offset)
    try:
        event = decode(data)
    except DamagedError as error:
        what = f"{path}: byte {span.offset} cannot be read ({error})"
        raise RecordingError(f"{what}; was the file changed meanwhile? Open it again") from None
    if isinstance(event, Unknown):
        raise RecordingError(f"{path}: no known event at byte {span.offset}; open it again")
    return event


def _too_long() -> Event:
    raise DamagedError(f"longer than {MAX_LINE} bytes")


def _open(path: Path) -> int:
    try:
        # O_NONBLOCK: a pipe must not be waited for; it means nothing for a file
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise RecordingError(f"{path}: cannot be opened: {why}; name a recording (*.jsonl)") from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        what = "is a directory" if stat.S_ISDIR(mode) else "is not a file"
        raise RecordingError(f"{path}: {what}; name a recording (*.jsonl)")
    return descriptor


def _header(path: Path, descriptor: int) -> tuple[Header, int]:
    """The header and the offset of the first event."""
    for line, span, _whole in _lines(path, descriptor, 0):
        try:
            value = _harmless(json.loads(line)) if span.length <= MAX_LINE else None
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise RecordingError(f"{path}: is not a recording of pgrepl-tui; name a file that pgrepl-tui recorded")
        return _checked(path, value), span.offset + span.length + 1
    raise RecordingError(f"{path}: is empty; nothing was recorded in it")


def _checked(path: Path, value: dict[str, Any]) -> Header:
    version = value.get("version")
    program = str(value.get("program", "?"))[:100]
    if type(version) is not int or version < 1:
        raise RecordingError(f"{path}: its header has no format version; name a file that pgrepl-tui recorded")
    if version > VERSION:
        what = f"its format, {version}, is newer than {VERSION}: it was recorded by pgrepl-tui {program}"
        raise RecordingError(f"{path}: {what}; replay it with that version or a newer one")
    topology, meta, started = (value.get(key) for key in ("topology", "meta", "started"))
    if not (isinstance(topology, dict) and isinstance(meta, dict) and isinstance(started, str)):
        raise RecordingError(f"{path}: its header is damaged; topology, meta or started is missing")
    return Header(version, program, topology, started, meta)


def _harmless(value: Any) -> Any:
    """The same JSON value with every text in it made harmless."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, list):
        return [_harmless(item) for item in value]
    if isinstance(value, dict):
        return {harmless(key): _harmless(item) for key, item in value.items()}
    return value


def _lines(path: Path, descriptor: int, begin: int) -> Iterator[tuple[bytes, Span, bool]]:
    """The lines, their places, and whether a newline ended them; of one that is too long only a part comes."""
    kept = b""
    dropped = 0
    while data := _pread(path, descriptor, _CHUNK, begin + dropped + len(kept)):
        *ended, kept_next = (kept + data).split(b"\n")
        for line in ended:
            yield line, Span(begin, dropped + len(line)), True
            begin += dropped + len(line) + 1
            dropped = 0
        kept = kept_next
        if len(kept) > MAX_LINE:
            dropped += len(kept)
            kept = b""
    if kept or dropped:
        yield kept, Span(begin, dropped + len(kept)), False


def _pread(path: Path, descriptor: int, length: int, offset: int) -> bytes:
    try:
        return os.pread(descriptor, length, offset)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}; is its disk still there?") from error
