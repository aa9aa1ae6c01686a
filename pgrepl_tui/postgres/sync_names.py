"""What synchronous_standby_names says: how many standbys a commit waits for, and which count.

Grammar: runtime-config-replication.html of each version: a list, the first of which counts (9.1); ``N (list)`` (9.6);
``FIRST N (list)`` and ``ANY N (list)`` (10). Source: syncrep_gram.y; names are compared without case (syncrep.c).
"""

import re
from dataclasses import dataclass

_NAME = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^\s",()]+))\s*(?:,|$)')
_COUNTED = re.compile(r"\s*(?:(?:FIRST|ANY)\s+)?([0-9]+)\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class SyncNames:
    """A commit waits for ``count`` of the standbys that are called so; ``*`` is every one."""

    count: int
    names: tuple[str, ...]

    def matches(self, application: str) -> bool:
        """Whether a standby of this application_name counts as one of them."""
        return any(name == "*" or name.lower() == application.lower() for name in self.names)


def parse(text: str) -> SyncNames:
    """Read a value that a server has taken; an empty one waits for nobody."""
    counted = _COUNTED.fullmatch(text)
    count, inner = (int(counted[1]), counted[2]) if counted else (1, text)
    names, at = [], 0
    while at < len(inner) and (found := _NAME.match(inner, at)):
        names.append(found[1].replace('""', '"') if found[1] is not None else found[2])
        at = found.end()
    return SyncNames(count if names else 0, tuple(names))
