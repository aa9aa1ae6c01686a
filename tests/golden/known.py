"""What each of 9.1 to 9.6 knows: settings, functions, columns, words, options; by tests/data/golden/known.txt."""

from functools import cache

from tests.golden.golden_file import FOLDER, VERSIONS

ROWS = [line.split(" ", 3) for line in (FOLDER / "known.txt").read_text().splitlines() if not line.startswith("#")]
"""Kind, name, range of versions, source."""


@cache
def known(kind: str, version: str) -> frozenset[str]:
    """The names of a kind that a version knows."""
    found = set()
    for of_kind, name, span, _ in ROWS:
        first, last = span.split("-")
        if of_kind == kind and first <= version <= last:
            found.add(name)
    return frozenset(found)


@cache
def ever_known(kind: str) -> frozenset[str]:
    """The names of a kind that one of the versions knows."""
    return frozenset().union(*(known(kind, version) for version in VERSIONS))


def columns(relation: str, version: str) -> frozenset[str]:
    """The columns of a catalog or view; empty where the version has no such relation."""
    return frozenset(name.partition(".")[2] for name in known("column", version) if name.startswith(f"{relation}."))
