"""What is to be undone: the pair of a topology, or that of a recording with the run that it holds."""

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from pgrepl_tui.events import RunStarted
from pgrepl_tui.session.recording import FORMAT, Recording
from pgrepl_tui.topology import Topology, load, loads

FIRST_EVENTS = 4
"""The run's start is the first event; one whose first lines are damaged is a run that is not known."""
HEAD = 4096


@dataclass(frozen=True)
class Target:
    """A pair, and what is known of the recording.

    Attributes:
        topology: the pair.
        run: the run's id; empty where a topology was given, or the recording has none.
        mode: what the recorded run did (``run``, ``plan``, ``undo``, ``discard``); empty for a topology.
    """

    topology: Topology
    run: str = ""
    mode: str = ""


def target(path: Path) -> Target:
    """Read a topology or a recording.

    Raises:
        TopologyError: the topology, or that of the recording, has a mistake.
        RecordingError: the recording cannot be read.
    """
    return _of_recording(path) if _is_recording(path) else Target(load(path))


def _is_recording(path: Path) -> bool:
    """By its name, or by what it begins with; a file that cannot be read is left to who reads it."""
    if path.suffix == ".jsonl":
        return True
    try:
        with path.open("rb") as file:
            return FORMAT.encode() in file.read(HEAD).split(b"\n")[0]
    except OSError:
        return False


def _of_recording(path: Path) -> Target:
    import yaml  # noqa: PLC0415 - slow to import, and --help needs no YAML

    with Recording.open(path) as recording:
        text = yaml.safe_dump(dict(recording.header.topology))
        begun = next((e for e, _ in islice(recording.events(), FIRST_EVENTS) if isinstance(e, RunStarted)), None)
    topology = replace(loads(text, path), source=None)
    return Target(topology, begun.run_id, begun.mode) if begun else Target(topology)
