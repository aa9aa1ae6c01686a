"""ALTER SYSTEM, with the old bytes of postgresql.auto.conf kept first: the server writes that file itself."""

from collections.abc import Mapping

from pgrepl_tui.hosts import files
from pgrepl_tui.postgres import queries
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.entries import Altered, digest
from pgrepl_tui.steps.journal import backup_dir, note, note_file
from pgrepl_tui.steps.settings import AUTO_CONF


def statements(values: Mapping[str, str]) -> list[str]:
    """The statements that set these values."""
    return [f"alter system set {name} = {queries.literal(value)}" for name, value in values.items()]


async def alter_system(ctx: Context, side: Side, values: Mapping[str, str]) -> None:
    """Set the values, and note what the file holds before and after.

    Raises:
        SqlError: the server refused one.
        HostError: the old bytes could not be kept; nothing was set.
    """
    path, user = f"{side.cluster.data}/{AUTO_CONF}", side.cluster.os_user
    old = await files.read(side.files, path, user)
    if old is not None:
        folder = backup_dir(side, ctx.run_id)
        await files.make_dir(side.files, folder, user)
        await files.write(side.files, f"{folder}/{AUTO_CONF}.{digest(old)[:16]}", old, user=user, mode=0o600)
    await note_file(ctx, side, path, old=old, new=None)
    await note(ctx, side, *(Altered(name=name, value=value) for name, value in values.items()))
    for statement in statements(values):
        await side.server.change(statement)
    await note_file(ctx, side, path, old=old, new=await files.read(side.files, path, user))
