"""A cluster as a look at a host finds it, for the operator to choose from."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What a cluster is now."""

    PRIMARY = "primary"
    STANDBY = "standby"
    DOWN = "down"
    EMPTY = "empty"
    UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class FoundCluster:
    """A cluster on a host, or a place where one can be made.

    Attributes:
        version: its major version; empty where it could not be found out.
        data: its data directory.
        owner: the OS user that it belongs to.
        name: Debian's version/name; empty for a cluster that has none.
        bin: the folder of the server's programs.
        port: what it listens on, as it is running or configured; None where that is not known.
        standing: what it is now.
        size: bytes of the data directory; None while it is not known.
        note: what is special about it, in a few words.
    """

    version: str
    data: str
    owner: str
    name: str = ""
    bin: str = ""
    port: int | None = None
    standing: Standing = Standing.UNKNOWN
    size: int | None = None
    note: str = ""

    @property
    def called(self) -> str:
        """A short name for it: Debian's, else by its port, else its data directory."""
        return self.name or (f"the cluster on port {self.port}" if self.port is not None else self.data)
