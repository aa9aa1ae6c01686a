"""Give a file on the primary the bytes back that it had before this run, where its journal has them."""

from pgrepl_tui.hosts import files
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.entries import FileChanged, decode, digest
from pgrepl_tui.steps.journal import note_file


async def give_back(ctx: Context, side: Side, path: str) -> bool:
    """Put back a file that this run wrote, byte for byte; False where it wrote none of it, or its old bytes are gone.

    Raises:
        HostError: it could not be written; what was there is untouched.
    """
    change = _first_change(ctx, side, path)
    if change is None or not change.backup:
        return False
    old = await files.read(side.files, change.backup, side.cluster.os_user)
    if old is None or digest(old) != change.old:
        return False
    now = await files.read(side.files, path, side.cluster.os_user)
    if now == old:
        return True
    await note_file(ctx, side, path, old=now, new=old, new_mode=change.mode)
    await files.write(side.files, path, old, user=side.cluster.os_user, mode=change.mode, old=now)
    return True


def _first_change(ctx: Context, side: Side, path: str) -> FileChanged | None:
    text = ctx.journal.get(side.role, "")
    entries = decode(text)[1] if text else ()
    return next((entry for entry in entries if isinstance(entry, FileChanged) and entry.path == path), None)
