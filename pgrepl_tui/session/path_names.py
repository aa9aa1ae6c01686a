"""What a path that is being typed may become: the folders and topology files that begin like it."""

import os
from itertools import islice
from pathlib import Path

ENDINGS = (".yaml", ".yml")
MOST_READ = 20_000
"""Entries of a folder that are looked at."""
MOST = 200
"""Names that are offered."""


def completions(text: str) -> list[str]:
    """The paths, written as ``text`` is (relative, with ``~``), of folders (ending in /) and topology files.

    Hidden ones come only when their dot was typed. What cannot be read gives none. It may take long: for a thread.
    """
    folder, start = text.rpartition("/")[0::2]
    prefix = f"{folder}/" if "/" in text else ""
    try:
        with os.scandir(Path(prefix or ".").expanduser()) as entries:
            found = [_named(entry) for entry in islice(entries, MOST_READ) if _fits(entry.name, start)]
    except (OSError, RuntimeError):  # not there, not readable, no such home
        return []
    names = sorted(name for name in found if name.endswith(("/", *ENDINGS)))
    return [f"{prefix}{name}" for name in names[:MOST]]


def _fits(name: str, start: str) -> bool:
    return name.startswith(start) and (start != "" or not name.startswith("."))


def _named(entry: "os.DirEntry[str]") -> str:
    try:
        return f"{entry.name}/" if entry.is_dir() else entry.name
    except OSError:  # a link in a circle
        return entry.name


def last_part(path: str) -> str:
    """The name that a path ends in.

    >>> last_part("a/one.yaml"), last_part("a/b/")
    ('one.yaml', 'b/')
    """
    return path[path.rstrip("/").rfind("/") + 1 :]


def common(names: list[str]) -> str:
    """What all names begin with.

    >>> common(["a/one.yaml", "a/two.yaml"])
    'a/'
    """
    return os.path.commonprefix(names)  # noqa: RUF071 - by characters is what completing means
