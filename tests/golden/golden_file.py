"""Golden files: every line stands under a line of its own that names its source.

``#= docs/9.1/standby-settings.html standby_mode`` stands for a page of the manual of that version
(https://www.postgresql.org/docs/9.1/standby-settings.html) and the place in it, ``src/…`` for a file of PostgreSQL's
source in the branch of that version.
"""

import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "data" / "golden"
VERSIONS = ("9.1", "9.2", "9.3", "9.4", "9.5", "9.6")
MARK = "#= "
_SOURCE = r"docs/{v}/[a-z0-9-]+\.html \S.*|src/\S+ REL{b}_STABLE(?:[,:;] \S.*)?|release notes 9\.2, .*"


class Line(NamedTuple):
    """A golden line and where it comes from."""

    source: str
    text: str


def read(version: str, name: str) -> list[Line]:
    """The lines of a golden file.

    Raises:
        ValueError: a line has no source above it.
    """
    rows = (FOLDER / version / name).read_text(encoding="utf-8").splitlines()
    found: list[Line] = []
    for number in range(0, len(rows), 2):
        if not rows[number].startswith(MARK) or number + 1 == len(rows) or rows[number + 1].startswith(MARK):
            raise ValueError(f"{version}/{name}, line {number + 1}: not a source and then its line: {rows[number]!r}")
        found.append(Line(rows[number].removeprefix(MARK), rows[number + 1]))
    return found


def texts(version: str, name: str) -> list[str]:
    """The golden lines alone."""
    return [line.text for line in read(version, name)]


def content(version: str, name: str) -> str:
    """The golden lines as the content of a file."""
    return "".join(f"{text}\n" for text in texts(version, name))


def is_source(source: str, version: str) -> bool:
    """True for a page of that version's own manual with a place in it, or a file of its own branch."""
    pattern = _SOURCE.format(v=re.escape(version), b=version.replace(".", "_"))
    return re.fullmatch(pattern, source) is not None


def files(version: str) -> list[str]:
    """The names of a version's golden files."""
    return sorted(path.name for path in (FOLDER / version).iterdir())
