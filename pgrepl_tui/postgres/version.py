"""A major version of PostgreSQL: an ordered value, 9.1 to 18."""

import re
from dataclasses import dataclass
from typing import Self

from pgrepl_tui.postgres.text_error import TextError

_OLD_STYLE = tuple((9, minor) for minor in range(1, 7))
_NEW_STYLE = tuple((first, 0) for first in range(10, 19))
_SUPPORTED = _OLD_STYLE + _NEW_STYLE

# Not after a word character or a dot: the 86 of x86_64 and the 5 of 9.1.5 are no versions.
_NUMBER = re.compile(r"(?<![\w.])(\d+)(?:\.(\d+))?")


class UnsupportedVersionError(TextError):
    """A version of PostgreSQL outside 9.1 to 18."""


@dataclass(frozen=True, slots=True, order=True)
class Major:
    """A supported major version: ``Major(9, 6)``, ``Major(15)``.

    Two numbers made a major version before 10, one does since (https://www.postgresql.org/support/versioning/).

    Raises:
        UnsupportedVersionError: it is not one of 9.1 to 9.6 and 10 to 18.
    """

    first: int
    second: int = 0

    def __post_init__(self) -> None:
        if (self.first, self.second) not in _SUPPORTED:
            raise UnsupportedVersionError(
                f"PostgreSQL {_text(self.first, self.second)} is not supported: this program knows 9.1 to 9.6 and 10 "
                "to 18. Check which server was found, or use a release of this program that knows it."
            )

    @classmethod
    def of(cls, server_version_num: int) -> Self:
        """The major version of a server_version_num, such as 90224 (9.2) or 170010 (17).

        Raises:
            UnsupportedVersionError: the version is outside 9.1 to 18.
        """
        if server_version_num >= 100000:
            return cls(server_version_num // 10000)
        return cls(server_version_num // 10000, server_version_num // 100 % 100)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The major version in a text: a PG_VERSION file, server_version, or a program's ``--version``.

        Raises:
            UnsupportedVersionError: the version is outside 9.1 to 18.
            ValueError: there is no version in the text.
        """
        found = _NUMBER.search(text)
        if found is None or (int(found[1]) < 10 and found[2] is None):
            raise TextError(f"no PostgreSQL version in {text[:80]!r}: expected a text such as '9.6.24' or '17.2'")
        first = int(found[1])
        return cls(first) if first >= 10 else cls(first, int(found[2]))

    def __str__(self) -> str:
        return _text(self.first, self.second)


def _text(first: int, second: int) -> str:
    return str(first) if first >= 10 and second == 0 else f"{first}.{second}"


MAJORS: tuple[Major, ...] = tuple(Major(first, second) for first, second in _SUPPORTED)
"""Every supported major version, oldest first."""
