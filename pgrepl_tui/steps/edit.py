"""An edit of one file on one host: shown as a diff, written atomically, the old bytes kept."""

import difflib
import re
from dataclasses import dataclass

from pgrepl_tui.events import FileDiff
from pgrepl_tui.hosts import files
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.journal import backup_dir, note_file
from pgrepl_tui.steps.step import StepError

SECRET = re.compile(r"((?:password|passwd|secrets?|passphrase)\s*=\s*).+", re.IGNORECASE)
"""To the end of the line: how deep the value is quoted (a conninfo in a setting in a file) need not be known."""
IN_URI = re.compile(r"(://[^\s/:@']*:)[^\s/@']+(?=@)")


def masked(text: str) -> str:
    """A text of somebody's configuration without its passwords."""
    return IN_URI.sub(r"\1********", SECRET.sub(r"\1********", text))


@dataclass(frozen=True)
class Edit:
    """The old and the new text of a file; ``old`` None where it is not there yet."""

    side: Side
    path: str
    old: str | None
    new: str

    @property
    def changes(self) -> bool:
        """True where there is something to write."""
        return self.old != self.new

    def diff(self) -> FileDiff:
        """The change as a unified diff, other people's passwords masked."""
        before, after = (self.old or "").splitlines(), self.new.splitlines()
        lines = difflib.unified_diff(before, after, self.path, self.path, lineterm="", n=2)
        return FileDiff(self.side.name, self.path, masked("\n".join(lines)))

    async def write(self, ctx: Context, *, journal: bool = True) -> None:
        """Write the new text in one move; the old bytes are kept in our folder on that host first.

        Args:
            ctx: the run's context.
            journal: undo is to put the old bytes back: not in a copy, which goes as a whole.

        Raises:
            StepError: somebody changed the file since it was read.
            HostError: it could not be written; the old file is untouched.
        """
        if await read(self.side, self.path) != self.old:
            raise StepError(
                f"{self.path} on {self.side.name} was changed by somebody else meanwhile", "look at it, then retry"
            )
        data = self.new.encode("utf-8", "surrogateescape")
        old = None if self.old is None else self.old.encode("utf-8", "surrogateescape")
        if journal:
            await note_file(ctx, self.side, self.path, old=old, new=data)
        user, kept = self.side.cluster.os_user, backup_dir(self.side, ctx.run_id)
        await files.write(self.side.files, self.path, data, user=user, backup_dir=kept, old=old)


async def read(side: Side, path: str) -> str | None:
    """A file's text; bytes that are not UTF-8 come back unchanged when it is written. None where it is not there."""
    data = await files.read(side.files, path, side.cluster.os_user)
    return None if data is None else data.decode("utf-8", "surrogateescape")
