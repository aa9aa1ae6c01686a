"""A file's history: how it was before the first run, what the runs made of it, and who else had a hand in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres.conf import settings
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.entries import FileChanged, digest
from pgrepl_tui.steps.step import StepError

PROBE = r"""
for p in "$@"; do
    [ -e "$p" ] || { echo -; continue; }
    sum=$(sha256sum < "$p") && facts=$(stat -L -c '%a %Y' -- "$p") || exit
    printf '%s %s\n' "${sum%% *}" "$facts"
done
"""


@dataclass(frozen=True)
class Now:
    """A file as it is: SHA-256 (empty where it is not there), permission bits, seconds of its last change."""

    sum: str = ""
    mode: int = 0
    changed: int = 0


@dataclass(frozen=True)
class History:
    """What the runs did to one file.

    Attributes:
        path: where it lies now.
        changes: in order, one at least.
        altered: what ALTER SYSTEM set in it.
    """

    path: str
    changes: tuple[FileChanged, ...]
    altered: Mapping[str, str] = field(default_factory=dict)

    @property
    def first(self) -> FileChanged:
        """How it was before the first run."""
        return self.changes[0]

    @property
    def secret(self) -> bool:
        """What it holds is not to be shown."""
        return any(change.secret for change in self.changes)

    @property
    def unseen(self) -> bool:
        """Another program wrote it, and the run was cut off before it saw what."""
        return not self.changes[-1].new

    def as_before(self, now: Now) -> bool:
        """It is as it was before the first run."""
        if now.sum != self.first.old:
            return False
        ours = self.changes[-1].new_mode
        return not now.sum or now.mode == self.first.mode or now.mode != ours

    def known(self, count: int | None = None) -> set[str]:
        """What it held before and after each of the first ``count`` changes."""
        return {text for change in self.changes[:count] for text in (change.old, change.new or change.old)}


async def probe(side: Side, paths: Iterable[str]) -> list[Now]:
    """How some files are now.

    Raises:
        StepError: one cannot be looked at.
    """
    given = tuple(paths)
    if not given:
        return []
    argv = ("/bin/sh", "-c", PROBE, "sh", *given)
    result = await side.files.run(Command(argv, user=side.cluster.os_user, shown=f"sha256sum {' '.join(given)}"))
    lines = result.text.splitlines()
    if result.status or len(lines) != len(given):
        raise StepError(f"files on {side.name} cannot be looked at: {result.error_text}", "look there, then retry")
    rows = [line.split() for line in lines]
    return [Now() if row == ["-"] else Now(row[0], int(row[1], 8), int(row[2])) for row in rows]


async def foreign(side: Side, history: History, now: Now) -> str:
    """Who else changed the file since the first run, in words; empty where nobody did."""
    if now.sum == history.first.old:
        return ""
    if now.sum not in history.known() and not (history.unseen and await _by_server(side, history, history.path, now)):
        return f"{history.path} on {side.name} is not what this program wrote: somebody else changed it"
    for number, change in enumerate(history.changes[1:], 1):
        if change.old in history.known(number):
            continue
        if not await _by_server(side, history, change.backup, Now(change.old)):
            return (
                f"{history.path} on {side.name} was changed by somebody else between two runs; "
                f"how it was before the later one is in {change.backup}"
            )
    return ""


async def _by_server(side: Side, history: History, path: str, now: Now) -> bool:
    """What the server wrote, or another program that we started: a new file, or the old one with some values set."""
    if not history.first.old:
        return bool(now.sum)
    if not history.altered or not path:
        return False
    old, new = await old_bytes(side, history), await files.read(side.files, path, side.cluster.os_user)
    if new is None or digest(new) != now.sum:
        return False
    before, after = _settings(old), _settings(new)
    others = {name for name in before.keys() | after.keys() if after.get(name) != before.get(name)}
    return all(name in history.altered and after.get(name) == history.altered[name] for name in others)


def _settings(data: bytes) -> dict[str, str]:
    return settings(data.decode("utf-8", "surrogateescape"))


async def old_bytes(side: Side, history: History) -> bytes:
    """What the file held before the first run.

    Raises:
        StepError: the copy that was kept is gone, or was changed.
    """
    first = history.first
    data = await files.read(side.files, first.backup, side.cluster.os_user)
    if digest(data) != first.old or data is None:
        raise StepError(
            f"what {history.path} on {side.name} was before is not in {first.backup} any more",
            "look for it in your own backups, put it back by hand, then retry",
            refused=True,
        )
    return data


def histories(changes: Sequence[FileChanged], altered: Mapping[str, str]) -> list[History]:
    """One history a file, in the order of their first changes."""
    paths = dict.fromkeys(change.path for change in changes)
    each = [(path, tuple(change for change in changes if change.path == path)) for path in paths]
    return [History(path, those, altered if any(not one.new for one in those) else {}) for path, those in each]
