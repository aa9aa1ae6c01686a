"""The topology files that the wizard saved: listed, and written without ever losing what somebody else wrote."""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from pgrepl_tui.hosts import local_file
from pgrepl_tui.topology import Topology, TopologyError, dump, load

LONGEST = 60
"""Characters of a file's name before its ending."""


class TakenError(Exception):
    """A file of this name holds something else; ``path`` is that file, ``free`` a name beside it that is not taken."""

    def __init__(self, path: Path, free: Path) -> None:
        super().__init__(f"{path} is there already, and holds another set-up")
        self.path = path
        self.free = free


class SaveError(Exception):
    """A topology cannot be saved; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved topology; ``mistake`` says why it cannot be opened, where that is so."""

    path: Path
    topology: Topology | None
    mistake: str = ""


def config_home() -> Path:
    """The program's own folder under ``XDG_CONFIG_HOME``, which counts only where it is an absolute path."""
    home = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    return (home if home.is_absolute() else Path.home() / ".config") / "pgrepl-tui"


class Shelf:
    """The topologies of one folder; None is the operator's own."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or config_home() / "topologies"

    def saved(self) -> list[Saved]:
        """All of them, by name."""
        try:
            paths = sorted(path for path in self.folder.iterdir() if path.suffix in {".yaml", ".yml"})
        except OSError:  # none was saved yet; a folder that cannot be read is told when something is saved
            return []
        return [_opened(path) for path in paths]

    def open(self, text: str) -> Topology:
        """The topology at a path as it was typed; ``~`` is the home.

        Raises:
            TopologyError: it cannot be read, or has a mistake.
        """
        try:
            path = Path(text).expanduser()
        except RuntimeError as error:
            raise TopologyError(Path(text), 0, f"there is no such home: {error}", "write the whole path") from None
        return load(path)

    def save(self, topology: Topology, *, path: Path | None = None, replacing: bool = False) -> Topology:
        """Save a topology under its name, or at a path; the topology with its file as ``source``.

        A file that holds the same is left as it is, and so is the one that the topology came from while nothing was
        changed. A file that was saved here, came as this topology's source and was not edited by hand is replaced.

        Raises:
            TakenError: a file of this name holds something else; ``replacing`` allows to replace it.
            SaveError: it cannot be written.
        """
        if topology.source is not None and _opened(topology.source).topology == topology:
            return topology
        target = path or self.folder / f"{file_name(topology.name)}.yaml"
        config = topology.ssh_config.absolute() if topology.ssh_config else None
        made = replace(topology, ssh_config=config, source=target)
        if target.exists() and not replacing:
            if _opened(target).topology == made:
                return made
            if topology.source != target or not _ours(target):
                raise TakenError(target, _free(target))
        _write(target, dump(made))
        return made


def file_name(name: str) -> str:
    """A topology's name as a file's name, which cannot lead elsewhere.

    >>> file_name("app db"), file_name("../x"), file_name("...")
    ('app_db', 'x', 'topology')
    """
    return re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII).strip("._-")[:LONGEST] or "topology"


def _opened(path: Path) -> Saved:
    try:
        return Saved(path, load(path))
    except TopologyError as error:
        return Saved(path, None, str(error))


def _ours(path: Path) -> bool:
    """Whether the file is as we write it, so that replacing it loses no comment of the operator's."""
    try:
        there = load(path)
        return path.read_text("utf-8") == dump(there)
    except (TopologyError, OSError, UnicodeDecodeError):
        return False


def _free(path: Path) -> Path:
    """A name beside a path that is not taken."""
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, 10_000))
    return next(name for name in names if not name.exists())


def _write(path: Path, text: str) -> None:
    """Write a file beside it and rename it, so that it is old or new and never half."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        local_file.replace(path, text.encode())
    except OSError as error:
        raise SaveError(f"{path}: cannot be saved: {error.strerror or error}; the run needs no file") from error
