"""Who began the base backup that runs on the standby's host: a job holds its data directory as a run holds its lock."""

import re
from dataclasses import dataclass

from pgrepl_tui.hosts import files, job
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import Began, JournalError, decode
from pgrepl_tui.steps.journal import journal_path
from pgrepl_tui.steps.standby.state import places

LABEL = re.compile(r"pgrepl-tui (\d{8}T\d{6}Z)")
"""The backup label names the run."""


@dataclass(frozen=True)
class Holder:
    """The run that began a base backup: its id, and what its journal says of it, where there is one."""

    run: str
    began: Began | None

    @property
    def told(self) -> str:
        """Who it was, and since when it runs."""
        by = self.began.by if self.began else "somebody"
        return f"{by} since {self.run or 'an unknown time'}"

    def is_for(self, identifier: str) -> bool:
        """Whether it copies the primary of this system identifier; one that is not known is taken for it."""
        return self.began is None or self.began.identifier == identifier


async def holder(ctx: Context) -> Holder | None:
    """Who began the base backup that runs now; None where none does.

    Raises:
        HostError: it cannot be told.
    """
    side, folder = ctx.standby, places(ctx).job
    if not (await job.state(side.files, folder, side.cluster.os_user)).running:
        return None
    command = await files.read(side.files, f"{folder}/command", side.cluster.os_user)
    found = LABEL.search((command or b"").decode("utf-8", "replace"))
    run = found[1] if found else ""
    text = await files.read(side.files, journal_path(side, run), side.cluster.os_user) if run else None
    try:
        began = decode((text or b"").decode("utf-8", "replace"))[0]
    except JournalError:
        return Holder(run, None)
    return Holder(run, began)
