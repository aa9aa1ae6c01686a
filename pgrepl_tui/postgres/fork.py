"""Whether a cluster of the primary's system identifier took writes of its own.

A standby that was writable for a while has the primary's system identifier, its timeline and a lower position;
pg_rewind itself finds nothing to do (measured on 15), and started again it may report streaming. What tells: the
cluster state in its control file, its timeline against the primary's history, its position, and its WAL against theirs.
What cannot be compared counts as data that nobody else has.

One that was started as a standby again, and has replayed the primary's WAL since, shows the primary's at its latest
checkpoint; what it wrote itself stands in older WAL, as long as that was not recycled. So the older segments that both
still have are compared as well. That one of them is gone says nothing: any standby has few. Once all are gone on either
side, nothing in a data directory tells of the writes any more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pgrepl_tui.postgres.control import ControlData
from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.postgres.wal import Piece, checkpoint_pieces, left_at, piece, shares

OLDER_BYTES = 256 << 20
"""How much older WAL is compared."""
Sums = Mapping[tuple[str, int], Mapping[int, str]]
"""Of each piece (name and size) its SHA-256 on each timeline that there is a file of."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a cluster has unique data, or may have: ``proven`` is false where it only could not be compared."""

    text: str
    proven: bool = True


@dataclass(frozen=True, slots=True)
class Ahead:
    """The primary: its timeline, where its WAL ends, its history file's text, and its WAL files' sums."""

    name: str
    timeline: int
    position: Lsn
    history: str
    sums: Sums


def pieces(old: ControlData) -> tuple[Piece, ...]:
    """The WAL to compare: up to and with the latest checkpoint, and on a standby up to where it has recovered."""
    if old.checkpoint is None:
        return ()
    found = checkpoint_pieces(old.checkpoint, old.wal_segment_size)
    if old.minimum_recovery is not None and old.minimum_recovery > old.checkpoint:
        found += (piece(old.minimum_recovery + -1, old.wal_segment_size),)
    return found


def older(old: ControlData) -> tuple[Piece, ...]:
    """The whole segments before that of the latest checkpoint, the newest first; not more than is read in a moment."""
    if old.checkpoint is None:
        return ()
    start = old.checkpoint.value // old.wal_segment_size
    count = min(OLDER_BYTES // old.wal_segment_size, start)
    return tuple(piece(Lsn((start - back) * old.wal_segment_size - 1), old.wal_segment_size) for back in range(count))


def reasons(old: ControlData, own: Sums, primary: Ahead) -> tuple[Reason, ...]:
    """Why the old cluster has data that the primary has not, as far as its files tell; empty: it has none."""
    return (
        *by_state(old),
        *by_timeline(old, primary),
        *by_position(old, primary),
        *by_record(old, own, primary),
        *by_older(old, own, primary),
    )


def by_state(old: ControlData) -> Iterator[Reason]:
    """A server that is no standby writes; one that was neither shut down nor in recovery is not known."""
    if old.in_production:
        yield Reason('its state is "in production": it takes writes of its own')
    elif not (old.shut_down_as_primary or old.in_recovery):
        yield Reason(f'its state is "{old.state}"', proven=False)


def by_timeline(old: ControlData, primary: Ahead) -> Iterator[Reason]:
    """Its timeline has to be one of the primary's history, and the primary must not have left it before."""
    left = left_at(primary.history, old.wal_segment_size)
    if old.checkpoint is None or shares(old.timeline, old.checkpoint, primary.timeline, left):
        return
    if old.timeline in left:
        yield Reason(f"it was on timeline {old.timeline} at {old.checkpoint}, which {primary.name} left at "
                     f"{left[old.timeline]}")  # fmt: skip
    else:
        proven = primary.timeline == 1 or bool(left)
        yield Reason(f"its timeline {old.timeline} is not in the history of {primary.name}", proven=proven)


def by_position(old: ControlData, primary: Ahead) -> Iterator[Reason]:
    """A copy is never ahead."""
    if old.checkpoint is not None and old.checkpoint >= primary.position:
        yield Reason(f"its WAL ({old.checkpoint}) is ahead of the primary's ({primary.position})")


def by_record(old: ControlData, own: Sums, primary: Ahead) -> Iterator[Reason]:
    """The WAL of both, up to the old cluster's latest checkpoint and to its end, byte for byte."""
    if old.checkpoint is None:
        yield Reason("it has no checkpoint", proven=False)
    for part in pieces(old):
        reason = _unlike(part, old, own, primary)
        if reason is not None:
            yield reason
            return


def by_older(old: ControlData, own: Sums, primary: Ahead) -> Iterator[Reason]:
    """The segments before, where both have them, on the timelines that the primary's history holds there."""
    left = left_at(primary.history, old.wal_segment_size)
    for part in older(old):
        mine, theirs = own.get((part.name, part.size), {}), primary.sums.get((part.name, part.size), {})
        both = [line for line in mine.keys() & theirs.keys() if shares(line, part.end, primary.timeline, left)]
        if any(mine[line] != theirs[line] for line in both):
            yield Reason(f"WAL to {part.end} is another one than on {primary.name}")
            return


def _unlike(part: Piece, old: ControlData, own: Sums, primary: Ahead) -> Reason | None:
    key = (part.name, part.size)
    mine, theirs = own.get(key, {}), primary.sums.get(key, {})
    place = (
        f"the record at {old.checkpoint}" if part.end <= (old.checkpoint or part.end) + 128 else f"WAL to {part.end}"
    )
    if not mine:
        return Reason(f"its own WAL with {place} is gone, so it cannot be compared", proven=False)
    left = left_at(primary.history, old.wal_segment_size)
    shared = {line: text for line, text in theirs.items() if shares(line, part.end, primary.timeline, left)}
    if not shared:
        return Reason(f"{primary.name} has not the WAL with {place} any more, so it cannot be compared", proven=False)
    there = mine.get(old.timeline, mine[max(mine)])
    if there in shared.values():
        return None
    return Reason(f"{place} is another one than on {primary.name}")
