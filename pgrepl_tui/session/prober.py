"""A test of a host before anything runs: what is asked, and what is heard while it goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from pgrepl_tui.postgres.found import FoundCluster
from pgrepl_tui.topology import Node


class Sudo(Enum):
    """How commands run as the owner of the clusters."""

    OWN = auto()
    ROOT = auto()
    FREE = auto()
    PASSWORD = auto()
    WANTS_PASSWORD = auto()
    NONE = auto()
    NOBODY = auto()


@dataclass(frozen=True, slots=True)
class Doing:
    """What the test does now, in words."""

    text: str


@dataclass(frozen=True, slots=True)
class Reached:
    """The login worked.

    Attributes:
        login: the user that is logged in.
        software: what the SSH server calls itself.
        sudo: how commands run as ``owner``: logged in as it (own), as root, by sudo without (free) or with a password,
            by sudo with a password that was not given (wants-password), not at all (none); or there is no such user.
        owner: the OS user whose clusters matter first.
        clusters: what was found, as far as it is known by now.
        machine: the same text on both sides is one machine.
        alone: a run finds the only cluster by itself, with nothing named.
        complete: nothing more is coming; a size that is not known by then stays unknown.
        installed: folders of server programs.
        trouble: why commands may not run as ``owner``; empty where they may.
        remedy: what to do about it.
    """

    login: str
    software: str
    sudo: Sudo
    owner: str
    clusters: tuple[FoundCluster, ...]
    machine: str = ""
    alone: bool = False
    complete: bool = False
    installed: tuple[str, ...] = ()
    trouble: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Unreached:
    """There is no login.

    Attributes:
        what: what went wrong, in a sentence.
        remedy: what to do next.
        unknown_key: the host's key is not on record, and was not accepted: asking for it is all that is missing.
    """

    what: str
    remedy: str = ""
    unknown_key: bool = False


Heard = Doing | Reached | Unreached
Hear = Callable[[Heard], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to test: a node as it was typed, and the SSH configuration of its topology."""

    node: Node
    ssh_config: Path | None = None


class Questions(Protocol):
    """Who answers what a test has to ask. Both may be refused: the test goes on without."""

    async def host_key(self, text: str) -> bool:
        """Whether a host key that is not on record is the host's own, and may be put on record."""

    async def password(self, text: str) -> str | None:
        """The password that is asked for; None where there is none."""


class Prober(Protocol):
    """Tests hosts. Nothing of it changes a host."""

    async def probe(self, wanted: Wanted, hear: Hear, questions: Questions) -> None:
        """Test a host; the last that is heard is ``Unreached``, or ``Reached`` and complete. Cancelling abandons it."""
