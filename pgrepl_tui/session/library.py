"""The recordings on this machine, newest first, and what each holds: read from its first and its last lines only."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pgrepl_tui.events import (
    CommandEnded,
    CommandStarted,
    Event,
    Matched,
    Note,
    PrimaryPosition,
    ReceiverSeen,
    RunEnded,
    RunOutcome,
    RunStarted,
    SenderSeen,
    StandbyPosition,
)
from pgrepl_tui.session.codec import DamagedError, Unknown, decode
from pgrepl_tui.session.recorder import default_path
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.span import RecordingError

if TYPE_CHECKING:
    from pgrepl_tui.topology import Topology

TAILS = (16 * 1024, 1024 * 1024)
"""Bytes from the end in which the last event is looked for: a little first, then what the longest event may take."""
WATCHED = (PrimaryPosition, StandbyPosition, SenderSeen, ReceiverSeen, Matched, Note, CommandStarted, CommandEnded)
"""What may follow the end of a run, whose pair is watched until the operator leaves."""
LONGEST_WATCH = 8 * 1024 * 1024
"""Bytes of it behind which the end is looked for: some hours."""
ENDING = b'\n{"e":"run_ended"'
FIRST_EVENTS = 4
"""The run's start is the first event; a recording whose first lines are damaged is still listed."""
LAST_TRIED = 30
"""Recordings that are looked at for a set-up that can still be continued: a demo's hosts are gone."""
_STAMP = re.compile(r"(\d{8}T\d{6}\.\d{3}Z)\.jsonl\Z")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a recording holds, as far as its first and last lines tell.

    Attributes:
        path: the file.
        started: when the run began, UTC in ISO 8601.
        topology: how the pair is called; ``primary`` and ``standby`` likewise.
        mode: ``run`` or ``plan``.
        outcome: how the run ended; None where the recording was cut off, or is still being written.
        changes: the steps that changed something.
        seconds: the time of the last event.
        damage: why it cannot be replayed; all but the path is empty then.
    """

    path: Path
    started: str = ""
    topology: str = ""
    primary: str = ""
    standby: str = ""
    mode: str = ""
    outcome: RunOutcome | None = None
    changes: int = 0
    seconds: float = 0.0
    damage: str = ""


class Library:
    """The recordings of one folder; None is the folder that runs are recorded in."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_path("", datetime.now(UTC)).parent

    def paths(self) -> list[Path]:
        """The recordings, newest first; none where the folder is missing.

        Raises:
            RecordingError: the folder cannot be read.
        """
        try:
            with os.scandir(self.folder) as entries:
                found = [Path(entry.path) for entry in entries if entry.name.endswith(".jsonl") and entry.is_file()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise RecordingError(f"{self.folder}: cannot be read: {error.strerror}; make it readable to you") from error
        return sorted(found, key=_moment, reverse=True)

    def summaries(self, paths: Iterable[Path]) -> list[Summary]:
        """What some recordings hold, in their order."""
        return [summary(path) for path in paths]

    def last(self) -> "tuple[Summary, Topology] | None":
        """The newest set-up whose hosts can still be reached the same way, to be continued.

        Raises:
            RecordingError: the folder cannot be read.
        """
        for path in self.paths()[:LAST_TRIED]:
            topology = topology_of(path)
            if topology is not None:
                return summary(path), topology
        return None


def summary(path: Path) -> Summary:
    """What a recording holds; one that cannot be read says why. Reads at most some hundred KiB."""
    try:
        with Recording.open(path) as recording:
            first = next((e for e, _ in islice(recording.events(), FIRST_EVENTS) if isinstance(e, RunStarted)), None)
            last = _last_event(path)
            known = Summary(path, recording.header.started, str(recording.header.topology.get("name", "")))
    except (RecordingError, OSError) as error:
        return Summary(path, damage=str(error))
    if first is not None:
        known = replace(known, topology=first.topology, primary=first.primary, standby=first.standby, mode=first.mode)
    ending = _ending(path) if isinstance(last, WATCHED) else last
    if isinstance(ending, RunEnded):
        known = replace(known, outcome=ending.outcome, changes=ending.changes)
    return replace(known, seconds=last.t if last is not None else 0.0)


def topology_of(path: Path) -> "Topology | None":
    """The topology that a recording was made with; None where it is damaged, or what it names is gone."""
    import yaml  # noqa: PLC0415 - slow to import, and a list of recordings needs no YAML

    from pgrepl_tui.topology import TopologyError, loads  # noqa: PLC0415 - as above

    try:
        with Recording.open(path) as recording:
            text = yaml.safe_dump(dict(recording.header.topology))
        return replace(loads(text, path), source=None)
    except (RecordingError, TopologyError):
        return None


def _moment(path: Path) -> str:
    """When a recording was begun: its name says it, else the file's own time does."""
    named = _STAMP.search(path.name)
    if named:
        return named[1]
    try:
        moment = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:  # it went away meanwhile
        return ""
    return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"


def _last_event(path: Path) -> Event | None:
    """The last event that can be read; None where there is none near the end."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        for most in TAILS:
            file.seek(max(0, size - most))
            for line in reversed(file.read(most).split(b"\n")):
                event = _event(line)
                if event is not None:
                    return event
            if most >= size:
                break
    return None


def _ending(path: Path) -> Event | None:
    """The end of a run that was watched afterwards; None where it never ended, or ended too long before."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_WATCH))
        tail = file.read(LONGEST_WATCH)
    begins = tail.rfind(ENDING)
    return _event(tail[begins + 1 :].split(b"\n", 1)[0]) if begins >= 0 else None


def _event(line: bytes) -> Event | None:
    try:
        event = decode(line)
    except DamagedError:
        return None
    return None if isinstance(event, Unknown) else event
