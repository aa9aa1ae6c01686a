"""WAL files: in which one a position lies, and which timelines a server's history holds.

A file's name is timeline, high half of the position, number within it, each as eight hexadecimal digits
(xlog_internal.h, XLogFileName(); 9.1 to 18). The history file's second column is a position from 9.3 on, a WAL
file's name before (timeline.c; xlog.c of 9.2, writeTimeLineHistory()).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pgrepl_tui.postgres.lsn import Lsn

CHECKPOINT_SURELY_HAS = 64
"""Bytes from a checkpoint record's position on that are surely its own: with a page's header in between its checksum
is among them (at 20 of 24 bytes, at 24 of 32 before 9.5), and the whole record has 88 at least (xlogrecord.h)."""
_HISTORY = re.compile(r"\s*(\d+)\s+(?:([0-9A-F]{1,8}/[0-9A-F]{1,8})|[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8}))(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """The beginning of a WAL segment.

    Attributes:
        name: the last sixteen digits of the file's name: the same on all timelines.
        size: how many bytes of it.
        end: the position of the last of them.
    """

    name: str
    size: int
    end: Lsn


def piece(last: Lsn, segment_size: int) -> Piece:
    """The segment that holds the byte at ``last``, from its beginning up to and with that byte."""
    low = last.value & 0xFFFFFFFF
    name = f"{last.value >> 32:08X}{low // segment_size:08X}"
    return Piece(name, low % segment_size + 1, last)


def checkpoint_pieces(checkpoint: Lsn, segment_size: int) -> tuple[Piece, ...]:
    """What has to be equal for a checkpoint record, and all WAL of its segment before it, to be the same.

    Where the record goes on in the next segment, the beginning of that one belongs to it: its header of 40 bytes, and
    24 more.
    """
    first = piece(checkpoint, segment_size)
    rest = segment_size - (first.size - 1)
    if rest >= CHECKPOINT_SURELY_HAS:
        return (piece(checkpoint + (CHECKPOINT_SURELY_HAS - 1), segment_size),)
    return piece(checkpoint + (rest - 1), segment_size), piece(checkpoint + rest + 63, segment_size)


def left_at(history: str, segment_size: int) -> dict[int, Lsn]:
    """Where a server's history left each of its earlier timelines."""
    found = {}
    for line in history.splitlines():
        match = _HISTORY.match(line)
        if match is None:
            continue
        if match[2]:
            found[int(match[1])] = Lsn.parse(match[2])
        else:
            found[int(match[1])] = Lsn(int(match[3], 16) << 32 | int(match[4], 16) * segment_size)
    return found


def shares(timeline: int, position: Lsn, own: int, left: Mapping[int, Lsn]) -> bool:
    """Whether a history that is on timeline ``own`` now, and left others, holds this place of a timeline."""
    return timeline == own or (timeline in left and position < left[timeline])
